//! Asynchronous clients and server (DEALER to ROUTER), in one process, for five seconds or the
//! milliseconds given. Each request is answered up to four times, and clients outside may connect to
//! tcp://localhost:5570 as well.

use std::env;
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use zguide::zhelpers::{Line, random_id};
use zmq::{Actor, ActorStart, Proxy};

/// Sends a request every second, and prints the replies as they come.
fn client_task(start: ActorStart) -> zmq::Result<()> {
    let client = start.context().socket(zmq::DEALER)?;
    // A name that can be printed tells the clients apart. It is set before the connection.
    let identity = random_id();
    client.set_routing_id(&identity)?;
    client.connect("tcp://localhost:5570")?;
    let pipe = start.ready();

    for request_nbr in 1.. {
        let tick = Instant::now() + Duration::from_secs(1);
        while Instant::now() < tick {
            let left = tick.saturating_duration_since(Instant::now());
            let [reply, stop] = zmq::poll([client.poll_in(), pipe.poll_in()], Some(left))?;
            if stop.is_readable() {
                return Ok(());
            }
            if reply.is_readable() {
                if let Some(content) = client.recv_multipart()?.last() {
                    println!("{identity}{}", Line(content));
                }
            }
        }
        client.send(format!("request #{request_nbr}"))?;
    }
    Ok(())
}

/// Deals the clients' requests out to workers, and their replies back. A worker has one request at
/// a time, while a client can have several workers.
fn server_task(start: ActorStart) -> Result<(), Box<dyn Error + Send + Sync>> {
    let context = start.context().clone();
    let frontend = context.socket(zmq::ROUTER)?;
    frontend.bind("tcp://*:5570")?;
    let backend = context.socket(zmq::DEALER)?;
    backend.bind("inproc://backend")?;

    // It ends when it is dropped.
    let _proxy = Proxy::new(frontend, backend).spawn()?;

    // So do these, and before it: without a peer they could send no more. How many there are does
    // not matter much.
    let _workers = (0..5)
        .map(|_| Actor::spawn(&context, "worker", server_worker))
        .collect::<Result<Vec<_>, _>>()?;
    start.ready().recv()?;
    Ok(())
}

/// Answers a request none to four times, each time after a moment.
fn server_worker(start: ActorStart) -> zmq::Result<()> {
    let worker = start.context().socket(zmq::DEALER)?;
    worker.connect("inproc://backend")?;
    let pipe = start.ready();

    loop {
        let [request, stop] = zmq::poll([worker.poll_in(), pipe.poll_in()], None)?;
        if stop.is_readable() {
            return Ok(());
        }
        if request.is_readable() {
            // [identity][content], and whatever frames a client sends behind it.
            let mut message = worker.recv_multipart()?;
            for _ in 0..fastrand::u32(..5) {
                // Stands for some work, which ends early with the program.
                let work = Duration::from_millis(fastrand::u64(1..=1000));
                let [stop] = zmq::poll([pipe.poll_in()], Some(work))?;
                if stop.is_readable() {
                    return Ok(());
                }
                worker.send_multipart(message.share())?;
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let run = env::args().nth(1).map_or(Ok(5000), |ms| ms.parse())?;
    let context = zmq::Context::new()?;
    // At the end nobody waits for what was not delivered.
    context.set_linger(Some(Duration::ZERO))?;

    let clients = (0..3)
        .map(|_| Actor::spawn(&context, "client", client_task))
        .collect::<Result<Vec<_>, _>>()?;
    let server = Actor::spawn(&context, "server", server_task)?;

    // Runs for a while, then stops.
    thread::sleep(Duration::from_millis(run));
    server.stop()?;
    for client in clients {
        client.stop()?;
    }
    Ok(())
}
