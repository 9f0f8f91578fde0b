//! Monitors tell what happens to connections, and never stand in the way of the socket they watch,
//! whoever goes first.

mod common;

use std::any::Any;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use common::fork::{Child, fork, wait_for};
use common::{LONG, connected, context_and, drop_together, in_child, patient};
use zmq::{
    Context, ErrorKind, Event, EventKind, Monitor, MonitorEvents, ProtocolError, Socket, SocketType,
};

const ANY_PORT: &str = "tcp://127.0.0.1:*";

/// The next event, which has to come.
#[track_caller]
fn next(monitor: &Monitor) -> Event {
    monitor
        .recv_timeout(LONG)
        .unwrap()
        .expect("another event should have come")
}

/// The first event that `wanted` takes.
#[track_caller]
fn find<V>(monitor: &Monitor, wanted: impl Fn(&Event) -> Option<V>) -> V {
    loop {
        if let Some(found) = wanted(&next(monitor)) {
            return found;
        }
    }
}

fn is_end(monitor: &Monitor) -> bool {
    let ends = [
        monitor.recv().unwrap_err().kind(),
        monitor.try_recv().unwrap_err().kind(),
        monitor.recv_timeout(Duration::ZERO).unwrap_err().kind(),
    ];
    ends == [ErrorKind::Terminated; 3] && monitor.iter().next().is_none()
}

fn hasty<T: SocketType>(socket: Socket<T>) -> Socket<T> {
    socket.set_linger(Some(Duration::ZERO)).unwrap();
    socket
}

#[test]
fn events_are_added_one_by_one() {
    let mut events = MonitorEvents::CONNECTED;
    events |= MonitorEvents::LISTENING;
    assert_eq!(events, MonitorEvents::CONNECTED | MonitorEvents::LISTENING);
}

#[test]
fn a_connection_is_told_from_its_making_to_its_end_on_both_sides() {
    let (context, server) = context_and(zmq::PULL);
    let on_server = server.monitor(MonitorEvents::ALL).unwrap();
    server.bind(ANY_PORT).unwrap();
    let endpoint = server.last_endpoint().unwrap();
    let event = next(&on_server);
    assert!(matches!(event.kind, EventKind::Listening { fd, .. } if fd > 0));
    assert_eq!(event.endpoint, endpoint);

    let client = patient(context.socket(zmq::PUSH).unwrap());
    let on_client = client.monitor(MonitorEvents::ALL).unwrap();
    client.connect(&endpoint).unwrap();
    let mut event = next(&on_client);
    if event.kind == EventKind::ConnectDelayed {
        assert_eq!(event.endpoint, endpoint);
        event = next(&on_client);
    }
    assert!(matches!(event.kind, EventKind::Connected { fd, .. } if fd > 0));
    assert_eq!(next(&on_client).kind, EventKind::HandshakeSucceeded);

    let event = next(&on_server);
    let EventKind::Accepted { fd: accepted, .. } = event.kind else {
        panic!("{event:?}")
    };
    assert_eq!(next(&on_server).kind, EventKind::HandshakeSucceeded);

    drop(client);
    assert_eq!(next(&on_client).kind, EventKind::MonitorStopped);
    assert!(is_end(&on_client));
    let event = next(&on_server);
    assert!(
        matches!(event.kind, EventKind::Disconnected { fd, .. } if fd == accepted),
        "{event:?}"
    );
    server.unbind(&endpoint).unwrap();
    let event = next(&on_server);
    assert!(matches!(event.kind, EventKind::Closed { .. }), "{event:?}");
    drop(server);
    let event = next(&on_server);
    assert_eq!(
        (event.kind, event.endpoint.as_str()),
        (EventKind::MonitorStopped, "")
    );
    assert!(is_end(&on_server));
}

#[cfg(unix)]
#[test]
fn a_refused_connection_is_retried_after_the_interval_until_it_is_made() {
    let (context, client) = context_and(zmq::PUSH);
    let ivl = Duration::from_millis(100); // libzmq's default; it adds up to as much again
    let monitor = client.monitor(MonitorEvents::ALL).unwrap();
    let endpoint = common::endpoint("ipc://*");
    client.connect(&endpoint).unwrap();
    for _ in 0..2 {
        let interval = find(&monitor, |event| match event.kind {
            EventKind::ConnectRetried { interval, .. } => Some(interval),
            EventKind::Connected { .. } => panic!("nobody is there"),
            _ => None,
        });
        assert!(ivl <= interval && interval <= 2 * ivl, "{interval:?}");
    }
    let server = patient(context.socket(zmq::PULL).unwrap());
    server.bind(&endpoint).unwrap();
    find(&monitor, |event| {
        (event.kind == EventKind::HandshakeSucceeded).then_some(())
    });
}

