//! Waiting for several sockets and file descriptors at once.

use std::fmt;
use std::time::Duration;

use libc::{c_long, c_short};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::poll::{RawItem, poll as raw_poll};
use crate::socket::{CanReceive, CanSend, Core, Socket, SocketType};

const CALL: &str = "zmq_poll";
const IN: c_short = zmq_sys::ZMQ_POLLIN as c_short;
const OUT: c_short = zmq_sys::ZMQ_POLLOUT as c_short;
const ERR: c_short = zmq_sys::ZMQ_POLLERR as c_short;
const PRI: c_short = zmq_sys::ZMQ_POLLPRI as c_short;

/// Waits until one of the items is ready, or the timeout is over (`zmq_poll(3)`).
///
/// The items are an array, whose events come as an array to be taken apart by a pattern, or a
/// vector or slice, whose events come as a vector. The events are in the order of the items and
/// borrow nothing; when the time ran out none is set. `None` waits without end. A timeout is
/// rounded up to whole milliseconds.
///
/// # Errors
/// [`Interrupted`](ErrorKind::Interrupted) by a signal, [`Terminated`](ErrorKind::Terminated) when
/// the context of a socket ends, [`InvalidInput`](ErrorKind::InvalidInput) for no items and no
/// timeout, or more items than file descriptors are allowed, [`Forked`](ErrorKind::Forked).
///
/// ```
/// use std::time::Duration;
///
/// let context = zmq::Context::new()?;
/// let (tasks, updates) = (context.socket(zmq::PULL)?, context.socket(zmq::SUB)?);
/// # tasks.bind("inproc://tasks")?;
/// # let sender = context.socket(zmq::PUSH)?;
/// # sender.connect("inproc://tasks")?;
/// # sender.send("task")?;
/// let [task, update] =
///     zmq::poll([tasks.poll_in(), updates.poll_in()], Some(Duration::from_secs(1)))?;
/// if task.is_readable() {
///     println!("{}", tasks.recv()?);
/// }
/// if update.is_readable() {
///     println!("{}", updates.recv()?);
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_poll")]
pub fn poll<I: PollItems>(items: I, timeout: Option<Duration>) -> Result<I::Events> {
    items.poll(timeout)
}

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
    core: Option<&'a Core>,
    wanted: c_short,
}

impl<'a> PollItem<'a> {
    fn socket(core: &'a Core, wanted: c_short) -> PollItem<'a> {
        PollItem {
            raw: RawItem::socket(core.raw(), wanted),
            core: Some(core),
            wanted,
        }
    }

    /// What C has in hand.
    pub(crate) fn foreign(raw: RawItem<'a>) -> PollItem<'a> {
        PollItem {
            raw,
            core: None,
            wanted: raw.wanted(),
        }
    }

    /// What `zmq_poll` gets.
    pub(crate) fn as_raw_item(&self) -> RawItem<'a> {
        self.raw.wanting(self.wanted)
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

    /// The same item if `condition` holds, and otherwise one that never becomes ready: for loops
    /// in which C changes the number of items.
    #[must_use]
    pub fn when(mut self, condition: bool) -> PollItem<'a> {
        if !condition {
            self.wanted = 0;
        }
        self
    }

    /// A descriptor that is switched off: the system would report its errors all the same. A socket
    /// stays, since it ends the wait when its context ends.
    fn is_left_out(&self) -> bool {
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

/// What an item is ready for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PollEvents(c_short);

impl PollEvents {
    /// A message, or bytes, can be received (`ZMQ_POLLIN`).
    pub const READABLE: PollEvents = PollEvents(IN);
    /// There is room to send (`ZMQ_POLLOUT`).
    pub const WRITABLE: PollEvents = PollEvents(OUT);
    /// The file descriptor has an error (`ZMQ_POLLERR`).
    #[doc(alias = "ZMQ_POLLERR")]
    pub const ERROR: PollEvents = PollEvents(ERR);
    /// The file descriptor has urgent data (`ZMQ_POLLPRI`).
    #[doc(alias = "ZMQ_POLLPRI")]
    pub const PRIORITY: PollEvents = PollEvents(PRI);

    /// The bits of `zmq_pollitem_t`'s `events` and `revents`.
    pub fn to_raw(self) -> c_short {
        self.0
    }

    /// What the bits of `zmq_pollitem_t`'s `events` or `revents` say; others are left out.
    pub fn from_raw(bits: c_short) -> PollEvents {
        PollEvents(bits & (IN | OUT | ERR | PRI))
    }

    pub(crate) fn or_readable(self, readable: bool) -> PollEvents {
        if readable {
            self | PollEvents::READABLE
        } else {
            self
        }
    }

    /// Whether a message, or bytes, can be received.
    pub fn is_readable(self) -> bool {
        self.0 & IN != 0
    }

    /// Whether there is room to send.
    pub fn is_writable(self) -> bool {
        self.0 & OUT != 0
    }

    /// Whether the file descriptor has an error.
    pub fn is_error(self) -> bool {
        self.0 & ERR != 0
    }

    /// Whether the file descriptor has urgent data.
    pub fn is_priority(self) -> bool {
        self.0 & PRI != 0
    }

    /// Whether nothing happened.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for PollEvents {
    type Output = PollEvents;

    fn bitor(self, other: PollEvents) -> PollEvents {
        PollEvents(self.0 | other.0)
    }
}

impl fmt::Debug for PollEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = f.debug_set();
        for (bit, name) in [
            (IN, "READABLE"),
            (OUT, "WRITABLE"),
            (ERR, "ERROR"),
            (PRI, "PRIORITY"),
        ] {
            if self.0 & bit != 0 {
                set.entry(&format_args!("{name}"));
            }
        }
        set.finish()
    }
}

mod sealed {
    pub trait Sealed {}
}

/// The items of [`poll`]: an array, a vector or a slice of [`PollItem`]s. Sealed.
pub trait PollItems: sealed::Sealed {
    /// An array or a vector of [`PollEvents`].
    type Events;

