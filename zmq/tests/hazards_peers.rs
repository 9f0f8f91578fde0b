//! What peers that come and go do to a naive wrapper: the hazards F17, F18, F23 and F29 of
//! ARCHITECTURE.md.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{bound, connected_over, context_and, in_child};
use zmq::{Any, Context, ErrorKind, Socket, SocketKind};

// ---- a high-water mark while peers go ----------------------------------------------------------

/// libzmq tells a new mark to the other end of every pipe, also to one that it has freed.
#[test]
fn a_high_water_mark_is_set_before_there_are_peers_to_be_told() {
    in_child(
        "a_high_water_mark_is_set_before_there_are_peers_to_be_told",
        || {
            let (context, pull) = context_and(zmq::PULL);
            pull.set_rcvhwm(7).unwrap();
            pull.bind("tcp://127.0.0.1:*").unwrap();
            let endpoint = pull.last_endpoint().unwrap();
            for _ in 0..2000 {
                let push = context.socket(zmq::PUSH).unwrap();
                push.connect(&endpoint).unwrap();
                push.send("gone").unwrap();
                drop(push);
                let refused = pull.set_rcvhwm(8).unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::InvalidState);
                pull.recv().unwrap();
            }
            assert_eq!(pull.rcvhwm().unwrap(), 7);
        },
    );
}

// ---- a socket that is polled twice ---------------------------------------------------------------

/// libzmq takes in what has come when it asks the second item, and never asks the first one again.
#[test]
fn a_message_between_two_items_of_one_socket_wakes_them_up() {
    in_child(
        "a_message_between_two_items_of_one_socket_wakes_them_up",
        || {
            const ROUNDS: usize = 30_000;
            let (_context, a, b) = connected_over("inproc://twins", zmq::PAIR, zmq::PAIR);
            let round = AtomicUsize::new(0);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let b = b;
                    for next in 1..=ROUNDS {
                        while round.load(Ordering::Acquire) < next {
                            std::hint::spin_loop();
                        }
                        // At every moment of the other thread's poll.
                        (0..next % 300).for_each(|_| std::hint::spin_loop());
                        b.send("now").unwrap();
                    }
                });
                for next in 1..=ROUNDS {
                    round.store(next, Ordering::Release);
                    let items = [a.poll_in(), a.poll_in_out().when(false)];
                    let [ready, off] = zmq::poll(items, None).unwrap();
                    assert!(ready.is_readable() && off.is_empty());
                    assert_eq!(a.recv().unwrap(), "now");
                }
            });
        },
    );
}

// ---- a connection that is given up with what came over it ------------------------------------------

#[test]
fn types_that_read_ahead_do_not_give_up_connections() {
    let context = Context::new().unwrap();
    for kind in [
        SocketKind::Sub,
        SocketKind::XSub,
        SocketKind::Router,
        SocketKind::Rep,
    ] {
        let socket = context.socket_of(kind).unwrap();
        let error = socket.set_immediate(true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
        assert!(!socket.immediate().unwrap());
        socket.set_immediate(false).unwrap();
    }
}

// ---- an inproc connection that waits for its bind ------------------------------------------------

/// Tries to give a connection up, and has the socket take that in.
fn give_up(socket: &Socket<Any>, endpoint: &str) {
    for result in [socket.disconnect(endpoint), socket.unbind(endpoint)] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
        assert_eq!(error.subject(), Some(endpoint));
    }
    socket.events().unwrap();
}

#[test]
fn a_router_or_rep_keeps_an_inproc_connection_until_it_is_bound() {
    in_child(
        "a_router_or_rep_keeps_an_inproc_connection_until_it_is_bound",
        || {
            for kind in [SocketKind::Router, SocketKind::Rep] {
                let context = Context::new().unwrap();
                let socket = context.socket_of(kind).unwrap();
                // Of its own it waits for neither.
                let error = socket.disconnect("inproc://later").unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NotFound);
                socket.connect("inproc://later").unwrap();
                socket.connect("inproc://never").unwrap();
                give_up(&socket, "inproc://later");

                let dealer = bound(&context, zmq::DEALER, "inproc://later");
                dealer.send_multipart(["", "request"]).unwrap();
                assert!(
                    socket
                        .recv_multipart()
                        .unwrap()
                        .ends_with(&["request".into()])
                );
                socket.disconnect("inproc://later").unwrap();

                // Other types may, and the end of the context binds what is left.
                let other = context.socket(zmq::DEALER).unwrap();
                other.connect("inproc://never").unwrap();
                other.disconnect("inproc://never").unwrap();
                other.events().unwrap();
                give_up(&socket, "inproc://never");
                context.shutdown().unwrap();
            }
        },
    );
}