#[test]
fn a_failed_bind_is_told_with_its_errno() {
    let (context, first) = context_and(zmq::PULL);
    first.bind(ANY_PORT).unwrap();
    let second = context.socket(zmq::PULL).unwrap();
    let monitor = second.monitor(MonitorEvents::BIND_FAILED).unwrap();
    let refused = second.bind(&first.last_endpoint().unwrap()).unwrap_err();
    let EventKind::BindFailed { error, .. } = next(&monitor).kind else {
        panic!()
    };
    assert_eq!(error.kind(), ErrorKind::AddressInUse);
    // libzmq may lose the errno of the call in telling; then the error says where it is.
    match refused.kind() {
        ErrorKind::AddressInUse => {}
        ErrorKind::WouldBlock => assert!(refused.to_string().contains("BindFailed"), "{refused}"),
        _ => panic!("{refused}"),
    }
}

#[test]
fn a_failed_bind_that_no_monitor_is_told_says_why_itself() {
    let (context, first) = context_and(zmq::PULL);
    first.bind(ANY_PORT).unwrap();
    let second = context.socket(zmq::PULL).unwrap();
    let _monitor = second.monitor(MonitorEvents::LISTENING).unwrap();
    let refused = second.bind(&first.last_endpoint().unwrap()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AddressInUse);
    assert!(!refused.to_string().contains("BindFailed"), "{refused}");
}

/// Speaks the first part of ZMTP, with a mechanism.
fn greet(server: &Socket<zmq::Pull>, mechanism: &[u8]) -> TcpStream {
    let endpoint = server.last_endpoint().unwrap();
    let mut stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    let mut greeting = [0; 64];
    greeting[0] = 0xff;
    greeting[9] = 0x7f;
    greeting[10] = 3;
    greeting[12..12 + mechanism.len()].copy_from_slice(mechanism);
    stream.write_all(&greeting).unwrap();
    stream
}

const FAILURES: [MonitorEvents; 3] = [
    MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL,
    MonitorEvents::HANDSHAKE_FAILED_PROTOCOL,
    MonitorEvents::HANDSHAKE_FAILED_AUTH,
];

