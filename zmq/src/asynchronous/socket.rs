//! The whole socket, of which one task has both directions.

use std::fmt;
use std::task::{Context, Poll};

use super::inner::Inner;
use super::receive::receiving;
use super::runtime::Runtime;
use super::send::{Reach, sending};
use super::split::{RecvHalf, SendHalf, split};
use super::{Awaitable, held};
use crate::context::Context as ZmqContext;
use crate::error::{Error, Result};
use crate::raw::Refused;
use crate::socket::{self, CanReceive, CanSend, Rep, Request};

/// A socket that tasks of the runtime `R` wait for.
///
/// It is made of a [`zmq::Socket`](socket::Socket), which is bound, connected and given its options
/// before, and [goes back](Socket::into_inner) to it. Its methods are those of the plain socket, and
/// where that would block the thread, these wait in the task. Time limits are the runtime's
/// (`timeout`, `select!`); [`set_rcvtimeo`](socket::Socket::set_rcvtimeo) and
/// [`set_sndtimeo`](socket::Socket::set_sndtimeo) make no difference here, and a signal ends no wait.
///
/// A task has the socket to itself: methods take `&mut self`, without a lock. [`split`](Socket::split)
/// gives its two directions to two tasks, and [`SendHalf::into_sender`] one of them to any number.
///
/// # Fairness
/// After 64 operations in a row that succeeded at once, the next one lets the executor run other tasks
/// first.
///
/// # Dropping
/// Dropping it never blocks. What was sent and has not left yet lingers as after a
/// [close](socket::Socket#dropping); should the context end with the socket, a thread waits for that.
/// A process that ends earlier takes the rest along: end with [`close`](Socket::close) or
/// [`terminate`](super::terminate).
pub struct Socket<T: Awaitable, R: Runtime> {
    inner: Inner<T, R>,
}

impl<T: Awaitable, R: Runtime> Socket<T, R> {
    /// Takes the socket into the runtime that this is called in.
    ///
    /// # Errors
    /// The socket comes back in the error: [`NoRuntime`](crate::ErrorKind::NoRuntime) outside of
    /// tokio's runtime or in one without its I/O driver,
    /// [`TooManyOpen`](crate::ErrorKind::TooManyOpen),
    /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked).
    #[doc(alias = "ZMQ_FD")]
    #[doc(alias = "zmq_poller_fd")]
    pub fn new(socket: socket::Socket<T>) -> Result<Socket<T, R>, Refused<socket::Socket<T>>> {
        match Inner::new(socket) {
            Ok(inner) => Ok(Socket { inner }),
            Err((error, value)) => Err(Refused::new(error, value)),
        }
    }

    pub(super) fn over(inner: Inner<T, R>) -> Socket<T, R> {
        Socket { inner }
    }

    /// The plain socket again. Nothing is lost, but for what a sink holds: flush it first.
    pub fn into_inner(self) -> socket::Socket<T> {
        self.inner.into_socket()
    }

    /// Does something else with the plain socket: binds, connects, sets or reads options.
    ///
    /// What is received or sent in `action` is received or sent; whoever waits for the socket looks
    /// for itself afterwards. What blocks there blocks the executor.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// # let context = zmq::Context::new()?;
    /// let mut subscriber = zmq::tokio::Socket::new(context.socket(zmq::SUB)?)?;
    /// subscriber.with(|socket| socket.subscribe("A"))?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    pub fn with<V>(&mut self, action: impl FnOnce(&socket::Socket<T>) -> V) -> V {
        self.inner.with(action)
    }

    /// The context the socket was opened in.
    pub fn context(&self) -> &ZmqContext {
        self.inner.socket().context()
    }

    /// Gives the two directions to two tasks, which share a lock. [`RecvHalf::reunite`] undoes it.
    ///
    /// The socket closes when both have gone.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// let context = zmq::Context::new()?;
    /// let (here, there) = context.pipe()?;
    /// let (mut sender, mut receiver) = zmq::tokio::Socket::new(here)?.split();
    /// let (_, mut echo) = zmq::tokio::Socket::new(there)?.split();
    /// let task = tokio::spawn(async move { sender.send("Hello").await });
    /// assert_eq!(echo.recv().await?, "Hello");
    /// task.await.unwrap()?;
    /// # assert!(receiver.try_recv()?.is_none());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    pub fn split(self) -> (SendHalf<T, R>, RecvHalf<T, R>)
    where
        T: CanSend + CanReceive,
    {
        split(self.inner)
    }

    /// Closes the socket, and waits for the end of its context if no handle and no socket is left of
    /// it: until what was sent has left or its [linger](socket::Socket::set_linger) has run out, by
    /// default without end. [`terminate`](super::terminate) waits for a context that others hold.
    ///
    /// # Cancellation safety
    /// The close and the end go on without whoever waits for them.
    #[doc(alias = "zmq_close")]
    pub async fn close(self) {
        held::close(self.into_inner()).await;
    }

    pub(super) fn reach(&mut self) -> &mut Inner<T, R> {
        &mut self.inner
    }

    fn place(&mut self) -> Reach<'_, T, R> {
        Reach::Whole(&mut self.inner)
    }
}

receiving! { Socket }
sending! { Socket }

impl<R: Runtime> Socket<Rep, R> {
    /// Receives the next request, whatever its number of frames.
    ///
    /// The guard is the plain socket's: [`reply`](Request::reply) never waits, so there is nothing to
    /// await, and nothing that could be cancelled.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has received nothing.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// # let context = zmq::Context::new()?;
    /// let mut server = zmq::tokio::Socket::new(context.socket(zmq::REP)?)?;
    /// let mut client = zmq::tokio::Socket::new(context.socket(zmq::REQ)?)?;
    /// server.with(|socket| socket.bind("inproc://echo"))?;
    /// client.with(|socket| socket.connect("inproc://echo"))?;
    ///
    /// let mut pending = client.request("Hello").await?;
    /// let mut request = server.next_request().await?;
    /// let echo = request.take();
    /// request.reply_multipart(echo)?;
    /// assert_eq!(pending.recv().await?, "Hello");
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    pub async fn next_request(&mut self) -> Result<Request<'_>> {
        let message = self.recv_multipart().await?;
        Ok(Request::over(self.inner.socket_mut(), message))
    }
}

// Nothing in it is pinned: `T` stands for rules only.
impl<T: Awaitable, R: Runtime> Unpin for Socket<T, R> {}

impl<T: Awaitable, R: Runtime> fmt::Debug for Socket<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Socket").field(self.inner.socket()).finish()
    }
}
