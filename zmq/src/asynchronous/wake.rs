//! When to try, when to sleep and whom to wake: the one place that knows, for both runtimes.
//!
//! libzmq's descriptor tells by an edge that *something* came, for either direction, and whatever
//! takes in libzmq's commands (a send, a receive, asking for the events) takes the edge away, also
//! before the event loop has seen it. So:
//!
//! 1. The operation is tried first. Whoever succeeds never touches the event loop.
//! 2. Whoever does not leaves a waker, asks for the events, which takes in all that came, tries
//!    once more if they say so, and sleeps only when the event loop has seen no edge since. A receive
//!    that finds nothing has taken in all that came, so it asks only on behalf of a send that sleeps.
//! 3. Both directions share one waker at the event loop, which keeps no more: an edge wakes whoever
//!    sleeps.
//! 4. Whoever used the socket while the other direction sleeps answers for what that took in: it
//!    asks for the events on the other's behalf, or wakes it to look for itself.
//!
//! The file stands alone, so that `loom/` tries every order of its steps (CONTRIBUTING.md).

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use super::sync::{AtomicU8, Mutex, Ordering, lock};

/// How often in a row a direction may succeed at once before its task lets the others run: libzmq's
/// operations are nothing that an executor counts.
const RUN: u8 = 64;

/// How many edges in a row are followed before the task lets the others run.
const EDGES: u8 = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    Receive,
    Send,
}

impl Direction {
    fn other(self) -> Direction {
        match self {
            Direction::Receive => Direction::Send,
            Direction::Send => Direction::Receive,
        }
    }

    #[inline]
    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of directions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Directions(u8);

impl Directions {
    pub(crate) const NONE: Directions = Directions(0);
    const ALL: Directions = Directions(0b11);

    fn only(direction: Direction) -> Directions {
        Directions(direction.bit())
    }

    #[inline]
    pub(crate) fn has(self, direction: Direction) -> bool {
        self.0 & direction.bit() != 0
    }

    pub(crate) fn with(self, direction: Direction, is_in: bool) -> Directions {
        if is_in {
            Directions(self.0 | direction.bit())
        } else {
            Directions(self.0 & !direction.bit())
        }
    }
}

/// What is waited for: a socket and its place in an event loop.
pub(crate) trait Device {
    type Error;

    /// Takes in all that has come, and tells the directions that are ready.
    fn ready(&mut self) -> Result<Directions, Self::Error>;

    /// Whether the event loop has seen an edge since this was last asked; if not, the waker is woken
    /// at the next one.
    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// Whether there is an edge of whatever a receive that found nothing has not taken in. If not, the
    /// events are to be asked for first.
    fn tells_after_a_receive(&self) -> bool;

    /// Whether a direction can become ready without an edge.
    fn changes_untold(&self) -> bool;

    /// Wakes the waker in a while.
    fn wake_later(&mut self, waker: &Waker);
}

/// Who sleeps, in each direction.
pub(crate) struct Wakers {
    /// The directions of `slots` that are filled, for a look without the lock. Whoever fills one has
    /// the socket to himself, and so has whoever looks; the event loop only empties them.
    asleep: AtomicU8,
    slots: Mutex<[Option<Waker>; 2]>,
}

impl Wakers {
    pub(super) fn new() -> Wakers {
        Wakers {
            asleep: AtomicU8::new(0),
            slots: Mutex::new([None, None]),
        }
    }

    #[inline]
    fn asleep(&self) -> Directions {
        Directions(self.asleep.load(Ordering::Relaxed))
    }

    /// Leaves the waker to be woken once.
    pub(super) fn sleep(&self, direction: Direction, waker: &Waker) {
        let mut slots = lock(&self.slots);
        let slot = &mut slots[direction as usize];
        let replaced = match slot {
            Some(present) if present.will_wake(waker) => None,
            slot => slot.replace(waker.clone()),
        };
        let asleep = self.asleep().with(direction, true);
        self.asleep.store(asleep.0, Ordering::Relaxed);
        drop(slots);
        drop(replaced); // which may end a task, and that may do anything
    }

