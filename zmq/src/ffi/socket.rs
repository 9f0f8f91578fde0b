//! `zmq_socket`, `zmq_send`, `zmq_msg_recv`, …: the pointer to a socket.

use std::ffi::{CStr, c_void};
#[cfg(feature = "draft")]
use std::num::NonZeroU32;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use libc::c_int;
use zmq_sys::{ZMQ_DONTWAIT, ZMQ_SNDMORE};

use super::Errno;
use super::message::RawMessage;
#[cfg(feature = "draft")]
use crate::message::Group;
use crate::socket::{Socket, ThreadSafe};

/// The flags of one send or receive. Private to the crate: SNDMORE is never a caller's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(c_int);

impl Flags {
    pub(crate) const BLOCK: Flags = Flags(0);
    pub(crate) const DONTWAIT: Flags = Flags(ZMQ_DONTWAIT);

    /// The same, and further parts follow if `more`.
    #[inline]
    pub(crate) fn more(self, more: bool) -> Flags {
        Flags(if more { self.0 | ZMQ_SNDMORE } else { self.0 })
    }

    #[inline]
    pub(crate) fn waits(self) -> bool {
        self.0 & ZMQ_DONTWAIT == 0
    }
}

/// What [`RawSocket::receive_into`] did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copied {
    pub(crate) len: usize,
    pub(crate) full_len: usize,
    pub(crate) more: bool,
}

/// A live socket, closed on drop unless it belongs to somebody else.
#[derive(Debug)]
pub(crate) struct RawSocket {
    socket: NonNull<c_void>,
    generation: u32,
    /// Whether to close it.
    owned: bool,
    /// Made with the first monitor.
    monitor: OnceLock<Arc<MonitorGate>>,
}

// SAFETY: zmq_socket(3) and zmq(7): a socket may be used by one thread after another, across a
// full memory barrier; every safe way to hand a value to another thread synchronises the two.
// Not `Sync`: use by two threads at once is undefined, and `NonNull` already forbids that.
unsafe impl Send for RawSocket {}

// SAFETY: `ThreadSafe` is sealed and marks the types whose calls lock inside libzmq (ZMQ_THREAD_SAFE
// is 1): send, receive, options, bind, connect and their opposites, join, leave, connect_peer, and what
// zmq_poll adds to a socket and takes away (socket_base.cpp); `zmq_socket_monitor` has a lock of its
// own. A `Socket` of such a type has that type in libzmq, as it is opened by `T::KIND` and `downcast`
// compares the kinds. Closing takes the value. What lies in `Core` beside the handle is `Sync` itself,
// which core.rs has the compiler check.
unsafe impl<T: ThreadSafe> Sync for Socket<T> {}

impl RawSocket {
    /// A live socket that nobody else closes.
    pub(super) fn owning(socket: NonNull<c_void>) -> RawSocket {
        RawSocket::new(socket, true)
    }

    /// A socket that somebody else closes, but not while the value is used.
    pub(super) fn borrowing(socket: NonNull<c_void>) -> RawSocket {
        RawSocket::new(socket, false)
    }

    fn new(socket: NonNull<c_void>, owned: bool) -> RawSocket {
        RawSocket {
            socket,
            generation: super::fork::generation(),
            owned,
            monitor: OnceLock::new(),
        }
    }

    pub(crate) fn is_owned(&self) -> bool {
        self.owned
    }

    /// Leaves the closing to somebody else from now on.
    pub(crate) fn disown(&mut self) {
        self.owned = false;
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.socket.as_ptr()
    }

    /// Whether this process is a child that inherited the socket over `fork`.
    #[inline]
    pub(crate) fn is_inherited(&self) -> bool {
        self.generation != super::fork::generation()
    }