    #[doc(hidden)]
    fn poll(self, timeout: Option<Duration>) -> Result<Self::Events>;
}

impl<const N: usize> sealed::Sealed for [PollItem<'_>; N] {}
impl<const N: usize> PollItems for [PollItem<'_>; N] {
    type Events = [PollEvents; N];

    fn poll(self, timeout: Option<Duration>) -> Result<[PollEvents; N]> {
        let mut raw = self.map(|item| item.raw);
        let mut events = [PollEvents::default(); N];
        wait(&self, &mut raw, &mut events, timeout)?;
        Ok(events)
    }
}

impl sealed::Sealed for &[PollItem<'_>] {}
impl PollItems for &[PollItem<'_>] {
    type Events = Vec<PollEvents>;

    fn poll(self, timeout: Option<Duration>) -> Result<Vec<PollEvents>> {
        let mut raw: Vec<_> = self.iter().map(|item| item.raw).collect();
        let mut events = vec![PollEvents::default(); self.len()];
        wait(self, &mut raw, &mut events, timeout)?;
        Ok(events)
    }
}

impl sealed::Sealed for &Vec<PollItem<'_>> {}
impl PollItems for &Vec<PollItem<'_>> {
    type Events = Vec<PollEvents>;

    fn poll(self, timeout: Option<Duration>) -> Result<Vec<PollEvents>> {
        self.as_slice().poll(timeout)
    }
}

impl sealed::Sealed for Vec<PollItem<'_>> {}
impl PollItems for Vec<PollItem<'_>> {
    type Events = Vec<PollEvents>;

    fn poll(self, timeout: Option<Duration>) -> Result<Vec<PollEvents>> {
        self.as_slice().poll(timeout)
    }
}

/// Polls the items, for which `raw` has room, and fills in the events of all.
fn wait<'a>(
    items: &[PollItem<'a>],
    raw: &mut [RawItem<'a>],
    events: &mut [PollEvents],
    timeout: Option<Duration>,
) -> Result<()> {
    let mut count = 0;
    let mut ready_now = false;
    for item in items {
        if item.is_left_out() {
            continue;
        }
        raw[count] = item.as_raw_item();
        if let Some(core) = item.core {
            core.check_fork(CALL)?;
            // Polling is a use of the socket: a message left half read is not what it waits for.
            core.drain_half_read();
            let mut wanted = item.wanted;
            if wanted & IN != 0 {
                ready_now |= core.is_readable_now();
                if core.awaits_reply_strictly() {
                    wanted |= OUT;
                }
            }
            raw[count] = item.raw.wanting(wanted);
        }
        count += 1;
    }
    if count == 0 && timeout.is_none() {
        return Err(Error::own(CALL, ErrorKind::InvalidInput)
            .on("0 items, no timeout")
            .because("it would wait for ever"));
    }
    let raw = &mut raw[..count];
    let timeout = if ready_now { 0 } else { millis(timeout) };
    raw_poll(raw, timeout)
        .map_err(|errno| Error::from_errno(CALL, errno).on(format_args!("{count} items")))?;
    let mut polled = raw.iter();
    for (item, events) in items.iter().zip(events) {
        if item.is_left_out() {
            continue;
        }
        let mut ready = polled
            .next()
            .map_or(PollEvents(0), |raw| PollEvents(raw.ready()));
        if let Some(core) = item.core.filter(|_| item.wanted & IN != 0) {
            // A REQ that could send instead of receiving has lost its request: receiving says so.
            let lost = ready.is_writable() && core.awaits_reply_strictly();
            ready = ready.or_readable(lost || core.is_readable_now());
        }
        *events = if item.wanted == 0 {
            PollEvents::default()
        } else {
            PollEvents(ready.0 & (item.wanted | ERR))
        };
    }
    Ok(())
}

/// libzmq's form of a timeout: no shorter than asked for, and the longest where it is too long.
fn millis(timeout: Option<Duration>) -> c_long {
    timeout.map_or(-1, |time| {
        c_long::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(c_long::MAX)
    })
}
