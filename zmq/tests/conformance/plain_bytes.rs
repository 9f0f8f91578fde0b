//! STREAM: plain bytes to and from whoever is there, also a socket that speaks ZMTP.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use zmq::{ErrorKind, EventKind, Message, MonitorEvents, Socket, Stream};

use crate::common::{LONG, bound, context_and, patient};
use crate::crowd;
use crate::zmtp::{Peer, greeting};

/// The peer of the next message, which has to be the empty one that says it came or went.
#[track_caller]
fn notified(stream: &Socket<Stream>) -> Message {
    let [id, notice] = stream.recv_array().unwrap();
    assert_eq!(notice, "");
    id
}

/// The next `count` bytes of a peer, and in how many messages they came.
fn bytes_of(stream: &Socket<Stream>, peer: &Message, count: usize) -> (Vec<u8>, usize) {
    let (mut bytes, mut messages) = (Vec::new(), 0);
    while bytes.len() < count {
        let [id, more] = stream.recv_array().unwrap();
        assert_eq!(&id, peer);
        assert!(!more.is_empty(), "it went: {}", bytes.escape_ascii());
        bytes.extend_from_slice(&more);
        messages += 1;
    }
    (bytes, messages)
}

const READY: &[u8] = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER";

#[test]
fn a_stream_shakes_hands_with_a_dealer_by_hand() {
    let (context, stream) = context_and(zmq::STREAM);
    let dealer = bound(&context, zmq::DEALER, "tcp://127.0.0.1:*");
    stream.connect(&dealer.last_endpoint().unwrap()).unwrap();
    let id = notified(&stream);
    let say = |bytes: &[u8]| stream.send_multipart([&id[..], bytes]).unwrap();

    say(&greeting(0, "NULL", false));
    let (heard, _) = bytes_of(&stream, &id, 64);
    assert_eq!((heard[0], heard[9], heard[10]), (0xff, 0x7f, 3));
    assert_eq!(&heard[12..17], b"NULL\0");
    say(READY);
    // Perhaps a part of it has come with the greeting.
    let mut ready = heard[64..].to_vec();
    while ready.len() < 2 || ready.len() < 2 + usize::from(ready[1]) {
        ready.extend(bytes_of(&stream, &id, 1).0);
    }
    assert_eq!(&ready[2..8], b"\x05READY");

    say(b"\x01\x05hello\0\x05world");
    assert_eq!(dealer.recv_multipart().unwrap(), ["hello", "world"]);
    dealer.send_multipart(["and", "back"]).unwrap();
    let (frames, _) = bytes_of(&stream, &id, 11);
    assert_eq!(frames, b"\x01\x03and\0\x04back");
}

#[test]
fn two_streams_talk_and_one_hears_when_the_other_hangs_up() {
    let (context, server) = context_and(zmq::STREAM);
    server.bind("tcp://127.0.0.1:*").unwrap();
    let client = patient(context.socket(zmq::STREAM).unwrap());
    client.set_reconnect_ivl(100 * LONG).unwrap(); // it does not come back by itself
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    let there = notified(&client);
    let here = notified(&server);
    for (from, to, by, known_as) in [
        (&client, &server, &there, &here),
        (&server, &client, &here, &there),
    ] {
        from.send_multipart([&by[..], b"hello"]).unwrap();
        from.send_multipart([&by[..], b"world"]).unwrap();
        assert_eq!(bytes_of(to, known_as, 10).0, b"helloworld");
    }

    // An empty part hangs up. The other is told so; who did it knows.
    server.send_multipart([&here[..], b""]).unwrap();
    let refused = server.send_multipart([&here[..], b"to whom?"]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
    crowd::eventually("the other has heard of it", || {
        // It hangs up while it is used.
        assert_eq!(server.try_recv_multipart().unwrap(), None);
        let told = client.try_recv_multipart().unwrap();
        told.is_some_and(|message| {
            assert_eq!(message, [&there[..], b""]);
            true
        })
    });
}

#[test]
fn more_than_a_receive_buffer_comes_whole() {
    let (_context, stream) = context_and(zmq::STREAM);
    stream.bind("tcp://127.0.0.1:*").unwrap();
    let mut peer = Peer::connect(&stream);
    let id = notified(&stream);
    for count in [8192, 8193, 200_000] {
        let sent: Vec<u8> = (0..count).map(|index| (index % 251) as u8).collect();
        peer.0.write_all(&sent).unwrap();
        let (received, messages) = bytes_of(&stream, &id, count);
        assert!(received == sent, "{count} bytes came otherwise");
        // One buffer makes one message at most.
        assert!(messages >= count.div_ceil(8192), "{messages} for {count}");
    }
}

// ---- who says nothing ------------------------------------------------------------------------------

#[test]
fn a_bound_socket_hangs_up_on_who_says_nothing() {
    let (_context, dealer) = context_and(zmq::DEALER);
    dealer
        .set_handshake_ivl(Duration::from_millis(100))
        .unwrap();
    let monitor = dealer
        .monitor(MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL)
        .unwrap();
    dealer.bind("tcp://127.0.0.1:*").unwrap();
    Peer::connect(&dealer).wait_for_its_end();
    let event = monitor.recv_timeout(LONG).unwrap().expect("a failure");
    assert!(matches!(
        event.kind,
        EventKind::HandshakeFailedNoDetail { .. }
    ));
}

#[test]
fn a_connecting_socket_hangs_up_on_who_says_nothing_and_tries_again() {
    let (_context, dealer) = context_and(zmq::DEALER);
    dealer
        .set_handshake_ivl(Duration::from_millis(100))
        .unwrap();
    dealer.set_reconnect_ivl(Duration::from_millis(10)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    dealer.connect(&endpoint).unwrap();
    for _ in 0..2 {
        Peer::accept(&listener).wait_for_its_end();
    }
}
