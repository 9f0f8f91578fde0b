//! Binary Star server: one of two that echo requests, of which one is active at a time. Run it twice,
//! with -p at tcp://*:5001 and with -b at tcp://*:5002, and bstarcli. A second argument is the
//! heartbeat in milliseconds.

use std::error::Error;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::bstar::State::{self, Active, Backup, Passive, Primary};
use zmq::{Pub, Router, Socket, Sub};

enum Event {
    Peer(State),
    ClientRequest,
}

/// The finite state machine.
struct Fsm {
    state: State,
    /// When the peer is taken for dead.
    peer_expiry: Instant,
}

impl Fsm {
    /// Applies an event to the state, and says whether it is accepted.
    fn apply(&mut self, event: Event) -> bool {
        let (state, news) = match (self.state, event) {
            // Waiting for the peer, to become active or passive. Clients are served.
            (Primary, Event::Peer(Backup)) => {
                (Active, "I: connected to backup (passive), ready active")
            }
            (Primary, Event::Peer(Active)) => {
                (Passive, "I: connected to backup (active), ready passive")
            }

            // Waiting for the peer. Clients are not served.
            (Backup, Event::Peer(Active)) => {
                (Passive, "I: connected to primary (active), ready passive")
            }
            (Backup, Event::ClientRequest) => return false,

            // Two that are active would each serve some of the clients.
            (Active, Event::Peer(Active)) => {
                println!("E: fatal error - dual actives, aborting");
                return false;
            }

            // The peer begins anew, and will be passive.
            (Passive, Event::Peer(Primary)) => {
                (Active, "I: primary (passive) is restarting, ready active")
            }
            (Passive, Event::Peer(Backup)) => {
                (Active, "I: backup (passive) is restarting, ready active")
            }
            // With two that are passive no client would ever be served.
            (Passive, Event::Peer(Passive)) => {
                println!("E: fatal error - dual passives, aborting");
                return false;
            }
            // A client's request leads to a failover if the peer looks dead.
            (Passive, Event::ClientRequest) if Instant::now() < self.peer_expiry => return false,
            (Passive, Event::ClientRequest) => (Active, "I: failover successful, ready active"),

            _ => return true,
        };
        println!("{news}");
        self.state = state;
        true
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let statepub = context.socket(zmq::PUB)?;
    let statesub = context.socket(zmq::SUB)?;
    statesub.subscribe("")?;
    let frontend = context.socket(zmq::ROUTER)?;

    let state = match std::env::args().nth(1).as_deref() {
        Some("-p") => {
            println!("I: Primary active, waiting for backup (passive)");
            frontend.bind("tcp://*:5001")?;
            statepub.bind("tcp://*:5003")?;
            statesub.connect("tcp://localhost:5004")?;
            Primary
        }
        Some("-b") => {
            println!("I: Backup passive, waiting for primary (active)");
            frontend.bind("tcp://*:5002")?;
            statepub.bind("tcp://*:5004")?;
            statesub.connect("tcp://localhost:5003")?;
            Backup
        }
        _ => {
            println!("Usage: bstarsrv {{ -p | -b }}");
            return Ok(());
        }
    };
    let heartbeat = std::env::args().nth(2).map_or(Ok(1000), |ms| ms.parse())?;

    let interrupt = Interrupt::watch(&context)?;
    let peer_expiry = Instant::now();
    let result = serve(
        Fsm { state, peer_expiry },
        Duration::from_millis(heartbeat),
        (&frontend, &statepub, &statesub),
    );
    if interrupt.came() {
        println!("W: interrupted");
    }
    Ok(interrupt.ends(result)?)
}

/// Handles requests and the peer's state until the two servers are in a state that they cannot get
/// out of.
fn serve(
    mut fsm: Fsm,
    heartbeat: Duration,
    (frontend, statepub, statesub): (&Socket<Router>, &Socket<Pub>, &Socket<Sub>),
) -> zmq::Result<()> {
    let mut send_state_at = Instant::now() + heartbeat;
    loop {
        let time_left = send_state_at.saturating_duration_since(Instant::now());
        let items = [frontend.poll_in(), statesub.poll_in()];
        let [request, state] = zmq::poll(items, Some(time_left))?;

        if request.is_readable() {
            // Echoes the request, or drops it.
            let message = frontend.recv_multipart()?;
            if fsm.apply(Event::ClientRequest) {
                frontend.send_multipart(message)?;
            }
        }
        if state.is_readable() {
            let message = statesub.recv_multipart()?;
            // Anything else is not from the peer.
            if let Some(state) = State::of(&message[0]) {
                if !fsm.apply(Event::Peer(state)) {
                    return Ok(());
                }
                fsm.peer_expiry = Instant::now() + 2 * heartbeat;
            }
        }
        if Instant::now() >= send_state_at {
            statepub.send(fsm.state.to_message())?;
            send_state_at = Instant::now() + heartbeat;
        }
    }
}