    /// `zmq_send(3)`: copies the bytes.
    #[inline]
    pub(crate) fn send_bytes(&self, bytes: &[u8], flags: Flags) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is and no other thread uses it, unless its type locks;
        // `bytes` is readable for its length and copied before the call returns.
        let sent = unsafe {
            zmq_sys::zmq_send(self.as_ptr(), bytes.as_ptr().cast(), bytes.len(), flags.0)
        };
        if sent == -1 {
            Err(Errno::last())
        } else {
            Ok(())
        }
    }

    /// `zmq_msg_send(3)`. On success `message` is an empty message, on failure it is untouched.
    #[inline]
    pub(crate) fn send_message(&self, message: &mut RawMessage, flags: Flags) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is and no other thread uses it, unless its type locks;
        // `message` is initialised, as every `RawMessage` is, and exclusively borrowed.
        let sent = unsafe { zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.as_ptr(), flags.0) };
        if sent == -1 {
            Err(Errno::last())
        } else {
            Ok(())
        }
    }

    /// `zmq_msg_recv(3)`: what `message` held is released, also when nothing comes. Gives its length.
    #[inline]
    pub(crate) fn receive(&self, message: &mut RawMessage, flags: Flags) -> Result<usize, Errno> {
        // SAFETY: the socket is live while `self` is and no other thread uses it, unless its type locks;
        // `message` is initialised, as every `RawMessage` is, and exclusively borrowed.
        let got = unsafe { zmq_sys::zmq_msg_recv(message.as_mut_ptr(), self.as_ptr(), flags.0) };
        if (0..c_int::MAX).contains(&got) {
            return Ok(got as usize);
        }
        match got {
            -1 => Err(Errno::last()),
            // The most that libzmq gives, also of a message of more bytes.
            _ => Ok(message.len()),
        }
    }

    /// Receives a part into a buffer, as `zmq_recv(3)` does, which would not say whether further
    /// parts follow.
    #[inline]
    pub(crate) fn receive_into(&self, buffer: &mut [u8], flags: Flags) -> Result<Copied, Errno> {
        let mut part = RawMessage::new();
        let full_len = self.receive(&mut part, flags)?;
        // SAFETY: `receive` gives the number of bytes in the message.
        let bytes = unsafe { part.slice_of(full_len) };
        let len = full_len.min(buffer.len());
        buffer[..len].copy_from_slice(&bytes[..len]);
        Ok(Copied {
            len,
            full_len,
            more: part.more(),
        })
    }

    /// An endpoint call such as `zmq_bind(3)`.
    fn endpoint_call(
        &self,
        call: unsafe extern "C" fn(*mut c_void, *const libc::c_char) -> c_int,
        endpoint: &CStr,
    ) -> Result<(), Errno> {
        // SAFETY: only the four functions below are passed; each wants a live socket, which
        // `self` keeps, and a NUL-terminated text that it reads during the call only.
        match unsafe { call(self.as_ptr(), endpoint.as_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    pub(crate) fn bind(&self, endpoint: &CStr) -> Result<(), Errno> {
        self.endpoint_call(zmq_sys::zmq_bind, endpoint)
    }

    pub(crate) fn unbind(&self, endpoint: &CStr) -> Result<(), Errno> {
        self.endpoint_call(zmq_sys::zmq_unbind, endpoint)
    }

    pub(crate) fn connect(&self, endpoint: &CStr) -> Result<(), Errno> {
        self.endpoint_call(zmq_sys::zmq_connect, endpoint)
    }

    pub(crate) fn disconnect(&self, endpoint: &CStr) -> Result<(), Errno> {
        self.endpoint_call(zmq_sys::zmq_disconnect, endpoint)
    }

    /// `zmq_connect_peer(3)`: gives the peer's routing id.
    #[cfg(feature = "draft")]
    pub(crate) fn connect_peer(&self, endpoint: &CStr) -> Result<NonZeroU32, Errno> {
        // SAFETY: the socket is live while `self` is, and libzmq refuses it if it is no PEER;
        // `endpoint` is NUL-terminated and read during the call only.
        let id = unsafe { zmq_sys::zmq_connect_peer(self.as_ptr(), endpoint.as_ptr()) };
        NonZeroU32::new(id).ok_or_else(Errno::last)
    }

    /// `zmq_join(3)`.
    #[cfg(feature = "draft")]
    pub(crate) fn join(&self, group: &Group) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is; the group is NUL-terminated, read during the
        // call only, and short, as every `Group` is: a long one would be freed once for each peer.
        match unsafe { zmq_sys::zmq_join(self.as_ptr(), group.as_c_str().as_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_leave(3)`.
    #[cfg(feature = "draft")]
    pub(crate) fn leave(&self, group: &Group) -> Result<(), Errno> {
        // SAFETY: as `join`.
        match unsafe { zmq_sys::zmq_leave(self.as_ptr(), group.as_c_str().as_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// Has `start` start the monitor, and gives what stops it; `None` while there is one already.
    pub(crate) fn monitor<E>(
        &self,
        start: impl FnOnce() -> Result<(), E>,
    ) -> Option<Result<Arc<MonitorGate>, E>> {
        let gate = self.monitor.get_or_init(|| {
            Arc::new(MonitorGate {
                monitored: Mutex::new(None),
                generation: self.generation,
            })
        });
        let mut monitored = gate.lock();
        if monitored.is_some() {
            return None;
        }
        Some(start().map(|()| {
            *monitored = Some(Monitored(self.socket));
            Arc::clone(gate)
        }))
    }

    /// Whether the socket is monitored, or was.
    pub(crate) fn had_monitor(&self) -> bool {
        self.monitor.get().is_some()
    }

    /// `zmq_socket_monitor(3)`: tells `events`, 16 bits, to whoever is connected to `endpoint`. Only
    /// for use in [`monitor`](RawSocket::monitor).
    pub(crate) fn start_monitor(&self, endpoint: &CStr, events: u16) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is; `endpoint` is NUL-terminated and read during
        // the call only.
        match unsafe {
            zmq_sys::zmq_socket_monitor(self.as_ptr(), endpoint.as_ptr(), c_int::from(events))
        } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_setsockopt(3)` with the option's bytes.
    pub(crate) fn set_bytes(&self, option: c_int, value: &[u8]) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is; `value` is readable for its length and
        // copied before the call returns. libzmq checks the length against the option.
        match unsafe {
            zmq_sys::zmq_setsockopt(self.as_ptr(), option, value.as_ptr().cast(), value.len())
        } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_setsockopt(3)` with no value, which takes some options back.
    pub(crate) fn set_none(&self, option: c_int) -> Result<(), Errno> {
        // SAFETY: the socket is live while `self` is; nothing is read of a value of no bytes.
        match unsafe { zmq_sys::zmq_setsockopt(self.as_ptr(), option, std::ptr::null(), 0) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_setsockopt(3)` of an integer option; `V` is the C type the option is read as.
    pub(crate) fn set<V: OptionValue>(&self, option: c_int, value: V) -> Result<(), Errno> {
        // SAFETY: as `set_bytes`; `V` is a plain integer, readable for its size.
        match unsafe {
            zmq_sys::zmq_setsockopt(
                self.as_ptr(),
                option,
                (&raw const value).cast(),
                size_of::<V>(),
            )
        } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_getsockopt(3)` of an integer option.
    pub(crate) fn get<V: OptionValue>(&self, option: c_int) -> Result<V, Errno> {
        let mut value = V::default();
        let mut length = size_of::<V>();
        // SAFETY: the socket is live while `self` is and no other thread has it (reading EVENTS
        // processes commands); `value` is writable for `length` bytes, and libzmq writes no more.
        match unsafe {
            zmq_sys::zmq_getsockopt(
                self.as_ptr(),
                option,
                (&raw mut value).cast(),
                &raw mut length,
            )
        } {
            -1 => Err(Errno::last()),
            _ => Ok(value),
        }
    }

    /// `zmq_getsockopt(3)` into a buffer; gives the length that libzmq says.
    pub(crate) fn get_bytes(&self, option: c_int, buffer: &mut [u8]) -> Result<usize, Errno> {
        let mut length = buffer.len();
        // SAFETY: the socket is live while `self` is; `buffer` is writable for `length` bytes,
        // and libzmq answers EINVAL rather than write more.
        match unsafe {
            zmq_sys::zmq_getsockopt(
                self.as_ptr(),
                option,
                buffer.as_mut_ptr().cast(),
                &raw mut length,
            )
        } {
            -1 => Err(Errno::last()),
            _ => Ok(length.min(buffer.len())),
        }
    }
}

impl Drop for RawSocket {
    fn drop(&mut self) {
        if self.is_inherited() {
            // The parent's socket: closing it here would talk to threads that do not exist.
            return;
        }
        if let Some(monitor) = self.monitor.get() {
            monitor.stop();
        }
        if !self.owned {
            return;
        }
        // SAFETY: the socket is live, and this owner is the last to use it. zmq_close(3) never
        // blocks: the reaper thread finishes the work. Its one error, ENOTSOCK, cannot occur.
        let _ = unsafe { zmq_sys::zmq_close(self.as_ptr()) };
    }
}

/// What a socket and its monitor share: whichever goes first stops the events, while the socket is
/// still live and the reader of the events still open.
#[derive(Debug)]
pub(crate) struct MonitorGate {
    /// The socket while it is open and monitored.
    monitored: Mutex<Option<Monitored>>,
    generation: u32,
}

#[derive(Debug)]
struct Monitored(NonNull<c_void>);

// SAFETY: the pointer is used for one call only, to stop the monitor, and that locks in libzmq the
// mutex that starting, telling events and the end of the context lock, too (`_monitor_sync` in
// socket_base.cpp). What it reads besides, the mark of a live socket, is written by `zmq_close`
// alone, which the gate keeps out.
unsafe impl Send for Monitored {}

impl MonitorGate {
    /// `zmq_socket_monitor(3)` without an endpoint: ends the events, once, on whatever thread.
    pub(crate) fn stop(&self) {
        // In a forked child the lock may be held by a thread that is not there.
        if self.generation != super::fork::generation() {
            return;
        }
        let mut monitored = self.lock();
        if let Some(Monitored(socket)) = monitored.take() {
            // SAFETY: the socket is live: before `RawSocket` closes it, its drop calls this very
            // function, which takes the pointer out, and the lock is held over the call. Another
            // thread may be using the socket: see `Monitored`. The one error, ETERM, comes after
            // libzmq has stopped by itself.
            let _ = unsafe { zmq_sys::zmq_socket_monitor(socket.as_ptr(), std::ptr::null(), 0) };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Monitored>> {
        self.monitored
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The C types in which libzmq reads and writes integer options.
pub(crate) trait OptionValue: Copy + Default {}
impl OptionValue for c_int {}
impl OptionValue for i64 {}
impl OptionValue for u64 {}
