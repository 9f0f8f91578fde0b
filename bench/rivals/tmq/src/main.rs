//! tmq: two tasks on a runtime of two threads, a `Stream` and a `Sink` of its multiparts.

#[path = "../../arguments.rs"]
mod arguments;

use std::time::Instant;

use arguments::Arguments;
use futures::{SinkExt, StreamExt};
use tmq::{Context, Message, Multipart};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let context = Context::new();
    let endpoint = arguments.endpoint()?;
    let time = if arguments.trip {
        let mut receiver = tmq::reply(&context).bind(&endpoint)?;
        let mut sender = tmq::request(&context).connect(&endpoint)?;
        let server = tokio::spawn(async move {
            for _ in 0..=count {
                let (message, reply) = receiver.recv().await?;
                look(&message);
                receiver = reply.send(made(size, frames)).await?;
            }
            Outcome::Ok(receiver)
        });
        let client = tokio::spawn(async move {
            let mut start = Instant::now();
            for trip in 0..=count {
                let reply = sender.send(made(size, frames)).await?;
                let (message, next) = reply.recv().await?;
                look(&message);
                sender = next;
                if trip == 0 {
                    start = Instant::now();
                }
            }
            Outcome::Ok((start.elapsed(), sender))
        });
        let (time, _sender) = client.await??;
        server.await??;
        time
    } else {
        let mut pull = tmq::pull(&context).bind(&endpoint)?;
        let mut push = tmq::push(&context).connect(&endpoint)?;
        let sender = tokio::spawn(async move {
            for _ in 0..=count {
                push.send(made(size, frames)).await?;
            }
            Outcome::Ok(push)
        });
        let receiver = tokio::spawn(async move {
            look(&pull.next().await.ok_or("no message")??);
            let start = Instant::now();
            for _ in 0..count {
                look(&pull.next().await.ok_or("no message")??);
            }
            Outcome::Ok(start.elapsed())
        });
        let time = receiver.await??;
        sender.await??;
        time
    };
    println!("{}", time.as_nanos());
    Ok(())
}

fn made(size: usize, frames: usize) -> Multipart {
    let data = vec![b'.'; size];
    (0..frames).map(|_| Message::from(&data[..])).collect()
}

fn look(message: &Multipart) {
    for part in message.iter() {
        std::hint::black_box((part.len(), part.first()));
    }
}
