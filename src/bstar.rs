//! The Binary Star reactor: two servers, of which one serves the clients and the other takes over
//! when that one is gone and clients ask it to.

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use zmq::{CanReceive, Context, Message, Pub, Reactor, Socket, Sub, TimerId};

use crate::print::log;

/// How often a server says its state, unless it is told otherwise. A peer that is silent for two of
/// these is taken for dead.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a server can be. Its number is what it sends to its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Primary server, waiting for its peer.
    Primary = 1,
    /// Backup server, waiting for its peer.
    Backup = 2,
    /// Serves the clients.
    Active = 3,
    /// Leaves the clients to its peer.
    Passive = 4,
}

impl State {
    /// The state that a peer sent; `None` if it is no state at all.
    ///
    /// ```
    /// use zguide::bstar::State;
    ///
    /// assert_eq!(State::of(&State::Active.to_message()), Some(State::Active));
    /// assert_eq!(State::of(&"5".into()), None);
    /// ```
    pub fn of(message: &Message) -> Option<State> {
        match message.as_bytes() {
            b"1" => Some(State::Primary),
            b"2" => Some(State::Backup),
            b"3" => Some(State::Active),
            b"4" => Some(State::Passive),
            _ => None,
        }
    }

    /// What a peer is sent.
    pub fn to_message(self) -> Message {
        (self as u8).to_string().into()
    }
}

/// Why a server cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Both servers serve clients: a split brain.
    DualActives,
    /// Neither does, and neither would ever.
    DualPassives,
}

enum Event {
    Peer(State),
    ClientRequest,
}

enum Verdict {
    Accepted,
    Refused,
    Fatal(Fault),
}

/// The two sockets between the servers. They are outside the reactor, which borrows them.
#[derive(Debug)]
pub struct Links {
    statepub: Socket<Pub>,
    statesub: Socket<Sub>,
}

impl Links {
    /// Binds the publisher of this server's state to `local`, and connects to the peer's at `remote`.
    ///
    /// # Errors
    /// As [`Socket::bind`] and [`Socket::connect`].
    pub fn open(context: &Context, local: &str, remote: &str) -> zmq::Result<Links> {
        let statepub = context.socket(zmq::PUB)?;
        statepub.bind(local)?;
        let statesub = context.socket(zmq::SUB)?;
        statesub.subscribe("")?;
        statesub.connect(remote)?;
        Ok(Links { statepub, statesub })
    }
}

/// The reactor of a [`BStar`]. Its handlers are given the [`Star`].
pub type StarReactor<'a, S> = Reactor<'a, Star<'a, S>, Fault>;

type OnChange<'a, S> = Box<dyn FnMut(&mut StarReactor<'a, S>, &mut S) -> zmq::Result<()> + 'a>;

/// One server of the two, as handlers see it.
pub struct Star<'a, S> {
    /// The application's own state.
    pub app: S,
    state: State,
    peer_expiry: Instant,
    heartbeat: Duration,
    on_active: Option<OnChange<'a, S>>,
    on_passive: Option<OnChange<'a, S>>,
}

impl<'a, S> Star<'a, S> {
    /// What this server is at the moment.
    pub fn state(&self) -> State {
        self.state
    }

    fn update_peer_expiry(&mut self) {
        self.peer_expiry = Instant::now() + 2 * self.heartbeat;
    }

    /// The finite state machine: applies an event to the state.
    fn apply(&mut self, reactor: &mut StarReactor<'a, S>, event: Event) -> zmq::Result<Verdict> {
        use State::{Active, Backup, Passive, Primary};
        let peer_is_alive = Instant::now() < self.peer_expiry;
        let (state, news) = match (self.state, event) {
            (Primary, Event::Peer(Backup)) => {
                (Active, "I: connected to backup (passive), ready as active")
            }
            (Primary, Event::Peer(Active)) => {
                (Passive, "I: connected to backup (active), ready as passive")
            }
            // The backup may be active after a failover: its state has to be waited for.
            (Primary, Event::ClientRequest) if peer_is_alive => return Ok(Verdict::Refused),
            (Primary, Event::ClientRequest) => (Active, "I: request from client, ready as active"),

            (Backup, Event::Peer(Active)) => (
                Passive,
                "I: connected to primary (active), ready as passive",
            ),
            (Backup, Event::ClientRequest) => return Ok(Verdict::Refused),

            (Active, Event::Peer(Active)) => {
                log("E: fatal error - dual actives, aborting");
                return Ok(Verdict::Fatal(Fault::DualActives));
            }

            // The peer begins anew, and will be passive.
            (Passive, Event::Peer(Primary)) => (
                Active,
                "I: primary (passive) is restarting, ready as active",
            ),
            (Passive, Event::Peer(Backup)) => {
                (Active, "I: backup (passive) is restarting, ready as active")
            }
            (Passive, Event::Peer(Passive)) => {
                log("E: fatal error - dual passives, aborting");
                return Ok(Verdict::Fatal(Fault::DualPassives));
            }
            // A client that asks here cannot reach the peer; if this server cannot either, the
            // peer is dead.
            (Passive, Event::ClientRequest) if peer_is_alive => return Ok(Verdict::Refused),
            (Passive, Event::ClientRequest) => (Active, "I: failover successful, ready as active"),

            _ => return Ok(Verdict::Accepted),
        };
        log(news);
        self.state = state;
        let on_change = match state {
            Active => &mut self.on_active,
            _ => &mut self.on_passive,
        };
        if let Some(on_change) = on_change {
            on_change(reactor, &mut self.app)?;
        }
        Ok(Verdict::Accepted)
    }
}

