//! What goes wrong, and how it is told: refused messages come back, every error names its call.

mod common;

use std::error::Error as StdError;
use std::io;
use std::time::{Duration, Instant};

use common::{LONG, connected, connected_over, in_child, patient};
use zmq::{
    Context, Error, ErrorKind, Message, Multipart, SendError, Socket, SocketKind, SocketType,
};

const NO_TIME: Option<Duration> = Some(Duration::ZERO);
const SHORT: Option<Duration> = Some(Duration::from_millis(10));

fn context_and<T: SocketType>(socket_type: T) -> (Context, Socket<T>) {
    let context = Context::new().unwrap();
    let socket = patient(context.socket(socket_type).unwrap());
    (context, socket)
}

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
}

#[test]
fn a_router_refuses_a_message_without_a_body() {
    let (_context, router) = context_and(zmq::ROUTER);
    let refused = router.send_multipart([Message::from("id")]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.message, ["id"]);
    assert_eq!(
        refused.to_string(),
        "zmq_msg_send(ROUTER, 1 frames): invalid argument: a routing id and at least one frame make a message here"
    );
}

#[test]
fn a_stream_refuses_other_than_two_parts() {
    let (_context, stream) = context_and(zmq::STREAM);
    for parts in [&["id"][..], &["id", "body", "more"]] {
        let message: Multipart = parts.iter().copied().collect();
        let refused = stream.send_multipart(message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
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

// ---- conversions and texts -------------------------------------------------------------------------

fn refused_send() -> Result<(), SendError<Message>> {
    context_and(zmq::PUSH).1.try_send(Message::from("precious"))
}

fn wrong_shape() -> Result<(), zmq::RecvError> {
    let (_context, pull, push) = connected_over("inproc://shape", zmq::PULL, zmq::PUSH);
    push.send_multipart(["a", "b"]).unwrap();
    pull.recv().map(drop)
}

fn refused_bind() -> zmq::Result<()> {
    context_and(zmq::PULL).1.bind("tcp://127.0.0.1:99999")
}

fn still_open() -> Result<(), zmq::StillOpen> {
    let (context, _socket) = context_and(zmq::PULL);
    context.terminate_timeout(Duration::ZERO)
}

#[test]
fn every_error_becomes_a_zmq_error_by_question_mark() {
    fn send() -> zmq::Result<()> {
        Ok(refused_send()?)
    }
    fn receive() -> zmq::Result<()> {
        Ok(wrong_shape()?)
    }
    fn terminate() -> zmq::Result<()> {
        Ok(still_open()?)
    }
    assert_eq!(send().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(receive().unwrap_err().kind(), ErrorKind::PartCount);
    assert_eq!(terminate().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn every_error_becomes_an_io_error_by_question_mark_and_stays_inside() {
    fn send() -> io::Result<()> {
        Ok(refused_send()?)
    }
    fn receive() -> io::Result<()> {
        Ok(wrong_shape()?)
    }
    fn bind() -> io::Result<()> {
        Ok(refused_bind()?)
    }
    for (error, kind, inner) in [
        (send(), io::ErrorKind::WouldBlock, ErrorKind::WouldBlock),
        (receive(), io::ErrorKind::InvalidData, ErrorKind::PartCount),
        (bind(), io::ErrorKind::InvalidInput, ErrorKind::InvalidInput),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind);
        let source = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(source.kind(), inner);
        assert_eq!(error.to_string(), source.to_string());
    }
}

#[test]
fn every_error_becomes_a_boxed_error_by_question_mark() {
    type Boxed = Box<dyn StdError + Send + Sync>;
    fn send() -> Result<(), Boxed> {
        Ok(refused_send()?)
    }
    fn receive() -> Result<(), Boxed> {
        Ok(wrong_shape()?)
    }
    fn bind() -> Result<(), Boxed> {
        Ok(refused_bind()?)
    }
    fn terminate() -> Result<(), Boxed> {
        Ok(still_open()?)
    }
    let error = send().unwrap_err();
    let error = error.downcast::<SendError>().unwrap();
    assert_eq!(error.message, "precious", "the message is still in the box");
    let error = receive().unwrap_err().downcast::<zmq::RecvError>().unwrap();
    assert_eq!(error.into_multipart().unwrap(), ["a", "b"]);
    assert!(bind().unwrap_err().is::<Error>());
    assert!(terminate().unwrap_err().is::<zmq::StillOpen>());
}

#[test]
fn kinds_map_to_those_of_std() {
    for (kind, expected) in [
        (ErrorKind::WouldBlock, io::ErrorKind::WouldBlock),
        (ErrorKind::Interrupted, io::ErrorKind::Interrupted),
        (ErrorKind::Terminated, io::ErrorKind::Other),
        (ErrorKind::InvalidState, io::ErrorKind::Other),
        (ErrorKind::HostUnreachable, io::ErrorKind::HostUnreachable),
        (ErrorKind::InvalidInput, io::ErrorKind::InvalidInput),
        (ErrorKind::NameTooLong, io::ErrorKind::InvalidInput),
        (ErrorKind::AddressInUse, io::ErrorKind::AddrInUse),
        (
            ErrorKind::AddressNotAvailable,
            io::ErrorKind::AddrNotAvailable,
        ),
        (ErrorKind::NotFound, io::ErrorKind::NotFound),
        (ErrorKind::NoDevice, io::ErrorKind::NotFound),
        (ErrorKind::PermissionDenied, io::ErrorKind::PermissionDenied),
        (ErrorKind::ProtocolNotSupported, io::ErrorKind::Unsupported),
        (ErrorKind::IncompatibleProtocol, io::ErrorKind::Unsupported),
        (ErrorKind::NotSupported, io::ErrorKind::Unsupported),
        (ErrorKind::TooManyOpen, io::ErrorKind::Other),
        (ErrorKind::OutOfMemory, io::ErrorKind::OutOfMemory),
        (ErrorKind::PartCount, io::ErrorKind::InvalidData),
        (ErrorKind::Dropped, io::ErrorKind::ConnectionReset),
        (ErrorKind::Truncated, io::ErrorKind::UnexpectedEof),
        (ErrorKind::Forked, io::ErrorKind::Other),
        (ErrorKind::Other(libc::ETIMEDOUT), io::ErrorKind::TimedOut),
    ] {
        assert_eq!(io::ErrorKind::from(kind), expected, "{kind:?}");
    }
}

#[test]
fn every_kind_says_something_of_its_own() {
    let kinds = [
        ErrorKind::WouldBlock,
        ErrorKind::Interrupted,
        ErrorKind::Terminated,
        ErrorKind::InvalidState,
        ErrorKind::HostUnreachable,
        ErrorKind::InvalidInput,
        ErrorKind::AddressInUse,
        ErrorKind::AddressNotAvailable,
        ErrorKind::NotFound,
        ErrorKind::NoDevice,
        ErrorKind::PermissionDenied,
        ErrorKind::ProtocolNotSupported,
        ErrorKind::IncompatibleProtocol,
        ErrorKind::NotSupported,
        ErrorKind::NoIoThread,
        ErrorKind::TooManyOpen,
        ErrorKind::OutOfMemory,
        ErrorKind::NameTooLong,
        ErrorKind::NotASocket,
        ErrorKind::BadAddress,
        ErrorKind::PartCount,
        ErrorKind::Dropped,
        ErrorKind::Truncated,
        ErrorKind::Forked,
        ErrorKind::Other(libc::ENOSPC),
        ErrorKind::Other(987_654),
    ];
    let texts: std::collections::HashSet<String> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), kinds.len());
    assert!(texts.iter().all(|text| !text.is_empty()));
}

#[test]
fn texts_name_the_call_and_what_it_was_about() {
    let error = refused_bind().unwrap_err();
    assert_eq!(error.call(), "zmq_bind");
    assert_eq!(error.subject(), Some("tcp://127.0.0.1:99999"));
    assert_eq!(
        error.to_string(),
        "zmq_bind(tcp://127.0.0.1:99999): invalid argument: a port is a number from 0 to 65535, or * for any that is free"
    );
    assert_eq!(
        format!("{error:?}"),
        "Error { call: \"zmq_bind\", kind: InvalidInput, errno: 22, subject: \"tcp://127.0.0.1:99999\", reason: \"a port is a number from 0 to 65535, or * for any that is free\" }"
    );

    let error = refused_send().unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_msg_send: operation would block or timed out"
    );
    assert!(format!("{error:?}").contains("WouldBlock"));
    assert!(
        !format!("{error:?}").contains("precious"),
        "a log does not tell what was to be sent"
    );
    assert_eq!(error.error.subject(), None);

    let error = wrong_shape().unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_msg_recv(1 wanted, 2 came): message has another number of parts"
    );
    assert!(format!("{error:?}").contains(r#"b"a""#));

    let error = Error::from(still_open().unwrap_err());
    assert_eq!(error.call(), "zmq_ctx_term");
    assert_eq!(error.subject(), Some("1 sockets, 0 handles open"));

    let (_context, socket) = context_and(zmq::PULL);
    let error = socket.unbind("tcp://127.0.0.1:5555").unwrap_err();
    assert_eq!(
        error.to_string(),
        "zmq_unbind(tcp://127.0.0.1:5555): no such endpoint"
    );
    let error = socket.set_sndhwm(u32::MAX).unwrap_err();
    assert_eq!(error.call(), "zmq_setsockopt");
    assert_eq!(error.subject(), Some("ZMQ_SNDHWM"));
}

#[test]
fn errors_clone_and_compare() {
    let error = refused_bind().unwrap_err();
    assert_eq!(error.clone(), error);
    assert_ne!(error, Error::from(refused_send().unwrap_err()));
    assert_eq!(refused_send(), refused_send());
    assert_eq!(wrong_shape(), wrong_shape());
}

#[test]
fn errno_is_what_c_would_have_seen() {
    let (context, socket) = context_and(zmq::PULL);
    assert_eq!(refused_send().unwrap_err().error.errno(), libc::EAGAIN);
    assert_eq!(refused_bind().unwrap_err().errno(), libc::EINVAL);
    let error = socket.bind("udp://127.0.0.1:5555").unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ENOCOMPATPROTO);
    let error = socket.bind("nonsense://address").unwrap_err();
    assert_eq!(error.errno(), zmq_sys::EPROTONOSUPPORT);
    let error = socket.unbind("inproc://nowhere").unwrap_err();
    assert_eq!(error.errno(), libc::ENOENT);
    let (_context, requester) = context_and(zmq::REQ);
    let error = requester.recv().unwrap_err();
    assert_eq!(error.error().errno(), zmq_sys::EFSM);
    let (_context, router) = context_and(zmq::ROUTER);
    router.set_router_mandatory(true).unwrap();
    let error = router.send_to("nobody", "body").unwrap_err();
    assert_eq!(error.error.errno(), zmq_sys::EHOSTUNREACH);
    context.shutdown().unwrap();
    let error = socket.recv_multipart().unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ETERM);
    let error = context.socket(zmq::PULL).unwrap_err();
    assert_eq!(error.errno(), zmq_sys::ETERM);
}

#[test]
fn a_refusal_of_this_crate_has_the_errno_of_its_kind() {
    let (_context, socket) = context_and(zmq::PULL);
    let own = socket.bind("inproc://zeromq.zap.01").unwrap_err();
    let libzmqs = socket.bind("udp://127.0.0.1:5555").unwrap_err();
    assert_eq!(own.kind(), libzmqs.kind());
    assert_eq!(own.errno(), libzmqs.errno());
}

// ---- bad input -----------------------------------------------------------------------------------

#[test]
fn malformed_endpoints_are_refused_by_every_endpoint_call() {
    let (_context, socket) = context_and(zmq::PULL);
    for endpoint in [
        "",
        "tcp",
        "://",
        "tcp://",
        "tcp:/127.0.0.1:5555",
        "inproc://",
        "ipc://",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:99999",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:+1",
        "tcp://127.0.0.1:12x",
        "tcp://127.0.0.1: 1",
        "tcp://127.0.0.1:18446744073709551617",
    ] {
        for (call, result) in [
            ("zmq_bind", socket.bind(endpoint)),
            ("zmq_unbind", socket.unbind(endpoint)),
            ("zmq_connect", socket.connect(endpoint)),
            ("zmq_disconnect", socket.disconnect(endpoint)),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{call} {endpoint:?}");
            assert_eq!(error.call(), call);
            assert_eq!(error.subject(), Some(endpoint));
        }
    }
}

#[test]
fn a_nul_in_an_endpoint_is_refused_and_not_cut_off() {
    let (_context, socket) = context_and(zmq::PULL);
    for endpoint in ["inproc://a\0b", "tcp://127.0.0.1:*\0", "\0"] {
        for result in [
            socket.bind(endpoint),
            socket.unbind(endpoint),
            socket.connect(endpoint),
            socket.disconnect(endpoint),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(!error.to_string().contains('\0'));
        }
    }
    assert_eq!(socket.last_endpoint().unwrap(), "");
}

#[test]
fn endpoints_that_cannot_be_used_say_why() {
    let (context, socket) = context_and(zmq::PULL);
    let kind = |result: zmq::Result<()>| result.unwrap_err().kind();
    assert_eq!(
        kind(socket.bind("nonsense://a")),
        ErrorKind::ProtocolNotSupported
    );
    assert_eq!(
        kind(socket.connect("nonsense://a")),
        ErrorKind::ProtocolNotSupported
    );
    assert_eq!(
        kind(socket.bind("udp://127.0.0.1:5555")),
        ErrorKind::IncompatibleProtocol
    );
    // Reserved for documentation: no machine has it.
    assert_eq!(
        kind(socket.bind("tcp://192.0.2.1:*")),
        ErrorKind::AddressNotAvailable
    );
    assert_eq!(
        kind(socket.bind("tcp://no-such-interface:*")),
        ErrorKind::NoDevice
    );
    assert_eq!(
        kind(socket.bind(&format!("ipc:///tmp/{}", "x".repeat(200)))),
        ErrorKind::NameTooLong
    );

    socket.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = socket.last_endpoint().unwrap();
    socket.bind("inproc://taken").unwrap();
    let other = context.socket(zmq::PULL).unwrap();
    assert_eq!(kind(other.bind(&endpoint)), ErrorKind::AddressInUse);
    assert_eq!(kind(other.bind("inproc://taken")), ErrorKind::AddressInUse);
    let error = other.bind(&endpoint).unwrap_err();
    assert_eq!(error.subject(), Some(&*endpoint));
}

#[test]
fn unbind_and_disconnect_of_the_unknown_are_not_found() {
    let (_context, socket) = context_and(zmq::SUB);
    for endpoint in ["tcp://127.0.0.1:5555", "inproc://nowhere", "ipc:///nowhere"] {
        for result in [socket.unbind(endpoint), socket.disconnect(endpoint)] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert_eq!(error.subject(), Some(endpoint));
        }
    }
    socket.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = socket.last_endpoint().unwrap();
    socket.unbind(&endpoint).unwrap();
    let error = socket.unbind(&endpoint).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    socket.connect(&endpoint).unwrap();
    socket.disconnect(&endpoint).unwrap();
    let error = socket.disconnect(&endpoint).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn routing_ids_that_cannot_be_are_refused() {
    let (_context, dealer) = context_and(zmq::DEALER);
    for id in [&[][..], &[b'x'; 256], b"\0id", b"\0"] {
        let error = dealer.set_routing_id(id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.subject().unwrap().starts_with("ZMQ_ROUTING_ID = "));
        assert!(!error.to_string().contains('\0'));
    }
    assert_eq!(dealer.routing_id().unwrap(), b"");
    let longest = [b'x'; 255];
    dealer.set_routing_id(longest).unwrap();
    assert_eq!(dealer.routing_id().unwrap(), longest);
}

#[test]
fn option_values_that_c_cannot_hold_are_refused() {
    let (_context, socket) = context_and(zmq::DEALER);
    let count = i32::MAX as u32 + 1;
    let time = Duration::from_millis(i32::MAX as u64) + Duration::from_nanos(1);
    for (name, result) in [
        ("ZMQ_SNDHWM", socket.set_sndhwm(count)),
        ("ZMQ_RCVHWM", socket.set_rcvhwm(u32::MAX)),
        ("ZMQ_BACKLOG", socket.set_backlog(count)),
        ("ZMQ_SNDBUF", socket.set_sndbuf(Some(count))),
        ("ZMQ_RCVBUF", socket.set_rcvbuf(Some(u32::MAX))),
        ("ZMQ_LINGER", socket.set_linger(Some(Duration::MAX))),
        ("ZMQ_LINGER", socket.set_linger(Some(time))),
        ("ZMQ_RCVTIMEO", socket.set_rcvtimeo(Some(time))),
        ("ZMQ_SNDTIMEO", socket.set_sndtimeo(Some(Duration::MAX))),
        (
            "ZMQ_CONNECT_TIMEOUT",
            socket.set_connect_timeout(Duration::MAX),
        ),
        ("ZMQ_MAXMSGSIZE", socket.set_maxmsgsize(Some(u64::MAX))),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        assert_eq!(error.call(), "zmq_setsockopt");
        assert_eq!(error.subject(), Some(name));
    }
    assert_eq!(socket.sndhwm().unwrap(), 1000);
    assert_eq!(socket.sndtimeo().unwrap(), Some(LONG));
}

#[test]
fn only_repliers_and_routers_bind_where_the_authenticator_lives() {
    const ZAP: &str = "inproc://zeromq.zap.01";
    let context = Context::new().unwrap();
    for kind in [
        SocketKind::Pull,
        SocketKind::Pair,
        SocketKind::Dealer,
        SocketKind::Sub,
        SocketKind::Req,
    ] {
        let error = context.socket_of(kind).unwrap().bind(ZAP).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
        assert_eq!((error.call(), error.subject()), ("zmq_bind", Some(ZAP)));
    }
    for kind in [SocketKind::Rep, SocketKind::Router] {
        // A context each, because a closed socket holds its name for a while.
        let context = Context::new().unwrap();
        context.socket_of(kind).unwrap().bind(ZAP).unwrap();
    }
}

#[test]
#[cfg(not(feature = "draft"))]
fn a_draft_type_is_refused_without_the_feature() {
    let context = Context::new().unwrap();
    for raw in 12..=20 {
        let kind = SocketKind::from_raw(raw).unwrap();
        let error = context.socket_of(kind).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported);
        assert_eq!(error.call(), "zmq_socket");
        assert_eq!(error.subject(), Some(kind.name()));
    }
}

