//! The loop: who may pass a message on, and who waits for what. Threads wait here, tasks in
//! `asynchronous/`, where it goes on round by round.

use std::time::Duration;

use super::control::{Control, Order};
use super::pairs::Ways;
use super::statistics::{ProxyCount, ProxyStatistics};
use crate::error::{ErrorKind, Result};
use crate::multipart::Multipart;
use crate::poll::{PollEvents, PollItem, poll_first};
use crate::socket::{Begun, Core, Given, Stop};

/// The most messages passed on one way before the other way, and the orders, have their turn. As in
/// libzmq's own proxy.
const BURST: usize = 1000;

/// The longest nap between two attempts, where nothing tells when there is room again.
const LONGEST_NAP: u64 = 16;

/// The way from the frontend to the backend, as an index; the way back is the other.
const FORTH: usize = 0;

/// How one way is getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// No messages go this way.
    Closed,
    /// Nothing to pass on: waits for the source.
    Idle,
    /// There may be more.
    Ready,
    /// Waits for room at the other end.
    Full,
    /// The other end says that it has room. If it refuses all the same, the peer that the next
    /// message is for has none (ROUTER_MANDATORY, XPUB_NODROP), and nothing tells when it has: then
    /// these are the milliseconds up to the next attempt.
    Stuck(u64),
}

/// What remains between two runs of the same proxy.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(super) statistics: ProxyStatistics,
    /// A copy that the capture socket has no room for yet; empty if there is none.
    copy: Multipart,
}

pub(crate) struct Relay<'a> {
    pub(crate) frontend: &'a Core,
    pub(crate) backend: &'a Core,
    pub(crate) capture: Option<&'a Core>,
    pub(crate) ledger: &'a mut Ledger,
}

/// How both ways are getting on.
#[derive(Debug)]
pub(crate) struct Turns {
    lanes: [Lane; 2],
    /// The way whose turn is first.
    first: usize,
    /// The most messages of a turn.
    burst: usize,
    hand: Multipart,
}

