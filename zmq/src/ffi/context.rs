//! `zmq_ctx_*`: the pointer to a context.

use std::ffi::c_void;
use std::ptr::NonNull;

use libc::c_int;

use super::Errno;
use super::socket::RawSocket;

/// A live context. Freed by [`terminate`](RawContext::terminate) only; dropping it leaks it, or leaves
/// it to its owner.
#[derive(Debug)]
pub(crate) struct RawContext(NonNull<c_void>);

// SAFETY: zmq(7) and zmq_ctx_new(3): a context is thread safe and may be shared among as many
// threads as needed without locks. The exception, freeing it, takes `self` by value.
unsafe impl Send for RawContext {}
// SAFETY: as for `Send`.
unsafe impl Sync for RawContext {}

impl RawContext {
    /// `zmq_ctx_new(3)`.
    pub(crate) fn new() -> Result<RawContext, Errno> {
        // SAFETY: no precondition.
        let context = unsafe { zmq_sys::zmq_ctx_new() };
        NonNull::new(context)
            .map(RawContext)
            .ok_or_else(Errno::last)
    }

    /// A context that was made elsewhere; `None` for a null pointer.
    ///
    /// # Safety
    /// `context` is live for as long as the value is used. `terminate` may be called only if nobody
    /// else terminates the context.
    pub(super) unsafe fn from_ptr(context: *mut c_void) -> Option<RawContext> {
        NonNull::new(context).map(RawContext)
    }

    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }

    /// `zmq_ctx_set(3)`.
    pub(crate) fn set(&self, option: c_int, value: c_int) -> Result<(), Errno> {
        // SAFETY: the context is live until `terminate` takes it.
        match unsafe { zmq_sys::zmq_ctx_set(self.as_ptr(), option, value) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_ctx_get(3)`. `-1` is a failure, except where it is an option's value: the caller knows.
    pub(crate) fn get(&self, option: c_int) -> Result<c_int, Errno> {
        // SAFETY: the context is live until `terminate` takes it.
        match unsafe { zmq_sys::zmq_ctx_get(self.as_ptr(), option) } {
            -1 => Err(Errno::last()),
            value => Ok(value),
        }
    }

    /// `zmq_socket(3)`.
    pub(crate) fn socket(&self, kind: c_int) -> Result<RawSocket, Errno> {
        // SAFETY: the context is live until `terminate` takes it.
        let socket = unsafe { zmq_sys::zmq_socket(self.as_ptr(), kind) };
        NonNull::new(socket)
            .map(RawSocket::owning)
            .ok_or_else(Errno::last)
    }

    /// `zmq_ctx_shutdown(3)`.
    pub(crate) fn shutdown(&self) -> Result<(), Errno> {
        // SAFETY: the context is live until `terminate` takes it.
        match unsafe { zmq_sys::zmq_ctx_shutdown(self.as_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_ctx_term(3)`: waits for every socket to be closed and its linger to end, then frees.
    /// A signal does not end the wait.
    pub(crate) fn terminate(self) -> Result<(), Errno> {
        loop {
            // SAFETY: `self` is owned, so no other use can follow; after `EINTR` the context is
            // still live and zmq_ctx_term(3) asks for the call to be repeated.
            if unsafe { zmq_sys::zmq_ctx_term(self.as_ptr()) } == 0 {
                return Ok(());
            }
            match Errno::last() {
                Errno(libc::EINTR) => {}
                errno => return Err(errno),
            }
        }
    }
}
