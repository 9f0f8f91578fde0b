//! The descriptor by which libzmq tells that a socket is to be looked at: `ZMQ_FD`, or that of a poller
//! (`zmq_poller_fd`) for the types that threads share.
//!
//! Whoever reads it hides messages, and whoever writes to it aborts the process, so it never leaves
//! this crate but for an event loop, which watches it and does neither.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use libc::c_int;

#[cfg(feature = "draft")]
use super::poller::Poller;
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

/// Whose descriptor it is.
enum Source {
    Socket,
    #[cfg(feature = "draft")]
    Poller(Poller),
}

impl Source {
    fn of<T: SocketType>(socket: &Socket<T>) -> Result<(Source, Descriptor)> {
        #[cfg(feature = "draft")]
        if socket.kind().is_thread_safe() {
            socket.core().check_fork("zmq_poller_add")?;
            // SAFETY: the type is one that threads share; `Watched` has the poller, and drops it before
            // the socket, and so does `Watched::new` when that comes to nothing.
            let poller = unsafe { Poller::new(socket.core().raw()) }
                .map_err(|(call, errno)| Error::from_errno(call, errno).on(socket.kind()))?;
            let descriptor = Descriptor(poller.descriptor());
            return Ok((Source::Poller(poller), descriptor));
        }
        match socket.core().raw().get::<c_int>(zmq_sys::ZMQ_FD) {
            Ok(descriptor) => Ok((Source::Socket, Descriptor(descriptor))),
            Err(errno) => Err(Error::from_errno("zmq_getsockopt", errno).on("ZMQ_FD")),
        }
    }
}

/// A socket and its place in an event loop.
pub(crate) struct Watched<W, T: SocketType> {
    // The order of the fields is the order of their drop: the event loop lets go of the descriptor
    // before it is closed, and somebody else has its number; a poller lets go of the socket before
    // that is closed.
    watch: W,
    source: Source,
    held: Held<T>,
}

impl<W: Watch, T: SocketType> Watched<W, T> {
    /// Puts the socket into the event loop; if that fails it comes back.
    pub(crate) fn new(socket: Socket<T>) -> Result<Watched<W, T>, (Error, Socket<T>)> {
        let (source, descriptor) = match Source::of(&socket) {
            Ok(source) => source,
            Err(error) => return Err((error, socket)),
        };
        match W::register(descriptor) {
            Ok(watch) => Ok(Watched {
                watch,
                source,
                held: Held::new(socket),
            }),
            // The poller goes here, while the socket is open.
            Err(error) => Err((error, socket)),
        }
    }
}

impl<W, T: SocketType> Watched<W, T> {
    /// The socket, for what takes in no commands.
    #[inline]
    pub(crate) fn socket(&self) -> &Socket<T> {
        self.held.socket()
    }

    /// The socket, for a send or a receive.
    #[inline]
    pub(crate) fn socket_to_try(&mut self) -> &Socket<T> {
        #[cfg(feature = "draft")]
        if let Source::Poller(poller) = &mut self.source {
            poller.call();
        }
        self.held.socket()
    }

    /// The socket, for whatever is done with it. No edge tells of it before the events are asked for.
    pub(crate) fn socket_to_use(&mut self) -> &Socket<T> {
        self.ignore();
        self.held.socket()
    }

    pub(crate) fn socket_mut(&mut self) -> &mut Socket<T> {
        self.ignore();
        self.held.socket_mut()
    }

    /// The socket, to be asked for its events. Whatever comes after that makes an edge.
    pub(crate) fn socket_to_ask(&mut self) -> Result<&Socket<T>> {
        #[cfg(feature = "draft")]
        if let Source::Poller(poller) = &mut self.source {
            let listens = poller.listen();
            listens.map_err(|errno| Error::from_errno("zmq_poller_add", errno))?;
        }
        Ok(self.held.socket())
    }

    /// Whether the descriptor is the socket's own and not a poller's.
    #[inline]
    pub(crate) fn is_its_own(&self) -> bool {
        matches!(self.source, Source::Socket)
    }

    pub(crate) fn watch(&self) -> &W {
        &self.watch
    }

    /// Takes the socket out of the event loop.
    pub(crate) fn into_socket(self) -> Socket<T> {
        let Watched {
            watch,
            source: _poller,
            held,
        } = self;
        drop(watch);
        held.into_socket() // open when the poller goes, which is last
    }

    fn ignore(&mut self) {
        #[cfg(feature = "draft")]
        if let Source::Poller(poller) = &mut self.source {
            poller.ignore();
        }
    }
}
