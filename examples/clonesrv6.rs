//! Clone server, model six: clonesrv5 as a binary star. Run it twice, `clonesrv6 -p` and
//! `clonesrv6 -b`, and clonecli6. A number of milliseconds behind that chooses the heartbeat.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::kvmsg::{self, KvMap, KvMsg, Uuid};
use zmq::{Context, ErrorKind, HandlerId, Pub, Reactor, Router, Socket, Sub};

/// The states of a server; what it says to its peer is the number.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Primary = 1,
    Backup = 2,
    Active = 3,
    Passive = 4,
}

enum Event {
    Peer(State),
    ClientRequest,
}

/// What the handlers share.
struct CloneServer<'a> {
    context: &'a Context,
    state: State,
    /// When the peer counts as dead.
    peer_expiry: Instant,
    heartbeat: Duration,
    kvmap: KvMap,
    has_snapshot: bool,
    sequence: i64,
    /// The peer's main port.
    peer: u16,
    publisher: &'a Socket<Pub>,
    /// The handler of the peer's updates.
    follower: HandlerId,
    /// Updates of clients that the active server has not published yet.
    pending: Vec<KvMsg>,
    /// Updates of the active server that have not come from their client yet.
    ahead: HashSet<Uuid>,
}

type Loop<'a> = Reactor<'a, CloneServer<'a>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (state, local, remote, port, peer) = match std::env::args().nth(1).as_deref() {
        Some("-p") => (State::Primary, 5003, 5004, 5556, 5566),
        Some("-b") => (State::Backup, 5004, 5003, 5566, 5556),
        _ => {
            println!("Usage: clonesrv6 {{ -p | -b }}");
            return Ok(());
        }
    };
    let heartbeat = std::env::args().nth(2).map_or(Ok(1000), |n| n.parse())?;
    let heartbeat = Duration::from_millis(heartbeat);

    let context = Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let interrupt = Interrupt::watch(&context)?;
    println!(
        "{}",
        match state {
            State::Primary => "I: primary active, waiting for backup (passive)",
            _ => "I: backup passive, waiting for primary (active)",
        }
    );

    // The sockets of the binary star: the state of either server goes to the other, and a request
    // for a snapshot is a vote for this server.
    let statepub = context.socket(zmq::PUB)?;
    statepub.bind(&format!("tcp://*:{local}"))?;
    let statesub = context.socket(zmq::SUB)?;
    statesub.subscribe("")?;
    statesub.connect(&format!("tcp://localhost:{remote}"))?;
    let voter = context.socket(zmq::ROUTER)?;
    // A ROUTER drops what is above its limit, 1000 messages by default. A snapshot may be longer.
    voter.set_sndhwm(0)?;
    voter.bind(&format!("tcp://*:{port}"))?;

    // The sockets of the clone server.
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind(&format!("tcp://*:{}", port + 1))?;
    let collector = context.socket(zmq::SUB)?;
    collector.subscribe("")?;
    collector.bind(&format!("tcp://*:{}", port + 2))?;

    // And the one that follows the peer, while this server is passive.
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.subscribe("")?;
    subscriber.connect(&format!("tcp://localhost:{}", peer + 1))?;

    let mut reactor = Reactor::new();
    reactor.add_reader(&statesub, recv_state);
    reactor.add_reader(&voter, vote);
    reactor.add_reader(&collector, collect);
    let follower = reactor.add_reader(&subscriber, follow);
    reactor.set_active(follower, false);
    reactor.add_timer(heartbeat, |_, _, server: &mut CloneServer<'_>| {
        Ok(statepub.send((server.state as u8).to_string())?)
    })?;
    reactor.add_timer(Duration::from_secs(1), |_, _, server| server.flush_ttl())?;
    reactor.add_timer(heartbeat, |_, _, server: &mut CloneServer<'_>| {
        KvMsg::new(server.sequence, "HUGZ", "").send(server.publisher)
    })?;

    let result = reactor.run(&mut CloneServer {
        context: &context,
        state,
        peer_expiry: Instant::now() + 2 * heartbeat,
        heartbeat,
        kvmap: KvMap::new(),
        has_snapshot: false,
        sequence: 0,
        peer,
        publisher: &publisher,
        follower,
        pending: Vec::new(),
        ahead: HashSet::new(),
    });
    interrupt.ends(result)?;
    Ok(())
}

// ---- the binary star ---------------------------------------------------------------------------

