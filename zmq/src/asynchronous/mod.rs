//! Sockets for async tasks, written once for every runtime. The names to use are those of
//! `zmq::tokio` and `zmq::async_io`, which fill in the runtime.
//!
//! Beside them stands [`terminate`], which waits for the end of a context, on any runtime.

#[cfg(feature = "draft")]
mod draft;
mod held;
mod inner;
mod monitor;
mod proxy;
mod receive;
mod request;
mod runtime;
mod send;
mod sender;
mod socket;
mod split;
#[cfg(feature = "futures")]
mod streams;
mod sync;
mod wake;

use std::io;

pub use held::terminate;
pub use monitor::Monitor;
pub use proxy::{proxy, proxy_with_capture};
pub use request::PendingReply;
pub use runtime::Runtime;
pub use send::Permit;
pub use sender::Sender;
pub use socket::Socket;
pub use split::{NotOneSocket, RecvHalf, SendHalf};

pub(crate) use held::Held;
pub(crate) use runtime::{Watch, sealed};

use crate::error::{Error, ErrorKind};
use crate::ffi::Errno;
use crate::socket::{self as sockets, SocketType};

/// Sockets that tasks can wait for, which all types are.
#[diagnostic::on_unimplemented(message = "tasks cannot wait for a `{Self}` socket")]
pub trait Awaitable: SocketType {}

macro_rules! awaitable {
    ($($name:ident)*) => {$(
        impl Awaitable for sockets::$name {}
    )*};
}

awaitable! { Req Rep Dealer Router Pub Sub XPub XSub Push Pull Pair Stream Any }
#[cfg(feature = "draft")]
awaitable! { Client Server Radio Dish Gather Scatter Peer Channel }

#[cold]
#[allow(dead_code, reason = "async-io has an event loop wherever it is")]
pub(crate) fn no_runtime(call: &'static str, reason: &'static str) -> Error {
    Error::own(call, ErrorKind::NoRuntime).because(reason)
}

/// The event loop's own failure.
#[cold]
pub(crate) fn refused(call: &'static str, error: &io::Error) -> Error {
    Error::from_errno(call, Errno(error.raw_os_error().unwrap_or(libc::EIO)))
}
