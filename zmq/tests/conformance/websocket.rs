//! The ws transport, where libzmq has it: as tcp, whatever the path, mask and length.

use std::time::Duration;

use zmq::curve::{ClientConfig, KeyPair, ServerConfig};
use zmq::{Capability, Context, Message, MonitorEvents, Socket, SocketType, Subscription};

use crate::common::{LONG, patient};

/// Two sockets that have met over ws; `None` where libzmq lacks it, which `capabilities.rs` tells of.
fn met<A: SocketType, B: SocketType>(
    path: &str,
    a: A,
    b: B,
    prepare: impl FnOnce(&Socket<A>, &Socket<B>),
) -> Option<(Context, Socket<A>, Socket<B>)> {
    if !zmq::has(Capability::Ws) {
        return None;
    }
    let context = Context::new().unwrap();
    let a = patient(context.socket(a).unwrap());
    let b = patient(context.socket(b).unwrap());
    prepare(&a, &b);
    a.bind(&format!("ws://127.0.0.1:*{path}")).unwrap();
    let endpoint = a.last_endpoint().unwrap();
    assert!(endpoint.starts_with("ws://127.0.0.1:"), "{endpoint}");
    assert!(endpoint.ends_with(path), "{endpoint}");
    b.connect(&endpoint).unwrap();
    Some((context, a, b))
}

#[test]
fn requests_and_replies_go_over_ws_with_a_path_and_without() {
    for path in ["", "/", "/roundtrip"] {
        let Some((_context, server, client)) = met(path, zmq::REP, zmq::REQ, |_, _| ()) else {
            return;
        };
        for _ in 0..3 {
            client.send_multipart(["request", "", "of parts"]).unwrap();
            let request = server.recv_multipart().unwrap();
            assert_eq!(request, ["request", "", "of parts"]);
            server.send("reply").unwrap();
            assert_eq!(client.recv().unwrap(), "reply");
        }
    }
}

#[test]
fn messages_of_every_form_of_length_go_over_ws_both_ways() {
    let Some((_context, a, b)) = met("", zmq::PAIR, zmq::PAIR, |_, _| ()) else {
        return;
    };
    // Each is a form of length of WebSocket or of libzmq's messages: 125 and 65535 are the limits.
    for length in [
        0,
        1,
        33,
        34,
        124,
        125,
        126,
        255,
        256,
        65_534,
        65_535,
        65_536,
        1 << 20,
    ] {
        let sent: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        for (from, to) in [(&a, &b), (&b, &a)] {
            from.send(&sent).unwrap();
            assert!(
                to.recv().unwrap() == sent[..],
                "{length} bytes came otherwise"
            );
        }
    }
}

/// A client masks what it sends: in a copy, where others hold the same bytes.
#[test]
fn a_shared_message_keeps_its_bytes_when_it_is_sent_over_ws() {
    let Some((_context, server, client)) = met("", zmq::PAIR, zmq::PAIR, |_, _| ()) else {
        return;
    };
    let bytes: Vec<u8> = (0..255).collect();
    let mut message = Message::from(bytes.clone());
    for _ in 0..3 {
        client.send(message.share()).unwrap();
        assert_eq!(server.recv().unwrap(), bytes[..]);
    }
    assert_eq!(message, bytes[..]);
}

#[test]
fn a_connection_over_ws_lives_by_its_heartbeats() {
    let beat = Duration::from_millis(30);
    let Some((_context, server, client)) = met("", zmq::REP, zmq::REQ, |server, client| {
        server.set_heartbeat_ivl(beat).unwrap();
        client.set_heartbeat_ivl(beat).unwrap();
        // A peer that is busy for seconds may be late with an answer.
        server.set_heartbeat_timeout(LONG).unwrap();
        client.set_heartbeat_timeout(LONG).unwrap();
    }) else {
        return;
    };
    let monitor = client.monitor(MonitorEvents::DISCONNECTED).unwrap();
    for _ in 0..2 {
        client.send("request").unwrap();
        assert_eq!(server.recv().unwrap(), "request");
        server.send("reply").unwrap();
        assert_eq!(client.recv().unwrap(), "reply");
        // For as long as several heartbeats take nothing happens.
        assert_eq!(monitor.recv_timeout(10 * beat).unwrap(), None);
    }
}

#[test]
fn subscriptions_and_messages_go_over_ws() {
    let Some((_context, publisher, subscriber)) = met("", zmq::XPUB, zmq::SUB, |_, _| ()) else {
        return;
    };
    subscriber.subscribe("A").unwrap();
    let subscription = publisher.recv_subscription().unwrap();
    assert_eq!(subscription, Subscription::Subscribe(b"A".to_vec()));
    publisher.send("B unwanted").unwrap();
    publisher.send("A wanted").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "A wanted");
    subscriber.unsubscribe("A").unwrap();
    let subscription = publisher.recv_subscription().unwrap();
    assert_eq!(subscription, Subscription::Unsubscribe(b"A".to_vec()));
}

#[test]
fn a_connection_over_ws_is_encrypted_by_curve() {
    if !zmq::has(Capability::Curve) {
        return; // security_config.rs tells what it answers then
    }
    let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
    let Some((context, server, client)) = met("", zmq::REP, zmq::REQ, |server, client| {
        let config = ServerConfig::new(&ours.secret).any_client();
        config.apply(server).unwrap();
        ClientConfig::new(ours.public, &theirs)
            .apply(client)
            .unwrap();
    }) else {
        return;
    };
    client.send("request").unwrap();
    assert_eq!(server.recv().unwrap(), "request");
    server.send("reply").unwrap();
    assert_eq!(client.recv().unwrap(), "reply");

    let monitor = server
        .monitor(MonitorEvents::HANDSHAKE_FAILED_PROTOCOL)
        .unwrap();
    let stranger = patient(context.socket(zmq::REQ).unwrap());
    stranger.set_linger(crate::common::NO_TIME).unwrap();
    stranger.connect(&server.last_endpoint().unwrap()).unwrap();
    stranger.send("sneaky").unwrap();
    monitor.recv_timeout(LONG).unwrap().expect("a failure");
    assert!(server.try_recv().unwrap().is_none());
}
