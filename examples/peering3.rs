//! Broker peering, part 3, state and requests together: each broker tells its peers how many of its
//! workers are free, and gives them requests when none is. Run `peering3 DC1 DC2`, `peering3 DC2
//! DC1`, each in a terminal of its own, and in the same directory.

use std::collections::VecDeque;
use std::env;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

const NBR_CLIENTS: usize = 10;
const NBR_WORKERS: usize = 5;
/// What a worker says first.
const WORKER_READY: &str = "\x01";

/// Sends bursts of tasks, and says on the monitor how they went, until one is lost or the context is
/// shut down.
fn client_task(context: &zmq::Context, name: &str) -> zmq::Result<()> {
    let client = context.socket(zmq::REQ)?;
    client.connect(&format!("ipc://{name}-localfe.ipc"))?;
    let monitor = context.socket(zmq::PUSH)?;
    monitor.connect(&format!("ipc://{name}-monitor.ipc"))?;

    loop {
        pause(&client, fastrand::u64(..5))?;
        for _ in 0..fastrand::u32(..15) {
            // A random number tells the task.
            let task_id = format!("{:04X}", fastrand::u16(..));
            client.send(&task_id)?;

            // Waits ten seconds at most, then complains. The reply is to be the number.
            let [reply] = zmq::poll([client.poll_in()], Some(Duration::from_secs(10)))?;
            if !reply.is_readable() {
                monitor.send(format!("E: CLIENT EXIT - lost task {task_id}"))?;
                return Ok(());
            }
            let reply = client.recv()?;
            if reply != task_id {
                monitor.send(format!("E: CLIENT EXIT - task {task_id} gave {reply}"))?;
                return Ok(());
            }
            monitor.send(reply)?;
        }
    }
}

/// Answers each request with itself, until the context is shut down.
fn worker_task(context: &zmq::Context, name: &str) -> zmq::Result<()> {
    let worker = context.socket(zmq::REQ)?;
    worker.connect(&format!("ipc://{name}-localbe.ipc"))?;

    // Tells the broker that it is free.
    worker.send(WORKER_READY)?;
    loop {
        let message = worker.recv_multipart()?;
        // Stands for some work: none, or a second's.
        pause(&worker, fastrand::u64(..2))?;
        worker.send_multipart(message)?;
    }
}

/// Sleeps, but no longer than the context lasts. A REQ receives nothing before its next request.
fn pause(socket: &zmq::Socket<zmq::Req>, seconds: u64) -> zmq::Result<()> {
    zmq::poll([socket.poll_in()], Some(Duration::from_secs(seconds))).map(drop)
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    // First its own name, then those of its peers.
    let names: Vec<String> = env::args().skip(1).collect();
    let [name, peers @ ..] = &names[..] else {
        println!("syntax: peering3 me {{you}}...");
        return Ok(ExitCode::FAILURE);
    };
    let context = zmq::Context::new()?;
    // At the end nobody waits for what was not delivered.
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, name, peers))?;
    Ok(ExitCode::SUCCESS)
}

