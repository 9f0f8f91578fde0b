//! Options of sockets and contexts: each reads back what was set, and begins as documented.

mod common;

use std::time::Duration;

use common::{connected, patient};
use zmq::{Context, ErrorKind, MonitorEvents, Socket, SocketKind};

fn dealer() -> Socket<zmq::Dealer> {
    Context::new().unwrap().socket(zmq::DEALER).unwrap()
}

/// The default of an option, and that it reads back each of some values.
macro_rules! round_trips {
    ($($name:ident: $get:ident, $set:ident, $default:expr, $values:expr;)*) => {$(
        #[test]
        fn $name() {
            let socket = dealer();
            assert_eq!(socket.$get().unwrap(), $default);
            for value in $values {
                socket.$set(value).unwrap();
                assert_eq!(socket.$get().unwrap(), value);
            }
            socket.$set($default).unwrap();
            assert_eq!(socket.$get().unwrap(), $default);
        }
    )*};
}

const MAX: u32 = i32::MAX as u32;

/// The longest time that libzmq takes.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

round_trips! {
    affinity_round_trips: affinity, set_affinity, 0, [1, 1 << 63, u64::MAX];
    backlog_round_trips: backlog, set_backlog, 100, [0, 1, MAX];
    connect_timeout_round_trips: connect_timeout, set_connect_timeout, Duration::ZERO,
        [Duration::from_millis(1), LONGEST];
    immediate_round_trips: immediate, set_immediate, false, [true];
    ipv6_round_trips: ipv6, set_ipv6, false, [true];
    linger_round_trips: linger, set_linger, None,
        [Some(Duration::ZERO), Some(Duration::from_millis(1)), Some(LONGEST)];
    maxmsgsize_round_trips: maxmsgsize, set_maxmsgsize, None,
        [Some(0), Some(1), Some(1 << 40), Some(i64::MAX as u64)];
    rcvbuf_round_trips: rcvbuf, set_rcvbuf, None, [Some(0), Some(8192), Some(MAX)];
    sndbuf_round_trips: sndbuf, set_sndbuf, None, [Some(0), Some(8192), Some(MAX)];
    rcvhwm_round_trips: rcvhwm, set_rcvhwm, 1000, [0, 1, MAX];
    sndhwm_round_trips: sndhwm, set_sndhwm, 1000, [0, 1, MAX];
    rcvtimeo_round_trips: rcvtimeo, set_rcvtimeo, None,
        [Some(Duration::ZERO), Some(Duration::from_millis(1)), Some(LONGEST)];
    sndtimeo_round_trips: sndtimeo, set_sndtimeo, None,
        [Some(Duration::ZERO), Some(Duration::from_millis(1)), Some(LONGEST)];
}

#[test]
fn a_part_of_a_millisecond_counts_as_a_whole() {
    let socket = dealer();
    for (asked, got) in [
        (Duration::from_nanos(1), Duration::from_millis(1)),
        (Duration::from_micros(999), Duration::from_millis(1)),
        (Duration::from_micros(1000), Duration::from_millis(1)),
        (Duration::from_micros(1001), Duration::from_millis(2)),
        (Duration::ZERO, Duration::ZERO),
    ] {
        socket.set_linger(Some(asked)).unwrap();
        assert_eq!(socket.linger().unwrap(), Some(got));
        socket.set_rcvtimeo(Some(asked)).unwrap();
        assert_eq!(socket.rcvtimeo().unwrap(), Some(got));
        socket.set_sndtimeo(Some(asked)).unwrap();
        assert_eq!(socket.sndtimeo().unwrap(), Some(got));
        socket.set_connect_timeout(asked).unwrap();
        assert_eq!(socket.connect_timeout().unwrap(), got);
    }
}

#[test]
fn subscribers_linger_not_at_all_and_others_without_end() {
    let context = Context::new().unwrap();
    for raw in 0..=SocketKind::Stream.to_raw() {
        let kind = SocketKind::from_raw(raw).unwrap();
        let expected = match kind {
            SocketKind::Sub | SocketKind::XSub => Some(Duration::ZERO),
            _ => None,
        };
        let socket = context.socket_of(kind).unwrap();
        assert_eq!(socket.linger().unwrap(), expected, "{kind}");
    }
}

