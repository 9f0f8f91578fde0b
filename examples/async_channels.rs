//! From a socket into a channel of tokio's, through workers, and from a channel into a socket again:
//! `async_channels [messages]`. Alone. Channels and sockets are full when their readers are slow, and then
//! those who write wait, back to the first.

use std::env;
use std::error::Error;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};
use zmq::Message;
use zmq::tokio::Socket;

const WORKERS: usize = 3;
const ROOM: usize = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let messages: u64 = env::args().nth(1).map_or(Ok(1000), |count| count.parse())?;
    let context = zmq::Context::new()?;
    let (outside, end) = context.pipe()?;
    let (mut ventilator, mut sink) = Socket::new(outside)?.split();
    let (mut results, mut tasks) = Socket::new(end)?.split();

    // Socket to channel. When the last one who reads the channel goes, `send` fails.
    let (to_workers, work) = mpsc::channel::<Message>(ROOM);
    let bridge_in = tokio::spawn(async move {
        loop {
            let task = tasks.recv().await?;
            if task.is_empty() || to_workers.send(task).await.is_err() {
                return Ok(());
            }
        }
    });

    // The workers share the channel's one receiver.
    let (to_socket, mut done) = mpsc::channel::<Message>(ROOM);
    let work = Arc::new(Mutex::new(work));
    for _ in 0..WORKERS {
        let (work, to_socket) = (Arc::clone(&work), to_socket.clone());
        tokio::spawn(async move {
            loop {
                let Some(task) = work.lock().await.recv().await else {
                    return;
                };
                let Ok(number) = task.to_string().parse::<u64>() else {
                    continue;
                };
                let result = Message::from((number * number).to_string());
                if to_socket.send(result).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(to_socket);

    // Channel to socket. The channel ends when all workers have gone.
    let bridge_out = tokio::spawn(async move {
        while let Some(result) = done.recv().await {
            results.send(result).await?;
        }
        results.send("").await?;
        Ok::<_, zmq::Error>(())
    });

    // Who uses it from outside: an empty message is the end.
    let asking = tokio::spawn(async move {
        for number in 1..=messages {
            ventilator.send(number.to_string()).await?;
        }
        ventilator.send("").await?;
        Ok::<_, zmq::Error>(())
    });
    let (mut count, mut sum) = (0, 0);
    loop {
        let result = sink.recv().await?;
        if result.is_empty() {
            break;
        }
        count += 1;
        sum += result.to_string().parse::<u64>()?;
    }
    println!("{count} squares, together {sum}");
    for task in [bridge_in, bridge_out, asking] {
        task.await??;
    }
    Ok(())
}