fn run(context: &zmq::Context, name: &str, peers: &[String]) -> zmq::Result<()> {
    println!("I: preparing broker at {name}...");

    // The frontend of the cloud, to which peers bring their requests.
    let cloudfe = context.socket(zmq::ROUTER)?;
    cloudfe.set_routing_id(name)?;
    cloudfe.bind(&format!("ipc://{name}-cloud.ipc"))?;

    // The backend of the state, which tells the peers how many workers are free.
    let statebe = context.socket(zmq::PUB)?;
    statebe.bind(&format!("ipc://{name}-state.ipc"))?;

    // The backend of the cloud, which takes requests to the peers.
    let cloudbe = context.socket(zmq::ROUTER)?;
    cloudbe.set_routing_id(name)?;
    for peer in peers {
        println!("I: connecting to cloud frontend at '{peer}'");
        cloudbe.connect(&format!("ipc://{peer}-cloud.ipc"))?;
    }

    // The frontend of the state, which hears that of the peers.
    let statefe = context.socket(zmq::SUB)?;
    statefe.subscribe("")?;
    for peer in peers {
        println!("I: connecting to state backend at '{peer}'");
        statefe.connect(&format!("ipc://{peer}-state.ipc"))?;
    }

    // And those for the own clients and workers, and for what clients say.
    let localfe = context.socket(zmq::ROUTER)?;
    localfe.bind(&format!("ipc://{name}-localfe.ipc"))?;
    let localbe = context.socket(zmq::ROUTER)?;
    localbe.bind(&format!("ipc://{name}-localbe.ipc"))?;
    let monitor = context.socket(zmq::PULL)?;
    monitor.bind(&format!("ipc://{name}-monitor.ipc"))?;

    thread::scope(|scope| {
        // However this ends, it ends the threads.
        let _guard = context.shutdown_on_drop();
        for _ in 0..NBR_WORKERS {
            scope.spawn(|| worker_task(context, name));
        }
        for _ in 0..NBR_CLIENTS {
            scope.spawn(|| client_task(context, name));
        }

        // The envelopes of the free workers, the one that is free for longest first.
        let mut workers = VecDeque::new();
        // What the peer heard last has free.
        let mut cloud_capacity = 0_usize;

        loop {
            // Replies and news first. Without a worker there is nothing else to do.
            let items = [
                localbe.poll_in(),
                cloudbe.poll_in(),
                statefe.poll_in(),
                monitor.poll_in(),
            ];
            let timeout = (!workers.is_empty()).then_some(Duration::from_secs(1));
            let [local, cloud, state, news] = zmq::poll(items, timeout)?;
            let previous = workers.len();

            let mut reply = None;
            if local.is_readable() {
                // [worker][empty][READY] or [worker][empty] and a reply's envelope and text.
                // Anything else is dropped.
                if let Ok((worker, message)) = localbe.recv_multipart()?.unwrap_envelope() {
                    if message == [WORKER_READY] || message.len() > 1 {
                        workers.push_back(worker);
                        reply = Some(message);
                    }
                }
            } else if cloud.is_readable() {
                // [peer] and a reply's envelope and text. Which peer it was makes no difference.
                let mut message = cloudbe.recv_multipart()?;
                message.pop_front();
                reply = Some(message);
            }
            // READY is for nobody. A reply is for the peer whose name comes first, or for a client.
            if let Some(reply) = reply.filter(|reply| reply.len() > 1) {
                if peers.iter().any(|peer| reply[0] == *peer) {
                    cloudfe.send_multipart(reply)?;
                } else {
                    localfe.send_multipart(reply)?;
                }
            }

            if state.is_readable() {
                // [peer][number]
                let message = statefe.recv_multipart()?;
                let number = message
                    .last()
                    .and_then(|frame| frame.as_str().ok()?.parse().ok());
                cloud_capacity = number.unwrap_or(cloud_capacity);
            }
            if news.is_readable() {
                for status in monitor.recv_multipart()?.iter().take(1) {
                    println!("{status}");
                }
            }

            // Then as many requests as can be handled. With own workers those of the peers, too;
            // without, the own clients' go to a peer.
            while !workers.is_empty() || cloud_capacity > 0 {
                let items = [
                    localfe.poll_in(),
                    cloudfe.poll_in().when(!workers.is_empty()),
                ];
                let [local, cloud] = zmq::poll(items, Some(Duration::ZERO))?;
                let mut request = if local.is_readable() {
                    localfe.recv_multipart()?
                } else if cloud.is_readable() {
                    cloudfe.recv_multipart()?
                } else {
                    break;
                };

                if let Some(worker) = workers.pop_front() {
                    localbe.send_multipart(request.wrap(worker))?;
                } else if let Some(peer) = fastrand::choice(peers) {
                    request.push_front(peer);
                    cloudbe.send_multipart(request)?;
                }
            }

            // A number that has changed is told to the peers, behind the own name.
            if workers.len() != previous {
                statebe.send_multipart([name, &workers.len().to_string()])?;
            }
        }
    })
}
