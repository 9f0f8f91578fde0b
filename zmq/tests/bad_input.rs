//! What cannot be is an error that names the call and the value: nothing panics, nothing aborts.

mod common;

use std::time::{Duration, Instant};

use common::{LONG, NO_TIME, SHORT, context_and, in_child, limit_descriptors, patient};
use zmq::{Context, ErrorKind, Message, Multipart, SocketKind};

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
fn a_control_character_in_a_text_is_shown_escaped() {
    let (_context, socket) = context_and(zmq::DEALER);
    let error = socket.set_zap_domain("a\0b\u{1b}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.subject(), Some(r"ZMQ_ZAP_DOMAIN = a\0b\u{1b}"));
    assert!(!error.to_string().contains(['\0', '\u{1b}']));
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
        assert_eq!(
            error.kind(),
            ErrorKind::MissingCapability(zmq::Capability::Draft)
        );
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
