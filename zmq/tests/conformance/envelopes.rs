//! What goes before a message: the addresses of requests, and what a peer says of itself.

use crate::common::{LONG, bound, connected, connected_over, context_and, patient, peer_of};
use zmq::{Context, HasRoutingId, Message, ProbesRouters, Socket};

/// Over tcp a ROUTER and a REP part in the handshake.
#[test]
fn a_replier_survives_malformed_envelopes_and_requesters_that_are_gone() {
    let (context, router) = context_and(zmq::ROUTER);
    let replier = bound(&context, zmq::REP, "inproc://envelopes");
    router
        .connect_as("replier", &replier.last_endpoint().unwrap())
        .unwrap();
    let send = |frames: &[&str]| router.send_multipart(frames.to_vec()).unwrap();
    // Without the delimiter there is no telling where the request begins.
    send(&["replier", "malformed"]);
    send(&["replier", "an address", "another", "malformed as well"]);
    // Two addresses, of somebody who may be gone: they go back as they came.
    send(&["replier", "a", "b", "", "question", "in two parts"]);
    assert_eq!(
        replier.recv_multipart().unwrap(),
        ["question", "in two parts"]
    );
    replier.send("answer").unwrap();
    assert_eq!(
        router.recv_multipart().unwrap(),
        ["replier", "a", "b", "", "answer"]
    );
    // No more than the delimiter: a request without a body.
    send(&["replier", ""]);
    send(&["replier", "", "last"]);
    assert_eq!(replier.recv_multipart().unwrap(), ["last"]);
    replier.send("done").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["replier", "", "done"]);
}

/// Answers to someone who has left are dropped, and the next one is served.
#[test]
fn a_replier_goes_on_when_its_requester_left_before_the_reply() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://gone"] {
        let (_context, replier, gone) = connected_over(endpoint, zmq::REP, zmq::REQ);
        gone.send("and away").unwrap();
        assert_eq!(replier.recv().unwrap(), "and away");
        drop(gone);
        replier.send("to nobody").unwrap();
        let next = peer_of(&replier, zmq::REQ);
        next.send("question").unwrap();
        assert_eq!(replier.recv().unwrap(), "question");
        replier.send("answer").unwrap();
        assert_eq!(next.recv().unwrap(), "answer");
    }
}

/// One of two ROUTERs gives the other a name. It is known there by the name that it gave itself, or by
/// one of libzmq's making.
#[test]
fn routers_talk_by_names_that_one_has_given() {
    for own_name in [None, Some("X")] {
        let (context, x) = context_and(zmq::ROUTER);
        let y = bound(&context, zmq::ROUTER, "tcp://127.0.0.1:*");
        if let Some(name) = own_name {
            x.set_routing_id(name).unwrap();
        }
        x.connect_as("Y", &y.last_endpoint().unwrap()).unwrap();
        x.send_to("Y", "from X").unwrap();
        let [id, from_x] = y.recv_array().unwrap();
        assert_eq!(from_x, "from X");
        match own_name {
            Some(name) => assert_eq!(id, name),
            None => assert_eq!((id.len(), id[0]), (5, 0)),
        }
        y.send_to(id, "from Y").unwrap();
        assert_eq!(x.recv_multipart().unwrap(), ["Y", "from Y"]);
    }
}

/// A poll has taken the first part of a message out when the next peer is named.
#[test]
fn a_peer_is_named_while_the_router_receives() {
    for transport in ["tcp://127.0.0.1:*", "inproc://"] {
        let (context, x) = context_and(zmq::ROUTER);
        x.set_routing_id("X").unwrap();
        let [y, z] = ["y", "z"].map(|name| match transport {
            "inproc://" => bound(&context, zmq::ROUTER, &format!("inproc://{name}")),
            _ => bound(&context, zmq::ROUTER, transport),
        });
        x.connect_as("Z", &z.last_endpoint().unwrap()).unwrap();
        x.send_to("Z", "here").unwrap();
        assert_eq!(z.recv_multipart().unwrap(), ["X", "here"]);
        for number in ["1", "2", "3"] {
            z.send_multipart(["X", number, "of Z"]).unwrap();
        }
        let [came] = zmq::poll([x.poll_in()], Some(LONG)).unwrap();
        assert!(came.is_readable());
        x.connect_as("Y", &y.last_endpoint().unwrap()).unwrap();
        x.send_to("Y", "here").unwrap();
        assert_eq!(y.recv_multipart().unwrap(), ["X", "here"]);
        for number in ["1", "2", "3"] {
            assert_eq!(x.recv_multipart().unwrap(), ["Z", number, "of Z"]);
        }
        y.send_to("X", "of Y").unwrap();
        assert_eq!(x.recv_multipart().unwrap(), ["Y", "of Y"]);
    }
}

/// A poll has the ROUTER take the first part out early, which libzmq 4.3.4 then makes the routing id
/// for without what it knows of the peer.
#[test]
fn every_part_knows_the_peer_also_one_that_a_poll_took_out_early() {
    let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
    for early in [true, false] {
        dealer.send_multipart(["one", "two"]).unwrap();
        if early {
            let [came] = zmq::poll([router.poll_in()], Some(LONG)).unwrap();
            assert!(came.is_readable());
        }
        let [id, one, two] = router.recv_array().unwrap();
        let knows = |part: &Message| part.peer_socket_type() == Some("DEALER");
        assert_eq!(knows(&id), !early || zmq::version() >= (4, 3, 5));
        for part in [one, two] {
            assert!(knows(&part));
            assert_eq!(part.peer_address(), Some("127.0.0.1"));
            assert_eq!(part.property("Routing-Id"), Some(""));
            assert_eq!(part.property("nothing of the kind"), None);
        }
    }
}

/// A peer that says nothing but that it is there is known by that, and can be spoken to.
fn probe<T: ProbesRouters + HasRoutingId>(prober: T) -> (Context, Socket<T>) {
    let (context, router) = context_and(zmq::ROUTER);
    router.bind("tcp://127.0.0.1:*").unwrap();
    let prober = patient(context.socket(prober).unwrap());
    prober.set_probe_router(true).unwrap();
    prober.set_routing_id("prober").unwrap();
    prober.connect(&router.last_endpoint().unwrap()).unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["prober", ""]);
    router.send_to("prober", "hello").unwrap();
    (context, prober)
}

#[test]
fn dealers_and_routers_probe_a_router() {
    let (_context, dealer) = probe(zmq::DEALER);
    assert_eq!(dealer.recv().unwrap(), "hello");
    let (_context, router) = probe(zmq::ROUTER);
    let [_, hello] = router.recv_array().unwrap();
    assert_eq!(hello, "hello");
}
