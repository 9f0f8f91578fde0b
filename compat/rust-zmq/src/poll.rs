//! Waiting for several sockets and file descriptors.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use bitflags::bitflags;
use zmq_sys::RawFd;

use crate::error::Result;
use crate::socket::Socket;

bitflags! {
    /// What to wait for, or what has come.
    pub struct PollEvents: i16 {
        /// A message, or bytes, can be received.
        const POLLIN = zmq_sys::ZMQ_POLLIN as i16;
        /// There is room to send.
        const POLLOUT = zmq_sys::ZMQ_POLLOUT as i16;
        /// The file descriptor has an error.
        const POLLERR = zmq_sys::ZMQ_POLLERR as i16;
    }
}

/// A message, or bytes, can be received.
pub const POLLIN: PollEvents = PollEvents::POLLIN;
/// There is room to send.
pub const POLLOUT: PollEvents = PollEvents::POLLOUT;
/// The file descriptor has an error.
pub const POLLERR: PollEvents = PollEvents::POLLERR;

/// A socket or file descriptor, what to wait for, and what has come.
#[derive(Debug)]
pub struct PollItem<'a> {
    source: Source<'a>,
    events: PollEvents,
    revents: PollEvents,
}

#[derive(Debug)]
enum Source<'a> {
    Socket(&'a Socket),
    Fd(RawFd),
}

impl<'a> PollItem<'a> {
    /// An item of a file descriptor.
    pub fn from_fd(fd: RawFd, events: PollEvents) -> PollItem<'a> {
        PollItem {
            source: Source::Fd(fd),
            events,
            revents: PollEvents::empty(),
        }
    }

    /// Waits for other events from now on.
    pub fn set_events(&mut self, events: PollEvents) {
        self.events = events;
    }

    /// What had come when [`poll`] returned.
    pub fn get_revents(&self) -> PollEvents {
        self.revents
    }

    /// Whether something can be received.
    pub fn is_readable(&self) -> bool {
        self.revents.contains(POLLIN)
    }

    /// Whether there is room to send.
    pub fn is_writable(&self) -> bool {
        self.revents.contains(POLLOUT)
    }

    /// Whether the file descriptor has an error.
    pub fn is_error(&self) -> bool {
        self.revents.contains(POLLERR)
    }

    /// Whether it is an item of this socket.
    pub fn has_socket(&self, socket: &Socket) -> bool {
        matches!(self.source, Source::Socket(own) if std::ptr::eq(own, socket))
    }

    /// Whether it is an item of this file descriptor.
    pub fn has_fd(&self, fd: RawFd) -> bool {
        matches!(self.source, Source::Fd(own) if own == fd)
    }

    /// Whether part of a message is here already.
    fn has_parts(&self) -> bool {
        matches!(self.source, Source::Socket(socket) if socket.has_parts())
    }

    /// What the safe crate waits for; nothing for a descriptor that is none, which libzmq passes over.
    fn to_safe(&self) -> Result<Option<safe::PollItem<'_>>> {
        match self.source {
            Source::Socket(socket) => {
                let socket = socket.live()?;
                let (reads, writes) = (self.events.contains(POLLIN), self.events.contains(POLLOUT));
                Ok(Some(match (reads, writes) {
                    (true, true) => socket.poll_in_out(),
                    (false, true) => socket.poll_out(),
                    (reads, false) => socket.poll_in().when(reads),
                }))
            }
            Source::Fd(fd) => {
                let wanted = safe::PollEvents::from_raw(self.events.bits());
                Ok(borrowed(fd).map(|fd| safe::PollItem::of_fd(fd, wanted)))
            }
        }
    }
}

// As rust-zmq's is.
impl UnwindSafe for PollItem<'_> {}
impl RefUnwindSafe for PollItem<'_> {}

#[cfg(unix)]
fn borrowed<'a>(fd: RawFd) -> Option<std::os::fd::BorrowedFd<'a>> {
    // SAFETY: it is not -1. The system is asked about it by its number during one poll, and nothing
    // else: one that was closed, which rust-zmq takes as well, is an error there.
    (fd >= 0).then(|| unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) })
}

#[cfg(windows)]
fn borrowed<'a>(fd: RawFd) -> Option<std::os::windows::io::BorrowedSocket<'a>> {
    let socket = fd as std::os::windows::io::RawSocket;
    // SAFETY: it is not INVALID_SOCKET. The system is asked about it by its number during one poll,
    // and nothing else: one that was closed, which rust-zmq takes as well, is an error there.
    (fd != RawFd::MAX).then(|| unsafe { std::os::windows::io::BorrowedSocket::borrow_raw(socket) })
}

/// Waits until one of the items is ready, and gives the number of those that are. A timeout is in
/// milliseconds; -1 waits without end.
///
/// # Errors
/// `EINTR`, `ETERM`, `EINVAL` for nothing to wait for and no timeout.
pub fn poll(items: &mut [PollItem<'_>], timeout: i64) -> Result<i32> {
    let mut timeout = u64::try_from(timeout).ok().map(Duration::from_millis);
    let has_parts = |item: &PollItem<'_>| item.events.contains(POLLIN) && item.has_parts();
    if items.iter().any(has_parts) {
        timeout = Some(Duration::ZERO);
    }
    let came = {
        let mut waited = Vec::with_capacity(items.len());
        let mut places = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            if let Some(item) = item.to_safe()? {
                waited.push(item);
                places.push(place);
            }
        }
        places
            .into_iter()
            .zip(safe::poll(waited, timeout)?)
            .collect::<Vec<_>>()
    };
    for item in &mut *items {
        item.revents = if has_parts(item) {
            POLLIN
        } else {
            PollEvents::empty()
        };
    }
    for (place, events) in came {
        items[place].revents |= PollEvents::from_bits_truncate(events.to_raw());
    }
    let ready = items.iter().filter(|item| !item.revents.is_empty()).count();
    Ok(i32::try_from(ready).unwrap_or(i32::MAX))
}

impl Socket {
    /// An item of this socket, for [`poll`].
    pub fn as_poll_item(&self, events: PollEvents) -> PollItem<'_> {
        PollItem {
            source: Source::Socket(self),
            events,
            revents: PollEvents::empty(),
        }
    }

    /// Waits for this socket alone, and gives 1 if it is ready.
    ///
    /// # Errors
    /// As [`poll`].
    pub fn poll(&self, events: PollEvents, timeout_ms: i64) -> Result<i32> {
        poll(&mut [self.as_poll_item(events)], timeout_ms)
    }

    /// What the socket could do now without waiting.
    ///
    /// # Errors
    /// `EINTR`, `ETERM`.
    pub fn get_events(&self) -> Result<PollEvents> {
        let events = self.live()?.events()?;
        let mut events = PollEvents::from_bits_truncate(events.to_raw());
        events.set(POLLIN, events.contains(POLLIN) || self.has_parts());
        Ok(events)
    }
}