impl<S: fmt::Debug> fmt::Debug for Star<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Star")
            .field("app", &self.app)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A server of a Binary Star pair.
///
/// ```
/// use zguide::bstar::{BStar, Links, State};
///
/// let context = zmq::Context::new()?;
/// let links = Links::open(&context, "inproc://primary", "inproc://backup")?;
/// let voter = context.socket(zmq::ROUTER)?;
/// voter.bind("inproc://service")?;
///
/// let mut bstar = BStar::new(State::Primary, &links, ())?;
/// bstar.voter(&voter, |_, voter, ()| {
///     let echo = voter.recv_multipart()?;
///     Ok(voter.send_multipart(echo)?)
/// });
/// # bstar.reactor().add_timer_once(std::time::Duration::from_millis(1), |_, _, star| {
/// #     assert_eq!(star.state(), State::Primary);
/// #     std::ops::ControlFlow::Break(zguide::bstar::Fault::DualActives)
/// # })?;
/// bstar.start()?; // until it cannot go on
/// # Ok::<(), zmq::Error>(())
/// ```
pub struct BStar<'a, S> {
    reactor: StarReactor<'a, S>,
    star: Star<'a, S>,
    timer: TimerId,
}

impl<'a, S: 'a> BStar<'a, S> {
    /// Makes a server that is [`Primary`](State::Primary) or [`Backup`](State::Backup).
    ///
    /// # Errors
    /// None at the time; those of [`Reactor::add_timer`].
    pub fn new(state: State, links: &'a Links, app: S) -> zmq::Result<BStar<'a, S>> {
        let mut reactor = StarReactor::default();
        let timer = reactor.add_timer(HEARTBEAT, |_, _, star: &mut Star<'a, S>| {
            links.statepub.send(star.state.to_message())?;
            Ok(())
        })?;
        reactor.add_reader(&links.statesub, receive_state);
        let star = Star {
            app,
            state,
            peer_expiry: Instant::now(),
            heartbeat: HEARTBEAT,
            on_active: None,
            on_passive: None,
        };
        Ok(BStar {
            reactor,
            star,
            timer,
        })
    }

    /// The reactor, for more readers and timers.
    pub fn reactor(&mut self) -> &mut StarReactor<'a, S> {
        &mut self.reactor
    }

    /// Changes how often the state is sent. The peer needs the same.
    ///
    /// # Errors
    /// [`InvalidInput`](zmq::ErrorKind::InvalidInput) for zero.
    pub fn set_heartbeat(&mut self, heartbeat: Duration) -> zmq::Result<()> {
        self.reactor.set_interval(self.timer, heartbeat)?;
        self.star.heartbeat = heartbeat;
        Ok(())
    }

    /// Serves clients on a socket, whose requests are votes for this server: the handler receives
    /// a request if the server may serve it now. Else it is dropped.
    pub fn voter<T: CanReceive>(
        &mut self,
        socket: &'a Socket<T>,
        mut handler: impl FnMut(&mut StarReactor<'a, S>, &'a Socket<T>, &mut S) -> zmq::Result<()> + 'a,
    ) {
        let serve = move |reactor: &mut StarReactor<'a, S>, socket, star: &mut Star<'a, S>| {
            match star.apply(reactor, Event::ClientRequest)? {
                Verdict::Accepted => handler(reactor, socket, &mut star.app)?,
                _ => drop(socket.recv_multipart()?),
            }
            Ok(())
        };
        self.reactor.add_reader(socket, serve);
    }

    /// Calls the handler whenever this server becomes active.
    pub fn new_active(
        &mut self,
        handler: impl FnMut(&mut StarReactor<'a, S>, &mut S) -> zmq::Result<()> + 'a,
    ) {
        self.star.on_active = Some(Box::new(handler));
    }

    /// Calls the handler whenever this server becomes passive.
    pub fn new_passive(
        &mut self,
        handler: impl FnMut(&mut StarReactor<'a, S>, &mut S) -> zmq::Result<()> + 'a,
    ) {
        self.star.on_passive = Some(Box::new(handler));
    }

    /// Runs until the pair is in a state that it cannot get out of by itself.
    ///
    /// # Errors
    /// A handler's, and those of [`Reactor::run`].
    pub fn start(&mut self) -> zmq::Result<Fault> {
        self.star.update_peer_expiry();
        self.reactor.run(&mut self.star)
    }
}

fn receive_state<'a, S>(
    reactor: &mut StarReactor<'a, S>,
    statesub: &'a Socket<Sub>,
    star: &mut Star<'a, S>,
) -> zmq::Result<ControlFlow<Fault>> {
    let message = statesub.recv_multipart()?;
    // Anything else is not from a peer.
    if let Some(state) = State::of(&message[0]) {
        star.update_peer_expiry();
        if let Verdict::Fatal(fault) = star.apply(reactor, Event::Peer(state))? {
            return Ok(ControlFlow::Break(fault));
        }
    }
    Ok(ControlFlow::Continue(()))
}

impl<S: fmt::Debug> fmt::Debug for BStar<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BStar")
            .field("star", &self.star)
            .finish_non_exhaustive()
    }
}
