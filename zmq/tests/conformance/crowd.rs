//! Peers of a bound socket, and the moments at which it knows them and has all they sent.

use std::thread;
use std::time::{Duration, Instant};

use zmq::{CanSend, Context, MonitorEvents, Socket, SocketType};

use crate::common::{self, LONG, patient};

/// Where the tests of this crate meet that say something of queues.
pub const PLACES: [&str; 2] = ["tcp://127.0.0.1:*", "inproc://crowd"];

/// Peers of a socket that has bound, in the order in which it comes to know them.
pub fn peers<T, B, const N: usize>(bound: &Socket<B>, socket_type: T) -> [Socket<T>; N]
where
    T: SocketType + Copy,
    B: SocketType,
{
    let over_tcp = bound.last_endpoint().unwrap().starts_with("tcp");
    let monitor = bound.monitor(MonitorEvents::HANDSHAKE_SUCCEEDED).unwrap();
    let peers = std::array::from_fn(|_| {
        let peer = common::peer_of(bound, socket_type);
        if over_tcp {
            monitor.recv_timeout(LONG).unwrap().expect("a handshake");
        }
        peer
    });
    take_in(bound);
    peers
}

/// Has the socket look at what its peers have done; a send or receive does so now and then only.
pub fn take_in<T: SocketType>(socket: &Socket<T>) {
    socket.events().unwrap();
}

/// Has `N` peers send `each` messages, `[text of the peer, number]`, all of which are in the queues
/// of the bound socket afterwards; over tcp the peers have gone then.
pub fn filled<T, B, const N: usize>(
    bound: &Socket<B>,
    socket_type: T,
    each: u8,
    say: impl Fn(&Socket<T>, usize, u8),
) -> Vec<Socket<T>>
where
    T: SocketType + CanSend + Copy,
    B: SocketType,
{
    let endpoint = bound.last_endpoint().unwrap();
    if !endpoint.starts_with("tcp") {
        let peers: [Socket<T>; N] = peers(bound, socket_type);
        for (name, peer) in peers.iter().enumerate() {
            (0..each).for_each(|number| say(peer, name, number));
        }
        take_in(bound);
        return peers.into();
    }
    // A connection that has ended has been read to its end.
    let ended = bound.monitor(MonitorEvents::DISCONNECTED).unwrap();
    for name in 0..N {
        let context = Context::new().unwrap();
        let peer = patient(context.socket(socket_type).unwrap());
        peer.connect(&endpoint).unwrap();
        (0..each).for_each(|number| say(&peer, name, number));
        drop(peer);
        context.terminate().unwrap();
    }
    for _ in 0..N {
        ended.recv_timeout(LONG).unwrap().expect("its end");
    }
    take_in(bound);
    Vec::new()
}

/// Checks that each of `N` peers had its turn in each round of receiving.
#[track_caller]
pub fn assert_in_turn<const N: usize>(each: u8, mut next: impl FnMut() -> (usize, u8)) {
    for round in 0..each {
        let mut heard = [false; N];
        for _ in 0..N {
            let (name, number) = next();
            assert_eq!(number, round, "out of turn");
            assert!(!heard[name], "twice in a round");
            heard[name] = true;
        }
    }
}

/// Waits for what no event tells of.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONG, "it never came to pass that {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