#[test]
fn a_handshake_that_fails_says_which_rule_was_broken() {
    let (_context, server) = context_and(zmq::PULL);
    server.bind(ANY_PORT).unwrap();
    let [a, b, c] = FAILURES;
    let monitor = server.monitor(a | b | c).unwrap();
    let mut stream = greet(&server, b"NONE-SUCH");
    let event = next(&monitor);
    let EventKind::HandshakeFailedProtocol { error, .. } = event.kind else {
        panic!("{event:?}")
    };
    assert_eq!(error, ProtocolError::ZmtpMechanismMismatch);
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_handshake_that_breaks_off_says_so() {
    let (_context, server) = context_and(zmq::PULL);
    server.bind(ANY_PORT).unwrap();
    let [a, b, c] = FAILURES;
    let monitor = server.monitor(a | b | c).unwrap();
    let stream = greet(&server, b"NULL");
    stream.shutdown(Shutdown::Both).unwrap();
    let event = next(&monitor);
    assert!(
        matches!(event.kind, EventKind::HandshakeFailedNoDetail { .. }),
        "{event:?}"
    );
}

#[test]
fn only_what_is_asked_for_is_told() {
    let (context, server) = context_and(zmq::PULL);
    let monitor = server
        .monitor(MonitorEvents::ACCEPTED | MonitorEvents::CLOSED)
        .unwrap();
    server.bind(ANY_PORT).unwrap();
    let endpoint = server.last_endpoint().unwrap();
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.connect(&endpoint).unwrap();
    client.send("x").unwrap();
    assert_eq!(server.recv().unwrap(), "x");
    server.unbind(&endpoint).unwrap();
    assert!(matches!(next(&monitor).kind, EventKind::Accepted { .. }));
    assert!(matches!(next(&monitor).kind, EventKind::Closed { .. }));
    drop(server);
    assert!(is_end(&monitor));
}

#[test]
fn nothing_is_told_when_nothing_is_asked_for_but_the_end_is() {
    let (_context, server) = context_and(zmq::PULL);
    let monitor = server.monitor(MonitorEvents::default()).unwrap();
    server.bind(ANY_PORT).unwrap();
    assert_eq!(monitor.try_recv().unwrap(), None);
    drop(server);
    assert!(is_end(&monitor));
}

#[test]
fn the_socket_goes_on_without_its_monitor() {
    in_child("the_socket_goes_on_without_its_monitor", || {
        let (context, server) = context_and(zmq::PULL);
        let monitor = server.monitor(MonitorEvents::ALL).unwrap();
        server.bind(ANY_PORT).unwrap();
        drop(monitor);
        // Each of these would have been told, and libzmq would wait for a reader, once it has
        // noticed that the old one has gone.
        for _ in 0..1000 {
            server.bind(ANY_PORT).unwrap();
            server.unbind(&server.last_endpoint().unwrap()).unwrap();
        }
        server.bind(ANY_PORT).unwrap();
        let client = patient(context.socket(zmq::PUSH).unwrap());
        drop(client.monitor(MonitorEvents::ALL).unwrap());
        client.connect(&server.last_endpoint().unwrap()).unwrap();
        client.send("x").unwrap();
        assert_eq!(server.recv().unwrap(), "x");
        drop((client, server));
        context.terminate().unwrap();
    });
}

#[test]
fn a_monitor_reads_on_to_the_end_when_its_socket_has_gone() {
    let (context, server) = context_and(zmq::PULL);
    let monitor = server.monitor(MonitorEvents::ALL).unwrap();
    for _ in 0..100 {
        server.bind(ANY_PORT).unwrap();
    }
    drop(server);
    let events: Vec<_> = monitor.iter().map(|event| event.unwrap().kind).collect();
    assert_eq!(events.len(), 101);
    assert!(
        events[..100]
            .iter()
            .all(|kind| matches!(kind, EventKind::Listening { .. }))
    );
    assert_eq!(events[100], EventKind::MonitorStopped);
    assert!(is_end(&monitor));
    drop(monitor);
    context.terminate().unwrap();
}

#[test]
fn a_monitor_that_outlived_its_socket_leaves_later_sockets_alone() {
    let context = Context::new().unwrap();
    for _ in 0..20 {
        let gone = context.socket(zmq::PULL).unwrap();
        let old = gone.monitor(MonitorEvents::ALL).unwrap();
        drop(gone);
        // Some of these live where the one before was.
        let later: Vec<_> = (0..20)
            .map(|_| {
                let socket = context.socket(zmq::PULL).unwrap();
                let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
                (socket, monitor)
            })
            .collect();
        drop(old);
        for (socket, monitor) in &later {
            socket.bind(ANY_PORT).unwrap();
            let event = next(monitor);
            assert!(
                matches!(event.kind, EventKind::Listening { .. }),
                "{event:?}"
            );
        }
    }
}

#[test]
fn a_monitor_is_read_on_another_thread() {
    let (context, server) = context_and(zmq::PULL);
    let monitor = server.monitor(MonitorEvents::ALL).unwrap();
    let (tell, told) = mpsc::channel();
    let watcher = thread::spawn(move || {
        for event in &monitor {
            tell.send(event.unwrap().kind).unwrap();
        }
        monitor
    });
    server.bind(ANY_PORT).unwrap();
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    let saw = |wanted: fn(&EventKind) -> bool| while !wanted(&told.recv_timeout(LONG).unwrap()) {};
    saw(|kind| matches!(kind, EventKind::Listening { .. }));
    saw(|kind| matches!(kind, EventKind::Accepted { .. }));
    saw(|kind| *kind == EventKind::HandshakeSucceeded);
    drop(server);
    saw(|kind| *kind == EventKind::MonitorStopped);
    assert!(is_end(&watcher.join().unwrap()));
}

#[test]
fn a_monitor_that_is_never_read_stalls_nothing() {
    in_child("a_monitor_that_is_never_read_stalls_nothing", || {
        let (context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let watched = context.socket(zmq::PULL).unwrap();
        let monitor = watched.monitor(MonitorEvents::ALL).unwrap();
        for round in 0..10_500 {
            watched.bind(ANY_PORT).unwrap();
            watched.unbind(&watched.last_endpoint().unwrap()).unwrap();
            // The same I/O thread serves these, too.
            if round % 100 == 0 {
                push.send("x").unwrap();
                assert_eq!(pull.recv().unwrap(), "x");
            }
        }
        drop(watched);
        let count = monitor.iter().filter(|event| event.is_ok()).count();
        assert!(count > 20_000, "{count}");
        push.send("x").unwrap();
        assert_eq!(pull.recv().unwrap(), "x");
    });
}

#[test]
fn an_unread_monitor_can_be_dropped_and_the_context_ends() {
    in_child(
        "an_unread_monitor_can_be_dropped_and_the_context_ends",
        || {
            let (context, watched) = context_and(zmq::PULL);
            let monitor = watched.monitor(MonitorEvents::LISTENING).unwrap();
            for _ in 0..3000 {
                watched.bind(ANY_PORT).unwrap();
                watched.unbind(&watched.last_endpoint().unwrap()).unwrap();
            }
            drop(monitor);
            watched.bind(ANY_PORT).unwrap();
            drop(watched);
            context.terminate().unwrap();
        },
    );
}

#[test]
fn a_second_monitor_is_refused_while_the_first_lives() {
    let (_context, socket) = context_and(zmq::PULL);
    let first = socket.monitor(MonitorEvents::ALL).unwrap();
    let error = socket.monitor(MonitorEvents::ALL).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert_eq!(error.call(), "zmq_socket_monitor");
    socket.bind(ANY_PORT).unwrap();
    assert!(matches!(next(&first).kind, EventKind::Listening { .. }));
    drop(first);
    let second = socket.monitor(MonitorEvents::ALL).unwrap();
    socket.bind(ANY_PORT).unwrap();
    let event = next(&second);
    assert_eq!(event.endpoint, socket.last_endpoint().unwrap());
}

#[test]
fn a_monitor_that_cannot_be_had_leaves_a_context_that_ends() {
    in_child(
        "a_monitor_that_cannot_be_had_leaves_a_context_that_ends",
        || {
            let context = Context::new().unwrap();
            context.set_max_sockets(2).unwrap();
            let socket = hasty(context.socket(zmq::PUSH).unwrap());
            // Takes the place that is kept for such connections.
            socket.connect("inproc://nobody").unwrap();
            // The reader still has one; libzmq's own end has none.
            let error = socket.monitor(MonitorEvents::ALL).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooManyOpen);
            assert_eq!(error.call(), "zmq_socket_monitor");
            socket.bind(ANY_PORT).unwrap();
            let pull = loop {
                // The reader's place is free once libzmq has closed it.
                match context.socket(zmq::PULL) {
                    Ok(pull) => break pull,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::TooManyOpen),
                }
            };
            drop((socket, pull));
            context.terminate().unwrap();
        },
    );
}