#[test]
fn a_message_above_maxmsgsize_ends_the_connection_of_its_sender() {
    let context = Context::new().unwrap();
    let pull = patient(context.socket(zmq::PULL).unwrap());
    let push = patient(context.socket(zmq::PUSH).unwrap());
    pull.set_maxmsgsize(Some(100)).unwrap();
    pull.bind("tcp://127.0.0.1:*").unwrap();
    push.connect(&pull.last_endpoint().unwrap()).unwrap();
    push.send(&[1; 101]).unwrap();
    let other = patient(context.socket(zmq::PUSH).unwrap());
    other.connect(&pull.last_endpoint().unwrap()).unwrap();
    other.send(&[2; 100]).unwrap();
    assert_eq!(pull.recv().unwrap(), [2; 100]);
    push.set_linger(Some(Duration::ZERO)).unwrap();
}

#[test]
fn immediate_refuses_messages_until_the_connection_is_made() {
    let context = Context::new().unwrap();
    // Bound to learn of a free port, and let go again.
    let endpoint = {
        let socket = context.socket(zmq::PULL).unwrap();
        socket.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = socket.last_endpoint().unwrap();
        socket.unbind(&endpoint).unwrap();
        endpoint
    };
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.set_linger(Some(Duration::ZERO)).unwrap();
    push.set_immediate(true).unwrap();
    push.connect(&endpoint).unwrap();
    assert_eq!(
        push.try_send("a").unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    let push = context.socket(zmq::PUSH).unwrap();
    push.set_linger(Some(Duration::ZERO)).unwrap();
    push.connect(&endpoint).unwrap();
    push.try_send("a").unwrap();
}

/// Whether a message is received that came before its connection broke.
fn survives_the_connection(immediate: bool) -> bool {
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.bind("tcp://127.0.0.1:*").unwrap();
    let pull = patient(context.socket(zmq::PULL).unwrap());
    pull.set_immediate(immediate).unwrap();
    let monitor = pull.monitor(MonitorEvents::CONNECT_RETRIED).unwrap();
    pull.connect(&push.last_endpoint().unwrap()).unwrap();
    push.send("last words").unwrap();
    let [came] = zmq::poll([pull.poll_in()], Some(common::LONG)).unwrap();
    assert!(came.is_readable());
    drop(push);
    monitor
        .recv_timeout(common::LONG)
        .unwrap()
        .expect("retried");
    // A receive may take the message before it learns what happened; a poll learns first.
    let [left] = zmq::poll([pull.poll_in()], Some(Duration::ZERO)).unwrap();
    left.is_readable()
}

#[test]
fn immediate_loses_what_was_not_received_when_the_connection_breaks() {
    assert!(survives_the_connection(false));
    assert!(!survives_the_connection(true));
}

#[test]
fn the_routing_id_is_empty_until_set_and_may_be_any_bytes() {
    let context = Context::new().unwrap();
    let dealer = context.socket(zmq::DEALER).unwrap();
    assert_eq!(dealer.routing_id().unwrap(), b"");
    for id in [&b"x"[..], b"client-7", b"\xff\0\n", &[b'x'; 255]] {
        dealer.set_routing_id(id).unwrap();
        assert_eq!(dealer.routing_id().unwrap(), id);
    }
    dealer.set_routing_id(String::from("text")).unwrap();
    assert_eq!(dealer.routing_id().unwrap(), b"text");
    let router = context.socket(zmq::ROUTER).unwrap();
    router.set_routing_id("router").unwrap();
    assert_eq!(router.routing_id().unwrap(), b"router");
    let (req, rep) = (
        context.socket(zmq::REQ).unwrap(),
        context.socket(zmq::REP).unwrap(),
    );
    req.set_routing_id("req").unwrap();
    rep.set_routing_id("rep").unwrap();
    assert_eq!(req.routing_id().unwrap(), b"req");
    assert_eq!(rep.routing_id().unwrap(), b"rep");
}

#[test]
fn the_last_endpoint_has_its_wildcards_filled_in() {
    let socket = dealer();
    assert_eq!(socket.last_endpoint().unwrap(), "");
    socket.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = socket.last_endpoint().unwrap();
    let port = endpoint.strip_prefix("tcp://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    socket.bind("inproc://name").unwrap();
    assert_eq!(socket.last_endpoint().unwrap(), "inproc://name");

    let endpoint = common::endpoint("ipc://*");
    socket.bind(&endpoint).unwrap();
    assert_eq!(socket.last_endpoint().unwrap(), endpoint);
}

#[test]
fn a_subscription_made_twice_takes_two_unsubscribes() {
    let (_context, publisher, subscriber) = connected(zmq::XPUB, zmq::SUB);
    subscriber.subscribe("a").unwrap();
    subscriber.subscribe("a").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x01a");
    subscriber.unsubscribe("a").unwrap();
    publisher.send("a still comes").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "a still comes");
    subscriber.unsubscribe("a").unwrap();
    assert_eq!(publisher.recv().unwrap(), b"\x00a");
}

#[test]
fn topics_are_bytes_and_the_empty_one_is_all() {
    let (_context, publisher, subscriber) = connected(zmq::XPUB, zmq::SUB);
    subscriber.subscribe([0, 0xff]).unwrap();
    assert_eq!(publisher.recv().unwrap(), [1, 0, 0xff]);
    publisher.send("unwanted").unwrap();
    publisher.send(&[0, 0xff, 7]).unwrap();
    assert_eq!(subscriber.recv().unwrap(), [0, 0xff, 7]);
    subscriber.subscribe("").unwrap();
    assert_eq!(publisher.recv().unwrap(), [1]);
    publisher.send("anything").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "anything");
}