/// Does what an event means in this state, and says whether a request is to be answered. It ends
/// the server when both have the same role.
fn execute(
    reactor: &mut Loop<'_>,
    server: &mut CloneServer<'_>,
    event: Event,
) -> zmq::Result<ControlFlow<(), bool>> {
    use State::{Active, Backup, Passive, Primary};

    let peer_is_dead = Instant::now() >= server.peer_expiry;
    let (text, state) = match (server.state, event) {
        (Primary, Event::Peer(Backup)) => {
            ("I: connected to backup (passive), ready as active", Active)
        }
        (Primary, Event::Peer(Active)) => {
            ("I: connected to backup (active), ready as passive", Passive)
        }
        // The backup would have been heard, if it were active.
        (Primary, Event::ClientRequest) if peer_is_dead => {
            ("I: request from client, ready as active", Active)
        }
        (Backup, Event::Peer(Active)) => (
            "I: connected to primary (active), ready as passive",
            Passive,
        ),
        (Passive, Event::Peer(Primary)) => (
            "I: primary (passive) is restarting, ready as active",
            Active,
        ),
        (Passive, Event::Peer(Backup)) => {
            ("I: backup (passive) is restarting, ready as active", Active)
        }
        // It is the request of a client that makes the passive server active.
        (Passive, Event::ClientRequest) if peer_is_dead => {
            ("I: failover successful, ready as active", Active)
        }
        (Primary | Backup | Passive, Event::ClientRequest) => {
            return Ok(ControlFlow::Continue(false));
        }
        (Active, Event::Peer(Active)) => {
            println!("E: fatal error - dual actives, aborting");
            return Ok(ControlFlow::Break(()));
        }
        (Passive, Event::Peer(Passive)) => {
            println!("E: fatal error - dual passives, aborting");
            return Ok(ControlFlow::Break(()));
        }
        _ => return Ok(ControlFlow::Continue(true)),
    };
    println!("{text}");
    server.state = state;
    reactor.set_active(server.follower, state == Passive);
    match state {
        Active => server.apply_pending()?,
        _ => server.has_snapshot = false,
    }
    Ok(ControlFlow::Continue(true))
}

/// Hears of the peer's state.
fn recv_state<'a>(
    reactor: &mut Loop<'a>,
    statesub: &Socket<Sub>,
    server: &mut CloneServer<'a>,
) -> zmq::Result<ControlFlow<()>> {
    let message = statesub.recv_multipart()?;
    let state = match &message[..] {
        [state] if state == "1" => State::Primary,
        [state] if state == "2" => State::Backup,
        [state] if state == "3" => State::Active,
        [state] if state == "4" => State::Passive,
        _ => return Ok(ControlFlow::Continue(())),
    };
    server.peer_expiry = Instant::now() + 2 * server.heartbeat;
    Ok(execute(reactor, server, Event::Peer(state))?.map_continue(|_| ()))
}

/// Answers a request for a snapshot, unless it is for the other server to do.
fn vote<'a>(
    reactor: &mut Loop<'a>,
    voter: &Socket<Router>,
    server: &mut CloneServer<'a>,
) -> zmq::Result<ControlFlow<()>> {
    let request = voter.recv_multipart()?;
    match execute(reactor, server, Event::ClientRequest)? {
        ControlFlow::Continue(true) => server.snapshot(voter, &request)?,
        ControlFlow::Continue(false) => {} // the client asks again, or the other server
        ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
    }
    Ok(ControlFlow::Continue(()))
}

// ---- the clone server --------------------------------------------------------------------------

/// Takes an update of a client: the active server applies it, the other one waits for the active
/// server to do so.
fn collect(
    _: &mut Loop<'_>,
    collector: &Socket<Sub>,
    server: &mut CloneServer<'_>,
) -> zmq::Result<()> {
    match (KvMsg::recv(collector)?, server.state) {
        (Ok(kvmsg), State::Active) => {
            server.publish(kvmsg)?;
            println!("I: publishing update={}", server.sequence);
        }
        (Ok(kvmsg), _) => match kvmsg.uuid {
            Some(uuid) if server.ahead.remove(&uuid) => {}
            Some(_) => server.pending.push(kvmsg),
            None => println!("E: update without uuid, dropped"),
        },
        (Err(malformed), _) => println!("E: {malformed}"),
    }
    Ok(())
}

