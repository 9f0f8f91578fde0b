//! A socket whose drop never waits, and ways to wait for the end of its context.

use std::fmt;
use std::future::poll_fn;

use crate::context::Context;
use crate::error::Result;
use crate::socket::{Socket, SocketType};

/// A socket that can be dropped on an executor's thread: should its context end with it, another
/// thread does the waiting.
pub(crate) struct Held<T: SocketType>(Option<Socket<T>>);

impl<T: SocketType> Held<T> {
    pub(crate) fn new(socket: Socket<T>) -> Held<T> {
        Held(Some(socket))
    }

    #[inline]
    pub(crate) fn socket(&self) -> &Socket<T> {
        self.0
            .as_ref()
            .expect("only `into_socket` and `drop` take the socket away")
    }

    pub(crate) fn socket_mut(&mut self) -> &mut Socket<T> {
        self.0
            .as_mut()
            .expect("only `into_socket` and `drop` take the socket away")
    }

    pub(crate) fn into_socket(mut self) -> Socket<T> {
        self.0
            .take()
            .expect("only `into_socket` and `drop` take the socket away")
    }
}

impl<T: SocketType> Drop for Held<T> {
    fn drop(&mut self) {
        if let Some(socket) = self.0.take() {
            let context = socket.context().clone();
            drop(socket);
            drop(context.let_go());
        }
    }
}

impl<T: SocketType> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Closes the socket, and waits for the end of its context if nothing else holds that.
pub(super) async fn close<T: SocketType>(socket: Socket<T>) {
    let context = socket.context().clone();
    drop(socket);
    if let Some(ending) = context.let_go() {
        poll_fn(|context| ending.poll_ended(context)).await;
    }
}

/// Shuts a context down and waits for its end, as [`Context::terminate`] does, without blocking the
/// thread: until all its sockets and handles are gone, and what they had sent has left or its
/// [linger](Socket::set_linger) has run out (`zmq_ctx_term(3)`).
///
/// It needs no runtime. Dropping the last handle of a context in a task would block its executor for
/// that time; the drop of an async socket never does, but what it leaves unsent is lost when the
/// process ends first. So a task that has sent something ends with this, or with a socket's `close`.
///
/// # Errors
/// [`Forked`](crate::ErrorKind::Forked) only.
///
/// # Cancellation safety
/// The end goes on without whoever waits for it.
///
/// ```
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> zmq::Result<()> {
/// let context = zmq::Context::new()?;
/// let socket = zmq::tokio::Socket::new(context.socket(zmq::PULL)?)?;
/// drop(socket);
/// zmq::asynchronous::terminate(context).await?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "tokio"))]
/// # fn main() {}
/// ```
#[doc(alias = "zmq_ctx_term")]
pub async fn terminate(context: Context) -> Result<()> {
    let ending = context.end_elsewhere()?;
    poll_fn(|context| ending.poll_ended(context)).await;
    Ok(())
}
