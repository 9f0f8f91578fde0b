//! The draft types in their pairs: who talks to whom, and what comes back when nobody takes it.
#![cfg(feature = "draft")]

mod common;

use std::num::NonZeroU32;

use common::{LONG, connected_over, context_and, lacks_drafts, patient};
use zmq::{Context, ErrorKind, Message, RoutingId, SocketKind};

const TRANSPORTS: [&str; 2] = ["tcp://127.0.0.1:*", "ipc://*"];

fn nobody() -> RoutingId {
    RoutingId::new(NonZeroU32::MIN)
}

#[test]
fn a_libzmq_without_drafts_refuses_the_types() {
    let context = Context::new().unwrap();
    for raw in 12..=20 {
        let kind = SocketKind::from_raw(raw).unwrap();
        let opened = context.socket_of(kind);
        if lacks_drafts() || kind == SocketKind::Dgram {
            let error = opened.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
            assert_eq!(error.subject(), Some(kind.name()));
        } else {
            assert_eq!(opened.unwrap().kind(), kind);
        }
    }
}

#[test]
fn a_client_talks_to_a_server() {
    if lacks_drafts() {
        return;
    }
    for transport in TRANSPORTS {
        let (_context, server, client) = connected_over(transport, zmq::SERVER, zmq::CLIENT);
        client.send("one").unwrap();
        client.send(Message::from(vec![7; 10_000])).unwrap();
        let request = server.recv().unwrap();
        assert_eq!(request, "one");
        let id = request.routing_id().unwrap();
        assert_eq!(server.recv().unwrap().routing_id(), Some(id));
        server.send_to_peer(id, "answer").unwrap();
        // A message that has the id already, and one of another peer's.
        server.send_to_peer(id, request).unwrap();
        assert_eq!(client.recv().unwrap(), "answer");
        let back = client.recv().unwrap();
        assert_eq!(back, "one");
        assert_eq!(back.routing_id(), None);
    }
}

#[test]
fn a_server_gives_back_what_nobody_is_there_for() {
    if lacks_drafts() {
        return;
    }
    let (_context, server, client) = connected_over("tcp://127.0.0.1:*", zmq::SERVER, zmq::CLIENT);
    for refused in [
        server.send_to_peer(nobody(), "lost").unwrap_err(),
        server.try_send_to_peer(nobody(), vec![7; 4]).unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
        assert_eq!(refused.error.subject(), Some("1"));
        assert_eq!(refused.message.len(), 4);
    }
    client.send("here").unwrap();
    let id = server.recv().unwrap().routing_id().unwrap();
    drop(client);
    // The connection ends some time later, and is let go of when it is looked for messages.
    let refused = loop {
        assert_eq!(server.try_recv().unwrap(), None);
        match server.try_send_to_peer(id, Message::from("gone")) {
            Err(refused) if refused.kind() != ErrorKind::WouldBlock => break refused,
            _ => {}
        }
    };
    assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
    assert_eq!(refused.message, "gone");
}

