//! An interface to the nodes of a network: an agent, on a thread of its own, makes this node known by
//! UDP beacons, and tells which others come and go.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use zmq::{Actor, ActorError, ActorPipe, ActorStart, Context, ErrorKind, Multipart};

use crate::udplib::Udp;

const PING_PORT_NUMBER: u16 = 9999;
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// A peer that has been silent for so long is gone.
const PEER_EXPIRY: Duration = Duration::from_secs(5);

/// What a node is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Uuid([u8; 16]);

impl Uuid {
    /// A random one.
    fn generate() -> Uuid {
        // The keys of a hasher are random: for nodes that do not mean to be taken for each other.
        let random = || RandomState::new().build_hasher().finish();
        let number = (u128::from(random()) << 64) | u128::from(random());
        let mut bytes = number.to_be_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4: random
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid(bytes)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The application's side of the interface.
///
/// ```no_run
/// let context = zmq::Context::new()?;
/// let interface = zguide::interface::Interface::new(&context)?;
/// let event = interface.recv()?; // ["JOINED"][uuid] or ["LEFT"][uuid]
/// println!("{event:?}");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
pub struct Interface {
    agent: Actor,
}

impl Interface {
    /// Starts an agent that sends to everyone on the network, at UDP port 9999. It ends when the
    /// interface is dropped.
    ///
    /// # Errors
    /// As [`Actor::spawn`], with the errors of the UDP socket.
    pub fn new(context: &Context) -> Result<Interface, ActorError> {
        Interface::with_broadcast(context, Ipv4Addr::BROADCAST)
    }

    /// The same, with another broadcast address.
    ///
    /// # Errors
    /// As [`new`](Interface::new).
    pub fn with_broadcast(context: &Context, broadcast: Ipv4Addr) -> Result<Interface, ActorError> {
        let body = move |start| Agent::new(start, broadcast)?.run();
        let agent = Actor::spawn(context, "interface", body)?;
        Ok(Interface { agent })
    }

    /// Waits until a peer comes or goes: `["JOINED"][uuid]` or `["LEFT"][uuid]`, the uuid as 32
    /// hexadecimal digits.
    ///
    /// # Errors
    /// As [`Actor::recv_multipart`].
    pub fn recv(&self) -> zmq::Result<Multipart> {
        self.agent.recv_multipart()
    }
}

struct Agent {
    pipe: ActorPipe,
    udp: Udp,
    uuid: Uuid,
    /// When each of the peers is taken for gone.
    peers: HashMap<Uuid, Instant>,
}

impl Agent {
    fn new(start: ActorStart, broadcast: Ipv4Addr) -> io::Result<Agent> {
        let udp = Udp::new(PING_PORT_NUMBER, broadcast)?;
        Ok(Agent {
            pipe: start.ready(),
            udp,
            uuid: Uuid::generate(),
            peers: HashMap::new(),
        })
    }

    fn run(mut self) -> io::Result<()> {
        // The first beacon goes out at once.
        let mut ping_at = Instant::now();
        loop {
            let timeout = ping_at.saturating_duration_since(Instant::now());
            let items = [self.pipe.poll_in(), self.udp.poll_in()];
            let [control, beacon] = match zmq::poll(items, Some(timeout)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                events => events?,
            };
            // There is no other control message.
            if control.is_readable() && self.pipe.recv_multipart()? == [ActorPipe::STOP] {
                return Ok(());
            }
            if beacon.is_readable() {
                self.handle_beacon()?;
            }
            if Instant::now() >= ping_at {
                self.udp.send(&self.uuid.0)?;
                ping_at = Instant::now() + PING_INTERVAL;
            }
            self.reap_peers()?;
        }
    }

    /// Takes a beacon, of a peer or of this very node.
    fn handle_beacon(&mut self) -> io::Result<()> {
        let mut buffer = [0; 17]; // one more than a beacon has
        let Some(length) = self.udp.recv(&mut buffer)? else {
            return Ok(());
        };
        let Ok(uuid) = buffer[..length].try_into().map(Uuid) else {
            return Ok(()); // no beacon
        };
        if uuid == self.uuid {
            return Ok(());
        }
        if self
            .peers
            .insert(uuid, Instant::now() + PEER_EXPIRY)
            .is_none()
        {
            self.report("JOINED", uuid)?;
        }
        Ok(())
    }

    /// Reports the peers that are gone.
    fn reap_peers(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let is_gone = |(uuid, expires): (&Uuid, &Instant)| (now >= *expires).then_some(*uuid);
        let gone: Vec<Uuid> = self.peers.iter().filter_map(is_gone).collect();
        for uuid in gone {
            self.peers.remove(&uuid);
            self.report("LEFT", uuid)?;
        }
        Ok(())
    }

    fn report(&self, event: &str, uuid: Uuid) -> io::Result<()> {
        Ok(self.pipe.send_multipart((event, uuid.to_string()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_differ_and_are_printed_as_32_digits() {
        let (one, other) = (Uuid::generate(), Uuid::generate());
        assert!(one != other);
        let text = one.to_string();
        assert_eq!((text.len(), &text[12..13]), (32, "4"), "{text}");
        assert_eq!(Uuid([0x0a; 16]).to_string(), "0A".repeat(16));
    }
}