#[test]
fn a_monitor_needs_no_reserve_for_inproc() {
    let context = Context::new().unwrap();
    context.set_max_sockets(2).unwrap();
    let socket = context.socket(zmq::PULL).unwrap();
    // The socket, the reader, and libzmq's end in the place beyond: no further one.
    let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    socket.bind(ANY_PORT).unwrap();
    assert!(matches!(next(&monitor).kind, EventKind::Listening { .. }));
}

#[test]
fn the_end_of_the_context_ends_a_receive() {
    for receive_first in [true, false] {
        let (context, socket) = context_and(zmq::PULL);
        let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
        let (ready, is_ready) = mpsc::channel();
        let watcher = thread::spawn(move || {
            ready.send(()).unwrap();
            let kind = monitor.recv().unwrap_err().kind();
            (kind, monitor.iter().count())
        });
        is_ready.recv().unwrap();
        if receive_first {
            // Until it has very likely begun to wait; either way it has to end.
            thread::yield_now();
        }
        context.shutdown().unwrap();
        assert_eq!(watcher.join().unwrap(), (ErrorKind::Terminated, 0));
        let error = socket.monitor(MonitorEvents::ALL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        drop(socket);
        context.terminate().unwrap();
    }
}

#[test]
fn the_end_of_the_context_ends_a_watcher_whose_socket_is_used() {
    let (context, socket) = context_and(zmq::PULL);
    let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    let watcher = thread::spawn(move || monitor.iter().filter(|event| event.is_err()).count());
    context.shutdown().unwrap();
    // Using it lets libzmq stop the monitor from inside.
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Terminated);
    assert_eq!(watcher.join().unwrap(), 0);
    drop(socket);
    context.terminate().unwrap();
}

#[test]
fn a_monitor_is_polled_beside_its_socket() {
    let (_context, socket) = context_and(zmq::PULL);
    let monitor = socket.monitor(MonitorEvents::LISTENING).unwrap();
    let [event, message] =
        zmq::poll([monitor.poll_in(), socket.poll_in()], common::NO_TIME).unwrap();
    assert!(event.is_empty() && message.is_empty());
    socket.bind(ANY_PORT).unwrap();
    let [event, message] = zmq::poll([monitor.poll_in(), socket.poll_in()], Some(LONG)).unwrap();
    assert!(event.is_readable() && message.is_empty());
    assert!(monitor.try_recv().unwrap().is_some());
    assert_eq!(monitor.try_recv().unwrap(), None);
    let start = Instant::now();
    let short = Duration::from_millis(20);
    assert_eq!(monitor.recv_timeout(short).unwrap(), None);
    assert!(start.elapsed() >= short);
}

