//! Heartbeats (ZMTP 3.1, RFC 37): who is silent for too long is dropped, who answers is not.

use std::time::{Duration, Instant};

use crate::common::{LONG, NO_TIME, context_and, patient};
use crate::zmtp::{Frame, Peer, command};
use zmq::curve::{ClientConfig, KeyPair, ServerConfig};
use zmq::{Any, Context, EventKind, Monitor, MonitorEvents, Socket, SocketKind};

const MS_100: Duration = Duration::from_millis(100);

#[track_caller]
fn next(monitor: &Monitor) -> EventKind {
    let event = monitor.recv_timeout(LONG).unwrap();
    event.expect("an event").kind
}

#[track_caller]
fn assert_dropped(monitor: &Monitor) {
    let event = next(monitor);
    assert!(matches!(event, EventKind::Disconnected { .. }), "{event:?}");
}

// ---- a peer that is silent, by hand ----------------------------------------------------------------

#[test]
fn a_peer_that_answers_no_ping_is_dropped() {
    let (_context, server) = context_and(zmq::ROUTER);
    server.set_heartbeat_ivl(MS_100).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let monitor = server.monitor(MonitorEvents::DISCONNECTED).unwrap();
    let mut peer = Peer::connect(&server).shake_hands(1, "DEALER");
    // No time to live goes with a ping where none was set.
    assert_eq!(peer.next(), Some(command("PING", &[0, 0])));
    assert_dropped(&monitor);
    peer.wait_for_its_end();
}

#[test]
fn a_peer_that_pings_and_does_not_answer_is_dropped() {
    let (_context, server) = context_and(zmq::ROUTER);
    server.set_heartbeat_ivl(MS_100).unwrap();
    server.set_heartbeat_ttl(3 * MS_100).unwrap();
    server.set_heartbeat_timeout(20 * MS_100).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let monitor = server.monitor(MonitorEvents::DISCONNECTED).unwrap();
    let mut peer = Peer::connect(&server).shake_hands(1, "DEALER");
    peer.send(&command("PING", b"\0\0context"));
    let mut heard = Vec::new();
    while let Some(frame) = peer.next() {
        heard.push(frame);
    }
    assert!(heard.contains(&command("PONG", b"context")), "{heard:?}");
    assert!(heard.contains(&command("PING", &[0, 3])), "{heard:?}");
    assert_dropped(&monitor);
}

#[test]
fn a_peer_that_answers_stays_and_its_messages_come() {
    let (_context, server) = context_and(zmq::PULL);
    server.set_heartbeat_ivl(Duration::from_millis(20)).unwrap();
    server.set_heartbeat_timeout(LONG).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let mut peer = Peer::connect(&server).shake_hands(1, "PUSH");
    for _ in 0..10 {
        assert_eq!(peer.next(), Some(command("PING", &[0, 0])));
        peer.send(&command("PONG", b""));
        let (more, bytes) = (false, b"message".into());
        peer.send(&Frame::Part { more, bytes });
        assert_eq!(server.recv().unwrap(), "message");
    }
}

#[test]
fn a_peer_is_dropped_when_the_time_to_live_that_it_gave_is_over() {
    let (_context, server) = context_and(zmq::ROUTER);
    server.bind("tcp://127.0.0.1:*").unwrap();
    let monitor = server.monitor(MonitorEvents::DISCONNECTED).unwrap();
    let mut peer = Peer::connect(&server).shake_hands(1, "DEALER");
    peer.send(&command("PING", &[0, 1]));
    assert_eq!(peer.next(), Some(command("PONG", b"")));
    assert_dropped(&monitor);
    peer.wait_for_its_end();
}

