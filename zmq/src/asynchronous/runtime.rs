//! What differs between runtimes: how their event loop watches a descriptor.

use std::fmt;
use std::task::{Context, Poll};

use crate::error::Result;
use crate::ffi::descriptor::Descriptor;

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// An async runtime: `zmq::tokio::Tokio` or `zmq::async_io::AsyncIo`. Sealed.
///
/// It is the second type parameter of the sockets of this module, for code that is written once for
/// both; everybody else uses the names of `zmq::tokio` or `zmq::async_io`.
pub trait Runtime: sealed::Sealed + Sized + 'static {
    #[doc(hidden)]
    type Watch: Watch;
}

/// A descriptor in an event loop. It takes itself out when it is dropped.
pub trait Watch: fmt::Debug + Sized + Send + Sync + Unpin + 'static {
    #[doc(hidden)]
    fn register(descriptor: Descriptor) -> Result<Self>;

    /// Whether there was an edge since this was last asked. If not, the waker is woken at the next.
    #[doc(hidden)]
    fn poll_edge(&self, context: &mut Context<'_>) -> Poll<Result<()>>;

    /// Whether there may have been an edge since [`poll_edge`](Watch::poll_edge) was last asked.
    #[doc(hidden)]
    fn may_have_edge(&self, _context: &mut Context<'_>) -> bool {
        true
    }
}
