//! `asyncsrv` in tasks: clients, a broker and workers (DEALER to ROUTER), in one process, for five seconds or
//! the milliseconds given: `async_asyncsrv [run ms] [endpoint]`. Each request is answered up to four
//! times. The endpoint is any free port of this machine; clients outside may connect to it.

use std::env;
use std::error::Error;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{interval, sleep};
use zguide::zhelpers::{Line, random_id};
use zmq::tokio::Socket;

/// Sends a request every second, and prints the replies as they come.
async fn client_task(context: zmq::Context, endpoint: String) -> zmq::Result<()> {
    let client = context.socket(zmq::DEALER)?;
    // A name that can be printed tells the clients apart. It is set before the connection.
    let identity = random_id();
    client.set_routing_id(&identity)?;
    client.connect(&endpoint)?;

    let mut client = Socket::new(client)?;
    let mut second = interval(Duration::from_secs(1));
    let mut request_nbr = 0;
    loop {
        tokio::select! {
            reply = client.recv_multipart() => {
                if let Some(content) = reply?.last() {
                    println!("{identity} {}", Line(content));
                }
            }
            _ = second.tick() => {
                request_nbr += 1;
                client.send(format!("request #{request_nbr}")).await?;
            }
        }
    }
}

/// Answers a request none to four times, each time after a moment.
async fn worker_task(context: zmq::Context) -> zmq::Result<()> {
    let worker = context.socket(zmq::DEALER)?;
    worker.connect("inproc://backend")?;
    let mut worker = Socket::new(worker)?;
    loop {
        // [identity][content], and whatever frames a client sends behind it.
        let mut message = worker.recv_multipart().await?;
        for _ in 0..fastrand::u32(..5) {
            // Stands for some work.
            sleep(Duration::from_millis(fastrand::u64(1..=1000))).await;
            worker.send_multipart(message.share()).await?;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let run = arguments.next().map_or(Ok(5000), |ms| ms.parse())?;
    let endpoint = arguments.next().unwrap_or("tcp://127.0.0.1:*".into());
    let context = zmq::Context::new()?;
    // At the end nobody waits for what was not delivered.
    context.set_linger(Some(Duration::ZERO))?;

    // The server: a broker that deals requests out to workers, of which a client can have several.
    let frontend = context.socket(zmq::ROUTER)?;
    frontend.bind(&endpoint)?;
    let endpoint = frontend.last_endpoint()?;
    println!("Listening at {endpoint}");
    let backend = context.socket(zmq::DEALER)?;
    backend.bind("inproc://backend")?;
    let (mut frontend, mut backend) = (Socket::new(frontend)?, Socket::new(backend)?);

    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        tasks.spawn(worker_task(context.clone()));
    }
    for _ in 0..3 {
        tasks.spawn(client_task(context.clone(), endpoint.clone()));
    }
    tokio::select! {
        broken = zmq::tokio::proxy(&mut frontend, &mut backend) => drop(broken?),
        Some(ended) = tasks.join_next() => ended??,
        // Runs for a while, then stops.
        () = sleep(Duration::from_millis(run)) => {}
    }
    // Dropping a task's sockets never blocks; the context's end is waited for here.
    tasks.shutdown().await;
    drop((frontend, backend));
    zmq::tokio::terminate(context).await?;
    Ok(())
}
