//! In C: the loops of `twin.c` on sockets of the C API.

use std::ffi::{CString, c_int, c_void};
use std::io;
use std::ptr::NonNull;

use zmq::SocketKind;

use crate::{Form, Outcome, Peer, Tuning};

type Send = unsafe extern "C" fn(*mut c_void, *const c_void, usize, usize) -> c_int;
type Receive = unsafe extern "C" fn(*mut c_void, usize) -> i64;

unsafe extern "C" {
    fn twin_send_buffer(socket: *mut c_void, data: *const c_void, size: usize, n: usize) -> c_int;
    fn twin_send_message(socket: *mut c_void, data: *const c_void, size: usize, n: usize) -> c_int;
    fn twin_send_parts(socket: *mut c_void, data: *const c_void, size: usize, n: usize) -> c_int;
    fn twin_send_buffer_parts(
        socket: *mut c_void,
        data: *const c_void,
        size: usize,
        n: usize,
    ) -> c_int;
    fn twin_send_hand_over(
        socket: *mut c_void,
        data: *const c_void,
        size: usize,
        n: usize,
    ) -> c_int;
    fn twin_send_copy_and_free(
        socket: *mut c_void,
        data: *const c_void,
        size: usize,
        n: usize,
    ) -> c_int;
    fn twin_receive_buffer(socket: *mut c_void, buffer: *mut c_void, size: usize, n: usize) -> i64;
    fn twin_receive_reused(socket: *mut c_void, n: usize) -> i64;
    fn twin_receive_fresh(socket: *mut c_void, n: usize) -> i64;
    fn twin_receive_parts(socket: *mut c_void, n: usize) -> i64;
    fn twin_poll(sockets: *mut *mut c_void, items: c_int, rounds: usize) -> i64;
    fn twin_fill(buffer: *mut c_void, data: *const c_void, size: usize, n: usize);
}

/// A socket of the C API.
#[derive(Debug)]
pub struct Twin {
    socket: NonNull<c_void>,
    /// Keeps the context until the socket is closed.
    _context: zmq::Context,
}

// SAFETY: zmq_socket(3): a socket may migrate to another thread across a memory barrier, and every
// safe way to move a value there synchronises the two. It is not `Sync`.
unsafe impl std::marker::Send for Twin {}

impl Twin {
    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.socket.as_ptr()
    }

    fn set<V: Copy>(&self, option: c_int, value: V) -> Outcome {
        // SAFETY: the socket is live; libzmq reads the bytes of `value`, and refuses another size than
        // the option's.
        checked(unsafe {
            zmq_sys::zmq_setsockopt(
                self.socket.as_ptr(),
                option,
                (&raw const value).cast(),
                size_of::<V>(),
            )
        })
    }
}

/// `zmq_proxy(3)`: returns when the context is shut down.
pub fn proxy(frontend: &Twin, backend: &Twin) {
    // SAFETY: both sockets are live and, not being `Sync`, used by no other thread meanwhile; no
    // capture socket is allowed.
    unsafe {
        zmq_sys::zmq_proxy(
            frontend.socket.as_ptr(),
            backend.socket.as_ptr(),
            std::ptr::null_mut(),
        )
    };
}

impl Peer for Twin {
    fn open(context: &zmq::Context, kind: SocketKind, high_water_mark: u32) -> Outcome<Twin> {
        // SAFETY: the context is live while `context` is.
        let socket = unsafe { zmq_sys::zmq_socket(context.as_ptr(), kind.to_raw()) };
        let twin = Twin {
            socket: NonNull::new(socket).ok_or_else(io::Error::last_os_error)?,
            _context: context.clone(),
        };
        let mark = c_int::try_from(high_water_mark)?;
        twin.set(zmq_sys::ZMQ_SNDHWM, mark)?;
        twin.set(zmq_sys::ZMQ_RCVHWM, mark)?;
        Ok(twin)
    }

    fn tune(&self, tuning: &Tuning, affinity: u64) -> Outcome {
        self.set(zmq_sys::ZMQ_AFFINITY, affinity)?;
        #[cfg(feature = "draft")]
        if let Some(bytes) = tuning.batch_size {
            self.set(zmq_sys::ZMQ_IN_BATCH_SIZE, c_int::try_from(bytes)?)?;
            self.set(zmq_sys::ZMQ_OUT_BATCH_SIZE, c_int::try_from(bytes)?)?;
        }
        #[cfg(not(feature = "draft"))]
        if tuning.batch_size.is_some() {
            return Err("batch sizes take the feature `draft`".into());
        }
        Ok(())
    }

