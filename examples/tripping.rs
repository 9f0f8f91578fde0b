//! Counts round trips: a client at tcp://localhost:5555, a proxy, and a worker at
//! tcp://localhost:5556 that sends every message back, as threads with a context of their own. First
//! each request waits for its reply, then all requests go at once.
//!
//! `tripping [COUNT]`: so many requests one by one, and ten times as many at once.

use std::thread;
use std::time::{Duration, Instant};

fn client_task(context: &zmq::Context, requests: u32) -> zmq::Result<()> {
    let client = context.socket(zmq::DEALER)?;
    // All replies have room, so that sending without receiving never comes to a halt.
    client.set_rcvhwm(0)?;
    client.connect("tcp://localhost:5555")?;
    println!("Setting up test...");
    thread::sleep(Duration::from_millis(100));

    println!("Synchronous round-trip test...");
    let start = Instant::now();
    for _ in 0..requests {
        client.send("hello")?;
        client.recv()?;
    }
    println!(
        " {:.0} calls/second",
        f64::from(requests) / start.elapsed().as_secs_f64()
    );

    println!("Asynchronous round-trip test...");
    let requests = requests.saturating_mul(10);
    let start = Instant::now();
    for _ in 0..requests {
        client.send("hello")?;
    }
    for _ in 0..requests {
        client.recv()?;
    }
    println!(
        " {:.0} calls/second",
        f64::from(requests) / start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Sends every message back the way it came.
fn worker_task(context: &zmq::Context) -> zmq::Result<()> {
    let worker = context.socket(zmq::DEALER)?;
    worker.connect("tcp://localhost:5556")?;
    loop {
        worker.send_multipart(worker.recv_multipart()?)?;
    }
}

/// A context that does not wait for anybody when something fails.
fn new_context() -> zmq::Result<zmq::Context> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    Ok(context)
}

fn main() -> zmq::Result<()> {
    let requests = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let (client, worker, broker) = (new_context()?, new_context()?, new_context()?);

    let frontend = broker.socket(zmq::DEALER)?;
    frontend.bind("tcp://*:5555")?;
    let backend = broker.socket(zmq::DEALER)?;
    backend.bind("tcp://*:5556")?;

    thread::scope(|scope| {
        // Worker and proxy end with the client.
        let _guards = (worker.shutdown_on_drop(), broker.shutdown_on_drop());
        scope.spawn(|| worker_task(&worker));
        scope.spawn(move || zmq::proxy(&frontend, &backend));
        client_task(&client, requests.unwrap_or(10_000))
    })
}