    /// Takes the wakers of these directions away.
    fn take(&self, directions: Directions) -> [Option<Waker>; 2] {
        let mut slots = lock(&self.slots);
        let mut taken = [None, None];
        let mut asleep = self.asleep();
        for direction in [Direction::Receive, Direction::Send] {
            if directions.has(direction) {
                taken[direction as usize] = slots[direction as usize].take();
                asleep = asleep.with(direction, false);
            }
        }
        self.asleep.store(asleep.0, Ordering::Relaxed);
        taken
    }

    /// Wakes those of these directions that sleep.
    fn rouse(&self, directions: Directions) {
        for waker in self.take(directions).into_iter().flatten() {
            waker.wake();
        }
    }
}

/// The waker that the event loop has.
impl Wake for Wakers {
    fn wake(self: Arc<Wakers>) {
        self.rouse(Directions::ALL);
    }

    fn wake_by_ref(self: &Arc<Wakers>) {
        self.rouse(Directions::ALL);
    }
}

/// The waiting for one socket.
pub(crate) struct Waits {
    wakers: Arc<Wakers>,
    /// Wakes whoever sleeps.
    edge: Waker,
    /// Directions that were not ready when the event loop had seen no edge, and nobody has used the
    /// socket since: asking the event loop is enough.
    quiet: Directions,
    /// Directions that the events call ready and that were not: a ROUTER has room for some peer, and
    /// not for the one that is meant.
    vague: Directions,
    /// How often each direction succeeded at once, in a row.
    runs: [u8; 2],
}

impl Waits {
    pub(crate) fn new() -> Waits {
        let wakers = Arc::new(Wakers::new());
        Waits {
            edge: Waker::from(Arc::clone(&wakers)),
            wakers,
            quiet: Directions::NONE,
            vague: Directions::NONE,
            runs: [0, 0],
        }
    }

    /// What the event loop is to wake.
    #[inline]
    pub(crate) fn edge(&self) -> &Waker {
        &self.edge
    }

    /// Tries until it succeeds, and sleeps in between: `attempt` is `Pending` when it would block. One
    /// that receives takes in all that came before it says so, as `zmq_msg_recv` does; a send need not.
    ///
    /// `tried` says that it was [`begun`](Waits::begins) and would block, and that nobody has used the
    /// socket since.
    #[inline]
    pub(crate) fn poll<D: Device, V, E: From<D::Error>>(
        &mut self,
        device: &mut D,
        direction: Direction,
        context: &mut Context<'_>,
        tried: bool,
        mut attempt: impl FnMut(&mut D) -> Poll<Result<V, E>>,
    ) -> Poll<Result<V, E>> {
        if !tried {
            if !self.begins(direction) {
                if self.runs[direction as usize] >= RUN {
                    return self.pause(direction, context);
                }
                // Whoever was woken finds the edge at once, and need not leave his waker first.
                let mut edge = device.poll_edge(&mut Context::from_waker(&self.edge));
                if edge.is_pending() {
                    self.wakers.sleep(direction, context.waker());
                    edge = device.poll_edge(&mut Context::from_waker(&self.edge));
                }
                match edge {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                    Poll::Pending => return Poll::Pending,
                }
                self.quiet = Directions::NONE;
            }
            if let Poll::Ready(result) = attempt(device) {
                self.succeeded(device, direction);
                return Poll::Ready(result);
            }
        }
        self.wait(device, direction, context, attempt)
    }

    /// Whether to try before anything else. Whoever then succeeds says so
    /// ([`succeeded`](Waits::succeeded)), and whoever would block polls at once.
    #[inline]
    pub(crate) fn begins(&mut self, direction: Direction) -> bool {
        let begins = self.runs[direction as usize] < RUN && !self.quiet.has(direction);
        if begins {
            self.quiet = Directions::NONE;
        }
        begins
    }

    /// Says that the socket was used beside [`poll`](Waits::poll).
    #[inline]
    pub(crate) fn used(&mut self) {
        self.quiet = Directions::NONE;
        if self.wakers.asleep() != Directions::NONE {
            self.wakers.rouse(Directions::ALL);
        }
    }