/// Follows the updates of the active server, after a snapshot.
fn follow(
    _: &mut Loop<'_>,
    subscriber: &Socket<Sub>,
    server: &mut CloneServer<'_>,
) -> zmq::Result<()> {
    if !server.has_snapshot {
        server.get_snapshot()?;
    }
    match KvMsg::recv(subscriber)? {
        Ok(kvmsg) if kvmsg.key == b"HUGZ" => {}
        Ok(mut kvmsg) => {
            // One of both comes first, the client's message or this one.
            let pending = server.pending.len();
            server.pending.retain(|held| held.uuid != kvmsg.uuid);
            if server.pending.len() == pending {
                server.ahead.extend(kvmsg.uuid);
            }
            if kvmsg.sequence > server.sequence {
                server.sequence = kvmsg.sequence;
                kvmsg.start_ttl();
                kvmsg.store(&mut server.kvmap);
                println!("I: received update={}", server.sequence);
            }
        }
        Err(malformed) => println!("E: {malformed}"),
    }
    Ok(())
}

impl CloneServer<'_> {
    /// Sends a client the keys that begin with its subtree.
    fn snapshot(&self, voter: &Socket<Router>, request: &zmq::Multipart) -> zmq::Result<()> {
        match &request[..] {
            [identity, request, subtree] if request == "ICANHAZ?" => {
                let kvmsgs = self.kvmap.values();
                for kvmsg in kvmsgs.filter(|kvmsg| kvmsg.key.starts_with(subtree)) {
                    kvmsg.send_to(voter, identity)?;
                }
                // The end of it, with the number of the last update it has.
                println!("I: sending shapshot={}", self.sequence);
                KvMsg::new(self.sequence, "KTHXBAI", "").send_to(voter, identity)?;
            }
            _ => println!("E: bad request, dropped"),
        }
        Ok(())
    }

    /// Numbers, publishes and stores an update.
    fn publish(&mut self, mut kvmsg: KvMsg) -> zmq::Result<()> {
        // The number may be any, since a peer has sent it.
        self.sequence = self.sequence.wrapping_add(1);
        kvmsg.sequence = self.sequence;
        kvmsg.send(self.publisher)?;
        kvmsg.start_ttl();
        kvmsg.store(&mut self.kvmap);
        Ok(())
    }

    /// Publishes what the server that was active before has not published.
    fn apply_pending(&mut self) -> zmq::Result<()> {
        self.ahead.clear();
        for kvmsg in std::mem::take(&mut self.pending) {
            self.publish(kvmsg)?;
            println!("I: publishing pending={}", self.sequence);
        }
        Ok(())
    }

    /// Deletes the values that have ended, and publishes that: an update without a body. The
    /// passive server hears of it.
    fn flush_ttl(&mut self) -> zmq::Result<()> {
        if self.state != State::Active {
            return Ok(());
        }
        let now = kvmsg::clock();
        let is_over = |kvmsg: &&KvMsg| kvmsg.ttl().is_some_and(|ttl| now >= ttl);
        let over = self.kvmap.values().filter(is_over);
        let keys: Vec<_> = over.map(|kvmsg| kvmsg.key.clone()).collect();
        for key in keys {
            self.publish(KvMsg::new(0, key, ""))?;
            println!("I: publishing delete={}", self.sequence);
        }
        Ok(())
    }

    /// Gets everything that the active server knows; if that one is silent, the next heartbeat
    /// leads here again.
    fn get_snapshot(&mut self) -> zmq::Result<()> {
        let snapshot = self.context.socket(zmq::DEALER)?;
        snapshot.set_rcvtimeo(Some(2 * self.heartbeat))?;
        let endpoint = format!("tcp://localhost:{}", self.peer);
        snapshot.connect(&endpoint)?;
        println!("I: asking for snapshot from: {endpoint}");
        snapshot.send_more("ICANHAZ?").send("")?; // the whole tree
        let mut kvmap = KvMap::new();
        loop {
            match KvMsg::recv(&snapshot) {
                Ok(Ok(kvmsg)) if kvmsg.key == b"KTHXBAI" => {
                    self.sequence = kvmsg.sequence;
                    break;
                }
                Ok(Ok(kvmsg)) => kvmsg.store(&mut kvmap),
                Ok(Err(malformed)) => println!("E: {malformed}"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        println!("I: received snapshot={}", self.sequence);
        // What is in it waits no longer.
        let known: HashSet<_> = kvmap.values().map(|kvmsg| kvmsg.uuid).collect();
        self.pending.retain(|held| !known.contains(&held.uuid));
        self.kvmap = kvmap;
        self.has_snapshot = true;
        Ok(())
    }
}
