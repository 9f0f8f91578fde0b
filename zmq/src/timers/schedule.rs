//! When each timer is due: the mechanism of `Timers` and of `Reactor`, without a clock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// Tells a timer from all others of the process, also from those that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId {
    schedule: usize,
    serial: u64,
}

impl fmt::Display for TimerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timer {}", self.serial)
    }
}

pub(crate) struct Schedule<F> {
    serial: usize,
    next: u64,
    entries: BTreeMap<TimerId, Entry<F>>,
    /// The timers that are going to be due, the first one first, in the order they were set.
    queue: BTreeSet<(Instant, u64, TimerId)>,
}

struct Entry<F> {
    interval: Duration,
    repeats: bool,
    /// Its place in the queue; `None` when it is too far off for the clock, or has fired for good.
    due: Option<(Instant, u64)>,
    /// Taken out while it runs.
    callback: Option<F>,
}

impl<F> Schedule<F> {
    pub(crate) fn new() -> Schedule<F> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Schedule {
            serial: COUNT.fetch_add(1, Ordering::Relaxed),
            next: 0,
            entries: BTreeMap::new(),
            queue: BTreeSet::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn add(
        &mut self,
        now: Instant,
        interval: Duration,
        repeats: bool,
        callback: F,
    ) -> Result<TimerId> {
        check("zmq_timers_add", interval)?;
        let id = TimerId {
            schedule: self.serial,
            serial: self.count(),
        };
        let entry = Entry {
            interval,
            repeats,
            due: None,
            callback: Some(callback),
        };
        self.entries.insert(id, entry);
        self.set(id, now.checked_add(interval));
        Ok(id)
    }

    /// Takes the timer away; what it called comes back unless it is running.
    pub(crate) fn cancel(&mut self, id: TimerId) -> Option<Option<F>> {
        let entry = self.entries.remove(&id)?;
        if let Some((at, order)) = entry.due {
            self.queue.remove(&(at, order, id));
        }
        Some(entry.callback)
    }

    pub(crate) fn reset(&mut self, now: Instant, id: TimerId) -> Result<()> {
        let interval = self.entry("zmq_timers_reset", id)?.interval;
        self.set(id, now.checked_add(interval));
        Ok(())
    }

    pub(crate) fn set_interval(
        &mut self,
        now: Instant,
        id: TimerId,
        interval: Duration,
    ) -> Result<()> {
        const CALL: &str = "zmq_timers_set_interval";
        check(CALL, interval)?;
        self.entry(CALL, id)?.interval = interval;
        self.set(id, now.checked_add(interval));
        Ok(())
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|&(at, ..)| at)
    }

    /// The timer that is due first, if one is by `now` and does not run already. It must be given
    /// back by `ran`, or be cancelled.
    pub(crate) fn start_due(&mut self, now: Instant) -> Option<(TimerId, F)> {
        let mut due = self.queue.iter().take_while(|&&(at, ..)| at <= now);
        let &(at, _, id) = due.find(|(_, _, id)| {
            self.entries
                .get(id)
                .is_some_and(|entry| entry.callback.is_some())
        })?;
        let entry = self.entries.get_mut(&id)?;
        let callback = entry.callback.take()?;
        let next = if entry.repeats {
            next_after(now, at, entry.interval)
        } else {
            None
        };
        self.set(id, next);
        Some((id, callback))
    }

    /// Gives back what was called. One that fires once is gone, unless it was set again meanwhile.
    pub(crate) fn ran(&mut self, id: TimerId, callback: F) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return; // cancelled by itself
        };
        entry.callback = Some(callback);
        if !entry.repeats && entry.due.is_none() {
            self.entries.remove(&id);
        }
    }

    fn entry(&mut self, call: &'static str, id: TimerId) -> Result<&mut Entry<F>> {
        self.entries.get_mut(&id).ok_or_else(|| {
            Error::own(call, ErrorKind::InvalidInput)
                .on(id)
                .because("it was cancelled, or has fired for good, or is of others")
        })
    }

    fn set(&mut self, id: TimerId, due: Option<Instant>) {
        let order = self.count();
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let due = due.map(|at| (at, order));
        if let Some((at, order)) = std::mem::replace(&mut entry.due, due) {
            self.queue.remove(&(at, order, id));
        }
        if let Some((at, order)) = due {
            self.queue.insert((at, order, id));
        }
    }

    fn count(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

fn check(call: &'static str, interval: Duration) -> Result<()> {
    if interval.is_zero() {
        return Err(Error::own(call, ErrorKind::InvalidInput)
            .on("interval 0")
            .because("it would fire without end"));
    }
    Ok(())
}

/// The first time after `now` that is whole intervals after `due`.
fn next_after(now: Instant, due: Instant, interval: Duration) -> Option<Instant> {
    const BILLION: u128 = 1_000_000_000;
    let late = now.saturating_duration_since(due).as_nanos() % interval.as_nanos();
    let left = interval.as_nanos() - late;
    // No more than `interval`, so that the seconds fit.
    let seconds = u64::try_from(left / BILLION).unwrap_or(u64::MAX);
    now.checked_add(Duration::new(seconds, (left % BILLION) as u32))
}
