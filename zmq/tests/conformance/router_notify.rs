//! ROUTER_NOTIFY, a draft: a ROUTER is told when a peer comes and goes, by an empty message each.
#![cfg(feature = "draft")]

use std::io::Write as _;

use zmq::{Context, MonitorEvents, Router, RouterNotify, Socket};

use crate::common::{LONG, context_and, lacks_drafts, peer_of};
use crate::zmtp::{Peer, greeting};

const CONNECT: RouterNotify = RouterNotify {
    connect: true,
    disconnect: false,
};
const DISCONNECT: RouterNotify = RouterNotify {
    connect: false,
    disconnect: true,
};
const BOTH: RouterNotify = RouterNotify {
    connect: true,
    disconnect: true,
};

/// A bound ROUTER that is told so much; `None` where it cannot be.
fn router(notify: RouterNotify) -> Option<(Context, Socket<Router>)> {
    let (context, router) = context_and(zmq::ROUTER);
    if lacks_drafts() {
        return None;
    }
    router.set_router_notify(notify).unwrap();
    assert_eq!(router.router_notify().unwrap(), notify);
    router.bind("tcp://127.0.0.1:*").unwrap();
    Some((context, router))
}

/// Whom the next message, an empty one, is about.
#[track_caller]
fn noticed(router: &Socket<Router>) -> Vec<u8> {
    let [id, empty] = router.recv_array().unwrap();
    assert_eq!(empty, "");
    id.to_vec()
}

#[test]
fn a_router_is_told_who_comes_and_can_answer_at_once() {
    let Some((_context, router)) = router(CONNECT) else {
        return;
    };
    let peer = peer_of(&router, zmq::DEALER);
    let id = noticed(&router);
    router.send_to(&id[..], "welcome").unwrap();
    assert_eq!(peer.recv().unwrap(), "welcome");
    peer.send("thanks").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), [&id[..], b"thanks"]);
    // Of its end nothing is said: what comes next is another one's coming.
    drop(peer);
    let _other = peer_of(&router, zmq::DEALER);
    assert_ne!(noticed(&router), id);
}

#[test]
fn a_router_is_told_who_goes() {
    let Some((_context, router)) = router(DISCONNECT) else {
        return;
    };
    for _ in 0..3 {
        let peer = peer_of(&router, zmq::DEALER);
        peer.send("hello").unwrap();
        let [id, hello] = router.recv_array().unwrap();
        assert_eq!(hello, "hello");
        drop(peer);
        assert_eq!(noticed(&router), &id[..]);
    }
}

#[test]
fn a_router_is_told_of_a_whole_visit_in_order() {
    let Some((_context, router)) = router(BOTH) else {
        return;
    };
    let peer = peer_of(&router, zmq::DEALER);
    peer.set_linger(Some(LONG)).unwrap();
    peer.send_multipart(["all", "of", "it"]).unwrap();
    drop(peer);
    let id = noticed(&router);
    let message = router.recv_multipart().unwrap();
    assert_eq!(message, [&id[..], b"all", b"of", b"it"]);
    assert_eq!(noticed(&router), id);
}

#[test]
fn a_router_is_told_nothing_of_who_does_not_finish_the_handshake() {
    let Some((_context, router)) = router(BOTH) else {
        return;
    };
    let failed = router
        .monitor(
            MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL | MonitorEvents::HANDSHAKE_FAILED_PROTOCOL,
        )
        .unwrap();
    for said in [
        &b""[..],
        &greeting(0, "NULL", false),
        &greeting(0, "NONE-SUCH", false),
    ] {
        let mut peer = Peer::connect(&router);
        peer.0.write_all(said).unwrap();
        drop(peer);
        failed.recv_timeout(LONG).unwrap().expect("a failure");
        assert_eq!(router.try_recv_multipart().unwrap(), None);
    }
}

/// What came of the message is dropped, and the notice is a message of its own.
#[test]
fn a_router_is_told_of_a_peer_that_breaks_off_in_the_middle_of_a_message() {
    let Some((_context, router)) = router(BOTH) else {
        return;
    };
    router.set_maxmsgsize(Some(1000)).unwrap();
    router.bind("tcp://127.0.0.1:*").unwrap(); // counts from the next bind
    for rest in [&b"\x02\0\0\0\0\0\x10\0\0"[..], b""] {
        let mut peer = Peer::connect(&router).shake_hands(0, "DEALER");
        let id = noticed(&router);
        // A frame that says that another follows, and one that is too long, or none.
        peer.0.write_all(b"\x01\x05hello").unwrap();
        peer.0.write_all(rest).unwrap();
        if rest.is_empty() {
            drop(peer);
        } else {
            peer.wait_for_its_end();
        }
        assert_eq!(noticed(&router), id);
        assert_eq!(router.try_recv_multipart().unwrap(), None);
    }
}