#[test]
fn a_full_peer_of_a_server_gives_the_message_back() {
    if lacks_drafts() {
        return;
    }
    let (context, server) = context_and(zmq::SERVER);
    server.set_sndhwm(1).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let client = patient(context.socket(zmq::CLIENT).unwrap());
    client.set_rcvhwm(1).unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("here").unwrap();
    let id = server.recv().unwrap().routing_id().unwrap();
    let mut sent = 0;
    let refused = loop {
        match server.try_send_to_peer(id, vec![7; 1 << 20]) {
            Ok(()) => sent += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert_eq!(refused.message.len(), 1 << 20);
    for _ in 0..sent {
        assert_eq!(client.recv().unwrap().len(), 1 << 20);
    }
    server.send_to_peer(id, refused.message).unwrap(); // waits for room
    assert_eq!(client.recv().unwrap().len(), 1 << 20);
}

#[test]
fn a_scatter_sends_to_gathers_in_turn() {
    if lacks_drafts() {
        return;
    }
    for transport in TRANSPORTS {
        let (_context, gather, scatter) = connected_over(transport, zmq::GATHER, zmq::SCATTER);
        for n in 0..10_u8 {
            scatter.send([n].to_vec()).unwrap();
        }
        for n in 0..10_u8 {
            assert_eq!(gather.recv().unwrap(), [n]);
        }
        assert_eq!(gather.try_recv().unwrap(), None);
    }
    let (_context, scatter) = context_and(zmq::SCATTER);
    let refused = scatter.try_send(Message::from("nobody")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert_eq!(refused.message, "nobody");
}

#[test]
fn channels_talk_to_each_other() {
    if lacks_drafts() {
        return;
    }
    for transport in TRANSPORTS {
        let (_context, a, b) = connected_over(transport, zmq::CHANNEL, zmq::CHANNEL);
        b.send("to a").unwrap();
        assert_eq!(a.recv().unwrap(), "to a");
        a.send("to b").unwrap();
        assert_eq!(b.recv().unwrap(), "to b");
    }
}

#[test]
fn a_peer_knows_whom_it_connected_to() {
    if lacks_drafts() {
        return;
    }
    for transport in TRANSPORTS {
        let (context, a) = context_and(zmq::PEER);
        let b = patient(context.socket(zmq::PEER).unwrap());
        a.bind(&common::endpoint(transport)).unwrap();
        let to_a = b.connect_peer(&a.last_endpoint().unwrap()).unwrap();
        b.send_to_peer(to_a, "hello").unwrap();
        let hello = a.recv().unwrap();
        assert_eq!(hello, "hello");
        let to_b = hello.routing_id().unwrap();
        a.send_to_peer(to_b, "and to you").unwrap();
        let answer = b.recv().unwrap();
        assert_eq!(answer.routing_id(), Some(to_a));
        assert_eq!(answer, "and to you");
    }
}

#[test]
fn a_peer_that_connects_at_once_has_no_ids_to_give() {
    if lacks_drafts() {
        return;
    }
    let (_context, peer) = context_and(zmq::PEER);
    peer.set_immediate(true).unwrap();
    let error = peer.connect_peer("tcp://127.0.0.1:1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    peer.set_immediate(false).unwrap();
    for wrong in ["", "tcp://", "tcp://127.0.0.1:99999", "inproc://a", "a\0b"] {
        assert!(peer.connect_peer(wrong).is_err(), "{wrong}");
    }
    let id = peer.connect_peer("tcp://127.0.0.1:1").unwrap();
    peer.send_to_peer(id, "waits").unwrap();
    peer.set_linger(Some(std::time::Duration::ZERO)).unwrap();
}

#[test]
fn messages_of_several_frames_are_refused_and_come_back() {
    if lacks_drafts() {
        return;
    }
    let context = Context::new().unwrap();
    let client = context.socket(zmq::CLIENT).unwrap();
    let refused = client.send_more("one").send("two").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert!(
        refused
            .to_string()
            .ends_with("this socket type has messages of one frame only")
    );
    assert_eq!(refused.message, ["one", "two"]);
    for kind in [
        SocketKind::Client,
        SocketKind::Server,
        SocketKind::Radio,
        SocketKind::Scatter,
        SocketKind::Peer,
        SocketKind::Channel,
    ] {
        let socket = context.socket_of(kind).unwrap();
        let parts = zmq::Multipart::from(["one", "two"]);
        let refused = socket.try_send_multipart(parts).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{kind}");
        assert_eq!(refused.message, ["one", "two"]);
    }
}

#[test]
fn a_message_for_nobody_in_particular_is_refused_and_comes_back() {
    if lacks_drafts() {
        return;
    }
    let context = Context::new().unwrap();
    for (kind, way) in [
        (SocketKind::Server, "`send_to_peer` names the peer"),
        (SocketKind::Peer, "`send_to_peer` names the peer"),
        (SocketKind::Radio, "`send_to_group` names the group"),
    ] {
        let socket = context.socket_of(kind).unwrap();
        let refused = socket.send(Message::from("whose?")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{kind}");
        assert_eq!(refused.message, "whose?");
        assert!(refused.to_string().ends_with(way), "{refused}");
    }
    let server = context.socket(zmq::SERVER).unwrap();
    let refused = server.send_multipart(["whose?"]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[test]
fn an_untyped_socket_does_what_its_draft_type_does_and_no_more() {
    if lacks_drafts() {
        return;
    }
    let (_context, server, client) = connected_over("tcp://127.0.0.1:*", zmq::SERVER, zmq::CLIENT);
    let (server, client) = (server.into_any(), client.into_any());
    client.send("question").unwrap();
    let question = server.recv().unwrap();
    let id = question.routing_id().unwrap();
    server.send_to_peer(id, "answer").unwrap();
    assert_eq!(client.recv().unwrap(), "answer");

    let refused = client.send_to_peer(id, "not here").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotSupported);
    assert_eq!(refused.message, "not here");
    let refused = server.send_to_group("group", "not here").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotSupported);
    assert_eq!(refused.message, "not here");
    for error in [
        client.join("group").unwrap_err(),
        client.leave("group").unwrap_err(),
        server.connect_peer("tcp://127.0.0.1:1").unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotSupported);
    }
    let client: zmq::Socket<zmq::Client> = client.downcast().unwrap();
    assert!(client.thread_safe().unwrap());
    assert!(server.downcast::<zmq::Peer>().is_err());
}

#[test]
fn polling_and_events_tell_of_messages() {
    if lacks_drafts() {
        return;
    }
    let (context, gather, scatter) = connected_over("tcp://127.0.0.1:*", zmq::GATHER, zmq::SCATTER);
    let ordinary = context.socket(zmq::PULL).unwrap();
    let items = || [gather.poll_in(), ordinary.poll_in(), gather.poll_in()];
    assert!(
        zmq::poll(items(), common::NO_TIME)
            .unwrap()
            .iter()
            .all(|events| events.is_empty())
    );
    scatter.send("message").unwrap();
    let events = zmq::poll(items(), Some(LONG)).unwrap();
    assert_eq!(
        events.map(|events| events.is_readable()),
        [true, false, true]
    );
    assert!(gather.events().unwrap().is_readable());
    assert!(scatter.events().unwrap().is_writable());
    assert_eq!(gather.recv().unwrap(), "message");
    assert!(!gather.events().unwrap().is_readable());
}
