//! Receiving the latest message.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{NO_TIME, connected_over, context_and, in_child, patient, pipeline, prepared};
use zmq::{CanReceive, CanSend, ErrorKind, KeepsLatest, Socket, SocketKind};

#[test]
fn the_last_message_is_kept_whole_and_nothing_of_the_others() {
    let (push, pull) = pipeline();
    push.send_multipart(["old", "one", "two"]).unwrap();
    push.send("middle").unwrap();
    push.send_multipart(["new", "three"]).unwrap();
    assert_eq!(pull.recv_latest().unwrap(), ["new", "three"]);
    assert_eq!(pull.try_recv_latest().unwrap(), None);
    push.send("next").unwrap();
    assert_eq!(pull.try_recv_latest().unwrap().unwrap(), ["next"]);
}

#[test]
fn every_type_that_may_skip_messages_does() {
    fn check<A, B>(a: A, b: B, ready: impl Fn(&Socket<A>, &Socket<B>))
    where
        A: CanReceive + KeepsLatest,
        B: CanSend,
    {
        let (_context, receiver, sender) = connected_over("inproc://types", a, b);
        ready(&receiver, &sender);
        for number in 0..5 {
            sender
                .send_multipart([format!("{number}"), "body".into()])
                .unwrap();
        }
        assert_eq!(receiver.recv_latest().unwrap(), ["4", "body"]);
        assert_eq!(receiver.try_recv_latest().unwrap(), None);
    }
    check(zmq::PULL, zmq::PUSH, |_, _| {});
    check(zmq::DEALER, zmq::DEALER, |_, _| {});
    check(zmq::PAIR, zmq::PAIR, |_, _| {});
    check(zmq::SUB, zmq::XPUB, |sub, publisher| {
        sub.subscribe("").unwrap();
        sub.events().unwrap(); // takes the connection in
        publisher.recv_subscription().unwrap();
    });
    check(zmq::XSUB, zmq::XPUB, |xsub, publisher| {
        xsub.subscribe("").unwrap();
        xsub.events().unwrap();
        publisher.recv_subscription().unwrap();
    });
}

#[test]
fn sockets_whose_messages_are_not_alike_refuse_at_run_time() {
    let (context, _) = context_and(zmq::PAIR);
    for kind in [
        SocketKind::Req,
        SocketKind::Rep,
        SocketKind::Router,
        SocketKind::Stream,
        SocketKind::XPub,
        SocketKind::Push,
    ] {
        let error = context.socket_of(kind).unwrap().recv_latest().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
    }
}

#[test]
fn a_wait_for_the_latest_ends_in_time() {
    let (_push, pull) = pipeline();
    pull.set_rcvtimeo(NO_TIME).unwrap();
    assert_eq!(
        pull.recv_latest().unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
}

#[test]
fn the_end_of_the_context_is_not_the_lack_of_a_message() {
    let (push, pull) = pipeline();
    push.context().shutdown().unwrap();
    assert_eq!(
        pull.try_recv_latest().unwrap_err().kind(),
        ErrorKind::Terminated
    );
}

#[test]
fn one_call_takes_no_more_than_the_mark() {
    for (mark, most) in [(3, 3), (0, 1000)] {
        let (_context, pull, push) =
            prepared("inproc://mark", zmq::PULL, zmq::PUSH, |pull, push| {
                pull.set_rcvhwm(mark).unwrap();
                push.set_sndhwm(0).unwrap();
            });
        for number in 0..most + 1 {
            push.send(format!("{number}")).unwrap();
        }
        assert_eq!(pull.recv_latest().unwrap(), [format!("{}", most - 1)]);
        assert_eq!(pull.recv_latest().unwrap(), [format!("{most}")]);
    }
}

#[test]
fn a_sender_that_never_stops_does_not_hold_the_receiver() {
    let (push, pull) = pipeline();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let push = push;
            while !done.load(Ordering::Relaxed) {
                push.send("more").unwrap();
            }
        });
        for _ in 0..100 {
            assert_eq!(pull.recv_latest().unwrap(), ["more"]);
        }
        done.store(true, Ordering::Relaxed);
        // It may wait for room.
        while pull.try_recv_latest().unwrap().is_some() {}
    });
}

#[test]
fn what_was_taken_out_early_or_left_half_read_is_older() {
    let (context, publisher) = context_and(zmq::XPUB);
    publisher.bind("inproc://early").unwrap();
    let mut subscriber = patient(context.socket(zmq::SUB).unwrap());
    subscriber.connect("inproc://early").unwrap();
    subscriber.subscribe("").unwrap();
    publisher.recv_subscription().unwrap();
    let other = patient(context.socket(zmq::XPUB).unwrap());
    other.bind("inproc://other").unwrap();
    subscriber.connect("inproc://other").unwrap();
    other.recv_subscription().unwrap();

    publisher.send_multipart(["half", "read"]).unwrap();
    std::mem::forget(subscriber.recv_frames().unwrap());
    publisher.send_multipart(["polled", "early"]).unwrap();
    assert!(subscriber.events().unwrap().is_readable());
    subscriber.disconnect("inproc://early").unwrap();
    other.send_multipart(["last", "one"]).unwrap();
    assert_eq!(subscriber.recv_latest().unwrap(), ["last", "one"]);
    assert_eq!(subscriber.try_recv_latest().unwrap(), None);
}

#[test]
fn large_messages_of_several_parts_do_not_abort_the_receiver() {
    in_child(
        "large_messages_of_several_parts_do_not_abort_the_receiver",
        || {
            let (_context, pull, push) = connected_over("tcp://127.0.0.1:*", zmq::PULL, zmq::PUSH);
            for round in 0..10_u8 {
                for part in 0..3 {
                    push.send_multipart([vec![part; 1 << 20], vec![round; 1 << 20]])
                        .unwrap();
                }
                loop {
                    let latest = pull.recv_latest().unwrap();
                    assert_eq!(latest.len(), 2);
                    assert_eq!((latest[0].len(), latest[1].len()), (1 << 20, 1 << 20));
                    if latest[0][0] == 2 {
                        assert_eq!(latest[1][0], round);
                        break;
                    }
                }
            }
        },
    );
}