#[test]
fn req_relaxed_lets_a_new_request_give_the_last_one_up() {
    let (_context, server, client) = connected(zmq::ROUTER, zmq::REQ);
    client.set_req_relaxed(true).unwrap();
    client.set_req_correlate(true).unwrap();
    client.send("first").unwrap();
    let [id, number, empty, body] = server.recv_array().unwrap();
    assert_eq!(body, "first");
    client.send("second").unwrap();
    // A late reply to the first, told by its number, is not taken for the second's.
    server.send_multipart((id, number, empty, "late")).unwrap();
    let [id, number, empty, body] = server.recv_array().unwrap();
    assert_eq!(body, "second");
    server.send_multipart((id, number, empty, "reply")).unwrap();
    assert_eq!(client.recv().unwrap(), "reply");

    client.set_req_relaxed(false).unwrap();
    client.send("third").unwrap();
    let refused = client.send("fourth").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidState);
}

// ---- contexts ------------------------------------------------------------------------------------

#[test]
fn context_options_begin_as_documented() {
    let context = Context::new().unwrap();
    assert_eq!(context.io_threads().unwrap(), 1);
    assert_eq!(context.max_sockets().unwrap(), 1023);
    assert!(context.socket_limit().unwrap() >= 1023);
    assert_eq!(context.thread_sched_policy().unwrap(), None);
    assert_eq!(context.thread_name_prefix().unwrap(), 0);
    assert_eq!(context.max_msgsz().unwrap(), MAX);
    assert_eq!(context.msg_t_size().unwrap(), 64);
    assert!(context.blocky().unwrap());
    assert!(!context.ipv6().unwrap());
}

