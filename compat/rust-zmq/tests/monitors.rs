//! Monitors at an endpoint.

mod common;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::{ends, patient};
use zmq::{Context, Error, Socket, SocketEvent};

const ALL: i32 = SocketEvent::ALL as i32;

fn event(reader: &Socket) -> (SocketEvent, String) {
    let parts = reader.recv_multipart(0).unwrap();
    assert_eq!((parts.len(), parts[0].len()), (2, 6));
    let number = u16::from_ne_bytes(parts[0][..2].try_into().unwrap());
    (
        SocketEvent::from_raw(number),
        String::from_utf8(parts[1].clone()).unwrap(),
    )
}

#[test]
fn nothing_waits_for_a_reader() {
    ends(|| {
        let context = Context::new();
        let server = patient(&context, zmq::PULL);
        server.monitor("inproc://late", ALL).unwrap();
        server.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = server.get_last_endpoint().unwrap().unwrap();
        let reader = patient(&context, zmq::PAIR);
        reader.connect("inproc://late").unwrap();
        assert_eq!(event(&reader), (SocketEvent::LISTENING, endpoint));
    });
}

#[test]
fn nothing_waits_for_a_reader_that_has_gone() {
    ends(|| {
        let context = Context::new();
        let server = patient(&context, zmq::PULL);
        server.monitor("inproc://gone", ALL).unwrap();
        let reader = patient(&context, zmq::PAIR);
        reader.connect("inproc://gone").unwrap();
        drop(reader);
        for _ in 0..3 {
            server.bind("tcp://127.0.0.1:*").unwrap();
        }
    });
}

#[test]
fn events_that_are_not_asked_for_are_not_told() {
    let context = Context::new();
    let server = patient(&context, zmq::PULL);
    server
        .monitor("inproc://some", SocketEvent::CLOSED as i32)
        .unwrap();
    let reader = patient(&context, zmq::PAIR);
    reader.connect("inproc://some").unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = server.get_last_endpoint().unwrap().unwrap();
    server.unbind(&endpoint).unwrap();
    assert_eq!(event(&reader), (SocketEvent::CLOSED, endpoint));
}

#[test]
fn a_second_monitor_takes_the_place_of_the_first() {
    let context = Context::new();
    let server = patient(&context, zmq::PULL);
    let readers = ["inproc://first", "inproc://second"].map(|endpoint| {
        server.monitor(endpoint, ALL).unwrap();
        let reader = patient(&context, zmq::PAIR);
        reader.connect(endpoint).unwrap();
        reader
    });
    server.bind("tcp://127.0.0.1:*").unwrap();
    assert_eq!(event(&readers[0]).0, SocketEvent::MONITOR_STOPPED);
    assert_eq!(event(&readers[1]).0, SocketEvent::LISTENING);
}

#[test]
fn an_endpoint_in_use_is_an_error() {
    let context = Context::new();
    let server = patient(&context, zmq::PULL);
    server.bind("inproc://taken").unwrap();
    assert_eq!(
        server.monitor("inproc://taken", ALL),
        Err(Error::EADDRINUSE)
    );
    assert_eq!(
        server.monitor("ipc://taken", ALL),
        Err(Error::EPROTONOSUPPORT)
    );
    assert_eq!(server.monitor("taken", ALL), Err(Error::EINVAL));
}

/// The relay has sockets of the context's, and is not to be what ends it: the process could be over
/// before.
#[test]
fn the_drop_of_a_context_waits_for_what_is_sent_despite_a_monitor() {
    const LINGER: Duration = Duration::from_millis(300);
    let context = Context::new();
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("tcp://{}", listener.local_addr().unwrap())
    };
    let push = patient(&context, zmq::PUSH);
    push.monitor("inproc://sending", ALL).unwrap();
    push.connect(&nobody).unwrap();
    push.send("kept for as long as it lingers", 0).unwrap();
    push.set_linger(LINGER.as_millis() as i32).unwrap();
    drop(push);
    let start = Instant::now();
    drop(context);
    // libzmq counts in whole milliseconds, and a little early.
    assert!(start.elapsed() > LINGER - Duration::from_millis(50));
}
