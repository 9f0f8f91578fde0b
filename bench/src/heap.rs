//! Buffers that lie ready, and what C does with them.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::twin::checked;
use crate::{Outcome, Twin};

unsafe extern "C" {
    fn twin_make(data: *const c_void, size: usize) -> *mut c_void;
    fn twin_send_made(socket: *mut c_void, buffer: *mut c_void, size: usize) -> c_int;
    fn twin_send_made_copy(socket: *mut c_void, buffer: *mut c_void, size: usize) -> c_int;
    fn twin_send_constant(socket: *mut c_void, data: *const c_void, size: usize) -> c_int;
}

/// A buffer of `malloc`, with some room beyond its bytes. One that is not sent is never freed: then the
/// program is at its end.
#[derive(Debug)]
pub struct Heap {
    buffer: NonNull<c_void>,
    size: usize,
}

impl Heap {
    /// With a copy of `data`.
    pub fn made(data: &[u8]) -> Outcome<Heap> {
        // SAFETY: `data` is readable for its length.
        let buffer = unsafe { twin_make(data.as_ptr().cast(), data.len()) };
        Ok(Heap {
            buffer: NonNull::new(buffer).ok_or("no memory")?,
            size: data.len(),
        })
    }

    /// With `zmq_send`, which copies, and then `free`.
    pub fn copy(self, socket: &Twin) -> Outcome {
        // SAFETY: the socket is live and this thread's alone; the buffer is of `malloc`, and `self`, its
        // only owner, is gone.
        checked(unsafe { twin_send_made_copy(socket.as_ptr(), self.buffer.as_ptr(), self.size) })
    }

    /// With `zmq_msg_init_data`, so that libzmq frees it.
    pub fn hand_over(self, socket: &Twin) -> Outcome {
        // SAFETY: as in `copy`.
        checked(unsafe { twin_send_made(socket.as_ptr(), self.buffer.as_ptr(), self.size) })
    }
}

impl Twin {
    /// With `zmq_msg_init_data` and no function to free: bytes that stay.
    pub fn send_constant(&self, data: &'static [u8]) -> Outcome {
        // SAFETY: the socket is live and this thread's alone; the bytes are readable for ever, and nobody
        // writes to what a message received here has.
        checked(unsafe { twin_send_constant(self.as_ptr(), data.as_ptr().cast(), data.len()) })
    }
}