#[test]
fn context_options_round_trip() {
    let context = Context::new().unwrap();
    for threads in [0, 2, 1] {
        context.set_io_threads(threads).unwrap();
        assert_eq!(context.io_threads().unwrap(), threads);
    }
    let limit = context.socket_limit().unwrap();
    for sockets in [1, 2, limit] {
        context.set_max_sockets(sockets).unwrap();
        assert_eq!(context.max_sockets().unwrap(), sockets);
    }
    for bytes in [0, 1, 1000, MAX] {
        context.set_max_msgsz(bytes).unwrap();
        assert_eq!(context.max_msgsz().unwrap(), bytes);
    }
    for flag in [false, true] {
        context.set_blocky(flag).unwrap();
        assert_eq!(context.blocky().unwrap(), flag);
        context.set_ipv6(flag).unwrap();
        assert_eq!(context.ipv6().unwrap(), flag);
    }
    context.set_thread_sched_policy(0).unwrap();
    assert_eq!(context.thread_sched_policy().unwrap(), Some(0));
    context.set_thread_priority(0).unwrap();
    context.set_thread_name_prefix(7).unwrap();
    assert_eq!(context.thread_name_prefix().unwrap(), 7);
    #[cfg(target_os = "linux")]
    {
        context.add_thread_affinity_cpu(0).unwrap();
        context.remove_thread_affinity_cpu(0).unwrap();
        let error = context.remove_thread_affinity_cpu(0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn context_options_out_of_range_are_refused_and_change_nothing() {
    let context = Context::new().unwrap();
    let limit = context.socket_limit().unwrap();
    for (subject, result) in [
        (
            "ZMQ_IO_THREADS = 4294967295",
            context.set_io_threads(u32::MAX),
        ),
        ("ZMQ_MAX_SOCKETS = 0", context.set_max_sockets(0)),
        (
            "ZMQ_MAX_SOCKETS = 4294967295",
            context.set_max_sockets(u32::MAX),
        ),
        (
            "ZMQ_MAX_MSGSZ = 4294967295",
            context.set_max_msgsz(u32::MAX),
        ),
        ("ZMQ_THREAD_PRIORITY = -1", context.set_thread_priority(-1)),
        (
            "ZMQ_THREAD_SCHED_POLICY = -1",
            context.set_thread_sched_policy(-1),
        ),
        (
            "ZMQ_THREAD_NAME_PREFIX = 4294967295",
            context.set_thread_name_prefix(u32::MAX),
        ),
        (
            "ZMQ_THREAD_AFFINITY_CPU_ADD = 4294967295",
            context.add_thread_affinity_cpu(u32::MAX),
        ),
    ] {
        let error = result.expect_err(subject);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{subject}");
        assert_eq!(error.call(), "zmq_ctx_set");
        assert_eq!(error.subject(), Some(subject));
    }
    assert!(context.set_max_sockets(limit + 1).is_err());
    assert_eq!(context.io_threads().unwrap(), 1);
    assert_eq!(context.max_sockets().unwrap(), 1023);
    assert_eq!(context.thread_sched_policy().unwrap(), None);
}

#[test]
fn a_thread_name_prefix_of_zero_is_none() {
    let context = Context::new().unwrap();
    context.set_thread_name_prefix(7).unwrap();
    assert_eq!(context.thread_name_prefix().unwrap(), 7);
    context.set_thread_name_prefix(0).unwrap();
    assert_eq!(context.thread_name_prefix().unwrap(), 0);
}

#[test]
fn context_options_for_threads_are_refused_after_the_first_socket() {
    let context = Context::new().unwrap();
    drop(context.socket(zmq::PAIR).unwrap());
    for result in [
        context.set_io_threads(2),
        context.set_max_sockets(10),
        context.set_thread_priority(0),
        context.set_thread_sched_policy(0),
        context.set_thread_name_prefix(7),
        context.add_thread_affinity_cpu(0),
        context.remove_thread_affinity_cpu(0),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert_eq!(error.call(), "zmq_ctx_set");
        assert!(error.to_string().contains("first socket"), "{error}");
    }
    assert_eq!(context.io_threads().unwrap(), 1);
    // These count from the next socket.
    context.set_max_msgsz(1000).unwrap();
    context.set_blocky(false).unwrap();
    context.set_ipv6(true).unwrap();
    assert!(context.socket(zmq::PAIR).unwrap().ipv6().unwrap());
}

#[test]
fn sockets_of_a_context_that_is_not_blocky_do_not_linger() {
    let context = Context::new().unwrap();
    let before = context.socket(zmq::PUSH).unwrap();
    context.set_blocky(false).unwrap();
    let after = context.socket(zmq::PUSH).unwrap();
    assert_eq!(before.linger().unwrap(), None);
    assert_eq!(after.linger().unwrap(), Some(Duration::ZERO));
    before.set_linger(Some(Duration::ZERO)).unwrap();
    // Were it to linger, the end of the context would never come.
    after.connect("tcp://127.0.0.1:1").unwrap();
    after.send("never delivered").unwrap();
    drop((before, after));
    context.terminate_timeout(common::LONG).unwrap();
}

#[test]
fn max_sockets_is_exactly_the_number_that_can_be_open() {
    for most in [1, 2, 5] {
        let context = Context::new().unwrap();
        context.set_max_sockets(most).unwrap();
        let sockets: Vec<_> = (0..most)
            .map(|_| context.socket(zmq::PAIR).unwrap())
            .collect();
        let error = context.socket(zmq::PAIR).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooManyOpen, "{most}");
        drop(sockets);
    }
}

#[test]
fn max_sockets_can_all_be_open_beside_an_awaited_inproc_connection() {
    let context = Context::new().unwrap();
    context.set_max_sockets(2).unwrap();
    let one = context.socket(zmq::PAIR).unwrap();
    one.connect("inproc://never-bound").unwrap();
    let two = context.socket(zmq::PAIR).unwrap();
    let error = context.socket(zmq::PAIR).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyOpen);
    drop((one, two));
    context.terminate_timeout(common::LONG).unwrap();
}

#[test]
fn a_handle_compares_with_its_clone_and_no_other_context() {
    let context = Context::new().unwrap();
    let clone = context.clone();
    clone.set_io_threads(3).unwrap();
    assert_eq!(context.io_threads().unwrap(), 3);
    assert_eq!(context, clone);
    assert_ne!(context, Context::new().unwrap());
    assert_eq!(context.socket(zmq::PAIR).unwrap().context(), &clone);
}
