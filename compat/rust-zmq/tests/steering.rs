//! Proxies that are steered over a socket.

mod common;

use std::thread;

use common::{ends, patient};
use zmq::{Context, Error, POLLIN, Socket, SocketType};

fn bound(context: &Context, kind: SocketType, endpoint: &str) -> Socket {
    let socket = patient(context, kind);
    socket.bind(endpoint).unwrap();
    socket
}

fn connected(context: &Context, kind: SocketType, endpoint: &str) -> Socket {
    let socket = patient(context, kind);
    socket.connect(endpoint).unwrap();
    socket
}

#[test]
fn a_proxy_obeys_what_its_control_receives() {
    ends(|| {
        let context = Context::new();
        let mut front = bound(&context, zmq::PULL, "inproc://front");
        let mut back = bound(&context, zmq::PUSH, "inproc://back");
        let mut capture = bound(&context, zmq::PUB, "inproc://capture");
        let mut control = bound(&context, zmq::REP, "inproc://control");
        let proxy = thread::spawn(move || {
            let done = zmq::proxy_steerable_with_capture(
                &mut front,
                &mut back,
                &mut capture,
                &mut control,
            );
            (done, front)
        });
        let source = connected(&context, zmq::PUSH, "inproc://front");
        let sink = connected(&context, zmq::PULL, "inproc://back");
        let orders = connected(&context, zmq::REQ, "inproc://control");
        let order = |order: &str| {
            orders.send(order, 0).unwrap();
            orders.recv_multipart(0).unwrap()
        };
        source.send("one", 0).unwrap();
        assert_eq!(sink.recv_bytes(0).unwrap(), b"one");
        let statistics: Vec<u64> = order("STATISTICS")
            .into_iter()
            .map(|number| u64::from_ne_bytes(number.try_into().unwrap()))
            .collect();
        assert_eq!(statistics, [1, 3, 0, 0, 0, 0, 1, 3]);
        assert_eq!(order("PAUSE"), [b""]);
        source.send("two", 0).unwrap();
        assert_eq!(order("what is this"), [b""]);
        assert_eq!(sink.poll(POLLIN, 10), Ok(0));
        assert_eq!(order("RESUME"), [b""]);
        assert_eq!(sink.recv_bytes(0).unwrap(), b"two");
        order("PAUSE");
        source.send("three", 0).unwrap();
        order("TERMINATE");
        let (done, front) = proxy.join().unwrap();
        assert_eq!(done, Ok(()));
        assert_eq!(front.recv_bytes(0).unwrap(), b"three");
    });
}

#[test]
fn a_steered_proxy_ends_with_its_context() {
    ends(|| {
        let mut context = Context::new();
        let mut front = bound(&context, zmq::ROUTER, "inproc://front");
        let mut back = bound(&context, zmq::DEALER, "inproc://back");
        let mut control = bound(&context, zmq::PULL, "inproc://control");
        let proxy = thread::spawn(move || {
            let done = zmq::proxy_steerable(&mut front, &mut back, &mut control);
            (done, front.recv_bytes(0))
        });
        // It runs once it has heard an order.
        connected(&context, zmq::PUSH, "inproc://control")
            .send("RESUME", 0)
            .unwrap();
        context.destroy().unwrap();
        assert_eq!(
            proxy.join().unwrap(),
            (Err(Error::ETERM), Err(Error::ETERM))
        );
    });
}
