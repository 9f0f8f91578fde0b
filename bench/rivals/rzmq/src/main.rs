//! rzmq: ZeroMQ's protocol without libzmq, with its default settings; two tasks on a runtime of two
//! threads. Its REQ sends one frame only.

#[path = "../../arguments.rs"]
mod arguments;

use std::time::Instant;

use arguments::Arguments;
use rzmq::{Context, Msg, MsgFlags, Socket, SocketType};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let (size, frames, count) = (arguments.size, arguments.frames, arguments.count);
    let context = Context::new()?;
    let kinds = if arguments.trip {
        [SocketType::Rep, SocketType::Req]
    } else {
        [SocketType::Pull, SocketType::Push]
    };
    let [here, there] = [context.socket(kinds[0])?, context.socket(kinds[1])?];
    let endpoint = arguments.endpoint()?;
    here.bind(&endpoint).await?;
    there.connect(&endpoint).await?;
    let time = if arguments.trip {
        let server = tokio::spawn(async move {
            for _ in 0..=count {
                receive(&here, frames).await?;
                send(&here, size, frames).await?;
            }
            Outcome::Ok(here)
        });
        let client = tokio::spawn(async move {
            let mut start = Instant::now();
            for trip in 0..=count {
                send(&there, size, frames).await?;
                receive(&there, frames).await?;
                if trip == 0 {
                    start = Instant::now();
                }
            }
            Outcome::Ok((start.elapsed(), there))
        });
        let (time, _there) = client.await??;
        server.await??;
        time
    } else {
        let sender = tokio::spawn(async move {
            for _ in 0..=count {
                send(&there, size, frames).await?;
            }
            Outcome::Ok(there)
        });
        let receiver = tokio::spawn(async move {
            receive(&here, frames).await?;
            let start = Instant::now();
            for _ in 0..count {
                receive(&here, frames).await?;
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

async fn send(socket: &Socket, size: usize, frames: usize) -> Outcome {
    let data = vec![b'.'; size];
    if frames == 1 {
        return Ok(socket.send(Msg::from_vec(data)).await?);
    }
    let part = |index| {
        let mut part = Msg::from_vec(data.clone());
        if index + 1 < frames {
            part.set_flags(MsgFlags::MORE);
        }
        part
    };
    Ok(socket
        .send_multipart((0..frames).map(part).collect())
        .await?)
}

async fn receive(socket: &Socket, frames: usize) -> Outcome {
    if frames == 1 {
        look(&socket.recv().await?);
    } else {
        socket.recv_multipart().await?.iter().for_each(look);
    }
    Ok(())
}

fn look(part: &Msg) {
    std::hint::black_box((part.size(), part.data().and_then(<[u8]>::first)));
}
