//! What a message says of itself.

use crate::common::{connected, context_and};
use zmq::{ErrorKind, Message, MessageBuf};

#[test]
fn every_part_but_the_last_says_that_more_come_on_the_other_side_of_a_router() {
    let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
    dealer.send_multipart(["A", "B"]).unwrap();
    let parts: [Message; 3] = router.recv_array().unwrap();
    let [id, a, b] = &parts;
    assert!(id.more() && a.more() && !b.more());
    assert_eq!((a.as_str(), b.as_str()), (Ok("A"), Ok("B")));
    // Made here, it says nothing of the kind.
    assert!(!Message::from("A").more());
}

#[test]
fn constant_bytes_are_shared_from_the_beginning_and_counted_ones_once_they_are() {
    static BYTES: [u8; 100] = [7; 100];
    assert!(Message::from_static(&BYTES).is_shared());
    let mut counted = Message::from(vec![7; 100]);
    assert!(!counted.is_shared());
    let other = counted.share();
    assert!(counted.is_shared() && other.is_shared());
    assert_eq!(counted, other);
}

#[test]
fn a_message_is_made_empty_of_a_size_and_of_bytes() {
    assert!(Message::new().is_empty());
    for size in [0, 1, 33, 34, 5000] {
        let mut buffer = MessageBuf::zeroed(size);
        assert_eq!(&buffer[..], vec![0; size]);
        buffer.fill(7);
        let bytes = vec![7; size];
        assert_eq!(Message::from(buffer), bytes);
        // A copy, which what becomes of the bytes does not change.
        let copy = Message::from(&bytes);
        drop(bytes);
        assert_eq!(copy, vec![7; size]);
    }
}

/// It takes a privilege on some systems; then the error says so.
#[cfg(target_os = "linux")]
#[test]
fn a_socket_bound_to_a_device_is_met_over_that_device() {
    let (context, pull) = context_and(zmq::PULL);
    pull.set_bindtodevice("lo").unwrap();
    if let Err(error) = pull.bind("tcp://127.0.0.1:*") {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        return;
    }
    let push = context.socket(zmq::PUSH).unwrap();
    push.set_bindtodevice("lo").unwrap();
    push.connect(&pull.last_endpoint().unwrap()).unwrap();
    push.send("over lo").unwrap();
    assert_eq!(pull.recv().unwrap(), "over lo");
    let other = context.socket(zmq::PULL).unwrap();
    other.set_bindtodevice("no-such-device").unwrap();
    let error = other.bind("tcp://127.0.0.1:*").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoDevice);
}
