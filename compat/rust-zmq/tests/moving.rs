//! A program moves on to the safe crate, one piece after the other.

mod common;

use common::{ends, patient};
use zmq::{Context, Message, SNDMORE, SocketEvent, safe};

#[test]
fn both_apis_share_a_context() {
    let context = Context::new();
    let old = patient(&context, zmq::PULL);
    old.bind("inproc://both").unwrap();
    let new = context.to_safe().unwrap().socket(safe::PUSH).unwrap();
    new.connect("inproc://both").unwrap();
    new.send_multipart(["Hello", "World"]).unwrap();
    assert_eq!(old.recv_multipart(0).unwrap(), [b"Hello", b"World"]);
}

/// The monitored socket goes when its peer over inproc has heard of it, and that one lives on.
#[test]
fn what_moved_on_does_not_hold_up_the_end_of_a_monitored_context() {
    ends(|| {
        let context = Context::new();
        let old = patient(&context, zmq::PULL);
        old.monitor("inproc://events", SocketEvent::ALL as i32)
            .unwrap();
        old.bind("inproc://monitored").unwrap();
        let new = context.to_safe().unwrap().socket(safe::PUSH).unwrap();
        new.connect("inproc://monitored").unwrap();
        drop((old, context));
        drop(new);
    });
}

#[test]
fn a_socket_gets_its_type() {
    let context = Context::new();
    let (old, push) = (patient(&context, zmq::PULL), patient(&context, zmq::PUSH));
    old.bind("inproc://moves").unwrap();
    push.connect("inproc://moves").unwrap();
    push.send("never ended", SNDMORE).unwrap();
    let push = push.into_safe().unwrap().downcast::<safe::Push>().unwrap();
    let pull = old.into_safe().unwrap().downcast::<safe::Pull>().unwrap();
    push.send("Hello").unwrap();
    let message: Message = pull.recv().unwrap().into();
    assert_eq!(message.as_str(), Some("Hello"));
    assert_eq!(safe::Message::from(message), "Hello");
}