#[test]
fn socket_kinds_and_numbers_are_one_to_one() {
    for raw in 0..=20 {
        let kind = SocketKind::from_raw(raw).unwrap();
        assert_eq!(kind.to_raw(), raw);
        assert_eq!(kind.to_string(), kind.name());
    }
    for raw in [-1, 21, 1000, i32::MAX, i32::MIN] {
        assert_eq!(SocketKind::from_raw(raw), None);
    }
    for (kind, raw) in [
        (SocketKind::Pair, zmq_sys::ZMQ_PAIR),
        (SocketKind::Pub, zmq_sys::ZMQ_PUB),
        (SocketKind::Sub, zmq_sys::ZMQ_SUB),
        (SocketKind::Req, zmq_sys::ZMQ_REQ),
        (SocketKind::Rep, zmq_sys::ZMQ_REP),
        (SocketKind::Dealer, zmq_sys::ZMQ_DEALER),
        (SocketKind::Router, zmq_sys::ZMQ_ROUTER),
        (SocketKind::Pull, zmq_sys::ZMQ_PULL),
        (SocketKind::Push, zmq_sys::ZMQ_PUSH),
        (SocketKind::XPub, zmq_sys::ZMQ_XPUB),
        (SocketKind::XSub, zmq_sys::ZMQ_XSUB),
        (SocketKind::Stream, zmq_sys::ZMQ_STREAM),
    ] {
        assert_eq!(kind.to_raw(), raw);
    }
}

