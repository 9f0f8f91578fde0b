//! A loop that calls a handler for each socket that is ready and each timer that is due.

mod flow;
mod stop;

use std::fmt;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub use flow::{Flow, Watch};
pub use stop::Stopper;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::poll::{PollEvents, PollItem, has_twins, wait};
use crate::socket::{CanSend, Socket};
use crate::timers::{Schedule, TimerId};
use stop::StopEnd;

const CALL: &str = "zmq_poll";

type OnReady<'a, S, R, E> =
    Box<dyn FnMut(&mut Reactor<'a, S, R, E>, PollEvents, &mut S) -> Result<ControlFlow<R>, E> + 'a>;
type OnTimer<'a, S, R, E> =
    Box<dyn FnMut(&mut Reactor<'a, S, R, E>, TimerId, &mut S) -> Result<ControlFlow<R>, E> + 'a>;

/// Calls a handler for each socket that is ready and each timer that is due: the role of czmq's
/// `zloop`.
///
/// A handler is given the reactor, what it was called for, and the state of type `S` that all
/// handlers share. It may add and remove handlers and timers, itself included. It returns nothing,
/// or [`ControlFlow`], whose `Break` ends the reactor with a value of type `R`, or a [`Result`] of
/// either with an error of type `E`, which ends it too: see [`Flow`]. Functions are handlers as well
/// as closures.
///
/// It borrows what it watches: a socket cannot be dropped or moved while it is registered. So the
/// state holds references to sockets, and not the sockets.
///
/// # A round
///
/// The reactor sleeps until a socket is ready, the next timer is due or it is stopped; nothing ticks
/// in between. Then it calls, one after the other, the timers that are due and the handlers of what
/// is ready, each **once**, in the order they were added. So a busy socket keeps neither the others
/// nor the timers waiting, and a handler receives one message and returns. A handler that receives
/// more, or from a socket that has another handler, uses [`try_recv`](Socket::try_recv): what
/// made the other ready may be gone by then.
///
/// Timers are as those of [`Timers`](crate::Timers).
///
/// ```
/// use std::ops::ControlFlow;
/// use std::time::Duration;
/// use zmq::{Reactor, Rep, Socket};
///
/// struct Server {
///     requests: u32,
/// }
///
/// fn answer(
///     _: &mut Reactor<'_, Server>,
///     socket: &Socket<Rep>,
///     server: &mut Server,
/// ) -> zmq::Result<ControlFlow<()>> {
///     let request = socket.recv()?;
///     server.requests += 1;
///     socket.send(request)?;
///     Ok(if server.requests == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
/// }
///
/// let context = zmq::Context::new()?;
/// let (server, client) = (context.socket(zmq::REP)?, context.socket(zmq::DEALER)?);
/// server.bind("inproc://server")?;
/// client.connect("inproc://server")?;
/// client.send_multipart(["", "Hello"])?;
///
/// let mut reactor = Reactor::new();
/// reactor.add_reader(&server, answer);
/// reactor.add_timer_once(Duration::from_millis(5), |_, _, server: &mut Server| {
///     println!("{} so far", server.requests);
///     client.send_multipart(["", "World"])?;
///     Ok(())
/// })?;
/// reactor.run(&mut Server { requests: 0 })?;
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zloop_new")]
#[doc(alias = "zloop_destroy")]
pub struct Reactor<'a, S = (), R = (), E = Error> {
    entries: Vec<Entry<'a, S, R, E>>,
    timers: Schedule<OnTimer<'a, S, R, E>>,
    stop: Option<Rc<StopEnd<R>>>,
    /// Whether the items are no longer what is polled.
    changed: bool,
    running: bool,
    next: u64,
    serial: usize,
}

struct Entry<'a, S, R, E> {
    id: HandlerId,
    item: PollItem<'a>,
    is_active: bool,
    /// Taken out while it runs.
    handler: Option<OnReady<'a, S, R, E>>,
}

/// Tells a handler of a [`Reactor`] from all others of the process, also from those that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HandlerId {
    reactor: usize,
    serial: u64,
}

