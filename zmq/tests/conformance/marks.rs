//! High-water marks: how much is kept for a peer that does not receive.

use std::thread;

use crate::common::{SHORT, context_and, endpoint, patient, prepared};
use zmq::{Context, Pull, Push, Socket, Sub, XPub};

// ---- pipelines within the process ------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum First {
    Bind,
    Connect,
}

fn pipeline(first: First, sndhwm: u32, rcvhwm: u32) -> (Socket<Push>, Socket<Pull>) {
    let (context, push) = context_and(zmq::PUSH);
    let pull = patient(context.socket(zmq::PULL).unwrap());
    push.set_sndhwm(sndhwm).unwrap();
    pull.set_rcvhwm(rcvhwm).unwrap();
    let bind = || pull.bind("inproc://marks").unwrap();
    let connect = || push.connect("inproc://marks").unwrap();
    match first {
        First::Bind => {
            bind();
            connect();
        }
        First::Connect => {
            connect();
            bind();
        }
    }
    (push, pull)
}

fn number(message: &[u8]) -> usize {
    usize::from_ne_bytes(message.try_into().unwrap())
}

#[test]
fn the_marks_of_both_ends_add_up_whoever_comes_first() {
    const MANY: usize = 10_000;
    for first in [First::Bind, First::Connect] {
        for (sndhwm, rcvhwm, room) in [
            (1000, 1000, 2000), // the defaults
            (0, 0, MANY),
            (1, 0, MANY),
            (0, 1, MANY),
            (1, 1, 2),
            (5, 7, 12),
        ] {
            let (push, pull) = pipeline(first, sndhwm, rcvhwm);
            let taken = (0..MANY)
                .take_while(|number| push.try_send(&number.to_ne_bytes()).is_ok())
                .count();
            assert_eq!(taken, room, "{first:?}, {sndhwm} and {rcvhwm}");
            for expected in 0..taken {
                assert_eq!(number(&pull.recv().unwrap()), expected);
            }
            assert!(pull.try_recv().unwrap().is_none());
            // What was received has made room again.
            push.send("more").unwrap();
            assert_eq!(pull.recv().unwrap(), "more");
        }
    }
}

#[test]
fn what_a_socket_sent_before_it_closed_is_kept_without_a_mark_of_the_receiver() {
    let context = Context::new().unwrap();
    for connect_first in [true, false] {
        let pull = patient(context.socket(zmq::PULL).unwrap());
        pull.set_rcvhwm(0).unwrap();
        let push = patient(context.socket(zmq::PUSH).unwrap());
        push.set_sndhwm(10).unwrap();
        let name = format!("inproc://{connect_first}");
        if !connect_first {
            pull.bind(&name).unwrap();
        }
        push.connect(&name).unwrap();
        for number in 0..10_u8 {
            push.try_send(&[number]).unwrap();
        }
        drop(push);
        if connect_first {
            pull.bind(&name).unwrap();
        }
        for number in 0..10 {
            assert_eq!(pull.recv().unwrap(), [number]);
        }
        assert!(pull.try_recv().unwrap().is_none());
    }
}

// ---- publishers ------------------------------------------------------------------------------------

const TRANSPORTS: [&str; 3] = ["tcp://127.0.0.1:*", "ipc://*", "inproc://publish"];

/// A publisher and a subscriber to everything, whose subscription has arrived.
fn published(transport: &str, mark: u32, nodrop: bool) -> (Context, Socket<XPub>, Socket<Sub>) {
    let (context, publisher, subscriber) = prepared(
        &endpoint(transport),
        zmq::XPUB,
        zmq::SUB,
        |publisher, subscriber| {
            publisher.set_sndhwm(mark).unwrap();
            publisher.set_xpub_nodrop(nodrop).unwrap();
            subscriber.set_rcvhwm(mark).unwrap();
            // The kernel keeps as little as it can.
            publisher.set_sndbuf(Some(4096)).unwrap();
            subscriber.set_rcvbuf(Some(4096)).unwrap();
            subscriber.subscribe("").unwrap();
        },
    );
    assert!(publisher.recv_subscription().unwrap().is_subscribe());
    (context, publisher, subscriber)
}

#[test]
fn a_subscriber_loses_nothing_up_to_the_mark_and_from_it_on_once_it_has_received() {
    for transport in TRANSPORTS {
        for mark in [1000, 20] {
            let (_context, publisher, subscriber) = published(transport, mark, false);
            for _ in 0..4 {
                // Has it take note of the room that has been made.
                publisher.events().unwrap();
                for number in 0..mark {
                    publisher.send(&number.to_ne_bytes()).unwrap();
                }
                for number in 0..mark {
                    assert_eq!(subscriber.recv().unwrap(), number.to_ne_bytes());
                }
                assert!(subscriber.try_recv().unwrap().is_none());
            }
        }
    }
}

#[test]
fn a_publisher_drops_above_the_mark_and_goes_on_when_there_is_room() {
    const SENT: usize = 3000;
    for transport in TRANSPORTS {
        let (_context, publisher, subscriber) = published(transport, 10, false);
        for number in 0..SENT {
            let mut message = number.to_ne_bytes().to_vec();
            message.resize(4096, 0);
            publisher.send(message).unwrap();
        }
        let mut last = None;
        let mut received = 0;
        while last < Some(SENT) {
            if let Some(message) = subscriber.try_recv().unwrap() {
                let number = Some(number(&message[..8]));
                assert!(number > last, "{transport}: {number:?} after {last:?}");
                last = number;
                received += 1;
            } else {
                // Dropped as well, as long as the publisher has not taken note of any room.
                publisher.send(&SENT.to_ne_bytes()).unwrap();
                zmq::poll([subscriber.poll_in()], SHORT).unwrap();
            }
        }
        assert!(
            (11..SENT).contains(&received),
            "{transport}: {received} received"
        );
    }
}

#[test]
fn a_publisher_that_does_not_drop_waits_and_loses_nothing() {
    const SENT: usize = 3000;
    for transport in TRANSPORTS {
        let (_context, publisher, subscriber) = published(transport, 10, true);
        // Not closed before all has come: a subscriber that is full loses over ipc what the kernel
        // holds for it when its publisher goes.
        let _publisher = thread::scope(|scope| {
            let sender = scope.spawn(move || {
                for number in 0..SENT {
                    publisher.send(&number.to_ne_bytes()).unwrap();
                }
                publisher
            });
            for expected in 0..SENT {
                assert_eq!(number(&subscriber.recv().unwrap()), expected, "{transport}");
            }
            sender.join().unwrap()
        });
        assert!(subscriber.try_recv().unwrap().is_none());
    }
}
