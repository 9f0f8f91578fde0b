//! zmq.rs: ZeroMQ's protocol without libzmq; two tasks on a runtime of two threads. It has no inproc.

#[path = "../../arguments.rs"]
mod arguments;

use std::time::Instant;

use arguments::Arguments;
use zeromq::{Socket, SocketRecv, SocketSend, ZmqMessage};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let arguments = Arguments::read()?;
    if arguments.transport == "inproc" {
        return Err("zmq.rs has no inproc".into());
    }
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let endpoint = arguments.endpoint()?;
    let time = if arguments.trip {
        let (mut rep, mut req) = (zeromq::RepSocket::new(), zeromq::ReqSocket::new());
        rep.bind(&endpoint).await?;
        req.connect(&endpoint).await?;
        let server = tokio::spawn(async move {
            for _ in 0..=count {
                look(&rep.recv().await?);
                rep.send(made(size, frames)).await?;
            }
            Outcome::Ok(rep)
        });
        let client = tokio::spawn(async move {
            let mut start = Instant::now();
            for trip in 0..=count {
                req.send(made(size, frames)).await?;
                look(&req.recv().await?);
                if trip == 0 {
                    start = Instant::now();
                }
            }
            Outcome::Ok((start.elapsed(), req))
        });
        let (time, _req) = client.await??;
        server.await??;
        time
    } else {
        let (mut pull, mut push) = (zeromq::PullSocket::new(), zeromq::PushSocket::new());
        pull.bind(&endpoint).await?;
        push.connect(&endpoint).await?;
        let sender = tokio::spawn(async move {
            for _ in 0..=count {
                push.send(made(size, frames)).await?;
            }
            Outcome::Ok(push)
        });
        let receiver = tokio::spawn(async move {
            look(&pull.recv().await?);
            let start = Instant::now();
            for _ in 0..count {
                look(&pull.recv().await?);
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

fn made(size: usize, frames: usize) -> ZmqMessage {
    let data = vec![b'.'; size];
    let mut message = ZmqMessage::from(data.clone());
    for _ in 1..frames {
        message.push_back(data.clone().into());
    }
    message
}

fn look(message: &ZmqMessage) {
    for part in message.iter() {
        std::hint::black_box((part.len(), part.first()));
    }
}
