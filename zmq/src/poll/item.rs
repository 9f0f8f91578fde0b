//! What is waited for.

use std::fmt;

use libc::c_short;

use super::events::{IN, OUT, PollEvents};
use crate::ffi::poll::RawItem;
use crate::socket::{CanReceive, CanSend, Core, Socket, SocketType};

/// A socket or file descriptor, and what to wait for.
///
/// It borrows what it watches: a socket cannot be dropped or moved while an item of it is in use.
///
/// ```compile_fail,E0505
/// # let context = zmq::Context::new()?;
/// let socket = context.socket(zmq::PULL)?;
/// let item = socket.poll_in();
/// drop(socket);
/// zmq::poll([item], None)?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct PollItem<'a> {
    raw: RawItem<'a>,
    pub(super) core: Option<&'a Core>,
    pub(super) wanted: c_short,
}

impl<'a> PollItem<'a> {
    fn socket(core: &'a Core, wanted: c_short) -> PollItem<'a> {
        PollItem {
            raw: RawItem::socket(core.raw(), wanted),
            core: Some(core),
            wanted,
        }
    }

    /// A socket of whatever type. One that is watched for errors only is never ready, and still ends
    /// the wait when its context ends.
    pub(crate) fn of_core(core: &'a Core, wanted: PollEvents) -> PollItem<'a> {
        PollItem::socket(core, wanted.0)
    }

    /// What C has in hand.
    pub(crate) fn foreign(raw: RawItem<'a>) -> PollItem<'a> {
        PollItem {
            raw,
            core: None,
            wanted: raw.wanted(),
        }
    }

    /// The same for C, with what is wanted of it now.
    pub(crate) fn as_raw_item(&self) -> RawItem<'a> {
        let mut raw = self.raw;
        raw.want(self.wanted);
        raw
    }

    /// Watches a file descriptor for the given events; `From` watches it for reading.
    #[cfg(unix)]
    pub fn of_fd(fd: std::os::fd::BorrowedFd<'a>, wanted: PollEvents) -> PollItem<'a> {
        PollItem {
            raw: RawItem::fd(fd, wanted.0),
            core: None,
            wanted: wanted.0,
        }
    }

    /// Watches a system socket for the given events; `From` watches it for reading.
    #[cfg(windows)]
    pub fn of_fd(fd: std::os::windows::io::BorrowedSocket<'a>, wanted: PollEvents) -> PollItem<'a> {
        PollItem {
            raw: RawItem::fd(fd, wanted.0),
            core: None,
            wanted: wanted.0,
        }
    }

    #[inline]
    pub(crate) fn raw(&self) -> RawItem<'a> {
        self.raw
    }

    /// The same item if `condition` holds, and otherwise one that never becomes ready: for loops
    /// in which C changes the number of items.
    #[must_use]
    pub fn when(mut self, condition: bool) -> PollItem<'a> {
        if !condition {
            self.wanted = 0;
        }
        self
    }

    pub(super) fn is_socket(&self) -> bool {
        self.raw.is_socket()
    }

    /// Whether libzmq's answer to the raw item is the whole answer.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        let is_plain = |core: &Core| core.is_clear() && !core.awaits_reply_strictly();
        self.wanted != 0 && self.core.is_none_or(is_plain)
    }

    /// A descriptor that is switched off: the system would report its errors all the same. A socket
    /// stays, since it ends the wait when its context ends.
    pub(super) fn is_left_out(&self) -> bool {
        self.wanted == 0 && !self.raw.is_socket()
    }
}

#[cfg(unix)]
impl<'a> From<std::os::fd::BorrowedFd<'a>> for PollItem<'a> {
    fn from(fd: std::os::fd::BorrowedFd<'a>) -> PollItem<'a> {
        PollItem::of_fd(fd, PollEvents::READABLE)
    }
}

#[cfg(windows)]
impl<'a> From<std::os::windows::io::BorrowedSocket<'a>> for PollItem<'a> {
    fn from(fd: std::os::windows::io::BorrowedSocket<'a>) -> PollItem<'a> {
        PollItem::of_fd(fd, PollEvents::READABLE)
    }
}

impl fmt::Debug for PollItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollItem")
            .field("wanted", &PollEvents(self.wanted))
            .finish_non_exhaustive()
    }
}

impl<T: SocketType> Socket<T> {
    /// An item that is ready when there is a message to receive (`ZMQ_POLLIN`).
    #[doc(alias = "ZMQ_POLLIN")]
    #[doc(alias = "zmq_pollitem_t")]
    pub fn poll_in(&self) -> PollItem<'_>
    where
        T: CanReceive,
    {
        PollItem::socket(self.core(), IN)
    }

    /// An item that is ready when there is room to send (`ZMQ_POLLOUT`).
    #[doc(alias = "ZMQ_POLLOUT")]
    pub fn poll_out(&self) -> PollItem<'_>
    where
        T: CanSend,
    {
        PollItem::socket(self.core(), OUT)
    }

    /// An item that is ready when there is a message to receive or room to send.
    pub fn poll_in_out(&self) -> PollItem<'_>
    where
        T: CanSend + CanReceive,
    {
        PollItem::socket(self.core(), IN | OUT)
    }
}