impl<S> Reactor<'_, S> {
    /// Makes a reactor whose handlers' errors are [`zmq::Error`](Error)s, and that ends with `()`.
    ///
    /// For other types use [`default`](Default::default):
    /// `let mut reactor: Reactor<'_, State, u32, Box<dyn std::error::Error>> = Reactor::default();`
    pub fn new() -> Self {
        Reactor::default()
    }
}

impl<'a, S, R, E> Reactor<'a, S, R, E> {
    /// Calls the handler when there is something to receive from a socket, a
    /// [`Monitor`](crate::Monitor) or an [`Actor`](crate::Actor), which it is given.
    #[doc(alias = "zloop_reader")]
    #[doc(alias = "zloop_poller")]
    pub fn add_reader<W: Watch, O: Flow<R, E>>(
        &mut self,
        source: &'a W,
        mut handler: impl FnMut(&mut Reactor<'a, S, R, E>, &'a W, &mut S) -> O + 'a,
    ) -> HandlerId {
        self.add(
            source.item(),
            Box::new(move |reactor, _, state| handler(reactor, source, state).into_flow()),
        )
    }

    /// Calls the handler when there is room to send. There usually is: remove it, or
    /// [switch it off](Reactor::set_active), when there is nothing to send.
    #[doc(alias = "zloop_poller")]
    pub fn add_writer<T: CanSend, O: Flow<R, E>>(
        &mut self,
        socket: &'a Socket<T>,
        mut handler: impl FnMut(&mut Reactor<'a, S, R, E>, &'a Socket<T>, &mut S) -> O + 'a,
    ) -> HandlerId {
        self.add(
            socket.poll_out(),
            Box::new(move |reactor, _, state| handler(reactor, socket, state).into_flow()),
        )
    }

    /// Calls the handler when something that is no ZeroMQ socket is ready:
    /// `PollItem::of_fd(fd.as_fd(), PollEvents::READABLE)`. It is given what happened.
    ///
    /// An error of the descriptor counts as ready. It stays, so the handler should remove itself
    /// then.
    #[doc(alias = "zloop_poller")]
    pub fn add_item<O: Flow<R, E>>(
        &mut self,
        item: impl Into<PollItem<'a>>,
        mut handler: impl FnMut(&mut Reactor<'a, S, R, E>, PollEvents, &mut S) -> O + 'a,
    ) -> HandlerId {
        self.add(
            item.into(),
            Box::new(move |reactor, events, state| handler(reactor, events, state).into_flow()),
        )
    }

    fn add(&mut self, item: PollItem<'a>, handler: OnReady<'a, S, R, E>) -> HandlerId {
        self.next += 1;
        let id = HandlerId {
            reactor: self.serial,
            serial: self.next,
        };
        self.entries.push(Entry {
            id,
            item,
            is_active: true,
            handler: Some(handler),
        });
        self.changed = true;
        id
    }

    /// Takes a handler away, and says whether it was still there. It is not called any more, even
    /// if it is ready in this very round.
    #[doc(alias = "zloop_reader_end")]
    #[doc(alias = "zloop_poller_end")]
    pub fn remove(&mut self, id: HandlerId) -> bool {
        let position = self.entries.iter().position(|entry| entry.id == id);
        let entry = position.map(|position| self.entries.remove(position));
        self.changed |= entry.is_some();
        entry.is_some()
    }

    /// Switches a handler off, or on again, and says whether it is there. Off, it is not called even
    /// if it is ready in this very round; what its socket receives stays in the socket.
    pub fn set_active(&mut self, id: HandlerId, active: bool) -> bool {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id);
        let Some(entry) = entry else { return false };
        self.changed |= entry.is_active != active;
        entry.is_active = active;
        true
    }

