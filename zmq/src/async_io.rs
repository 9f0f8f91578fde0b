//! Sockets for tasks of any other executor, over [async-io](https://docs.rs/async-io)'s event loop, which
//! smol has and which starts by itself.
//!
//! A socket is opened, given its options, bound and connected as ever, and then made one that tasks wait
//! for.
//!
//! ```
//! let context = zmq::Context::new()?;
//! let (here, there) = context.pipe()?;
//! let mut here = zmq::async_io::Socket::new(here)?;
//! let mut there = zmq::async_io::Socket::new(there)?;
//! async_io::block_on(async {
//!     here.send("Hello").await?;
//!     assert_eq!(there.recv().await?, "Hello");
//!     Ok::<(), zmq::Error>(())
//! })?;
//! # Ok::<(), zmq::Error>(())
//! ```
//!
//! # What is different from threads
//!
//! - Time limits are the runtime's, such as `futures::select!` with a timer; `rcvtimeo` and `sndtimeo` make no
//!   difference, and no wait ends with `WouldBlock` or `Interrupted`.
//! - A future that is dropped before it is ready has done nothing: no message is received and none is
//!   sent, not even in part. Each method says so under "Cancellation safety". A message that must not be
//!   dropped with the future of its send goes by [`send_from`](asynchronous::Socket::send_from), out of an
//!   `Option` of yours, or when there is room for it:
//!   [`reserve`](asynchronous::Socket::reserve).
//! - One task has a socket to itself, without a lock. [`split`](asynchronous::Socket::split) gives sending to
//!   one task and receiving to another; [`into_sender`](asynchronous::SendHalf::into_sender) gives sending
//!   to any number.
//! - Dropping a socket never blocks. What it has sent still leaves within its linger, if the process lives
//!   so long: [`close`](asynchronous::Socket::close) and [`terminate`] wait for that. Dropping the last
//!   [`Context`](crate::Context) blocks as ever; keep one outside of the tasks, or end it with `terminate`.
//! - With the feature `futures` the sockets are `Stream`s and `Sink`s of [`Multipart`](crate::Multipart)s.
//!
//! # Several sockets in one task
//!
//! `select!` of the futures crate over their receives does what [`zmq::poll`](crate::poll()) does for a
//! thread: what is not chosen is dropped, and has received nothing. A number of sockets that is not known
//! beforehand goes into a task each, or, as `Stream`s, into `select_all`.
//! [`readable`](asynchronous::Socket::readable) and [`reserve`](asynchronous::Socket::reserve) wait without
//! receiving or sending.
//!
//! It is for Unix. The draft types that threads share (feature `draft`) are no exception: a task, or its
//! halves, have such a socket to themselves.

use std::task::{Context, Poll, ready};

use ::async_io::Async;

use crate::asynchronous::{self, Runtime, Watch, refused, sealed};
use crate::error::Result;
use crate::ffi::descriptor::Descriptor;

const CALL: &str = "async_io::Async";

/// async-io, as the runtime of a generic [`asynchronous::Socket`].
#[derive(Debug, Clone, Copy)]
pub enum AsyncIo {}

/// A socket that tasks wait for.
pub type Socket<T> = asynchronous::Socket<T, AsyncIo>;
/// The sending half of a socket.
pub type SendHalf<T> = asynchronous::SendHalf<T, AsyncIo>;
/// The receiving half of a socket.
pub type RecvHalf<T> = asynchronous::RecvHalf<T, AsyncIo>;
/// A sending half for any number of tasks.
pub type Sender<T> = asynchronous::Sender<T, AsyncIo>;
/// Room for a message.
pub type Permit<'s, T> = asynchronous::Permit<'s, T, AsyncIo>;
/// The reply to a request that was sent.
pub type PendingReply<'s> = asynchronous::PendingReply<'s, AsyncIo>;
/// A socket's events.
pub type Monitor = asynchronous::Monitor<AsyncIo>;

pub use asynchronous::{proxy, proxy_with_capture, terminate};

impl sealed::Sealed for AsyncIo {}
impl Runtime for AsyncIo {
    type Watch = Async<Descriptor>;
}

impl Watch for Async<Descriptor> {
    fn register(descriptor: Descriptor) -> Result<Self> {
        // libzmq has made it non-blocking, and nobody reads it.
        Async::new_nonblocking(descriptor).map_err(|error| refused(CALL, &error))
    }

    #[inline]
    fn poll_edge(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        match ready!(self.poll_readable(context)) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(refused(CALL, &error))),
        }
    }
}
