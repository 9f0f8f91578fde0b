//! What a proxy does while one direction, or all of it, cannot go on.

mod common;

#[cfg(unix)]
use common::processor_time;
use common::{SHORT, bound, in_child, patient, peer_of};
use zmq::{CanSend, Context, Multipart, Proxy, Socket};

/// Sends until there is no room for some time; says how many were sent.
fn fill<T: CanSend>(socket: &Socket<T>, message: impl Fn() -> Multipart) -> usize {
    socket.set_sndtimeo(SHORT).unwrap();
    let mut sent = 0;
    while socket.send_multipart(message()).is_ok() {
        sent += 1;
    }
    sent
}

/// Has both directions full of messages, and says which of them go in a row.
fn rows(copies_in_hand: u32) -> Vec<usize> {
    let context = Context::new().unwrap();
    let unlimited = || {
        let socket = patient(context.socket(zmq::DEALER).unwrap());
        socket.set_sndhwm(0).unwrap();
        socket.set_rcvhwm(0).unwrap();
        socket
    };
    let sides = ["forth", "back"].map(|name| {
        let (side, peer) = (unlimited(), unlimited());
        side.bind(&format!("inproc://{name}")).unwrap();
        peer.connect(&format!("inproc://{name}")).unwrap();
        (0..10_000).for_each(|_| peer.send(name).unwrap());
        (side, peer)
    });
    let [(frontend, _left), (backend, _right)] = sides;
    let (capture, copies) = (
        context.socket(zmq::PUSH).unwrap(),
        patient(context.socket(zmq::PULL).unwrap()),
    );
    capture.set_sndhwm(copies_in_hand).unwrap();
    copies.set_rcvhwm(copies_in_hand).unwrap();
    capture.bind("inproc://capture").unwrap();
    copies.connect("inproc://capture").unwrap();
    let proxy = Proxy::new(frontend, backend)
        .capture(capture)
        .spawn()
        .unwrap();
    let mut last = zmq::Message::new();
    let mut rows = Vec::new();
    for _ in 0..15_000 {
        let copy = copies.recv().unwrap();
        if copy == last {
            *rows.last_mut().unwrap() += 1;
        } else {
            rows.push(1);
            last = copy;
        }
    }
    proxy.terminate().unwrap();
    rows
}

#[test]
fn neither_direction_waits_for_more_than_a_thousand_messages_of_the_other() {
    let rows = rows(0);
    assert!(rows.iter().all(|row| *row <= 1000), "{rows:?}");
}

#[test]
fn neither_direction_takes_all_the_room_for_copies() {
    let rows = rows(10);
    assert!(rows.iter().all(|row| *row <= 1000), "{rows:?}");
}

#[test]
fn a_full_peer_of_a_mandatory_router_holds_replies_up_and_loses_none() {
    let context = Context::new().unwrap();
    let frontend = bound(&context, zmq::ROUTER, "inproc://frontend");
    frontend.set_router_mandatory(true).unwrap();
    let backend = bound(&context, zmq::DEALER, "inproc://backend");
    let slow = patient(context.socket(zmq::DEALER).unwrap());
    slow.set_routing_id("slow").unwrap();
    slow.connect("inproc://frontend").unwrap();
    let other = peer_of(&frontend, zmq::DEALER);
    let worker = peer_of(&backend, zmq::DEALER);
    let proxy = Proxy::new(frontend, backend).spawn().unwrap();
    let sent = fill(&worker, || Multipart::from(["slow", "reply"]));
    // Requests go on meanwhile, while they have room.
    other.send("request").unwrap();
    let [id, request] = worker.recv_array().unwrap();
    assert_eq!(request, "request");
    for _ in 0..sent {
        assert_eq!(slow.recv().unwrap(), "reply");
    }
    worker.set_sndtimeo(None).unwrap();
    worker.send_multipart([id, "answer".into()]).unwrap();
    assert_eq!(other.recv().unwrap(), "answer");
    let statistics = proxy.terminate().unwrap().statistics();
    assert_eq!(statistics.frontend.sent.messages, sent as u64 + 1);
    assert_eq!(statistics.undeliverable.messages, 0);
}

#[cfg(unix)]
#[test]
fn waiting_takes_no_processor_time() {
    in_child("waiting_takes_no_processor_time", || {
        let check = |what| {
            let before = processor_time();
            std::thread::sleep(std::time::Duration::from_millis(100));
            let used = processor_time() - before;
            assert!(used.as_millis() < 30, "{what}: {used:?} of 100 ms");
        };
        let context = Context::new().unwrap();

        // Nobody is there to receive, or then to take the copies.
        let frontend = bound(&context, zmq::PULL, "inproc://1");
        let backend = bound(&context, zmq::PUSH, "inproc://2");
        let capture = bound(&context, zmq::PUSH, "inproc://3");
        let source = peer_of(&frontend, zmq::PUSH);
        let proxy = Proxy::new(frontend, backend)
            .capture(capture)
            .spawn()
            .unwrap();
        check("nothing to do");
        source.send("a").unwrap();
        source.send("b").unwrap();
        check("no receiver");
        proxy.pause().unwrap();
        check("paused");
        proxy.resume().unwrap();
        let sink = patient(context.socket(zmq::PULL).unwrap());
        sink.connect("inproc://2").unwrap();
        assert_eq!(sink.recv().unwrap(), "a");
        check("no taker of the copies");
        drop(proxy);

        // The ROUTER always says that it has room, for others.
        let router = bound(&context, zmq::ROUTER, "inproc://5");
        router.set_router_mandatory(true).unwrap();
        let backend = bound(&context, zmq::DEALER, "inproc://6");
        let slow = patient(context.socket(zmq::DEALER).unwrap());
        slow.set_routing_id("slow").unwrap();
        slow.connect("inproc://5").unwrap();
        let _other = peer_of(&router, zmq::DEALER);
        let worker = peer_of(&backend, zmq::DEALER);
        let proxy = Proxy::new(router, backend).spawn().unwrap();
        fill(&worker, || Multipart::from(["slow", "reply"]));
        check("a full peer of a mandatory router");
        drop(proxy);
    });
}