impl Relay<'_> {
    /// Passes messages on until there is an error, or the order to end.
    pub(super) fn run(&mut self, ways: Ways, control: Option<&Control>) -> Result<()> {
        let mut turns = Turns::new(ways, BURST);
        // A run that a signal ended goes on as it was.
        let mut paused = control.is_some_and(Control::is_paused);
        loop {
            if !paused {
                self.round(&mut turns)?;
            }
            let (front, rear, ordered) = self.wait(&turns, paused, control)?;
            turns.heard(front, rear);
            if let Some(control) = control.filter(|_| ordered) {
                match control.obey(&self.ledger.statistics)? {
                    Order::Run => paused = false,
                    Order::Pause => paused = true,
                    Order::End => return Ok(()),
                }
            }
        }
    }

    /// Gives each way its turn. After an error it can go on as it was: the message of the moment is
    /// where it came from, unless the context has ended.
    pub(crate) fn round(&mut self, turns: &mut Turns) -> Result<()> {
        for way in [turns.first, 1 - turns.first] {
            turns.lanes[way] = self.advance(turns, way)?;
            if self.is_held() {
                // Otherwise the one way would take all the room for copies.
                turns.first = 1 - way;
                break;
            }
        }
        Ok(())
    }

    /// Whether a copy waits for room. No message goes on before it has.
    pub(crate) fn is_held(&self) -> bool {
        !self.ledger.copy.is_empty()
    }

    /// Passes one burst on, if the lane is ready.
    fn advance(&mut self, turns: &mut Turns, way: usize) -> Result<Lane> {
        match turns.lanes[way] {
            Lane::Ready => self.burst(turns, way == FORTH).map(|(_, next)| next),
            Lane::Stuck(nap) => Ok(match self.burst(turns, way == FORTH)? {
                (0, Lane::Full) => Lane::Stuck((2 * nap).clamp(1, LONGEST_NAP)),
                (_, next) => next,
            }),
            lane @ (Lane::Closed | Lane::Idle | Lane::Full) => Ok(lane),
        }
    }

    /// Passes on what is there and has room; gives how many messages, and what the lane waits for.
    fn burst(&mut self, turns: &mut Turns, forth: bool) -> Result<(usize, Lane)> {
        let (most, hand) = (turns.burst, &mut turns.hand);
        let (from, to) = if forth {
            (self.frontend, self.backend)
        } else {
            (self.backend, self.frontend)
        };
        let plain = self.capture.is_none() && from.passes(to);
        let mut passed = 0;
        while passed < most {
            if self.capture.is_some() && !self.deliver_copy()? {
                return Ok((passed, Lane::Ready));
            }
            let mut begun = Begun::default();
            if plain && from.is_clear() {
                let (run, stop) = from.pass(to, hand, most - passed);
                passed += run.messages;
                let count = ProxyCount::of_run(&run);
                self.ledger.statistics.received(forth).add(count);
                self.ledger.statistics.sent(forth).add(count);
                match stop {
                    Stop::Enough => break,
                    Stop::Empty => return Ok((passed, Lane::Idle)),
                    Stop::Begun(message) => begun = message,
                    Stop::Failed(error) => return Err(error),
                }
            }
            let bytes = match from.take(hand, begun) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok((passed, Lane::Idle)),
                Err(error) if error.kind() == ErrorKind::Truncated => {
                    self.ledger.statistics.dropped.messages += 1;
                    passed += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let count = ProxyCount::of(hand, bytes);
            if self.capture.is_some() {
                self.ledger.copy.clear();
                for frame in hand.iter_mut() {
                    self.ledger.copy.push_back(frame.share());
                }
            }
            let given = to.give(hand, begun);
            if !matches!(given, Ok(Given::Taken)) {
                self.ledger.copy.clear();
            }
            let statistics = &mut self.ledger.statistics;
            match given {
                Ok(Given::Taken) => statistics.sent(forth).add(count),
                Ok(Given::Full) => {
                    from.put_back(std::mem::take(hand));
                    return Ok((passed, Lane::Full));
                }
                Ok(Given::Undeliverable) => {
                    statistics.undeliverable.add(count);
                    hand.clear();
                }
                Ok(Given::Dropped) => {
                    statistics.dropped.add(count);
                    hand.clear();
                }
                Err(error) => {
                    if error.kind() == ErrorKind::Interrupted {
                        from.put_back(std::mem::take(hand));
                    } else {
                        // The context has ended, perhaps in the middle of this message.
                        statistics.received(forth).add(count);
                        statistics.dropped.add(count);
                    }
                    return Err(error);
                }
            }
            statistics.received(forth).add(count);
            passed += 1;
        }
        // The copy of the last message goes now, lest it should wait for the next burst.
        if self.capture.is_some() {
            self.deliver_copy()?;
        }
        Ok((most, Lane::Ready))
    }

    /// Gives the capture socket what it has not got yet; false if it has no room.
    fn deliver_copy(&mut self) -> Result<bool> {
        let Some(capture) = self.capture else {
            return Ok(true);
        };
        if self.ledger.copy.is_empty() {
            return Ok(true);
        }
        let count = ProxyCount::of(&self.ledger.copy, self.ledger.copy.byte_len());
        match capture.give(&mut self.ledger.copy, Begun::default())? {
            Given::Full => return Ok(false),
            Given::Taken => self.ledger.statistics.captured.add(count),
            Given::Undeliverable | Given::Dropped => {
                self.ledger.statistics.capture_dropped.add(count)
            }
        }
        self.ledger.copy.clear();
        Ok(true)
    }

    /// Waits until one of the lanes can go on, or there is an order; only looks if one can now.
    /// Gives the events of both sides, and whether there is an order.
    fn wait(
        &self,
        turns: &Turns,
        paused: bool,
        control: Option<&Control>,
    ) -> Result<(PollEvents, PollEvents, bool)> {
        let [forth, back] = turns.lanes;
        let [mut front, mut rear, mut third] = [PollEvents::ERROR; 3];
        let mut timeout = None;
        if self.is_held() && !paused {
            third = PollEvents::WRITABLE;
        } else if !paused {
            front = forth.wants_of_source() | back.wants_of_target();
            rear = back.wants_of_source() | forth.wants_of_target();
            timeout = turns.patience();
        }
        let item = PollItem::of_core;
        let front = item(self.frontend, front);
        let mut items = [front; 4];
        items[1] = item(self.backend, rear);
        let mut count = 2;
        if let Some(capture) = self.capture {
            items[count] = item(capture, third);
            count += 1;
        }
        if let Some(control) = control {
            items[count] = control.item();
            count += 1;
        }
        let events = poll_first(&items, count, timeout)?;
        let ordered = control.is_some() && events[count - 1].is_readable();
        Ok((events[0], events[1], ordered))
    }
}

impl Turns {
    pub(crate) fn new(ways: Ways, burst: usize) -> Turns {
        let open = |open| if open { Lane::Ready } else { Lane::Closed };
        Turns {
            lanes: [open(ways.forth), open(ways.back)],
            first: FORTH,
            burst,
            hand: Multipart::new(),
        }
    }

    /// Takes note of the events of both sides.
    pub(crate) fn heard(&mut self, front: PollEvents, rear: PollEvents) {
        let [forth, back] = self.lanes;
        self.lanes = [forth.after(front, rear), back.after(rear, front)];
    }

    /// How long the next round can wait if there are no events.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let [forth, back] = self.lanes;
        match (forth.patience(), back.patience()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl Lane {
    /// What becomes of the lane when its ends have these events.
    fn after(self, source: PollEvents, target: PollEvents) -> Lane {
        match self {
            Lane::Idle if source.is_readable() => Lane::Ready,
            Lane::Full if target.is_writable() => Lane::Stuck(0),
            lane => lane,
        }
    }

    /// The end of the context is always awaited.
    fn wants_of_source(self) -> PollEvents {
        match self {
            Lane::Idle => PollEvents::READABLE,
            _ => PollEvents::ERROR,
        }
    }

    fn wants_of_target(self) -> PollEvents {
        match self {
            Lane::Full => PollEvents::WRITABLE,
            _ => PollEvents::ERROR,
        }
    }

    /// How long the lane can wait.
    fn patience(self) -> Option<Duration> {
        match self {
            Lane::Ready => Some(Duration::ZERO),
            Lane::Stuck(nap) => Some(Duration::from_millis(nap)),
            Lane::Closed | Lane::Idle | Lane::Full => None,
        }
    }
}