    /// Lets other tasks run.
    #[cold]
    fn pause<V>(&mut self, direction: Direction, context: &mut Context<'_>) -> Poll<V> {
        self.runs[direction as usize] = 0;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Says that an attempt came to something.
    #[inline]
    pub(crate) fn succeeded<D: Device>(&mut self, device: &mut D, direction: Direction) {
        self.runs[direction as usize] += 1;
        if self.wakers.asleep() != Directions::NONE {
            self.answer_for(device, direction);
        }
    }

    /// Answers for what a success in this direction took in.
    #[cold]
    fn answer_for<D: Device>(&mut self, device: &mut D, direction: Direction) {
        drop(self.wakers.take(Directions::only(direction)));
        self.vague = self.vague.with(direction, false);
        let other = direction.other();
        if !self.wakers.asleep().has(other) {
            return;
        }
        // In a run of successes one wake is cheaper than as many questions: the other looks for
        // itself when this task makes way. Where it is asleep again already, it runs on another
        // thread, and waking it each time would cost more.
        let begins = self.runs[direction as usize] == 1;
        if begins || device.ready().map_or(true, |ready| ready.has(other)) {
            self.wakers.rouse(Directions::only(other));
        }
    }

    /// What to do when an attempt would block.
    fn wait<D: Device, V, E: From<D::Error>>(
        &mut self,
        device: &mut D,
        direction: Direction,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&mut D) -> Poll<Result<V, E>>,
    ) -> Poll<Result<V, E>> {
        self.runs[direction as usize] = 0;
        let other = direction.other();
        // Before the events are asked for, so that what comes afterwards finds it.
        self.wakers.sleep(direction, context.waker());
        let alone = direction == Direction::Receive && !self.wakers.asleep().has(other);
        if alone && device.tells_after_a_receive() {
            return self.wait_for_edge(device, attempt);
        }
        for _ in 0..EDGES {
            let asked = device.ready();
            if asked.as_ref().map_or(true, |ready| ready.has(direction)) {
                if let Poll::Ready(result) = attempt(device) {
                    self.succeeded(device, direction);
                    return Poll::Ready(result);
                }
            }
            let mut ready = match asked {
                Ok(ready) => ready,
                Err(error) => return Poll::Ready(Err(error.into())),
            };
            let vague = ready.has(direction);
            self.vague = self.vague.with(direction, vague);
            let mut untold = vague && device.changes_untold();
            if vague && self.wakers.asleep().has(other) {
                // What the attempt took in may have been the other's, and what this takes in, ours.
                match device.ready() {
                    Ok(again) => ready = again,
                    Err(error) => return Poll::Ready(Err(error.into())),
                }
                untold = true;
            }
            if ready.has(other) && self.wakers.asleep().has(other) {
                if self.vague.has(other) {
                    // It would find nothing, and then wake this one, without end.
                    untold = true;
                } else {
                    self.wakers.rouse(Directions::only(other));
                }
            }
            match device.poll_edge(&mut Context::from_waker(&self.edge)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => {
                    if untold {
                        device.wake_later(&self.edge);
                    } else {
                        let quiet = Directions::only(direction);
                        let both = self.wakers.asleep().has(other) && !ready.has(other);
                        self.quiet = quiet.with(other, both);
                    }
                    return Poll::Pending;
                }
            }
        }
        self.wakers.rouse(Directions::only(direction));
        Poll::Pending
    }

    /// What a receive does that would block while no send sleeps: what comes now makes an edge.
    fn wait_for_edge<D: Device, V, E: From<D::Error>>(
        &mut self,
        device: &mut D,
        mut attempt: impl FnMut(&mut D) -> Poll<Result<V, E>>,
    ) -> Poll<Result<V, E>> {
        let direction = Direction::Receive;
        self.vague = self.vague.with(direction, false);
        for _ in 0..EDGES {
            match device.poll_edge(&mut Context::from_waker(&self.edge)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => {
                    self.quiet = Directions::only(direction);
                    return Poll::Pending;
                }
            }
            if let Poll::Ready(result) = attempt(device) {
                self.succeeded(device, direction);
                return Poll::Ready(result);
            }
        }
        self.wakers.rouse(Directions::only(direction));
        Poll::Pending
    }
}