/// It takes in nothing, so not the answers either.
#[test]
fn a_receiver_that_is_full_for_longer_than_the_timeout_drops_a_live_peer() {
    let (context, pull) = context_and(zmq::PULL);
    pull.set_rcvhwm(1).unwrap();
    pull.set_heartbeat_ivl(MS_100).unwrap();
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let monitor = pull.monitor(MonitorEvents::DISCONNECTED).unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.set_linger(NO_TIME).unwrap();
    push.connect(&pull.last_endpoint().unwrap()).unwrap();
    for _ in 0..10 {
        push.send("more than there is room for").unwrap();
    }
    assert_dropped(&monitor);
    assert_eq!(pull.recv().unwrap(), "more than there is room for");
}

// ---- each pair of types ----------------------------------------------------------------------------

fn pairs() -> Vec<(SocketKind, SocketKind)> {
    use SocketKind::*;
    let mut pairs = vec![
        (Router, Dealer),
        (Rep, Req),
        (Push, Pull),
        (Pub, Sub),
        (Pair, Pair),
    ];
    if cfg!(feature = "draft") && zmq::has(zmq::Capability::Draft) {
        pairs.extend([(Server, Client), (Scatter, Gather)]);
    }
    pairs
}

/// Two connected sockets, and what the first tells of its connections.
struct Met {
    names: String,
    monitor: Monitor,
    _sockets: [Socket<Any>; 2],
}

fn meet(
    context: &Context,
    (server, client): (SocketKind, SocketKind),
    prepare: impl FnOnce(&Socket<Any>, &Socket<Any>),
) -> Met {
    let names = format!("{server} and {client}");
    let [server, client] = [server, client].map(|kind| patient(context.socket_of(kind).unwrap()));
    prepare(&server, &client);
    let events = MonitorEvents::DISCONNECTED | MonitorEvents::HANDSHAKE_SUCCEEDED;
    let monitor = server.monitor(events).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    assert_eq!(next(&monitor), EventKind::HandshakeSucceeded, "{names}");
    Met {
        names,
        monitor,
        _sockets: [server, client],
    }
}

/// The client pings when the time that it gave with the last ping has been over for long.
#[test]
fn each_type_drops_a_peer_that_outlives_the_time_it_gave() {
    let context = Context::new().unwrap();
    let met: Vec<_> = pairs()
        .into_iter()
        .map(|kinds| {
            meet(&context, kinds, |_, client| {
                client.set_heartbeat_ttl(MS_100).unwrap();
                client.set_heartbeat_ivl(5 * MS_100).unwrap();
                client.set_heartbeat_timeout(LONG).unwrap();
            })
        })
        .collect();
    for met in met {
        println!("{}", met.names);
        assert_dropped(&met.monitor);
    }
}

/// Both sides would drop a peer that is silent for four seconds, and are watched for six.
#[test]
fn no_type_drops_a_peer_that_answers_with_or_without_curve() {
    const DROP: Duration = Duration::from_secs(4);
    let context = Context::new().unwrap();
    let (ours, theirs) = match zmq::has(zmq::Capability::Curve) {
        true => (KeyPair::new().ok(), KeyPair::new().ok()),
        false => (None, None),
    };
    let mut met = Vec::new();
    for secure in [false, true] {
        for kinds in pairs() {
            met.push(meet(&context, kinds, |server, client| {
                for socket in [server, client] {
                    socket.set_heartbeat_ivl(MS_100).unwrap();
                    socket.set_heartbeat_timeout(DROP).unwrap();
                    socket.set_heartbeat_ttl(DROP).unwrap();
                }
                if let (true, Some(ours), Some(theirs)) = (secure, &ours, &theirs) {
                    let config = ServerConfig::new(&ours.secret).any_client();
                    config.apply(server).unwrap();
                    let config = ClientConfig::new(ours.public, theirs);
                    config.apply(client).unwrap();
                }
            }));
        }
    }
    let end = Instant::now() + DROP + DROP / 2;
    for met in met {
        let left = end.saturating_duration_since(Instant::now());
        let event = met.monitor.recv_timeout(left).unwrap();
        assert_eq!(event, None, "{}", met.names);
    }
}
