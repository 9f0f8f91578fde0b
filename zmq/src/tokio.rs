//! Sockets for the tasks of [tokio](https://docs.rs/tokio)'s runtimes.
//!
//! A socket is opened, given its options, bound and connected as ever, and then made one that tasks wait
//! for. The runtime needs its I/O driver (`enable_io`, or `enable_all`).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> zmq::Result<()> {
//! let context = zmq::Context::new()?;
//! let server = context.socket(zmq::REP)?;
//! server.bind("tcp://127.0.0.1:*")?;
//! let client = context.socket(zmq::REQ)?;
//! client.connect(&server.last_endpoint()?)?;
//!
//! let mut server = zmq::tokio::Socket::new(server)?;
//! let mut client = zmq::tokio::Socket::new(client)?;
//! tokio::spawn(async move {
//!     while let Ok(request) = server.next_request().await {
//!         let _ = request.reply("World");
//!     }
//! });
//! let mut pending = client.request("Hello").await?;
//! assert_eq!(pending.recv().await?, "World");
//! # Ok(())
//! # }
//! ```
//!
//! # What is different from threads
//!
//! - Time limits are the runtime's, `tokio::time::timeout` and `select!`; `rcvtimeo` and `sndtimeo` make no
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
//! `select!` over their receives does what [`zmq::poll`](crate::poll()) does for a thread. A branch that is
//! not taken is dropped, and has received nothing:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> zmq::Result<()> {
//! # use std::time::Duration;
//! use zmq::tokio::Socket;
//!
//! # let context = zmq::Context::new()?;
//! # let (source, tasks) = context.pipe()?;
//! # let (_quiet, updates) = context.pipe()?;
//! let (mut tasks, mut updates) = (Socket::new(tasks)?, Socket::new(updates)?);
//! # source.send("task")?;
//! let what = tokio::select! {
//!     task = tasks.recv() => format!("a {}", task?),
//!     update = updates.recv_multipart() => format!("an update of {} frames", update?.len()),
//!     () = tokio::time::sleep(Duration::from_secs(60)) => "nothing in a minute".into(),
//! };
//! assert_eq!(what, "a task");
//! # Ok(())
//! # }
//! ```
//!
//! A number of sockets that is not known beforehand goes into a task each, or, as `Stream`s, into
//! `select_all` of the futures crate. [`readable`](asynchronous::Socket::readable) and
//! [`reserve`](asynchronous::Socket::reserve) wait without receiving or sending.
//!
//! It is for Unix. The draft types that threads share (feature `draft`) are no exception: a task, or its
//! halves, have such a socket to themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ::tokio::runtime::Handle;

use crate::asynchronous::{self, Runtime, Watch, no_runtime, refused, sealed};
use crate::error::Result;
use crate::ffi::descriptor::Descriptor;
use crate::panics;

const CALL: &str = "tokio::io::unix::AsyncFd";

/// tokio, as the runtime of a generic [`asynchronous::Socket`].
#[derive(Debug, Clone, Copy)]
pub enum Tokio {}

/// A socket that tasks wait for.
pub type Socket<T> = asynchronous::Socket<T, Tokio>;
/// The sending half of a socket.
pub type SendHalf<T> = asynchronous::SendHalf<T, Tokio>;
/// The receiving half of a socket.
pub type RecvHalf<T> = asynchronous::RecvHalf<T, Tokio>;
/// A sending half for any number of tasks.
pub type Sender<T> = asynchronous::Sender<T, Tokio>;
/// Room for a message.
pub type Permit<'s, T> = asynchronous::Permit<'s, T, Tokio>;
/// The reply to a request that was sent.
pub type PendingReply<'s> = asynchronous::PendingReply<'s, Tokio>;
/// A socket's events.
pub type Monitor = asynchronous::Monitor<Tokio>;

pub use asynchronous::{proxy, proxy_with_capture, terminate};

impl sealed::Sealed for Tokio {}
impl Runtime for Tokio {
    type Watch = AsyncFd<Descriptor>;
}

impl Watch for AsyncFd<Descriptor> {
    fn register(descriptor: Descriptor) -> Result<Self> {
        if Handle::try_current().is_err() {
            return Err(no_runtime(CALL, "not in a runtime of tokio's"));
        }
        // tokio has no other way of telling that its event loop was not enabled.
        let made = catch_unwind(AssertUnwindSafe(|| {
            #[allow(
                deprecated,
                reason = "what replaces it is too new; `Watched` keeps its conditions"
            )]
            AsyncFd::with_interest(descriptor, Interest::READABLE)
        }));
        match made {
            Ok(made) => made.map_err(|error| refused(CALL, &error)),
            Err(payload) => {
                panics::drop_quietly(payload);
                Err(no_runtime(CALL, "the runtime needs `enable_io`"))
            }
        }
    }

    #[inline]
    fn poll_edge(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        match ready!(self.poll_read_ready(context)) {
            Ok(mut ready) => {
                ready.clear_ready();
                Poll::Ready(Ok(()))
            }
            Err(_) => Poll::Ready(Err(no_runtime(CALL, "the runtime was shut down"))),
        }
    }

    #[inline]
    fn may_have_edge(&self, context: &mut Context<'_>) -> bool {
        self.poll_read_ready(context).is_ready()
    }
}
