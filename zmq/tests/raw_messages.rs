//! Messages and poll items that come from C and go there.

mod common;

use std::ptr::null_mut;

use common::c::kind;
use common::{LONG, NO_TIME, context_and, pipeline};
use zmq::raw::{zmq_msg_t, zmq_pollitem_t};
use zmq::{ErrorKind, Message, PollEvents, PollItem};

#[test]
fn a_misaligned_message_is_refused() {
    let message = Message::from("text");
    let beside = message.as_raw().wrapping_byte_add(1);
    // SAFETY: a misaligned pointer is refused before anything is read.
    let refused = unsafe { Message::borrow_raw(beside) }.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::BadAddress);
    assert!(refused.to_string().contains("aligned"), "{refused}");
}

/// Short ones lie in the value, long ones elsewhere.
fn messages() -> [Message; 4] {
    [
        Message::new(),
        Message::from("short"),
        Message::from(vec![1; 1000]),
        Message::from_static(&[2; 1000]),
    ]
}

#[test]
fn messages_go_to_c_and_come_back_as_they_were() {
    for message in messages() {
        let bytes = message.to_vec();
        let address = (bytes.len() > 33).then(|| message.as_ptr());
        // SAFETY: given up right here.
        let back = unsafe { Message::from_raw(message.into_raw()) }.unwrap();
        assert_eq!(back, bytes);
        assert_eq!((bytes.len() > 33).then(|| back.as_ptr()), address);
    }
}

#[test]
fn a_closed_message_is_refused() {
    for message in messages() {
        let mut raw = message.into_raw();
        // SAFETY: given up, and closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
        // SAFETY: initialised memory, of which libzmq sees that it is no message.
        let refused = unsafe { Message::borrow_raw(&raw const raw) };
        assert_eq!(kind(refused), ErrorKind::BadAddress);
        // SAFETY: as above.
        let refused = unsafe { Message::from_raw(raw) };
        assert_eq!(kind(refused), ErrorKind::BadAddress);
    }
}

#[test]
fn a_borrowed_message_stays_cs() {
    for message in messages() {
        let bytes = message.to_vec();
        let mut raw = message.into_raw();
        {
            // SAFETY: not changed in this block.
            let borrowed = unsafe { Message::borrow_raw(&raw const raw) }.unwrap();
            assert_eq!(*borrowed, bytes);
            assert_eq!(borrowed.as_raw(), &raw const raw);
        }
        // SAFETY: as the message still is, it is closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
    }
}

#[test]
fn the_content_of_a_message_of_cs_can_be_taken_and_replaced() {
    let (push, pull) = pipeline();
    for message in messages() {
        let bytes = message.to_vec();
        let mut raw: zmq_msg_t = message.into_raw();
        // SAFETY: not used otherwise until the next `unsafe`.
        let borrowed = unsafe { Message::borrow_raw_mut(&raw mut raw) }.unwrap();
        push.send(std::mem::take(borrowed)).unwrap();
        assert!(borrowed.is_empty());
        pull.recv_message_into(borrowed).unwrap();
        assert_eq!(*borrowed, bytes);
        // SAFETY: initialised still, and closed once.
        assert_eq!(unsafe { zmq_sys::zmq_msg_close(&raw mut raw) }, 0);
    }
}

#[test]
fn an_item_without_a_socket_and_a_descriptor_is_refused() {
    let mut item = zmq_pollitem_t {
        socket: null_mut(),
        fd: -1,
        events: 0,
        revents: 0,
    };
    // SAFETY: refused.
    let refused = unsafe { PollItem::from_raw(item) };
    assert_eq!(kind(refused), ErrorKind::InvalidInput);
    item.fd = 0;
    // SAFETY: the descriptor is not polled.
    assert!(unsafe { PollItem::from_raw(item) }.is_ok());
}

#[test]
fn an_item_of_cs_is_polled_for_what_c_asked() {
    let (push, pull) = pipeline();
    push.send("task").unwrap();
    let item = pull.poll_in().to_raw();
    assert_eq!((item.socket, item.revents), (pull.as_ptr(), 0));
    assert_eq!(PollEvents::from_raw(item.events), PollEvents::READABLE);
    assert_eq!(pull.poll_in().when(false).to_raw().events, 0);
    // SAFETY: the socket outlives both items, on this thread.
    let item = unsafe { PollItem::from_raw(item) }.unwrap();
    let events = zmq::poll([item, item.when(false)], NO_TIME).unwrap();
    assert_eq!(events, [PollEvents::READABLE, PollEvents::default()]);
    assert_eq!(events[0].to_raw(), zmq_sys::ZMQ_POLLIN as i16);
}

#[test]
fn a_switched_off_item_of_cs_ends_the_wait_with_its_context() {
    let (context, socket) = context_and(zmq::PULL);
    // SAFETY: the socket outlives the item, on this thread.
    let item = unsafe { PollItem::from_raw(socket.poll_in().to_raw()) }.unwrap();
    context.shutdown().unwrap();
    assert_eq!(
        kind(zmq::poll([item.when(false)], Some(LONG))),
        ErrorKind::Terminated
    );
}
