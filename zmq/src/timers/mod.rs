//! Timers for a loop of one's own.

mod schedule;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

pub(crate) use schedule::Schedule;
pub use schedule::TimerId;

use crate::error::{Error, ErrorKind, Result};
use crate::panics::{drop_quietly, text_of};

type Callback<'a, S> = Box<dyn FnMut(&mut Timers<'a, S>, TimerId, &mut S) + 'a>;

/// Timers that fire when their loop asks them to: the role of `zmq_timers_new(3)`.
///
/// The loop waits no longer than [`timeout`](Timers::timeout) says and then calls
/// [`execute`](Timers::execute), which calls what is due, on this thread. A callback is given the
/// timers, its own id and the state of type `S` that the loop hands to
/// [`execute_with`](Timers::execute_with); it may cancel, reset and re-time any timer, itself
/// included, and add others.
///
/// # When they fire
///
/// Never early, and in the order in which they are due. A repeating timer keeps to its grid: the
/// time it was set plus whole intervals. So it does not drift, and when several of its times were
/// missed it fires **once** for all of them and then at the next time of the grid. (C also fires
/// once, but counts the next interval from then.) What a callback adds or re-times does not fire in
/// the same `execute`. The clock is monotonic.
///
/// ```
/// use std::time::Duration;
/// use zmq::Timers;
///
/// let context = zmq::Context::new()?;
/// let socket = context.socket(zmq::PULL)?;
///
/// let mut beats = 0;
/// let mut timers = Timers::new();
/// timers.add(Duration::from_millis(5), |_, _, beats: &mut u32| *beats += 1)?;
/// while beats < 3 {
///     let [ready] = zmq::poll([socket.poll_in()], timers.timeout())?;
///     if ready.is_readable() {
///         println!("{}", socket.recv()?);
///     }
///     timers.execute_with(&mut beats)?;
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_timers_new")]
#[doc(alias = "zmq_timers_destroy")]
pub struct Timers<'a, S = ()> {
    schedule: Schedule<Callback<'a, S>>,
    /// `None` is the system's.
    clock: Option<Box<dyn Fn() -> Instant + 'a>>,
}