#[test]
fn opening_a_socket_of_type_any_says_how_it_is_done() {
    let context = Context::new().unwrap();
    let error = context.socket(zmq::Any).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("socket_of"), "{error}");
}

#[test]
fn opening_more_sockets_than_allowed_says_so() {
    let context = Context::new().unwrap();
    context.set_max_sockets(1).unwrap();
    let _one = context.socket(zmq::PULL).unwrap();
    let error = std::iter::repeat_with(|| context.socket(zmq::PUSH))
        .take(3)
        .collect::<zmq::Result<Vec<_>>>()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyOpen);
    assert_eq!(error.errno(), libc::EMFILE);
    assert_eq!(error.subject(), Some("PUSH"));
}

#[test]
fn tcp_without_an_io_thread_is_an_error() {
    let context = Context::new().unwrap();
    context.set_io_threads(0).unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    let error = socket.bind("tcp://127.0.0.1:*").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoIoThread);
    socket.bind("inproc://needs-none").unwrap();
}

// ---- polls ---------------------------------------------------------------------------------------

#[test]
fn a_poll_of_nothing_without_a_timeout_is_refused() {
    for error in [
        zmq::poll([], None).unwrap_err(),
        zmq::poll(Vec::new(), None).unwrap_err(),
        zmq::poll(&[][..], None).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.call(), "zmq_poll");
    }
    assert_eq!(zmq::poll([], NO_TIME).unwrap(), []);
    let start = Instant::now();
    assert_eq!(zmq::poll(Vec::new(), SHORT).unwrap(), []);
    assert!(start.elapsed() >= SHORT.unwrap());
}