#[test]
fn every_socket_type_can_be_monitored() {
    let context = Context::new().unwrap();
    for kind in [
        zmq::SocketKind::Req,
        zmq::SocketKind::Rep,
        zmq::SocketKind::Dealer,
        zmq::SocketKind::Router,
        zmq::SocketKind::Pub,
        zmq::SocketKind::Sub,
        zmq::SocketKind::XPub,
        zmq::SocketKind::XSub,
        zmq::SocketKind::Push,
        zmq::SocketKind::Pull,
        zmq::SocketKind::Pair,
        zmq::SocketKind::Stream,
    ] {
        let socket = context.socket_of(kind).unwrap();
        let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
        socket.bind(ANY_PORT).unwrap();
        let event = next(&monitor);
        assert!(matches!(event.kind, EventKind::Listening { .. }), "{kind}");
    }
}

type Value = Box<dyn Any + Send>;

/// Context, socket and monitor, with a connection just being made and events unread.
fn values() -> [Value; 3] {
    let context = Context::new().unwrap();
    let socket = hasty(context.socket(zmq::DEALER).unwrap());
    let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    socket.bind(ANY_PORT).unwrap();
    socket.connect(&socket.last_endpoint().unwrap()).unwrap();
    [Box::new(context), Box::new(socket), Box::new(monitor)]
}

const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

#[test]
fn context_socket_and_monitor_are_dropped_in_any_order() {
    in_child(
        "context_socket_and_monitor_are_dropped_in_any_order",
        || {
            for round in 0..60 {
                let mut values = values().map(Some);
                for index in ORDERS[round % ORDERS.len()] {
                    let value = values[index].take();
                    if round % 12 < 6 {
                        drop(value);
                    } else {
                        thread::spawn(move || drop(value)).join().unwrap();
                    }
                }
            }
        },
    );
}

#[test]
fn context_socket_and_monitor_are_dropped_at_the_same_time() {
    in_child(
        "context_socket_and_monitor_are_dropped_at_the_same_time",
        || {
            for _ in 0..200 {
                drop_together(values());
            }
        },
    );
}

#[test]
fn a_monitor_is_dropped_while_its_socket_is_used_on_another_thread() {
    in_child(
        "a_monitor_is_dropped_while_its_socket_is_used_on_another_thread",
        || {
            let (context, socket) = context_and(zmq::PULL);
            let (give, monitors) = mpsc::channel::<Monitor>();
            let dropper = thread::spawn(move || monitors.into_iter().for_each(drop));
            let mut given = 0;
            while given < 200 {
                match socket.monitor(MonitorEvents::ALL) {
                    Ok(monitor) => {
                        give.send(monitor).unwrap();
                        given += 1;
                    }
                    // The one before is not dropped yet.
                    Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidState),
                }
                socket.bind(ANY_PORT).unwrap();
                socket.unbind(&socket.last_endpoint().unwrap()).unwrap();
            }
            drop(give);
            dropper.join().unwrap();
            drop(socket);
            context.terminate().unwrap();
        },
    );
}

#[cfg(unix)]
#[test]
fn an_inherited_monitor_is_an_error_in_the_child_and_works_in_the_parent() {
    in_child(
        "an_inherited_monitor_is_an_error_in_the_child_and_works_in_the_parent",
        || {
            let (context, socket) = context_and(zmq::PULL);
            let other = context.socket(zmq::PULL).unwrap();
            let monitor = socket.monitor(MonitorEvents::ALL).unwrap();
            let child = fork();
            if child == 0 {
                let here = Child;
                let forked = [
                    monitor.recv().unwrap_err().kind(),
                    monitor.try_recv().unwrap_err().kind(),
                    monitor.recv_timeout(LONG).unwrap_err().kind(),
                    other.monitor(MonitorEvents::ALL).unwrap_err().kind(),
                ];
                let all = forked.iter().all(|kind| *kind == ErrorKind::Forked);
                let once = monitor.iter().count() == 1;
                drop((monitor, socket, other, context));
                here.leave(all && once);
            }
            wait_for(child);
            socket.bind(ANY_PORT).unwrap();
            assert!(matches!(next(&monitor).kind, EventKind::Listening { .. }));
        },
    );
}
