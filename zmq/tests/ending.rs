//! The end of a context: what it waits for, and who is named when it does not come.

mod common;

use std::time::Duration;

use common::{LONG, NO_TIME, free_tcp};
use zmq::{Context, MonitorEvents, SocketKind, StillOpen};

fn cut_short(context: Context) -> StillOpen {
    context.terminate_timeout(Duration::ZERO).unwrap_err()
}

#[test]
fn an_end_that_does_not_come_names_the_open_sockets() {
    let context = Context::new().unwrap();
    let closed = context.socket(zmq::PUB).unwrap();
    let _push = context.socket(zmq::PUSH).unwrap();
    let _pull = context.socket_of(SocketKind::Pull).unwrap();
    let _pulls = [(); 2].map(|()| context.socket(zmq::PULL).unwrap());
    drop(closed);
    let open = cut_short(context);
    let kinds: Vec<_> = open.sockets.iter().map(|socket| socket.kind).collect();
    assert_eq!(
        kinds,
        [
            SocketKind::Pull,
            SocketKind::Pull,
            SocketKind::Pull,
            SocketKind::Push
        ]
    );
    assert!(!open.lingering);
    assert!(open.to_string().contains("PUSH"), "{open}");
}

#[test]
#[cfg(debug_assertions)]
fn debug_builds_say_where_an_open_socket_was_opened() {
    let context = Context::new().unwrap();
    let line = line!() + 1;
    let socket = context.socket(zmq::PUSH).unwrap();
    let _monitor = socket.monitor(MonitorEvents::ALL).unwrap();
    let any = context.socket_of(SocketKind::Pull).unwrap().into_any();
    let open = cut_short(context);
    let places: Vec<_> = open
        .sockets
        .iter()
        .map(|socket| (socket.kind, socket.opened_at.unwrap().line()))
        .collect();
    assert_eq!(
        places,
        [
            (SocketKind::Pair, line + 1),
            (SocketKind::Pull, line + 2),
            (SocketKind::Push, line)
        ]
    );
    let text = open.to_string();
    assert!(
        text.contains(&format!("PUSH ({}:{line}:", file!())),
        "{text}"
    );
    drop(any);
}

#[test]
fn an_end_that_waits_for_a_linger_names_who_may_be_at_it() {
    common::in_child(
        "an_end_that_waits_for_a_linger_names_who_may_be_at_it",
        || {
            let context = Context::new().unwrap();
            let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("tcp://{}", nobody.local_addr().unwrap());
            let line = line!() + 1;
            let lingering = context.socket(zmq::PUSH).unwrap();
            lingering.connect(&endpoint).unwrap();
            lingering.send("nobody takes it").unwrap();
            let idle = context.socket(zmq::DEALER).unwrap();
            let hasty = context.socket(zmq::PUB).unwrap();
            hasty.set_linger(NO_TIME).unwrap();
            hasty.bind("inproc://hasty").unwrap();
            let receiver = context.socket(zmq::PULL).unwrap();
            receiver.bind("inproc://receiver").unwrap();
            drop((lingering, idle, hasty, receiver));

            let open = context
                .terminate_timeout(Duration::from_millis(50))
                .unwrap_err();
            assert!(open.lingering && open.sockets.is_empty(), "{open:?}");
            let kinds: Vec<_> = open.closed.iter().map(|socket| socket.kind).collect();
            assert_eq!(kinds, [SocketKind::Push]);
            let named = if cfg!(debug_assertions) {
                format!("PUSH ({}:{line}:", file!())
            } else {
                "PUSH".into()
            };
            assert!(open.to_string().contains(&named), "{open}");
        },
    );
}

#[test]
fn handles_that_are_left_are_counted() {
    let context = Context::new().unwrap();
    let _clones = [context.clone(), context.clone()];
    let open = cut_short(context);
    assert_eq!((open.sockets.len(), open.contexts), (0, 2));
}

#[test]
fn the_drop_of_the_last_handle_waits_for_the_end() {
    for _ in 0..20 {
        let (context, socket) = common::context_and(zmq::PULL);
        let endpoint = free_tcp();
        socket.bind(&endpoint).unwrap();
        drop((socket, context));
        // Whoever still had the port would not give it away.
        std::net::TcpListener::bind(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    }
}

#[test]
fn a_linger_chosen_once_is_that_of_every_socket_opened_later() {
    let context = Context::new().unwrap();
    let before = context.socket(zmq::PUSH).unwrap();
    assert_eq!(context.linger().unwrap(), None);
    let linger = Some(Duration::from_millis(7));
    context.set_linger(linger).unwrap();
    assert_eq!(context.linger().unwrap(), linger);
    assert_eq!(before.linger().unwrap(), None);
    for raw in 0..=SocketKind::Stream.to_raw() {
        let kind = SocketKind::from_raw(raw).unwrap();
        let socket = context.socket_of(kind).unwrap();
        let subscribes = [SocketKind::Sub, SocketKind::XSub].contains(&kind);
        let expected = if subscribes { NO_TIME } else { linger };
        assert_eq!(socket.linger().unwrap(), expected, "{kind}");
    }
    context.set_linger(None).unwrap();
    assert_eq!(context.socket(zmq::PUSH).unwrap().linger().unwrap(), None);
}

#[test]
fn a_linger_that_was_chosen_goes_before_blocky() {
    let context = Context::new().unwrap();
    context.set_blocky(false).unwrap();
    assert_eq!(context.linger().unwrap(), NO_TIME);
    context.set_linger(Some(LONG)).unwrap();
    assert_eq!(context.linger().unwrap(), Some(LONG));
    let socket = context.socket(zmq::PUSH).unwrap();
    assert_eq!(socket.linger().unwrap(), Some(LONG));
}

#[test]
fn a_linger_too_long_for_libzmq_is_refused() {
    let context = Context::new().unwrap();
    let error = context.set_linger(Some(Duration::MAX)).unwrap_err();
    assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
    assert_eq!(error.subject(), Some("ZMQ_LINGER"));
    assert_eq!(context.linger().unwrap(), None);
}

#[test]
fn the_chosen_linger_bounds_the_end_of_the_context() {
    common::in_child("the_chosen_linger_bounds_the_end_of_the_context", || {
        let context = Context::new().unwrap();
        context.set_linger(Some(Duration::from_millis(20))).unwrap();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let push = context.socket(zmq::PUSH).unwrap();
        push.connect(&format!("tcp://{}", silent.local_addr().unwrap()))
            .unwrap();
        push.send("nobody takes it").unwrap();
        drop(push);
        context.terminate().unwrap(); // without a linger it would wait for ever
    });
}
