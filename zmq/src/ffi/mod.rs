//! The one room of this crate in which `unsafe` is allowed, a file for each C handle.
//!
//! What leaves this room is safe to call in any order and from any thread the types allow. A C
//! call that fails gives an [`Errno`]; the caller adds the call's name and what was asked.

#![allow(unsafe_code)] // The rest of the crate denies it.

pub(crate) mod context;
pub(crate) mod curve;
#[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
pub(crate) mod descriptor;
pub(crate) mod exclusive;
pub(crate) mod fork;
pub(crate) mod inline;
pub(crate) mod library;
pub(crate) mod message;
pub(crate) mod owner;
pub(crate) mod poll;
#[cfg(all(unix, feature = "draft", any(feature = "tokio", feature = "async-io")))]
mod poller;
pub(crate) mod raw;
pub(crate) mod schedule;
pub(crate) mod socket;

use libc::c_int;

/// What `zmq_errno` said right after a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) c_int);

impl Errno {
    /// The error of the libzmq call this thread made last. Only for use after a failure.
    #[cold]
    #[inline(never)]
    fn last() -> Errno {
        // SAFETY: `zmq_errno` has no precondition; it reads a thread-local number.
        Errno(unsafe { zmq_sys::zmq_errno() })
    }
}