    /// Calls the handler every `interval`, first after one: see [`Timers::add`](crate::Timers::add).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an interval of zero.
    #[doc(alias = "zloop_timer")]
    pub fn add_timer<O: Flow<R, E>>(
        &mut self,
        interval: Duration,
        handler: impl FnMut(&mut Reactor<'a, S, R, E>, TimerId, &mut S) -> O + 'a,
    ) -> Result<TimerId> {
        self.add_timer_that(true, interval, handler)
    }

    /// Calls the handler once, after `delay`, unless it sets its timer again: see
    /// [`Timers::add_once`](crate::Timers::add_once).
    ///
    /// # Errors
    /// As [`add_timer`](Reactor::add_timer).
    #[doc(alias = "zloop_timer")]
    pub fn add_timer_once<O: Flow<R, E>>(
        &mut self,
        delay: Duration,
        handler: impl FnMut(&mut Reactor<'a, S, R, E>, TimerId, &mut S) -> O + 'a,
    ) -> Result<TimerId> {
        self.add_timer_that(false, delay, handler)
    }

    fn add_timer_that<O: Flow<R, E>>(
        &mut self,
        repeats: bool,
        interval: Duration,
        mut handler: impl FnMut(&mut Reactor<'a, S, R, E>, TimerId, &mut S) -> O + 'a,
    ) -> Result<TimerId> {
        let handler: OnTimer<'a, S, R, E> =
            Box::new(move |reactor, id, state| handler(reactor, id, state).into_flow());
        self.timers.add(Instant::now(), interval, repeats, handler)
    }

    /// Takes a timer away, and says whether it was still there.
    #[doc(alias = "zloop_timer_end")]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.timers.cancel(id).is_some()
    }

    /// Lets a timer's interval begin again now.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a timer that is gone.
    pub fn reset(&mut self, id: TimerId) -> Result<()> {
        self.timers.reset(Instant::now(), id)
    }

    /// Gives a timer another interval, which begins now.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an interval of zero, or a timer that is gone.
    pub fn set_interval(&mut self, id: TimerId, interval: Duration) -> Result<()> {
        self.timers.set_interval(Instant::now(), id, interval)
    }

    /// Makes a handle that ends the reactor from another thread. The first one opens a
    /// [pipe](Context::pipe) in `context`, which stays with the reactor and its stoppers.
    ///
    /// # Errors
    /// As [`Context::pipe`].
    ///
    /// ```
    /// use zmq::Reactor;
    ///
    /// let context = zmq::Context::new()?;
    /// let mut reactor: Reactor<'_> = Reactor::new();
    /// let stopper = reactor.stopper(&context)?;
    /// let other = std::thread::spawn(move || stopper.stop(()));
    /// reactor.run(&mut ())?;
    /// assert!(other.join().unwrap());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn stopper(&mut self, context: &Context) -> Result<Stopper<R>> {
        if let Some(stop) = &self.stop {
            return Ok(stop.stopper());
        }
        let stop = StopEnd::new(context)?;
        let stopper = stop.stopper();
        self.stop = Some(Rc::new(stop));
        self.changed = true;
        Ok(stopper)
    }

    /// Runs until a handler breaks or fails or a [`Stopper`] stops it, and gives the value it ended
    /// with.
    ///
    /// However it ended, it can be run again, and nothing is lost in between: what was ready is
    /// ready still, and timers that are due fire then.
    ///
    /// If a handler panics, the panic goes on through `run`; the handler stays.
    ///
    /// # Errors
    /// A handler's, as it is. The reactor's own are turned into `E`:
    /// [`Interrupted`](ErrorKind::Interrupted) by a signal, so that a program can look at its flag
    /// and run the reactor again; [`Terminated`](ErrorKind::Terminated) when the context of a
    /// socket ends (with timers alone there is no socket to notice by, unless there is a
    /// [`Stopper`]); [`InvalidInput`](ErrorKind::InvalidInput) when nothing can ever happen, since no
    /// handler is active and there is neither a timer nor a stopper, or for more sockets and
    /// descriptors than the system polls; [`InvalidState`](ErrorKind::InvalidState) inside a handler
    /// of the same reactor; [`Forked`](ErrorKind::Forked).
    #[doc(alias = "zloop_start")]
    pub fn run(&mut self, state: &mut S) -> Result<R, E>
    where
        E: From<Error>,
    {
        if self.running {
            return Err(Error::own(CALL, ErrorKind::InvalidState)
                .on("reactor")
                .because("it runs already")
                .into());
        }
        self.running = true;
        let result = catch_unwind(AssertUnwindSafe(|| {
            loop {
                if let Some(end) = self.epoch(state).transpose() {
                    return end;
                }
            }
        }));
        self.running = false;
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }

    /// Runs as long as the items stay the same; the value is that of the end.
    fn epoch(&mut self, state: &mut S) -> Result<Option<R>, E>
    where
        E: From<Error>,
    {
        self.changed = false;
        let stop = self.stop.clone();
        let ids: Vec<HandlerId> = self.entries.iter().map(|entry| entry.id).collect();
        let mut items: Vec<PollItem<'_>> = Vec::with_capacity(ids.len() + 1);
        // A socket that is switched off is polled all the same: it tells when its context ends.
        items.extend(
            self.entries
                .iter()
                .map(|entry| entry.item.when(entry.is_active)),
        );
        items.extend(stop.iter().map(|stop| stop.woken.poll_in()));
        let twins = has_twins(&items);
        let mut raw: Vec<_> = items.iter().map(PollItem::raw).collect();
        let mut events = vec![PollEvents::default(); items.len()];
        let can_wake = stop.is_some() || self.entries.iter().any(|entry| entry.is_active);

        while !self.changed {
            let next = self.timers.next();
            if next.is_none() && !can_wake {
                return Err(Error::own(CALL, ErrorKind::InvalidInput)
                    .on("reactor")
                    .because("nothing to wait for: no active handler, no timer, no stopper")
                    .into());
            }
            let timeout = next.map(|at| at.saturating_duration_since(Instant::now()));
            events.fill(PollEvents::default());
            wait(&items, &mut raw, twins, timeout, |index, ready| {
                events[index] = ready
            })?;
            let stopped = stop.as_ref().filter(|_| !events[ids.len()].is_empty());
            if let Some(value) = stopped.and_then(|stop| stop.take()) {
                return Ok(Some(value));
            }
            let now = Instant::now();
            while let Some((id, handler)) = self.timers.start_due(now) {
                if let ControlFlow::Break(value) = self.call_timer(id, handler, state)? {
                    return Ok(Some(value));
                }
            }
            for (&id, &events) in ids.iter().zip(&events) {
                if events.is_empty() {
                    continue;
                }
                if let ControlFlow::Break(value) = self.call(id, events, state)? {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }

    /// Calls the handler, if it is still there and on. It is put back whatever it does.
    fn call(
        &mut self,
        id: HandlerId,
        events: PollEvents,
        state: &mut S,
    ) -> Result<ControlFlow<R>, E> {
        let mut entries = self.entries.iter_mut();
        let entry = entries.find(|entry| entry.id == id && entry.is_active);
        let Some(mut handler) = entry.and_then(|entry| entry.handler.take()) else {
            return Ok(ControlFlow::Continue(()));
        };
        let result = catch_unwind(AssertUnwindSafe(|| handler(self, events, state)));
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.handler = Some(handler);
        }
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }

    fn call_timer(
        &mut self,
        id: TimerId,
        mut handler: OnTimer<'a, S, R, E>,
        state: &mut S,
    ) -> Result<ControlFlow<R>, E> {
        let result = catch_unwind(AssertUnwindSafe(|| handler(self, id, state)));
        self.timers.ran(id, handler);
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

impl<S, R, E> Default for Reactor<'_, S, R, E> {
    fn default() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Reactor {
            entries: Vec::new(),
            timers: Schedule::new(),
            stop: None,
            changed: false,
            running: false,
            next: 0,
            serial: COUNT.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl<S, R, E> fmt::Debug for Reactor<'_, S, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor")
            .field("handlers", &self.entries.len())
            .field("timers", &self.timers.len())
            .field("running", &self.running)
            .finish()
    }
}
