//! A server with a task for each request: `async_server [endpoint] [work ms]`, by default tcp://*:5555 and
//! 100 ms. At Ctrl-C it takes no more requests, answers those that it has, and leaves when the replies
//! have left. `async_hello client` and `hwclient` can ask it; so can any REQ or DEALER.

use std::env;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use tokio::signal;
use tokio::task::JoinSet;
use tokio::time::sleep;
use zmq::Multipart;
use zmq::tokio::{Sender, Socket};

/// The most requests that are worked on at once. Others wait in the socket, and then with the clients.
const MOST: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let endpoint = arguments.next().unwrap_or_else(|| "tcp://*:5555".into());
    let work = arguments.next().map_or(Ok(100), |ms| ms.parse())?;
    let work = Duration::from_millis(work);

    let context = zmq::Context::new()?;
    // At the end a client that reads nothing is not waited for any longer.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let frontend = context.socket(zmq::ROUTER)?;
    frontend.bind(&endpoint)?;
    println!("Listening at {}", frontend.last_endpoint()?);

    // This task receives, and any number of tasks send.
    let (replies, mut requests) = Socket::new(frontend)?.split();
    let replies = replies.into_sender();
    let mut workers = JoinSet::new();
    let mut stop = pin!(signal::ctrl_c());
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(worker) = workers.join_next() => worker??,
            // A branch that is not taken has received nothing.
            request = requests.recv_multipart(), if workers.len() < MOST => {
                println!("Received a request");
                workers.spawn(worker(request?, replies.clone(), work));
            }
        }
    }

    println!("Draining {}", workers.len());
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    drop((requests, replies));
    zmq::tokio::terminate(context).await?;
    println!("Done");
    Ok(())
}

/// Answers one request: [client][envelope…][content] goes back with another content.
async fn worker(
    mut request: Multipart,
    replies: Sender<zmq::Router>,
    work: Duration,
) -> zmq::Result<()> {
    // Stands for some work.
    sleep(work).await;
    let content = request.pop_back().unwrap_or_default();
    if request.is_empty() {
        return Ok(());
    }
    request.push_back(format!("{content}, done"));
    replies.send_multipart(request).await?;
    Ok(())
}
