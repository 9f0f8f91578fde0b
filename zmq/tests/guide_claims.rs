//! What the pages of `zmq::guide` say of libzmq and no other test shows.

mod common;

use std::time::{Duration, Instant};

use common::{LONG, bind_again, bound, patient, peer_of};
use zmq::{Context, ErrorKind, SocketType};

#[test]
fn four_io_threads_stay_four_and_are_settled_with_the_first_socket() {
    let context = Context::new().unwrap();
    context.set_io_threads(4).unwrap();
    context.set_io_threads(4).unwrap();
    assert_eq!(context.io_threads().unwrap(), 4);
    let _socket = context.socket(zmq::PULL).unwrap();
    let late = context.set_io_threads(4).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::InvalidState);
    assert_eq!(context.io_threads().unwrap(), 4);
}

#[test]
fn a_second_bind_of_an_endpoint_is_refused_over_tcp_and_inproc() {
    for wildcard in ["tcp://127.0.0.1:*", "inproc://twice"] {
        let context = Context::new().unwrap();
        let first = bound(&context, zmq::REP, wildcard);
        let endpoint = first.last_endpoint().unwrap();
        let other = patient(context.socket(zmq::REP).unwrap());
        for socket in [&first, &other] {
            let error = socket.bind(&endpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddressInUse, "{endpoint}");
            assert_eq!(error.subject(), Some(&*endpoint));
        }
        // The first is none the worse for it.
        let client = peer_of(&first, zmq::REQ);
        client.send("Hello").unwrap();
        assert_eq!(first.recv().unwrap(), "Hello");
    }
}

#[test]
fn a_second_bind_of_an_ipc_path_takes_it_over() {
    let context = Context::new().unwrap();
    let first = bound(&context, zmq::PULL, "ipc://*");
    let endpoint = first.last_endpoint().unwrap();
    let second = patient(context.socket(zmq::PULL).unwrap());
    second.bind(&endpoint).unwrap();
    peer_of(&second, zmq::PUSH).send("to the second").unwrap();
    assert_eq!(second.recv().unwrap(), "to the second");
    assert!(first.try_recv().unwrap().is_none());
}

#[test]
fn a_connect_may_come_before_the_bind_over_tcp_and_ipc() {
    for endpoint in [common::free_tcp(), common::endpoint("ipc://*")] {
        let context = Context::new().unwrap();
        let push = patient(context.socket(zmq::PUSH).unwrap());
        push.connect(&endpoint).unwrap();
        push.send("sent before the bind").unwrap();
        let pull = patient(context.socket(zmq::PULL).unwrap());
        bind_again(&pull, &endpoint);
        assert_eq!(pull.recv().unwrap(), "sent before the bind");
    }
}

#[test]
fn a_connection_is_made_again_by_itself() {
    for wildcard in ["tcp://127.0.0.1:*", "ipc://*"] {
        let first_context = Context::new().unwrap();
        let first = bound(&first_context, zmq::ROUTER, wildcard);
        let endpoint = first.last_endpoint().unwrap();
        let context = Context::new().unwrap();
        let dealer = patient(context.socket(zmq::DEALER).unwrap());
        dealer.set_linger(common::NO_TIME).unwrap();
        dealer.connect(&endpoint).unwrap();
        dealer.send("one").unwrap();
        assert_eq!(first.recv_multipart().unwrap()[1], "one");
        first.close();
        first_context.terminate().unwrap(); // the endpoint is free

        let second = patient(context.socket(zmq::ROUTER).unwrap());
        bind_again(&second, &endpoint);
        // What is sent before the break is noticed is lost with the first one.
        let end = Instant::now() + LONG;
        loop {
            assert!(Instant::now() < end, "never connected again");
            let _ = dealer.try_send("two");
            let [came] = zmq::poll([second.poll_in()], common::SHORT).unwrap();
            if came.is_readable() {
                break;
            }
        }
        assert_eq!(second.recv_multipart().unwrap()[1], "two");
    }
}

#[test]
fn one_socket_binds_to_endpoints_of_three_transports() {
    let context = Context::new().unwrap();
    let server = patient(context.socket(zmq::REP).unwrap());
    for endpoint in [
        "tcp://127.0.0.1:*",
        "tcp://127.0.0.1:*",
        "ipc://*",
        "inproc://somename",
    ] {
        server.bind(&common::endpoint(endpoint)).unwrap();
        let client = peer_of(&server, zmq::REQ);
        client.send(endpoint).unwrap();
        assert_eq!(server.recv().unwrap(), endpoint);
        server.send("yes").unwrap();
        assert_eq!(client.recv().unwrap(), "yes");
    }
}

