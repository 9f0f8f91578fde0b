//! Sockets whose type is known at run time only: every rule is checked then.

mod common;

use common::{connected_over, patient};
use zmq::{
    Any, Context, ErrorKind, Message, Multipart, PollEvents, Socket, SocketKind, SocketType,
};

fn any(kind: SocketKind) -> Socket<Any> {
    patient(Context::new().unwrap().socket_of(kind).unwrap())
}

/// Two connected sockets that have forgotten their types.
fn untyped<A: SocketType, B: SocketType>(a: A, b: B) -> (Socket<Any>, Socket<Any>) {
    let (_context, a, b) = connected_over("inproc://untyped", a, b);
    (a.into_any(), b.into_any())
}

#[test]
fn every_stable_type_opens_by_its_kind() {
    for raw in 0..=SocketKind::Stream.to_raw() {
        let kind = SocketKind::from_raw(raw).unwrap();
        assert_eq!(any(kind).kind(), kind);
    }
}

#[test]
fn sending_on_a_receiver_is_refused_and_returns_the_message() {
    for kind in [SocketKind::Pull, SocketKind::Sub] {
        let socket = any(kind);
        for refused in [
            socket.send(Message::from("a")).unwrap_err(),
            socket.try_send(Message::from("a")).unwrap_err(),
        ] {
            assert_eq!(refused.kind(), ErrorKind::NotSupported);
            assert_eq!(refused.message, "a");
            assert_eq!(refused.error.subject(), Some(kind.name()));
            assert!(refused.to_string().ends_with("it only receives"));
        }
        for refused in [
            socket.send_multipart(Multipart::from(["a", "b"])),
            socket.try_send_multipart(Multipart::from(["a", "b"])),
            socket.send_more("a").send("b"),
            socket.send_more("a").try_send("b"),
        ] {
            let refused = refused.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::NotSupported);
            assert_eq!(refused.message, ["a", "b"]);
        }
    }
}

#[test]
fn receiving_on_a_sender_is_refused_and_does_not_wait() {
    for kind in [SocketKind::Push, SocketKind::Pub] {
        let mut socket = any(kind);
        let mut message = Message::new();
        let mut parts = Multipart::new();
        let kinds = [
            socket.recv().unwrap_err().kind(),
            socket.try_recv().unwrap_err().kind(),
            socket.recv_message_into(&mut message).unwrap_err().kind(),
            socket.recv_into(&mut [0; 8]).unwrap_err().kind(),
            socket.try_recv_into(&mut [0; 8]).unwrap_err().kind(),
            socket.recv_multipart().unwrap_err().kind(),
            socket.try_recv_multipart().unwrap_err().kind(),
            socket.recv_multipart_into(&mut parts).unwrap_err().kind(),
            socket.recv_array::<2>().unwrap_err().kind(),
            socket.recv_frames().unwrap_err().kind(),
            socket.try_recv_frames().unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::NotSupported; 11]);
        let error = socket.recv_multipart().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "zmq_msg_recv({kind}): not supported by this socket type or this libzmq: it only sends"
            )
        );
    }
}

