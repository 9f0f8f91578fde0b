//! Contexts that are many, short-lived, or without room for more sockets.

use crate::common::{LONG, SHORT, bound, in_child, limit_descriptors, patient};
use zmq::{Capability, Context, ErrorKind, SocketKind};

#[test]
fn each_of_many_short_lived_contexts_hears_what_a_router_says_to_it() {
    let context = Context::new().unwrap();
    let router = bound(&context, zmq::ROUTER, "tcp://127.0.0.1:*");
    router.set_router_mandatory(true).unwrap();
    let endpoint = router.last_endpoint().unwrap();
    for number in 0..100 {
        let other = Context::new().unwrap();
        let dealer = patient(other.socket(zmq::DEALER).unwrap());
        let id = format!("dealer {number}");
        dealer.set_routing_id(&id).unwrap();
        dealer.connect(&endpoint).unwrap();
        // The router has never heard of it: the connection alone makes it known.
        while let Err(refused) = router.send_to(&*id, "hello") {
            assert_eq!(refused.kind(), ErrorKind::HostUnreachable);
            zmq::poll([router.poll_in()], SHORT).unwrap();
        }
        assert_eq!(dealer.recv().unwrap(), "hello");
        drop(dealer);
        other.terminate_timeout(LONG).unwrap();
    }
}

#[test]
fn a_socket_is_not_opened_after_a_shutdown() {
    for any_before in [true, false] {
        let context = Context::new().unwrap();
        if any_before {
            let before = context.socket(zmq::PULL).unwrap();
            before.bind("inproc://before").unwrap();
        }
        context.shutdown().unwrap();
        let error = context.socket(zmq::PULL).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        context.terminate_timeout(LONG).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn sockets_that_the_system_has_no_descriptors_for_are_an_error() {
    in_child(
        "contexts::sockets_that_the_system_has_no_descriptors_for_are_an_error",
        || {
            let context = Context::new().unwrap();
            // Whatever libzmq opens for itself is open by then.
            let (a, b) = context.pipe().unwrap();
            limit_descriptors(100);
            let mut sockets = Vec::new();
            let error = loop {
                match context.socket(zmq::PAIR) {
                    Ok(socket) => sockets.push(socket),
                    Err(error) => break error,
                }
                assert!(sockets.len() < 100, "there is no limit");
            };
            assert_eq!(error.kind(), ErrorKind::TooManyOpen);
            assert!(sockets.len() > 30, "{} sockets", sockets.len());
            // Those that are there work, and there is room again when some are gone.
            a.send("still here").unwrap();
            assert_eq!(b.recv().unwrap(), "still here");
            drop(sockets);
            while let Err(error) = context.socket(zmq::PAIR) {
                assert_eq!(error.kind(), ErrorKind::TooManyOpen);
                std::thread::yield_now();
            }
        },
    );
}

#[test]
fn the_default_number_of_sockets_can_be_opened_and_no_more() {
    in_child(
        "contexts::the_default_number_of_sockets_can_be_opened_and_no_more",
        || {
            limit_descriptors(4096);
            let context = Context::new().unwrap();
            let most = context.max_sockets().unwrap();
            let sockets: Vec<_> = (0..most)
                .map(|_| context.socket(zmq::PAIR).unwrap())
                .collect();
            let error = context.socket(zmq::PAIR).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooManyOpen);
            drop(sockets);
        },
    );
}

#[test]
fn what_libzmq_says_it_has_is_there_and_the_rest_is_not() {
    let context = Context::new().unwrap();
    let socket = context.socket(zmq::PAIR).unwrap();
    let ipc = socket.bind(&crate::common::endpoint("ipc://*"));
    let pair = zmq::curve::KeyPair::new();
    let server = context.socket_of(SocketKind::Server);
    for (capability, there) in [
        (Capability::Ipc, ipc.is_ok()),
        (Capability::Curve, pair.is_ok()),
        (Capability::Gssapi, socket.gssapi_server().is_ok()),
    ] {
        assert_eq!(zmq::has(capability), there, "{capability}");
    }
    // The crate has a switch of its own.
    let drafts = cfg!(feature = "draft") && zmq::has(Capability::Draft);
    assert_eq!(server.is_ok(), drafts);
}
