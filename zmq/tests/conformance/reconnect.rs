//! Connections that are not there yet, or no longer.

use crate::common::{NO_TIME, bind_again, bound, context_for, endpoint, free_tcp, patient};
use zmq::{Context, ErrorKind};

#[test]
fn messages_wait_for_a_connection_that_is_not_made_unless_immediate_is_set() {
    for nobody in [endpoint("ipc://*"), free_tcp()] {
        for immediate in [false, true] {
            let context = Context::new().unwrap();
            let pull = bound(&context, zmq::PULL, "tcp://127.0.0.1:*");
            let push = patient(context.socket(zmq::PUSH).unwrap());
            push.set_linger(NO_TIME).unwrap();
            push.set_immediate(immediate).unwrap();
            push.connect(&nobody).unwrap();
            push.connect(&pull.last_endpoint().unwrap()).unwrap();
            for number in 0..10_u8 {
                push.send(&[number]).unwrap();
            }
            // In turn to the one that is there and the one that may come.
            for number in 0..10_u8 {
                if immediate || number % 2 == 1 {
                    assert_eq!(pull.recv().unwrap(), [number]);
                }
            }
            assert!(pull.try_recv().unwrap().is_none());
        }
    }
}

#[test]
fn with_immediate_messages_wait_in_the_sender_until_the_peer_is_back() {
    let other = Context::new().unwrap();
    let endpoint = free_tcp();
    let first = patient(other.socket(zmq::PULL).unwrap());
    bind_again(&first, &endpoint);
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.set_immediate(true).unwrap();
    push.connect(&endpoint).unwrap();
    push.send("first").unwrap();
    assert_eq!(first.recv().unwrap(), "first");
    drop(first);
    other.terminate().unwrap();
    // Until the break is noticed, messages are taken and lost.
    let refused = loop {
        if let Err(refused) = push.try_send("lost") {
            break refused;
        }
        std::thread::yield_now();
    };
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    let second = patient(context.socket(zmq::PULL).unwrap());
    bind_again(&second, &endpoint);
    push.send("second").unwrap();
    assert_eq!(second.recv().unwrap(), "second");
}

/// A disconnect ends that, and a connect begins it again.
#[test]
fn who_disconnected_connects_again_over_each_transport() {
    for wildcard in ["tcp://127.0.0.1:*", "tcp://[::1]:*", "ipc://*"] {
        let Some(context) = context_for(wildcard) else {
            continue;
        };
        let server = bound(&context, zmq::DEALER, wildcard);
        let endpoint = server.last_endpoint().unwrap();
        let client = patient(context.socket(zmq::DEALER).unwrap());
        for _ in 0..3 {
            client.connect(&endpoint).unwrap();
            client.send("here").unwrap();
            assert_eq!(server.recv().unwrap(), "here");
            client.disconnect(&endpoint).unwrap();
            let refused = client.try_send("gone").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        }
    }
}
