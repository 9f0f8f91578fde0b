//! `zmq_poll`.

use std::ffi::c_void;
use std::marker::PhantomData;

use libc::{c_int, c_long, c_short};
use zmq_sys::zmq_pollitem_t;

use super::Errno;
use super::socket::RawSocket;
use crate::poll::PollItem;
use crate::poller::Poller;

/// One item: a socket or a descriptor that stays open for `'a`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct RawItem<'a> {
    item: zmq_pollitem_t,
    _watched: PhantomData<&'a RawSocket>,
}

impl<'a> RawItem<'a> {
    pub(crate) fn socket(socket: &'a RawSocket, events: c_short) -> RawItem<'a> {
        RawItem {
            item: zmq_pollitem_t {
                socket: socket.as_ptr(),
                fd: 0,
                events,
                revents: 0,
            },
            _watched: PhantomData,
        }
    }

    #[cfg(unix)]
    pub(crate) fn fd(fd: std::os::fd::BorrowedFd<'a>, events: c_short) -> RawItem<'a> {
        use std::os::fd::AsRawFd as _;
        RawItem {
            item: zmq_pollitem_t {
                socket: std::ptr::null_mut(),
                fd: fd.as_raw_fd(),
                events,
                revents: 0,
            },
            _watched: PhantomData,
        }
    }

    #[cfg(windows)]
    pub(crate) fn fd(fd: std::os::windows::io::BorrowedSocket<'a>, events: c_short) -> RawItem<'a> {
        use std::os::windows::io::AsRawSocket as _;
        RawItem {
            item: zmq_pollitem_t {
                socket: std::ptr::null_mut(),
                fd: fd.as_raw_socket() as zmq_sys::zmq_fd_t,
                events,
                revents: 0,
            },
            _watched: PhantomData,
        }
    }

    /// What C wants to poll.
    ///
    /// # Safety
    /// The socket, or without one the descriptor, stays open for `'a`; the socket is used by this
    /// thread alone meanwhile.
    pub(super) unsafe fn from_raw(item: zmq_pollitem_t) -> RawItem<'a> {
        RawItem {
            item,
            _watched: PhantomData,
        }
    }

    pub(crate) fn to_raw(self) -> zmq_pollitem_t {
        self.item
    }

    /// Null for a descriptor.
    pub(crate) fn as_socket(&self) -> *mut c_void {
        self.item.socket
    }

    pub(crate) fn is_socket(&self) -> bool {
        !self.item.socket.is_null()
    }

    pub(crate) fn wanted(&self) -> c_short {
        self.item.events
    }

    /// Waits for other events.
    pub(crate) fn want(&mut self, events: c_short) {
        self.item.events = events;
    }

    #[inline]
    pub(crate) fn ready(&self) -> c_short {
        self.item.revents
    }
}

/// `zmq_poll(3)`; `timeout` in milliseconds, -1 waits without end.
pub(crate) fn poll(items: &mut [RawItem<'_>], timeout: c_long) -> Result<c_int, Errno> {
    // More than the system's poll takes makes libzmq abort the process. One socket is no more than
    // libzmq polls itself in every call on it, so asking the system, a third of the cost, is spared.
    let is_one_socket = matches!(items, [one] if !one.item.socket.is_null());
    if !is_one_socket && items.len() > descriptor_limit() {
        return Err(Errno(libc::EINVAL));
    }
    let count = c_int::try_from(items.len()).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: `RawItem` is the C item and a zero-sized marker, so `items` is an array of `count`
    // of them, writable; each socket or descriptor is live while its item is, and no other thread
    // uses it meanwhile, because `RawItem` borrows it and is not `Send`.
    match unsafe { zmq_sys::zmq_poll(items.as_mut_ptr().cast(), count, timeout) } {
        -1 => Err(Errno::last()),
        ready => Ok(ready),
    }
}

/// The most items `poll(2)` accepts now: it refuses more than the soft limit of descriptors.
fn descriptor_limit() -> usize {
    #[cfg(unix)]
    {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: `limit` is writable.
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == 0 {
            return usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX);
        }
        1024
    }
    #[cfg(not(unix))]
    {
        64 // FD_SETSIZE of Windows' select
    }
}

/// What watches sockets could be sent or shared if sockets could be used by two threads at once.
/// Nothing implements it: it is there for its words.
#[diagnostic::on_unimplemented(
    message = "what polls sockets stays on their thread",
    label = "borrows sockets, which are used by one thread at a time only",
    note = "move the sockets to the thread that polls them and make the `Poller` there"
)]
pub trait OnAnyThread {}

// SAFETY: the condition never holds, since nothing implements the trait and it has no name outside
// this crate. So this says only that it is not `Send`, in our words.
unsafe impl<'a> Send for PollItem<'a> where PollItem<'a>: OnAnyThread {}
// SAFETY: as above.
unsafe impl<'a> Sync for PollItem<'a> where PollItem<'a>: OnAnyThread {}
// SAFETY: as above.
unsafe impl<'a, K> Send for Poller<'a, K> where PollItem<'a>: OnAnyThread {}
// SAFETY: as above.
unsafe impl<'a, K> Sync for Poller<'a, K> where PollItem<'a>: OnAnyThread {}