    fn bind(&self, endpoint: &str) -> Outcome<String> {
        let text = CString::new(endpoint)?;
        // SAFETY: the socket is live and the text ends with a NUL.
        checked(unsafe { zmq_sys::zmq_bind(self.socket.as_ptr(), text.as_ptr()) })?;
        let mut buffer = [0_u8; 256];
        let mut length = buffer.len();
        // SAFETY: the socket is live and the buffer writable for `length` bytes.
        checked(unsafe {
            zmq_sys::zmq_getsockopt(
                self.socket.as_ptr(),
                zmq_sys::ZMQ_LAST_ENDPOINT,
                buffer.as_mut_ptr().cast(),
                &raw mut length,
            )
        })?;
        Ok(std::str::from_utf8(&buffer[..length])?
            .trim_end_matches('\0')
            .to_owned())
    }

    fn connect(&self, endpoint: &str) -> Outcome {
        let text = CString::new(endpoint)?;
        // SAFETY: the socket is live and the text ends with a NUL.
        checked(unsafe { zmq_sys::zmq_connect(self.socket.as_ptr(), text.as_ptr()) })
    }

    fn send(&self, form: Form, data: &[u8], count: usize) -> Outcome {
        let send: Send = match form {
            Form::Buffer => twin_send_buffer,
            Form::Reused | Form::Fresh => twin_send_message,
            Form::Parts => twin_send_parts,
            Form::BufferParts => twin_send_buffer_parts,
            Form::HandOver => twin_send_hand_over,
            Form::CopyAndFree => twin_send_copy_and_free,
        };
        // SAFETY: the socket is live and this thread's alone; `data` is readable for its length.
        checked(unsafe {
            send(
                self.socket.as_ptr(),
                data.as_ptr().cast(),
                data.len(),
                count,
            )
        })
    }

    fn receive(&self, form: Form, buffer: &mut [u8], count: usize) -> Outcome<u64> {
        let receive: Receive = match form {
            Form::Buffer => {
                // SAFETY: the socket is live and this thread's alone; `buffer` is writable for
                // its length.
                return seen(unsafe {
                    twin_receive_buffer(
                        self.socket.as_ptr(),
                        buffer.as_mut_ptr().cast(),
                        buffer.len(),
                        count,
                    )
                });
            }
            Form::Reused | Form::HandOver | Form::CopyAndFree => twin_receive_reused,
            Form::Fresh => twin_receive_fresh,
            Form::Parts | Form::BufferParts => twin_receive_parts,
        };
        // SAFETY: the socket is live and this thread's alone.
        seen(unsafe { receive(self.socket.as_ptr(), count) })
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        // SAFETY: the socket is live and not used again.
        unsafe { zmq_sys::zmq_close(self.socket.as_ptr()) };
    }
}

/// Polls sockets for reading so many times, and gives how many were ready in all.
///
/// # Safety
/// The sockets are live and this thread's alone.
pub(crate) unsafe fn poll(sockets: &mut [*mut c_void], rounds: usize) -> Outcome<u64> {
    let count = c_int::try_from(sockets.len())?;
    // SAFETY: the caller's promise; `sockets` is an array of `count`.
    seen(unsafe { twin_poll(sockets.as_mut_ptr(), count, rounds) })
}

/// Copies `data` to `buffer` `count` times: what making a buffer costs besides its memory.
pub fn fill(buffer: &mut [u8], data: &[u8], count: usize) {
    let buffer = &mut buffer[..data.len()];
    // SAFETY: both are as long as `data`, and one is borrowed mutably, so they do not overlap.
    unsafe {
        twin_fill(
            buffer.as_mut_ptr().cast(),
            data.as_ptr().cast(),
            data.len(),
            count,
        );
    }
}

pub(crate) fn checked(result: c_int) -> Outcome {
    if result == -1 {
        return Err(io::Error::last_os_error().into());
    }
    Ok(())
}

fn seen(result: i64) -> Outcome<u64> {
    u64::try_from(result).map_err(|_| io::Error::last_os_error().into())
}
