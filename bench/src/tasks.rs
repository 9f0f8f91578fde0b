//! Through the sockets that tasks wait for.

use zmq::asynchronous::{Awaitable, Runtime, Socket};
use zmq::{CanReceive, CanSend, Message, Multipart, SingleFrame};

use crate::ours::look;
use crate::{Form, Outcome};

/// What a task sends by.
pub trait Sends: Send + 'static {
    /// Sends `data` `count` times, as [`Peer::send`](crate::Peer::send) does.
    fn send_all(
        &mut self,
        form: Form,
        data: &[u8],
        count: usize,
    ) -> impl Future<Output = Outcome> + Send;
}

/// What a task receives by.
pub trait Receives: Send + 'static {
    /// Receives `count` messages, as [`Peer::receive`](crate::Peer::receive) does.
    fn receive_all(
        &mut self,
        form: Form,
        buffer: &mut [u8],
        count: usize,
    ) -> impl Future<Output = Outcome<u64>> + Send;
}

impl<T, R> Sends for Socket<T, R>
where
    T: Awaitable + CanSend + SingleFrame,
    R: Runtime,
{
    async fn send_all(&mut self, form: Form, data: &[u8], count: usize) -> Outcome {
        match form {
            Form::Buffer => {
                for _ in 0..count {
                    self.send(data).await?;
                }
            }
            Form::Reused | Form::Fresh => {
                for _ in 0..count {
                    self.send(Message::from(data)).await?;
                }
            }
            Form::BufferParts => {
                for _ in 0..count {
                    self.send_multipart([data, data, data]).await?;
                }
            }
            _ => return Err(format!("{} is not measured in tasks", form.name()).into()),
        }
        Ok(())
    }
}

impl<T, R> Receives for Socket<T, R>
where
    T: Awaitable + CanReceive + SingleFrame,
    R: Runtime,
{
    async fn receive_all(&mut self, form: Form, buffer: &mut [u8], count: usize) -> Outcome<u64> {
        let mut seen = 0;
        match form {
            Form::Buffer => {
                for _ in 0..count {
                    let received = self.recv_into(buffer).await?;
                    seen += look(&buffer[..received.len]);
                }
            }
            Form::Reused => {
                let mut message = Message::new();
                for _ in 0..count {
                    self.recv_message_into(&mut message).await?;
                    seen += look(&message);
                }
            }
            Form::Fresh => {
                for _ in 0..count {
                    seen += look(&self.recv().await?);
                }
            }
            Form::BufferParts => {
                let mut message = Multipart::new();
                for _ in 0..count {
                    self.recv_multipart_into(&mut message).await?;
                    for part in &message {
                        seen += look(part);
                    }
                }
            }
            _ => return Err(format!("{} is not measured in tasks", form.name()).into()),
        }
        Ok(seen)
    }
}