#[test]
fn one_bare_frame_is_refused_on_a_router_and_a_stream() {
    for kind in [SocketKind::Router, SocketKind::Stream] {
        let socket = any(kind);
        let refused = socket.send(Message::from("bare")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert_eq!(refused.message, "bare");
        let refused = socket.try_send("bare").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        let refused = socket.send_multipart(["bare"]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn one_bare_receive_on_a_router_gives_the_whole_message_back() {
    let (router, dealer) = untyped(zmq::ROUTER, zmq::DEALER);
    for _ in 0..2 {
        dealer.send("hello").unwrap();
    }
    dealer.send_multipart(["two", "parts"]).unwrap();
    let error = router.recv().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PartCount);
    let [id, hello] = error.into_multipart().unwrap().into_array().unwrap();
    assert_eq!(hello, "hello");
    let error = router.try_recv().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PartCount);
    assert_eq!(
        router.recv_multipart().unwrap(),
        [&id[..], b"two", b"parts"]
    );
    router.send_multipart((id, "answer")).unwrap();
    assert_eq!(dealer.recv().unwrap(), "answer");
}

#[test]
fn a_router_has_no_first_frame_for_a_buffer() {
    let (router, dealer) = untyped(zmq::ROUTER, zmq::DEALER);
    dealer.send("kept").unwrap();
    for error in [
        router.recv_into(&mut [0; 8]).unwrap_err(),
        router.try_recv_into(&mut [0; 8]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let [_id, kept] = router.recv_array().unwrap();
    assert_eq!(kept, "kept");
}

#[test]
fn a_receiver_that_has_nothing_says_why() {
    let pull = any(SocketKind::Pull);
    assert_eq!(pull.try_recv().unwrap(), None);
    pull.set_rcvtimeo(common::NO_TIME).unwrap();
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
    pull.context().shutdown().unwrap();
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::Terminated);
}

#[test]
fn options_of_other_types_are_refused() {
    let req = any(SocketKind::Req);
    let push = any(SocketKind::Push);
    for (name, result) in [
        ("ZMQ_SUBSCRIBE", req.subscribe("topic")),
        ("ZMQ_UNSUBSCRIBE", req.unsubscribe("topic")),
        ("ZMQ_SUBSCRIBE", push.subscribe("topic")),
        ("ZMQ_ROUTER_MANDATORY", push.set_router_mandatory(true)),
        ("ZMQ_REQ_RELAXED", push.set_req_relaxed(true)),
        ("ZMQ_REQ_CORRELATE", push.set_req_correlate(true)),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        assert_eq!(error.call(), "zmq_setsockopt");
        assert!(error.subject().unwrap().starts_with(name));
    }
    any(SocketKind::Sub).subscribe("topic").unwrap();
    any(SocketKind::Router).set_router_mandatory(true).unwrap();
    any(SocketKind::Req).set_req_relaxed(true).unwrap();
    any(SocketKind::Dealer).set_routing_id("id").unwrap();
}

#[test]
fn an_untyped_socket_does_what_its_type_does() {
    let (pull, push) = untyped(zmq::PULL, zmq::PUSH);
    push.send("one").unwrap();
    push.send(Message::from("two")).unwrap();
    push.send_multipart(["three", "parts"]).unwrap();
    push.send_more("four").send("parts").unwrap();
    assert_eq!(pull.recv().unwrap(), "one");
    let [ready] = zmq::poll([pull.poll_in()], Some(common::LONG)).unwrap();
    assert_eq!(ready, PollEvents::READABLE);
    assert_eq!(pull.try_recv().unwrap().unwrap(), "two");
    assert_eq!(
        pull.recv().unwrap_err().into_multipart().unwrap(),
        ["three", "parts"]
    );
    assert_eq!(pull.recv_multipart().unwrap(), ["four", "parts"]);

    let (server, client) = untyped(zmq::REP, zmq::REQ);
    client.send("question").unwrap();
    let refused = client.send(Message::from("too soon")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.message, "too soon");
    assert_eq!(server.recv().unwrap(), "question");
    server.send("answer").unwrap();
    assert_eq!(client.recv().unwrap(), "answer");

    let (publisher, subscriber) = untyped(zmq::XPUB, zmq::SUB);
    subscriber.subscribe("topic").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01topic");
    publisher.send("topic").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "topic");
}

#[test]
fn downcast_gives_the_type_back_or_the_socket() {
    fn only_its_own<T: SocketType>(socket_type: T) {
        let kind = T::KIND.unwrap();
        let context = Context::new().unwrap();
        let socket = context.socket(socket_type).unwrap().into_any();
        assert_eq!(socket.kind(), kind);
        let mut socket = socket;
        macro_rules! refused {
            ($($other:ident)*) => {$(
                if Some(kind) != zmq::$other::KIND {
                    socket = socket.downcast::<zmq::$other>().unwrap_err();
                }
            )*};
        }
        refused!(Req Rep Dealer Router Pub Sub XPub XSub Push Pull Pair Stream);
        let socket = socket.downcast::<Any>().unwrap();
        let socket: Socket<T> = socket.downcast().unwrap();
        assert_eq!(socket.kind(), kind);
    }
    only_its_own(zmq::REQ);
    only_its_own(zmq::REP);
    only_its_own(zmq::DEALER);
    only_its_own(zmq::ROUTER);
    only_its_own(zmq::PUB);
    only_its_own(zmq::SUB);
    only_its_own(zmq::XPUB);
    only_its_own(zmq::XSUB);
    only_its_own(zmq::PUSH);
    only_its_own(zmq::PULL);
    only_its_own(zmq::PAIR);
    only_its_own(zmq::STREAM);
}

#[test]
fn forgetting_the_type_twice_keeps_the_type() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PULL).unwrap().into_any().into_any();
    assert_eq!(socket.kind(), SocketKind::Pull);
    assert_eq!(
        socket.send("a").unwrap_err().kind(),
        ErrorKind::NotSupported
    );
    assert!(socket.downcast::<zmq::Push>().is_err());
}

#[test]
fn a_socket_keeps_its_connections_when_its_type_is_forgotten_and_found() {
    let (_context, mut pull, push) = connected_over("inproc://kept", zmq::PULL, zmq::PUSH);
    push.send_multipart(["half", "read"]).unwrap();
    push.send("next").unwrap();
    // Left in the middle of a message, which must not come out of another type's receive.
    std::mem::forget(pull.recv_frames().unwrap());
    let pull = pull.into_any();
    assert_eq!(pull.recv().unwrap(), "next");
    push.send("last").unwrap();
    let pull: Socket<zmq::Pull> = pull.downcast().unwrap();
    assert_eq!(pull.recv().unwrap(), "last");
}

#[test]
fn sockets_print_their_kind() {
    let socket = any(SocketKind::Dealer);
    assert!(format!("{socket:?}").starts_with("Socket { kind: Dealer, pointer: 0x"));
}
