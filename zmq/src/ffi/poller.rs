//! `zmq_poller_fd`: a descriptor for the types that threads share, which have none of their own.
//!
//! A command to such a socket signals the pollers that have it if the socket is asleep: the last call
//! that took in its commands found no more of them (`mailbox_safe_t`). Nobody takes a signal away but
//! whoever reads the descriptor. Where there is no eventfd, signals are bytes in a pair of sockets: some
//! hundred of them fill it, and the next aborts the process (`signaler_t::send`). So:
//!
//! 1. [`listen`](Poller::listen) reads all signals, and whoever called it asks for the events next, which
//!    puts the socket to sleep: whatever comes from then on makes an edge.
//! 2. In between few calls take in commands, each of which can bring a signal: after [`MOST`] of them, and
//!    before any number of them, the poller lets go of the socket until somebody listens again.

use std::ffi::c_void;
use std::os::fd::RawFd;
use std::ptr::NonNull;

use super::Errno;
use super::socket::RawSocket;

/// How many calls take in commands before the signals are read: well below what fills a pair of
/// sockets, also where one call brings several.
const MOST: u8 = 32;

/// The poller of one socket.
#[derive(Debug)]
pub(super) struct Poller {
    poller: NonNull<c_void>,
    socket: NonNull<c_void>,
    descriptor: RawFd,
    generation: u32,
    /// Whether the poller has the socket, which signals it then.
    listens: bool,
    /// The calls that took in commands since the signals were read.
    calls: u8,
}

// SAFETY: a poller is bound to no thread: all that libzmq keeps of it is a list and a descriptor
// (socket_poller.cpp), and here it is changed by whoever has it to himself. The socket is one that
// libzmq locks in every call, those of a poller among them.
unsafe impl Send for Poller {}

impl Poller {
    /// A poller that has the socket. Errors tell the call.
    ///
    /// # Safety
    /// The socket is of a type that threads share, and stays open until the poller has gone: libzmq
    /// keeps a pointer each way.
    pub(super) unsafe fn new(socket: &RawSocket) -> Result<Poller, (&'static str, Errno)> {
        // SAFETY: no precondition.
        let poller = NonNull::new(unsafe { zmq_sys::zmq_poller_new() })
            .ok_or_else(|| ("zmq_poller_new", Errno::last()))?;
        let mut poller = Poller {
            poller,
            socket: NonNull::new(socket.as_ptr()).expect("a socket's pointer is not null"),
            descriptor: -1,
            generation: super::fork::generation(),
            listens: false,
            calls: 0,
        };
        if let Err(errno) = poller.add() {
            if errno == Errno(libc::ENOMEM) {
                // The socket may have the signaler, and the poller does not know.
                std::mem::forget(poller);
            }
            return Err(("zmq_poller_add", errno));
        }
        // SAFETY: the poller is live, and the descriptor writable. It is that of the signaler, which the
        // poller keeps from the first socket that it was given to its own end.
        match unsafe { zmq_sys::zmq_poller_fd(poller.poller.as_ptr(), &raw mut poller.descriptor) }
        {
            -1 => Err(("zmq_poller_fd", Errno::last())),
            _ => Ok(poller),
        }
    }

    /// What becomes readable when there is something to be taken in. Open while the poller is.
    pub(super) fn descriptor(&self) -> RawFd {
        self.descriptor
    }

    /// Has signals come again, from the moment in which the socket is next asked for its events, and
    /// takes away those that have come (`zmq_poller_add`).
    pub(super) fn listen(&mut self) -> Result<(), Errno> {
        if self.is_inherited() {
            return Ok(()); // as the socket is going to say
        }
        if !self.listens {
            self.add()?;
        }
        self.calls = 0;
        self.drain();
        Ok(())
    }

    /// Says that a call is going to take in commands, at most once.
    #[inline]
    pub(super) fn call(&mut self) {
        self.calls = self.calls.saturating_add(1);
        if self.calls > MOST {
            self.ignore();
        }
    }

    /// Has no more signals come (`zmq_poller_remove`).
    pub(super) fn ignore(&mut self) {
        if !self.listens || self.is_inherited() {
            return;
        }
        // SAFETY: the poller is live, and so is the socket, as `new` asks for.
        let removed =
            unsafe { zmq_sys::zmq_poller_remove(self.poller.as_ptr(), self.socket.as_ptr()) };
        debug_assert_eq!(removed, 0, "the poller has the socket");
        self.listens = false;
    }

    fn add(&mut self) -> Result<(), Errno> {
        // SAFETY: the poller is live, and so is the socket, as `new` asks for. The events are of no
        // concern, since nobody waits with this poller.
        let added = unsafe {
            zmq_sys::zmq_poller_add(
                self.poller.as_ptr(),
                self.socket.as_ptr(),
                std::ptr::null_mut(),
                0,
            )
        };
        match added {
            -1 => Err(Errno::last()),
            _ => {
                self.listens = true;
                Ok(())
            }
        }
    }

    /// Reads all signals: bytes, or one number of eight. `zmq_poller_wait` would read one of them.
    fn drain(&self) {
        let mut signals = [0_u8; 512];
        loop {
            // SAFETY: the descriptor is open while the poller is, and nobody else reads it; the buffer
            // is writable for its length. libzmq has made the descriptor non-blocking.
            let read =
                unsafe { libc::read(self.descriptor, signals.as_mut_ptr().cast(), signals.len()) };
            // Less than there is room for, or an error: there are none.
            if read < signals.len() as isize {
                return;
            }
        }
    }

    /// Whether this process is a child that inherited the poller over `fork`.
    fn is_inherited(&self) -> bool {
        self.generation != super::fork::generation()
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        if self.is_inherited() {
            // The socket's lock may be held by a thread that is not there.
            return;
        }
        let mut poller = self.poller.as_ptr();
        // SAFETY: the poller is live, this owner is the last to use it, and the socket, which it is taken
        // away from, is open. The one error, of what is no poller, cannot occur.
        let _ = unsafe { zmq_sys::zmq_poller_destroy(&raw mut poller) };
    }
}
