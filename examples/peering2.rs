//! Broker peering, part 2, the flow of requests: each broker has clients and workers of its own, as
//! threads, and gives a fifth of the requests to a peer. Run `peering2 DC1 DC2`, `peering2 DC2 DC1`,
//! each in a terminal of its own, and in the same directory; then press Enter in each.

use std::collections::VecDeque;
use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zguide::zhelpers::Line;

const NBR_CLIENTS: usize = 10;
const NBR_WORKERS: usize = 3;
/// What a worker says first.
const WORKER_READY: &str = "\x01";

/// Sends a request every second and prints the reply, until the context is shut down.
fn client_task(context: &zmq::Context, name: &str) -> zmq::Result<()> {
    let client = context.socket(zmq::REQ)?;
    client.connect(&format!("ipc://{name}-localfe.ipc"))?;

    loop {
        client.send("HELLO")?;
        println!("Client: {}", client.recv()?);
        pause(&client, Duration::from_secs(1))?;
    }
}

/// Answers requests until the context is shut down.
fn worker_task(context: &zmq::Context, name: &str) -> zmq::Result<()> {
    let worker = context.socket(zmq::REQ)?;
    worker.connect(&format!("ipc://{name}-localbe.ipc"))?;

    // Tells the broker that it is free.
    worker.send(WORKER_READY)?;
    loop {
        // The last frame is the request, and becomes the reply. All before it goes back as it is.
        let mut message = worker.recv_multipart()?;
        if let Some(request) = message.pop_back() {
            println!("Worker: {}", Line(&request));
        }
        message.push_back("OK");
        worker.send_multipart(message)?;
    }
}

/// Sleeps, but no longer than the context lasts. A REQ receives nothing before its next request.
fn pause(socket: &zmq::Socket<zmq::Req>, time: Duration) -> zmq::Result<()> {
    zmq::poll([socket.poll_in()], Some(time)).map(drop)
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    // First its own name, then those of its peers.
    let names: Vec<String> = env::args().skip(1).collect();
    let [name, peers @ ..] = &names[..] else {
        println!("syntax: peering2 me {{you}}...");
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

    // Its backend, which takes requests to the peers.
    let cloudbe = context.socket(zmq::ROUTER)?;
    cloudbe.set_routing_id(name)?;
    for peer in peers {
        println!("I: connecting to cloud frontend at '{peer}'");
        cloudbe.connect(&format!("ipc://{peer}-cloud.ipc"))?;
    }

    // And those for the own clients and workers.
    let localfe = context.socket(zmq::ROUTER)?;
    localfe.bind(&format!("ipc://{name}-localfe.ipc"))?;
    let localbe = context.socket(zmq::ROUTER)?;
    localbe.bind(&format!("ipc://{name}-localbe.ipc"))?;

    wait_for_enter(context)?;

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

        loop {
            // Replies first. Without a worker there is nothing else to do.
            let items = [localbe.poll_in(), cloudbe.poll_in()];
            let timeout = (!workers.is_empty()).then_some(Duration::from_secs(1));
            let [local, cloud] = zmq::poll(items, timeout)?;

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

            // Then as many requests as there are workers.
            while !workers.is_empty() {
                let items = [localfe.poll_in(), cloudfe.poll_in()];
                let [local, cloud] = zmq::poll(items, Some(Duration::ZERO))?;

                // The peers' come first, so that they are not starved, and stay here.
                let (mut request, reroutable) = if cloud.is_readable() {
                    (cloudfe.recv_multipart()?, false)
                } else if local.is_readable() {
                    (localfe.recv_multipart()?, true)
                } else {
                    break;
                };

                // One in five of the own goes to a random peer, whether that has workers or not.
                let peer =
                    fastrand::choice(peers).filter(|_| reroutable && fastrand::u32(..5) == 0);
                if let Some(peer) = peer {
                    request.push_front(peer);
                    cloudbe.send_multipart(request)?;
                } else if let Some(worker) = workers.pop_front() {
                    localbe.send_multipart(request.wrap(worker))?;
                }
            }
        }
    })
}

/// Waits until the user presses Enter or a signal comes. The reading has a thread of its own, since
/// no signal ends it.
fn wait_for_enter(context: &zmq::Context) -> zmq::Result<()> {
    print!("Press Enter when all brokers are started: ");
    let _ = io::stdout().flush();
    let (pressed, enter) = context.pipe()?;
    thread::spawn(move || {
        let _ = io::stdin().read_line(&mut String::new());
        enter.send("")
    });
    pressed.recv()?;
    Ok(())
}
