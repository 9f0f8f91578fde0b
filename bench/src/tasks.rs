//! Through the sockets that tasks wait for.

use zmq::asynchronous::{Awaitable, Runtime, Socket};
use zmq::{CanReceive, CanSend, Message, SingleFrame};

use crate::ours::look;
use crate::{Form, Outcome};

/// Sends `data` `count` times, as [`Peer::send`](crate::Peer::send) does.
pub async fn send<T, R>(socket: &mut Socket<T, R>, form: Form, data: &[u8], count: usize) -> Outcome
where
    T: Awaitable + CanSend + SingleFrame,
    R: Runtime,
{
    match form {
        Form::Buffer => {
            for _ in 0..count {
                socket.send(data).await?;
            }
        }
        Form::Reused | Form::Fresh => {
            for _ in 0..count {
                socket.send(Message::from(data)).await?;
            }
        }
        _ => return Err(format!("{} is not measured in tasks", form.name()).into()),
    }
    Ok(())
}

/// Receives `count` messages, as [`Peer::receive`](crate::Peer::receive) does.
pub async fn receive<T, R>(
    socket: &mut Socket<T, R>,
    form: Form,
    buffer: &mut [u8],
    count: usize,
) -> Outcome<u64>
where
    T: Awaitable + CanReceive + SingleFrame,
    R: Runtime,
{
    let mut seen = 0;
    match form {
        Form::Buffer => {
            for _ in 0..count {
                let received = socket.recv_into(buffer).await?;
                seen += look(&buffer[..received.len]);
            }
        }
        Form::Reused => {
            let mut message = Message::new();
            for _ in 0..count {
                socket.recv_message_into(&mut message).await?;
                seen += look(&message);
            }
        }
        Form::Fresh => {
            for _ in 0..count {
                seen += look(&socket.recv().await?);
            }
        }
        _ => return Err(format!("{} is not measured in tasks", form.name()).into()),
    }
    Ok(seen)
}
