//! Connections within the process, in whatever order and from whichever threads they are made.

use std::sync::Barrier;
use std::thread;

use crate::common::{LONG, bound, context_and, patient};
use zmq::{Context, ErrorKind, Pull, Push, Socket};

fn connected_push(context: &Context, endpoint: &str) -> Socket<Push> {
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect(endpoint).unwrap();
    push
}

/// Receives a number from each of as many senders.
fn hear_all(pull: &Socket<Pull>, count: u8) {
    let mut heard: Vec<_> = (0..count).map(|_| pull.recv().unwrap()[0]).collect();
    heard.sort_unstable();
    assert!(heard.into_iter().eq(0..count));
    assert!(pull.try_recv().unwrap().is_none());
}

#[test]
fn all_who_connected_before_the_bind_are_met_and_all_who_come_after_it() {
    let context = Context::new().unwrap();
    let early: Vec<_> = (0..20_u8)
        .map(|number| {
            let push = connected_push(&context, "inproc://many");
            push.send(&[number]).unwrap();
            push
        })
        .collect();
    let pull = bound(&context, zmq::PULL, "inproc://many");
    hear_all(&pull, 20);
    for (number, push) in (0..).zip(&early) {
        push.send(&[number]).unwrap();
    }
    let late = connected_push(&context, "inproc://many");
    late.send(&[20]).unwrap();
    hear_all(&pull, 21);
}

#[test]
fn threads_connect_before_the_bind_of_another() {
    let context = Context::new().unwrap();
    let connected = Barrier::new(11);
    thread::scope(|scope| {
        for number in 0..10_u8 {
            let (context, connected) = (&context, &connected);
            scope.spawn(move || {
                let push = connected_push(context, "inproc://threads");
                connected.wait();
                push.send(&[number]).unwrap();
            });
        }
        connected.wait();
        hear_all(&bound(&context, zmq::PULL, "inproc://threads"), 10);
    });
}

#[test]
fn a_bind_and_its_connects_at_the_same_time_meet() {
    let context = Context::new().unwrap();
    for round in 0..50 {
        let endpoint = format!("inproc://round-{round}");
        let start = Barrier::new(5);
        thread::scope(|scope| {
            for number in 0..4_u8 {
                let (context, start, endpoint) = (&context, &start, &endpoint);
                scope.spawn(move || {
                    start.wait();
                    connected_push(context, endpoint).send(&[number]).unwrap();
                });
            }
            start.wait();
            hear_all(&bound(&context, zmq::PULL, &endpoint), 4);
        });
    }
}

/// PUB drops what nobody has subscribed to: the subscription comes with the bind.
#[test]
fn a_publisher_that_connected_before_its_subscriber_bound_is_heard() {
    let (context, publisher) = context_and(zmq::XPUB);
    publisher.connect("inproc://early").unwrap();
    publisher.send("nobody listens").unwrap();
    let subscriber = patient(context.socket(zmq::SUB).unwrap());
    subscriber.subscribe("").unwrap();
    subscriber.bind("inproc://early").unwrap();
    assert!(publisher.recv_subscription().unwrap().is_subscribe());
    publisher.send("news").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "news");
}

#[test]
fn a_connect_that_nobody_answers_holds_nothing_up() {
    let context = Context::new().unwrap();
    let idle = connected_push(&context, "inproc://nobody");
    let spoke = connected_push(&context, "inproc://nobody");
    spoke.send("to nobody").unwrap();
    drop((idle, spoke));
    context.terminate_timeout(LONG).unwrap();
}

#[test]
fn a_name_that_was_unbound_is_another_sockets_to_bind() {
    let context = Context::new().unwrap();
    let first = bound(&context, zmq::PULL, "inproc://name");
    let before = connected_push(&context, "inproc://name");
    first.unbind("inproc://name").unwrap();
    let second = bound(&context, zmq::PULL, "inproc://name");
    let after = connected_push(&context, "inproc://name");
    after.send("to the second").unwrap();
    assert_eq!(second.recv().unwrap(), "to the second");
    // Connections that were made before stay.
    before.send("to the first").unwrap();
    assert_eq!(first.recv().unwrap(), "to the first");
    let error = first.unbind("inproc://name").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_shutdown_ends_what_waits_for_a_bind() {
    let context = Context::new().unwrap();
    let push = connected_push(&context, "inproc://later");
    push.send("waits").unwrap();
    context.shutdown().unwrap();
    for result in [
        push.connect("inproc://other"),
        push.bind("inproc://later"),
        push.send("more").map_err(Into::into),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Terminated);
    }
    drop(push);
    context.terminate_timeout(LONG).unwrap();
}
