//! What is unbound or disconnected is reached no more, and is named as it was really bound.

use std::net::TcpListener;

use zmq::{ErrorKind, Pull, Push, Socket};

use crate::common::{bound, connected, context_and, patient};
use crate::crowd;

fn pass(push: &Socket<Push>, pull: &Socket<Pull>) {
    push.send("passed on").unwrap();
    assert_eq!(pull.recv().unwrap(), "passed on");
}

#[test]
fn a_push_that_was_unbound_has_nobody_left_to_send_to() {
    let (_context, push, pull) = connected(zmq::PUSH, zmq::PULL);
    pass(&push, &pull);
    let endpoint = push.last_endpoint().unwrap();
    push.unbind(&endpoint).unwrap();
    crowd::eventually("its peer is gone", || {
        push.try_send("to whom?")
            .is_err_and(|refused| refused.kind() == ErrorKind::WouldBlock)
    });
    assert_eq!(
        push.unbind(&endpoint).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn a_push_that_has_disconnected_has_nobody_left_to_send_to() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    pass(&push, &pull);
    let endpoint = pull.last_endpoint().unwrap();
    push.disconnect(&endpoint).unwrap();
    let refused = push.try_send("to whom?").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    let error = push.disconnect(&endpoint).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    // It can come back.
    push.connect(&endpoint).unwrap();
    pass(&push, &pull);
}

/// Binds and unbinds by what the endpoint has become; the wildcard is no name of it.
fn wildcard(endpoint: &str, ipv6: bool, becomes: &str, reached_at: &str) {
    let (context, pull) = context_and(zmq::PULL);
    pull.set_ipv6(ipv6).unwrap();
    pull.bind(endpoint).unwrap();
    let real = pull.last_endpoint().unwrap();
    let port = real
        .strip_prefix(becomes)
        .unwrap_or_else(|| panic!("{real}"));
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.set_ipv6(ipv6).unwrap();
    push.connect(&format!("{reached_at}{port}")).unwrap();
    pass(&push, &pull);

    assert_eq!(
        pull.unbind(endpoint).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    pass(&push, &pull);
    pull.unbind(&real).unwrap();
    assert_eq!(pull.unbind(&real).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_wildcard_is_unbound_by_the_endpoint_that_it_became() {
    wildcard("tcp://*:*", false, "tcp://0.0.0.0:", "tcp://127.0.0.1:");
    wildcard(
        "tcp://127.0.0.1:*",
        false,
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:",
    );
}

#[test]
fn a_wildcard_of_ipv6_is_unbound_by_the_endpoint_that_it_became() {
    if TcpListener::bind("[::1]:0").is_err() {
        return; // this machine has no IPv6
    }
    wildcard("tcp://*:*", true, "tcp://[::]:", "tcp://[::1]:");
    wildcard("tcp://[::1]:*", true, "tcp://[::1]:", "tcp://[::1]:");
    // An address of IPv4 is mapped.
    let mapped = "tcp://[::ffff:127.0.0.1]:";
    wildcard("tcp://127.0.0.1:*", true, mapped, "tcp://127.0.0.1:");
}

#[test]
fn what_was_bound_twice_is_unbound_one_by_one() {
    let (context, pull) = context_and(zmq::PULL);
    let ends = [(); 2].map(|()| {
        pull.bind("tcp://127.0.0.1:*").unwrap();
        pull.last_endpoint().unwrap()
    });
    pull.unbind(&ends[0]).unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect(&ends[1]).unwrap();
    pass(&push, &pull);
    let other = bound(&context, zmq::PULL, "inproc://other");
    assert_eq!(
        other.unbind(&ends[1]).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}
