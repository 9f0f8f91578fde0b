//! The descriptor by which libzmq tells that a socket is to be looked at (`ZMQ_FD`).
//!
//! Whoever reads it hides messages, and whoever writes to it aborts the process, so it never leaves
//! this crate but for an event loop, which watches it and does neither.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use libc::c_int;

use crate::asynchronous::{Held, Watch};
use crate::error::{Error, Result};
use crate::socket::{Socket, SocketType};

/// A socket's descriptor, which has no name outside this crate; only [`Watched`] makes one, and gives it to an event loop alone.
#[derive(Debug)]
pub struct Descriptor(RawFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open while its socket is. `Watched` gives it to the event loop's
        // registration, which owns it, and drops that before the socket.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

/// A socket and its place in an event loop.
pub(crate) struct Watched<W, T: SocketType> {
    // The order of the fields is the order of their drop: the event loop lets go of the descriptor
    // before the socket closes it, and somebody else has its number.
    watch: W,
    held: Held<T>,
}

impl<W: Watch, T: SocketType> Watched<W, T> {
    /// Puts the socket into the event loop; if that fails it comes back.
    pub(crate) fn new(socket: Socket<T>) -> Result<Watched<W, T>, (Error, Socket<T>)> {
        let descriptor = match socket.core().raw().get::<c_int>(zmq_sys::ZMQ_FD) {
            Ok(descriptor) => Descriptor(descriptor),
            Err(errno) => {
                let error = Error::from_errno("zmq_getsockopt", errno).on("ZMQ_FD");
                return Err((error, socket));
            }
        };
        match W::register(descriptor) {
            Ok(watch) => Ok(Watched {
                watch,
                held: Held::new(socket),
            }),
            Err(error) => Err((error, socket)),
        }
    }
}

impl<W, T: SocketType> Watched<W, T> {
    #[inline]
    pub(crate) fn socket(&self) -> &Socket<T> {
        self.held.socket()
    }

    pub(crate) fn socket_mut(&mut self) -> &mut Socket<T> {
        self.held.socket_mut()
    }

    pub(crate) fn watch(&self) -> &W {
        &self.watch
    }

    /// Takes the socket out of the event loop.
    pub(crate) fn into_socket(self) -> Socket<T> {
        drop(self.watch);
        self.held.into_socket()
    }
}