/// Whether a socket of this type gives a message back for which there is no room.
fn refuses_at_its_mark<T: SocketType + zmq::CanSend, B: SocketType>(sender: T, receiver: B) {
    let context = Context::new().unwrap();
    let receiver = patient(context.socket(receiver).unwrap());
    let sender = patient(context.socket(sender).unwrap());
    receiver.set_rcvhwm(1).unwrap();
    sender.set_sndhwm(1).unwrap();
    receiver.bind("inproc://full").unwrap();
    sender.connect("inproc://full").unwrap();
    for number in ["1", "2"] {
        sender.try_send_multipart([number]).unwrap();
    }
    let refused = sender.try_send_multipart(["3"]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
}

#[test]
fn push_dealer_and_pair_wait_at_their_marks() {
    refuses_at_its_mark(zmq::PUSH, zmq::PULL);
    refuses_at_its_mark(zmq::DEALER, zmq::ROUTER);
    refuses_at_its_mark(zmq::PAIR, zmq::PAIR);
}

#[test]
fn a_router_drops_for_a_peer_that_is_full_and_for_no_other() {
    let context = Context::new().unwrap();
    let router = patient(context.socket(zmq::ROUTER).unwrap());
    router.set_sndhwm(1).unwrap();
    router.bind("inproc://full").unwrap();
    let [slow, other] = ["slow", "other"].map(|id| {
        let dealer = patient(context.socket(zmq::DEALER).unwrap());
        dealer.set_rcvhwm(1).unwrap();
        dealer.set_routing_id(id).unwrap();
        dealer.connect("inproc://full").unwrap();
        dealer.send("here").unwrap();
        assert_eq!(router.recv_multipart().unwrap(), [id, "here"]);
        dealer
    });
    for number in 0..10u8 {
        router.send_to("slow", &[number]).unwrap();
    }
    router.send_to("other", "there is room").unwrap();
    assert_eq!(other.recv().unwrap(), "there is room");
    for number in 0..2u8 {
        assert_eq!(slow.recv().unwrap(), [number]);
    }
    assert!(slow.try_recv().unwrap().is_none());
}

#[test]
fn marks_of_both_sides_add_up_in_process_and_none_is_no_limit() {
    for (sndhwm, rcvhwm, room) in [(2, 3, 5), (1, 1, 2), (1000, 1000, 2000), (0, 3, 5000)] {
        let context = Context::new().unwrap();
        let (pull, push) = (
            context.socket(zmq::PULL).unwrap(),
            context.socket(zmq::PUSH).unwrap(),
        );
        push.set_sndhwm(sndhwm).unwrap();
        pull.set_rcvhwm(rcvhwm).unwrap();
        pull.bind("inproc://sum").unwrap();
        push.connect("inproc://sum").unwrap();
        let taken = (0..5000).take_while(|_| push.try_send("").is_ok()).count();
        assert_eq!(taken, room, "{sndhwm} and {rcvhwm}");
    }
}

#[test]
fn a_second_peer_with_a_routing_id_in_use_is_not_heard() {
    let context = Context::new().unwrap();
    let router = bound(&context, zmq::ROUTER, "inproc://ids");
    let [first, second] = ["first", "second"].map(|text| {
        let dealer = patient(context.socket(zmq::DEALER).unwrap());
        dealer.set_routing_id("same").unwrap();
        dealer.connect("inproc://ids").unwrap();
        (dealer, text)
    });
    second.0.send(second.1).unwrap();
    first.0.send(first.1).unwrap();
    assert_eq!(router.recv_multipart().unwrap(), ["same", "first"]);
    assert!(router.try_recv_multipart().unwrap().is_none());
    router.send_to("same", "answer").unwrap();
    assert_eq!(first.0.recv().unwrap(), "answer");
    assert!(second.0.try_recv().unwrap().is_none());
}

#[test]
fn all_frames_of_a_message_go_to_the_same_peer() {
    let context = Context::new().unwrap();
    let push = bound(&context, zmq::PUSH, "inproc://frames");
    let pulls = [0, 1].map(|_| peer_of(&push, zmq::PULL));
    for number in ["0", "1", "2", "3"] {
        push.send_multipart([number, number, number]).unwrap();
    }
    for (pull, numbers) in pulls.iter().zip([["0", "2"], ["1", "3"]]) {
        for number in numbers {
            assert_eq!(pull.recv_multipart().unwrap(), [number; 3]);
        }
        assert!(pull.try_recv_multipart().unwrap().is_none());
    }
}

#[test]
fn a_pub_without_subscribers_drops_and_never_waits() {
    let context = Context::new().unwrap();
    let publisher = bound(&context, zmq::PUB, "tcp://127.0.0.1:*");
    publisher.set_sndtimeo(Some(Duration::ZERO)).unwrap();
    for _ in 0..5000 {
        publisher.send("nobody listens").unwrap();
    }
}

#[test]
fn types_that_do_not_go_together_are_disconnected_in_the_handshake() {
    let context = Context::new().unwrap();
    let pull = bound(&context, zmq::PULL, "tcp://127.0.0.1:*");
    let monitor = pull.monitor(zmq::MonitorEvents::ALL).unwrap();
    let _publisher = peer_of(&pull, zmq::PUB);
    loop {
        let event = monitor.recv_timeout(LONG).unwrap().expect("an event");
        match event.kind {
            zmq::EventKind::Disconnected { .. } => return,
            zmq::EventKind::HandshakeSucceeded => panic!("they are connected"),
            _ => {}
        }
    }
}
