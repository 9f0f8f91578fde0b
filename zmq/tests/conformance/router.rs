//! RFC 28, ROUTER: in fairly, by routing id out, and what becomes of an id that two peers want.

use std::time::Duration;

use zmq::{Context, Dealer, ErrorKind, MonitorEvents, Router, Socket};

use crate::common::{LONG, NO_TIME, bound, context_and, patient};
use crate::crowd::{self, PLACES};

#[test]
fn a_router_receives_from_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let router = bound(&context, zmq::ROUTER, place);
        let _peers = crowd::filled::<_, _, 4>(&router, zmq::DEALER, 5, |peer, name, number| {
            peer.send_multipart([&[name as u8], &[number]]).unwrap();
        });
        crowd::assert_in_turn::<4>(5, || {
            let [_, name, number] = router.recv_array().unwrap();
            (name[0].into(), number[0])
        });
        assert_eq!(router.try_recv_multipart().unwrap(), None);
    }
}

/// A DEALER of that routing id, whom the router has heard, and which does not come back by itself.
fn known(router: &Socket<Router>, id: &str) -> Socket<Dealer> {
    let dealer = patient(router.context().socket(zmq::DEALER).unwrap());
    dealer.set_routing_id(id).unwrap();
    dealer.set_reconnect_ivl(100 * LONG).unwrap();
    dealer.connect(&router.last_endpoint().unwrap()).unwrap();
    dealer.send("hello").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), [id, "hello"]);
    dealer
}

#[test]
fn what_was_queued_for_a_peer_of_a_router_that_disconnects_is_gone() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let router = bound(&context, zmq::ROUTER, place);
        router.set_router_mandatory(true).unwrap();
        let endpoint = router.last_endpoint().unwrap();
        let peer = known(&router, "peer");
        router.send_to("peer", "lost").unwrap();
        router.send_to("peer", "lost, too").unwrap();
        peer.disconnect(&endpoint).unwrap();
        assert_eq!(peer.try_recv().unwrap(), None);
        crowd::eventually("the peer has gone", || {
            // It ends the connection while it is used.
            crowd::take_in(&peer);
            crowd::take_in(&router);
            match router.send_to("peer", "to whom?") {
                Ok(()) => false,
                Err(refused) => refused.kind() == ErrorKind::HostUnreachable,
            }
        });

        peer.connect(&endpoint).unwrap();
        peer.send("back").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), ["peer", "back"]);
        router.send_to("peer", "new").unwrap();
        assert_eq!(peer.recv().unwrap(), "new");
        assert_eq!(peer.try_recv().unwrap(), None);
    }
}

#[test]
fn with_handover_the_newer_of_two_peers_has_the_routing_id() {
    let (_context, router) = context_and(zmq::ROUTER);
    router.set_router_handover(true).unwrap();
    router.bind("tcp://127.0.0.1:*").unwrap();
    let older = known(&router, "X");
    let newer = known(&router, "X");
    for text in ["for the newer", "this, too"] {
        router.send_to("X", text).unwrap();
        assert_eq!(newer.recv().unwrap(), text);
    }
    assert_eq!(older.try_recv().unwrap(), None);
}

#[test]
fn without_handover_the_older_of_two_peers_keeps_the_routing_id() {
    let (context, router) = context_and(zmq::ROUTER);
    router.bind("tcp://127.0.0.1:*").unwrap();
    let older = known(&router, "X");
    let monitor = router.monitor(MonitorEvents::HANDSHAKE_SUCCEEDED).unwrap();
    let newer = patient(context.socket(zmq::DEALER).unwrap());
    newer.set_routing_id("X").unwrap();
    newer.set_linger(NO_TIME).unwrap();
    newer.connect(&router.last_endpoint().unwrap()).unwrap();
    newer.send("hello").unwrap();
    monitor.recv_timeout(LONG).unwrap().expect("a handshake");
    crowd::take_in(&router);
    router.send_to("X", "for the older").unwrap();
    assert_eq!(older.recv().unwrap(), "for the older");
    // The newer one is connected, and neither heard nor spoken to.
    older.send("the older again").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["X", "the older again"]);
    assert_eq!(router.try_recv_multipart().unwrap(), None);
    assert_eq!(newer.try_recv().unwrap(), None);
}

#[test]
fn a_mandatory_router_gives_back_what_a_full_peer_has_no_room_for() {
    const SIZE: usize = 1 << 17;
    let context = Context::new().unwrap();
    let router = patient(context.socket(zmq::ROUTER).unwrap());
    router.set_router_mandatory(true).unwrap();
    router.set_sndhwm(1).unwrap();
    router.bind("tcp://127.0.0.1:*").unwrap();
    let peer = patient(context.socket(zmq::DEALER).unwrap());
    peer.set_routing_id("peer").unwrap();
    peer.set_rcvhwm(1).unwrap();
    peer.connect(&router.last_endpoint().unwrap()).unwrap();
    peer.send("hello").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["peer", "hello"]);

    router
        .set_sndtimeo(Some(Duration::from_millis(100)))
        .unwrap();
    let mut sent = 0;
    let refused = loop {
        match router.send_to("peer", vec![7; SIZE]) {
            Ok(()) => sent += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert!(sent > 0);
    let [id, body] = refused.into_message().into_array().unwrap();
    assert_eq!((&id[..], body.len()), (&b"peer"[..], SIZE));
    // Others are reached all the same.
    let other = known(&router, "other");
    router.send_to("other", "there is room").unwrap();
    assert_eq!(other.recv().unwrap(), "there is room");

    for _ in 0..sent {
        assert_eq!(peer.recv().unwrap().len(), SIZE);
    }
    router.set_sndtimeo(Some(LONG)).unwrap();
    router.send_to("peer", "room again").unwrap();
    assert_eq!(peer.recv().unwrap(), "room again");
}
