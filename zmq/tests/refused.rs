//! What is refused comes back: messages, with the reason, and time that ran out.

mod common;

use std::time::Instant;

use common::{LONG, NO_TIME, SHORT, connected, connected_over, context_and, patient};
use zmq::{Context, ErrorKind, Message, Multipart, SendError};

// ---- refused messages come back ----------------------------------------------------------------

#[test]
fn send_on_full_queue_returns_the_message() {
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    let pull = patient(context.socket(zmq::PULL).unwrap());
    push.set_sndhwm(2).unwrap();
    pull.set_rcvhwm(3).unwrap();
    pull.bind("inproc://full").unwrap();
    push.connect("inproc://full").unwrap();
    // Over inproc both marks together count.
    for number in 0..5 {
        push.try_send(Message::from(number.to_string())).unwrap();
    }

    let refused = push.try_send(Message::from("sixth")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert_eq!(refused.message, "sixth");
    push.set_sndtimeo(SHORT).unwrap();
    let refused = push.send(refused.into_message()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert_eq!(refused.message, "sixth");
    let refused = push.send_multipart(["sixth".to_string(), "two".into()]);
    assert_eq!(refused.unwrap_err().message, ["sixth", "two"]);
    let refused = push.send_more("sixth").send_more("two").try_send("three");
    assert_eq!(refused.unwrap_err().message, ["sixth", "two", "three"]);

    for number in 0..5 {
        assert_eq!(pull.recv().unwrap(), number.to_string());
    }
    assert_eq!(
        pull.try_recv().unwrap(),
        None,
        "nothing was sent of the refused"
    );
    push.set_sndtimeo(Some(LONG)).unwrap();
    push.send("room again").unwrap();
    assert_eq!(pull.recv().unwrap(), "room again");
}

#[test]
fn send_without_a_peer_returns_the_message() {
    fn check<T: zmq::CanSend + zmq::SingleFrame>(socket_type: T) {
        let (_context, socket) = context_and(socket_type);
        let refused = socket.try_send(Message::from("precious")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        socket.set_sndtimeo(SHORT).unwrap();
        let refused = socket.send(refused.message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "precious");
        let parts = Multipart::from(["two", "parts"]);
        let refused = socket.try_send_multipart(parts).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        let refused = socket.send_multipart(refused.message).unwrap_err();
        assert_eq!(refused.message, ["two", "parts"]);
        socket.set_sndtimeo(NO_TIME).unwrap();
        let refused = socket.send(refused.message[0].to_vec()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "two");
    }
    check(zmq::PUSH);
    check(zmq::DEALER);
    check(zmq::REQ);
    check(zmq::PAIR);
}

#[test]
fn every_owned_payload_comes_back_as_a_message_and_borrowed_bytes_as_nothing() {
    let (_context, push) = context_and(zmq::PUSH);
    let bytes = vec![7; 10_000];
    let place = bytes.as_ptr();
    let refused: SendError<Message> = push.try_send(bytes).unwrap_err();
    assert_eq!(refused.message.as_ptr(), place, "given back without a copy");
    assert_eq!(push.try_send(String::from("a")).unwrap_err().message, "a");
    let buffer = zmq::MessageBuf::from("a");
    assert_eq!(push.try_send(buffer).unwrap_err().message, "a");
    let refused: SendError<()> = push.try_send("borrowed").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    let refused: SendError<()> = push.try_send_multipart(["a", "b"]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    let refused = push.try_send_multipart(vec![String::from("a"), "b".into()]);
    assert_eq!(refused.unwrap_err().message, ["a", "b"]);
    // A tuple may hold both, and gives all of it back.
    let refused = push.try_send_multipart(("a", vec![b'b'])).unwrap_err();
    assert_eq!(refused.into_message(), ["a", "b"]);
}

#[test]
fn send_on_an_ended_context_returns_the_message() {
    let (context, pull, push) = connected_over("inproc://ended", zmq::PULL, zmq::PUSH);
    context.shutdown().unwrap();
    let refused = push.send(Message::from("precious")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Terminated);
    assert_eq!(refused.message, "precious");
    let refused = push.try_send_multipart(vec![refused.message, "more".into()]);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Terminated);
    assert_eq!(refused.message, ["precious", "more"]);
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::Terminated);
}

#[test]
fn a_second_request_before_the_reply_is_returned() {
    let (_context, server, client) = connected(zmq::REP, zmq::REQ);
    client.send("first").unwrap();
    let refused = client.send(Message::from("second")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.message, "second");
    let refused = client.try_send_multipart(["second".to_string(), "part".into()]);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.message, ["second", "part"]);

    assert_eq!(server.recv().unwrap(), "first");
    server.send("reply").unwrap();
    assert_eq!(client.recv().unwrap(), "reply");
    client.send_multipart(refused.message).unwrap();
    assert_eq!(server.recv_multipart().unwrap(), ["second", "part"]);
}

#[test]
fn receiving_out_of_turn_is_an_error_and_changes_nothing() {
    let (_context, server, client) = connected(zmq::REP, zmq::REQ);
    assert_eq!(client.recv().unwrap_err().kind(), ErrorKind::InvalidState);
    client.send("request").unwrap();
    assert_eq!(server.recv().unwrap(), "request");
    assert_eq!(server.recv().unwrap_err().kind(), ErrorKind::InvalidState);
    let error = server.recv_multipart().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    server.send("reply").unwrap();
    assert_eq!(client.recv().unwrap(), "reply");
}

#[test]
fn a_reply_without_a_request_is_returned() {
    let (_context, server, client) = connected(zmq::REP, zmq::REQ);
    let refused = server.send(Message::from("reply")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.message, "reply");
    client.send("request").unwrap();
    assert_eq!(server.recv().unwrap(), "request");
    server.send(refused.message).unwrap();
    let refused = server.send(Message::from("again")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
    assert_eq!(refused.message, "again");
    assert_eq!(client.recv().unwrap(), "reply");
}

#[test]
fn an_unroutable_message_is_returned_whole_when_routing_is_mandatory() {
    let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
    router.set_router_mandatory(true).unwrap();
    let refused = router.send_multipart(Multipart::from(["nobody", "", "body"]));
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
    assert_eq!(refused.message, ["nobody", "", "body"]);
    let refused = router.send_to("nobody", vec![b'x']).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
    assert_eq!(refused.message, ["nobody", "x"]);

    // The socket was not left in the middle of a message.
    dealer.send("hello").unwrap();
    let [id, _] = router.recv_array().unwrap();
    router.send_multipart((id, "alone")).unwrap();
    assert_eq!(dealer.recv_multipart().unwrap(), ["alone"]);
}

#[test]
fn an_unroutable_message_is_no_error_by_default() {
    let (_context, router) = context_and(zmq::ROUTER);
    router.send_to("nobody", "body").unwrap();
}

#[test]
fn a_message_without_frames_is_refused_on_every_type() {
    fn check<T: zmq::CanSend>(socket_type: T) {
        let (_context, socket) = context_and(socket_type);
        for refused in [
            socket.send_multipart(Multipart::new()).unwrap_err(),
            socket.try_send_multipart(Multipart::new()).unwrap_err(),
            socket.send_multipart(Vec::<Message>::new()).unwrap_err(),
            socket.send_multipart::<[Message; 0]>([]).unwrap_err(),
        ] {
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            assert!(refused.message.is_empty());
        }
    }
    check(zmq::PUSH);
    check(zmq::PUB);
    check(zmq::XPUB);
    check(zmq::XSUB);
    check(zmq::DEALER);
    check(zmq::ROUTER);
    check(zmq::REQ);
    check(zmq::REP);
    check(zmq::PAIR);
    check(zmq::STREAM);

    let (_context, push) = context_and(zmq::PUSH);
    let refused = push.send_multipart(Multipart::new()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "zmq_msg_send(PUSH, frames: 0): invalid argument: a message has at least one frame"
    );
}

#[test]
fn a_router_refuses_a_message_without_a_body() {
    let (_context, router) = context_and(zmq::ROUTER);
    let refused = router.send_multipart([Message::from("id")]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.message, ["id"]);
    assert_eq!(
        refused.to_string(),
        "zmq_msg_send(ROUTER, frames: 1): invalid argument: a routing id and at least one frame make a message here"
    );
}

#[test]
fn a_stream_refuses_other_than_two_parts() {
    let (_context, stream) = context_and(zmq::STREAM);
    for parts in [&["id"][..], &["id", "body", "more"]] {
        let message: Multipart = parts.iter().copied().collect();
        let refused = stream.send_multipart(message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
        assert!(
            refused
                .to_string()
                .ends_with("an id and one frame make a message here")
        );
        assert_eq!(refused.message, *parts);
    }
    let refused = stream.send_multipart(("nobody", vec![b'x'])).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
    assert_eq!(refused.message, ["nobody", "x"]);
}

// ---- time-outs -----------------------------------------------------------------------------------

#[test]
fn receives_give_up_after_rcvtimeo() {
    let (_context, mut pull) = context_and(zmq::PULL);
    let mut message = Message::new();
    let mut parts = Multipart::new();
    for time in [SHORT, NO_TIME] {
        pull.set_rcvtimeo(time).unwrap();
        let start = Instant::now();
        let kinds = [
            pull.recv().unwrap_err().kind(),
            pull.recv_message_into(&mut message).unwrap_err().kind(),
            pull.recv_into(&mut [0; 8]).unwrap_err().kind(),
            pull.recv_multipart().unwrap_err().kind(),
            pull.recv_multipart_into(&mut parts).unwrap_err().kind(),
            pull.recv_array::<2>().unwrap_err().kind(),
            pull.recv_frames().unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::WouldBlock; 7]);
        assert!(start.elapsed() >= 7 * time.unwrap());
        assert!(start.elapsed() < LONG);
    }
}

#[test]
fn sends_give_up_after_sndtimeo() {
    let (_context, push) = context_and(zmq::PUSH);
    push.set_sndtimeo(SHORT).unwrap();
    let start = Instant::now();
    let kinds = [
        push.send("a").unwrap_err().kind(),
        push.send(Message::from("a")).unwrap_err().kind(),
        push.send_multipart(["a", "b"]).unwrap_err().kind(),
        push.send_more("a").send("b").unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::WouldBlock; 4]);
    assert!(start.elapsed() >= 4 * SHORT.unwrap());
    assert!(start.elapsed() < LONG);
}
