//! By hand: libzmq's functions and tokio's `AsyncFd`, with none of what a binding owes its users. What that
//! takes is the price of tokio and of libzmq's descriptor.

use std::ffi::c_int;
use std::os::fd::{AsRawFd, RawFd};

use tokio::io::unix::AsyncFd;
use zmq::{Socket, SocketType};

use crate::tasks::{Receives, Sends};
use crate::{Form, Outcome, ours::look};

/// A socket that waits for its descriptor. It is for one direction at a time.
#[derive(Debug)]
pub struct ByHand<T: SocketType> {
    // Out of the event loop before the socket closes the descriptor.
    watch: AsyncFd<Descriptor>,
    socket: Socket<T>,
}

#[derive(Debug)]
struct Descriptor(RawFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl<T: SocketType> ByHand<T> {
    /// In a runtime of tokio's.
    pub fn new(socket: Socket<T>) -> Outcome<ByHand<T>> {
        let descriptor = Descriptor(option(&socket, zmq_sys::ZMQ_FD)?);
        #[allow(deprecated, reason = "as in `zmq::tokio`")]
        let watch = AsyncFd::new(descriptor)?;
        Ok(ByHand { watch, socket })
    }

    async fn edge(&mut self) -> Outcome {
        self.watch.readable().await?.clear_ready();
        Ok(())
    }

    async fn send_buffer(&mut self, data: &[u8]) -> Outcome {
        loop {
            // SAFETY: the socket is live and used by nobody else, being no type that threads share; `data`
            // is readable for its length.
            let sent = unsafe {
                zmq_sys::zmq_send(
                    self.socket.as_ptr(),
                    data.as_ptr().cast(),
                    data.len(),
                    zmq_sys::ZMQ_DONTWAIT,
                )
            };
            if !would_block(sent)? {
                return Ok(());
            }
            // A send that would block need not have taken in what makes room.
            if option(&self.socket, zmq_sys::ZMQ_EVENTS)? & zmq_sys::ZMQ_POLLOUT == 0 {
                self.edge().await?;
            }
        }
    }

    async fn receive_buffer(&mut self, buffer: &mut [u8]) -> Outcome<usize> {
        loop {
            // SAFETY: as above; `buffer` is writable for its length.
            let received = unsafe {
                zmq_sys::zmq_recv(
                    self.socket.as_ptr(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    zmq_sys::ZMQ_DONTWAIT,
                )
            };
            if !would_block(received)? {
                return Ok((received as usize).min(buffer.len()));
            }
            self.edge().await?;
        }
    }
}

impl<T: SocketType> Sends for ByHand<T> {
    async fn send_all(&mut self, form: Form, data: &[u8], count: usize) -> Outcome {
        only_buffers(form)?;
        for _ in 0..count {
            self.send_buffer(data).await?;
        }
        Ok(())
    }
}

impl<T: SocketType> Receives for ByHand<T> {
    async fn receive_all(&mut self, form: Form, buffer: &mut [u8], count: usize) -> Outcome<u64> {
        only_buffers(form)?;
        let mut seen = 0;
        for _ in 0..count {
            let length = self.receive_buffer(buffer).await?;
            seen += look(&buffer[..length]);
        }
        Ok(seen)
    }
}

fn only_buffers(form: Form) -> Outcome {
    match form {
        Form::Buffer => Ok(()),
        _ => Err(format!("{} is not written by hand", form.name()).into()),
    }
}

fn would_block(result: c_int) -> Outcome<bool> {
    if result != -1 {
        return Ok(false);
    }
    let error = std::io::Error::last_os_error();
    match error.kind() {
        std::io::ErrorKind::WouldBlock => Ok(true),
        _ => Err(error.into()),
    }
}

fn option<T: SocketType>(socket: &Socket<T>, option: c_int) -> Outcome<c_int> {
    let mut value = [0; size_of::<c_int>()];
    socket.raw_option(option, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}