/// Lowers the limit of descriptors of this process, which is the test's own.
fn limit_descriptors(most: libc::rlim_t) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    let read = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = most;
    // SAFETY: `limit` is readable.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!((read, set), (0, 0));
}

#[test]
fn polling_more_items_than_descriptors_is_an_error_and_no_abort() {
    in_child(
        "polling_more_items_than_descriptors_is_an_error_and_no_abort",
        || {
            let (_context, pull) = context_and(zmq::PULL);
            let (fd, _other) = std::os::unix::net::UnixStream::pair().unwrap();
            limit_descriptors(64);
            let fd = std::os::fd::AsFd::as_fd(&fd);
            for item in [pull.poll_in(), fd.into()] {
                let error = zmq::poll(&vec![item; 65][..], NO_TIME).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert_eq!(error.subject(), Some("65 items"));
                assert!(zmq::poll(vec![item; 65], None).is_err());
                assert!(zmq::poll([item; 65], SHORT).is_err());
                assert_eq!(zmq::poll([item; 64], NO_TIME).unwrap().len(), 64);
            }
        },
    );
}

// ---- ended contexts --------------------------------------------------------------------------------

#[test]
fn every_call_on_an_ended_context_says_terminated() {
    let context = Context::new().unwrap();
    let mut dealer = patient(context.socket(zmq::DEALER).unwrap());
    let sub = patient(context.socket(zmq::SUB).unwrap());
    let router = patient(context.socket(zmq::ROUTER).unwrap());
    let mut req = patient(context.socket(zmq::REQ).unwrap());
    let mut rep = patient(context.socket(zmq::REP).unwrap());
    dealer.bind("tcp://127.0.0.1:*").unwrap();
    let bound = dealer.last_endpoint().unwrap();
    dealer.connect("inproc://early").unwrap();
    context.shutdown().unwrap();
    context.shutdown().unwrap();

    let all = |kinds: &[ErrorKind]| {
        for (index, kind) in kinds.iter().enumerate() {
            assert_eq!(*kind, ErrorKind::Terminated, "call number {index}");
        }
    };
    let mut message = Message::new();
    let mut parts = Multipart::new();
    all(&[
        context.socket(zmq::PULL).unwrap_err().kind(),
        context.socket_of(SocketKind::Pull).unwrap_err().kind(),
        dealer.send("a").unwrap_err().kind(),
        dealer.send(vec![1; 1000]).unwrap_err().kind(),
        dealer.try_send("a").unwrap_err().kind(),
        dealer.send_multipart(["a", "b"]).unwrap_err().kind(),
        dealer.try_send_multipart(["a", "b"]).unwrap_err().kind(),
        dealer.send_more("a").send("b").unwrap_err().kind(),
        dealer.send_more("a").try_send("b").unwrap_err().kind(),
        router.send_to("id", "b").unwrap_err().kind(),
        req.request("a").unwrap_err().kind(),
        req.request_multipart(["a", "b"]).unwrap_err().kind(),
        req.try_send("a").unwrap_err().kind(),
        rep.next_request().unwrap_err().kind(),
        rep.try_next_request().unwrap_err().kind(),
        dealer.recv().unwrap_err().kind(),
        dealer.try_recv().unwrap_err().kind(),
        dealer.recv_message_into(&mut message).unwrap_err().kind(),
        dealer
            .try_recv_message_into(&mut message)
            .unwrap_err()
            .kind(),
        dealer.recv_into(&mut [0; 8]).unwrap_err().kind(),
        dealer.try_recv_into(&mut [0; 8]).unwrap_err().kind(),
        dealer.recv_multipart().unwrap_err().kind(),
        dealer.try_recv_multipart().unwrap_err().kind(),
        dealer.recv_multipart_into(&mut parts).unwrap_err().kind(),
        dealer
            .try_recv_multipart_into(&mut parts)
            .unwrap_err()
            .kind(),
        dealer.recv_array::<2>().unwrap_err().kind(),
        dealer.try_recv_array::<2>().unwrap_err().kind(),
        dealer.recv_frames().unwrap_err().kind(),
        dealer.try_recv_frames().unwrap_err().kind(),
        sub.recv().unwrap_err().kind(),
        dealer.bind("tcp://127.0.0.1:*").unwrap_err().kind(),
        dealer.bind("inproc://b").unwrap_err().kind(),
        dealer.connect(&bound).unwrap_err().kind(),
        dealer.connect("inproc://c").unwrap_err().kind(),
        dealer.unbind(&bound).unwrap_err().kind(),
        dealer.disconnect("inproc://early").unwrap_err().kind(),
        dealer.set_linger(None).unwrap_err().kind(),
        dealer.linger().unwrap_err().kind(),
        dealer.set_sndtimeo(None).unwrap_err().kind(),
        dealer.set_routing_id("id").unwrap_err().kind(),
        dealer.routing_id().unwrap_err().kind(),
        dealer.last_endpoint().unwrap_err().kind(),
        dealer.events().unwrap_err().kind(),
        router.set_router_mandatory(true).unwrap_err().kind(),
        req.set_req_relaxed(true).unwrap_err().kind(),
        sub.subscribe("").unwrap_err().kind(),
        sub.unsubscribe("").unwrap_err().kind(),
        zmq::poll([dealer.poll_in()], NO_TIME).unwrap_err().kind(),
        zmq::poll(vec![sub.poll_in()], None).unwrap_err().kind(),
    ]);
    assert_eq!(dealer.kind(), SocketKind::Dealer);
    assert_eq!(dealer.context(), &context);
}

#[test]
fn a_waiting_receive_ends_when_the_context_is_shut_down() {
    let context = Context::new().unwrap();
    std::thread::scope(|scope| {
        let (ready, waits) = std::sync::mpsc::channel();
        let context = &context;
        let waiter = scope.spawn(move || {
            let pull = context.socket(zmq::PULL).unwrap();
            ready.send(()).unwrap();
            pull.recv().unwrap_err().kind()
        });
        waits.recv_timeout(LONG).unwrap();
        drop(context.shutdown_on_drop());
        assert_eq!(waiter.join().unwrap(), ErrorKind::Terminated);
    });
}