impl<'a, S> Timers<'a, S> {
    /// Makes an empty set of timers.
    pub fn new() -> Timers<'a, S> {
        Timers {
            schedule: Schedule::new(),
            clock: None,
        }
    }

    /// Makes an empty set of timers that go by a clock of yours: for tests that do not wait.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::time::{Duration, Instant};
    /// use zmq::Timers;
    ///
    /// let now = Cell::new(Instant::now());
    /// let mut timers: Timers<'_, u32> = Timers::with_clock(|| now.get());
    /// timers.add(Duration::from_secs(3600), |_, _, count| *count += 1)?;
    /// now.set(now.get() + Duration::from_secs(3600));
    /// let mut count = 0;
    /// timers.execute_with(&mut count)?;
    /// assert_eq!(count, 1);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn with_clock(clock: impl Fn() -> Instant + 'a) -> Timers<'a, S> {
        Timers {
            schedule: Schedule::new(),
            clock: Some(Box::new(clock)),
        }
    }

    /// Adds a timer that fires every `interval`, first after one (`zmq_timers_add(3)`).
    ///
    /// One that is further off than the clock reaches, such as `Duration::MAX`, never fires.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an interval of zero.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let mut timers = zmq::Timers::new();
    /// timers.add(Duration::from_secs(1), |timers, id, _: &mut ()| {
    ///     println!("once is enough");
    ///     timers.cancel(id);
    /// })?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_timers_add")]
    pub fn add(
        &mut self,
        interval: Duration,
        callback: impl FnMut(&mut Timers<'a, S>, TimerId, &mut S) + 'a,
    ) -> Result<TimerId> {
        self.schedule
            .add(self.now(), interval, true, Box::new(callback))
    }

    /// Adds a timer that fires once, after `delay`, and is gone then; unless its callback sets it
    /// again by [`reset`](Timers::reset) or [`set_interval`](Timers::set_interval).
    ///
    /// # Errors
    /// As [`add`](Timers::add).
    pub fn add_once(
        &mut self,
        delay: Duration,
        callback: impl FnMut(&mut Timers<'a, S>, TimerId, &mut S) + 'a,
    ) -> Result<TimerId> {
        self.schedule
            .add(self.now(), delay, false, Box::new(callback))
    }

    /// Takes a timer away, and says whether it was still there (`zmq_timers_cancel(3)`). It does
    /// not fire any more, even if it is due in the very `execute` that is running.
    #[doc(alias = "zmq_timers_cancel")]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.schedule.cancel(id).is_some()
    }

    /// Lets a timer's interval begin again now (`zmq_timers_reset(3)`).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a timer that is gone.
    #[doc(alias = "zmq_timers_reset")]
    pub fn reset(&mut self, id: TimerId) -> Result<()> {
        self.schedule.reset(self.now(), id)
    }

    /// Gives a timer another interval, which begins now (`zmq_timers_set_interval(3)`).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an interval of zero, or a timer that is gone.
    #[doc(alias = "zmq_timers_set_interval")]
    pub fn set_interval(&mut self, id: TimerId, interval: Duration) -> Result<()> {
        self.schedule.set_interval(self.now(), id, interval)
    }

    /// How long it is until the next timer is due: zero if one is, `None` without timers
    /// (`zmq_timers_timeout(3)`). It is what [`poll`](crate::poll()) takes.
    #[doc(alias = "zmq_timers_timeout")]
    pub fn timeout(&self) -> Option<Duration> {
        let next = self.schedule.next()?;
        Some(next.saturating_duration_since(self.now()))
    }

    /// Calls what is due, each timer once, with the state it is to work on, and gives their number
    /// (`zmq_timers_execute(3)`).
    ///
    /// A callback that calls this itself runs the others that are due by then; the timers whose
    /// callbacks are running are passed over.
    ///
    /// # Errors
    /// [`TimersPanicked`] if callbacks panicked. The other callbacks ran all the same; those that
    /// panicked are taken away, and what they were doing to the state may be half done.
    #[doc(alias = "zmq_timers_execute")]
    pub fn execute_with(&mut self, state: &mut S) -> Result<usize, TimersPanicked> {
        let now = self.now();
        let mut ran = 0;
        let mut panics = Vec::new();
        while let Some((id, mut callback)) = self.schedule.start_due(now) {
            match catch_unwind(AssertUnwindSafe(|| callback(self, id, state))) {
                Ok(()) => {
                    ran += 1;
                    self.schedule.ran(id, callback);
                }
                Err(payload) => {
                    panics.push((id, text_of(payload)));
                    self.schedule.cancel(id);
                    drop_quietly(callback);
                }
            }
        }
        if panics.is_empty() {
            Ok(ran)
        } else {
            Err(TimersPanicked { ran, panics })
        }
    }

    /// The number of timers.
    pub fn len(&self) -> usize {
        self.schedule.len()
    }

    /// Whether there are no timers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn now(&self) -> Instant {
        self.clock.as_ref().map_or_else(Instant::now, |now| now())
    }
}

impl Timers<'_> {
    /// Calls what is due, for timers that share no state: see
    /// [`execute_with`](Timers::execute_with).
    ///
    /// # Errors
    /// As [`execute_with`](Timers::execute_with).
    #[doc(alias = "zmq_timers_execute")]
    pub fn execute(&mut self) -> Result<usize, TimersPanicked> {
        self.execute_with(&mut ())
    }
}

impl<S> Default for Timers<'_, S> {
    fn default() -> Self {
        Timers::new()
    }
}

impl<S> fmt::Debug for Timers<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("len", &self.len())
            .field("timeout", &self.timeout())
            .finish()
    }
}

/// Callbacks of [`Timers`] panicked. The rest of what was due was called.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimersPanicked {
    /// How many callbacks returned.
    pub ran: usize,
    /// The others, which are gone now, and what they said.
    pub panics: Vec<(TimerId, String)>,
}

impl TimersPanicked {
    /// Always [`Panicked`](ErrorKind::Panicked).
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Panicked
    }
}

impl fmt::Display for TimersPanicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("zmq_timers_execute: ")?;
        for (position, (id, text)) in self.panics.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{id} panicked: {text}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TimersPanicked {}

/// Keeps the text of the first panic as the subject.
impl From<TimersPanicked> for Error {
    fn from(error: TimersPanicked) -> Error {
        let own = Error::own("zmq_timers_execute", ErrorKind::Panicked);
        match error.panics.first() {
            Some((id, text)) => own.on(format_args!("{id}: {text}")),
            None => own,
        }
    }
}

impl From<TimersPanicked> for io::Error {
    fn from(error: TimersPanicked) -> io::Error {
        io::Error::new(error.kind().into(), error)
    }
}
