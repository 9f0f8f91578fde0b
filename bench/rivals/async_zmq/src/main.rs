//! async_zmq: two tasks on a runtime of two threads, a `Stream` and a `Sink` of its multiparts. Its requests
//! and replies are bound to a thread: a trip has one task.

#[path = "../../arguments.rs"]
mod arguments;

use std::time::Instant;
use std::vec::IntoIter;

use arguments::Arguments;
use async_zmq::{Context, Message, Push, Reply, Request};
use futures::{SinkExt, StreamExt};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
type Parts = IntoIter<Message>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let context = Context::new();
    let endpoint = arguments.endpoint()?;
    let time = if arguments.trip {
        let server: Reply<Parts, Message> =
            async_zmq::reply(&endpoint)?.with_context(&context).bind()?;
        let client: Request<Parts, Message> = async_zmq::request(&endpoint)?
            .with_context(&context)
            .connect()?;
        let answering = async {
            for _ in 0..=count {
                look(&server.recv().await?);
                server.send(made(size, frames)).await?;
            }
            Outcome::Ok(())
        };
        let asking = async {
            let mut start = Instant::now();
            for trip in 0..=count {
                client.send(made(size, frames)).await?;
                look(&client.recv().await?);
                if trip == 0 {
                    start = Instant::now();
                }
            }
            Outcome::Ok(start.elapsed())
        };
        futures::try_join!(asking, answering)?.0
    } else {
        let mut pull = async_zmq::pull(&endpoint)?.with_context(&context).bind()?;
        let mut push: Push<Parts, Message> = async_zmq::push(&endpoint)?
            .with_context(&context)
            .connect()?;
        let sender = tokio::spawn(async move {
            for _ in 0..=count {
                push.send(made(size, frames).into()).await?;
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

fn made(size: usize, frames: usize) -> Vec<Message> {
    let data = vec![b'.'; size];
    (0..frames).map(|_| Message::from(&data[..])).collect()
}

fn look(message: &[Message]) {
    for part in message {
        std::hint::black_box((part.len(), part.first()));
    }
}
