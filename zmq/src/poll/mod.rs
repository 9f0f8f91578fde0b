//! Waiting for several sockets and file descriptors at once.

mod events;
mod item;
mod wait;

use std::time::Duration;

pub use events::PollEvents;
pub use item::PollItem;

pub(crate) use wait::{has_twins, wait};

use crate::error::Result;

/// Waits until one of the items is ready, or the timeout is over (`zmq_poll(3)`).
///
/// The items are an array, whose events come as an array to be taken apart by a pattern, or a
/// vector or slice, whose events come as a vector. The events are in the order of the items and
/// borrow nothing; when the time ran out none is set. `None` waits without end. A timeout is
/// rounded up to whole milliseconds; libzmq's clock may end it up to two of them early when what it
/// watches woke it in between for nothing.
///
/// # Errors
/// [`Interrupted`](crate::ErrorKind::Interrupted) by a signal, [`Terminated`](crate::ErrorKind::Terminated) when
/// the context of a socket ends, [`InvalidInput`](crate::ErrorKind::InvalidInput) for no items and no
/// timeout, or more items than file descriptors are allowed, [`Forked`](crate::ErrorKind::Forked).
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
        let mut raw = self.map(|item| item.raw());
        let mut events = [PollEvents::default(); N];
        let twins = has_twins(&self);
        wait(&self, &mut raw, twins, timeout, |i, ready| {
            events[i] = ready
        })?;
        Ok(events)
    }
}

impl sealed::Sealed for &[PollItem<'_>] {}
impl PollItems for &[PollItem<'_>] {
    type Events = Vec<PollEvents>;

    fn poll(self, timeout: Option<Duration>) -> Result<Vec<PollEvents>> {
        let mut raw: Vec<_> = self.iter().map(|item| item.raw()).collect();
        let mut events = vec![PollEvents::default(); self.len()];
        let twins = has_twins(self);
        wait(self, &mut raw, twins, timeout, |i, ready| events[i] = ready)?;
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

/// Polls the first `count` items. The events of the others are empty.
pub(crate) fn poll_first<const N: usize>(
    items: &[PollItem<'_>; N],
    count: usize,
    timeout: Option<Duration>,
) -> Result<[PollEvents; N]> {
    let mut raw = items.map(|item| item.raw());
    let mut events = [PollEvents::default(); N];
    let first = &mut raw[..count];
    let twins = has_twins(&items[..count]);
    wait(&items[..count], first, twins, timeout, |index, ready| {
        events[index] = ready
    })?;
    Ok(events)
}
