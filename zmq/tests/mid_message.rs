//! A peer that dies in the middle of a multipart message: the next message arrives whole, and a
//! message of its own.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::{LONG, patient};
use zmq::{CanReceive, CanSend, Context, ErrorKind, Multipart, Socket};

const FRAMES: usize = 30_000;

fn big() -> Multipart {
    (0..FRAMES).map(|i| i.to_string()).collect()
}

/// Sends big messages while receivers come and go; each must see only whole messages. Gives the
/// number of sends that noticed a receiver die on them.
fn receivers_come_and_go<S, R>(
    sender: Socket<S>,
    receiver: R,
    endpoint: &str,
    nudge: impl Fn(&Socket<S>),
) -> usize
where
    S: CanSend,
    R: CanReceive + Send,
{
    let context = sender.context().clone();
    let sender = patient(sender);
    sender
        .set_sndtimeo(Some(Duration::from_millis(10)))
        .unwrap();
    sender.bind(endpoint).unwrap();
    let endpoint = sender.last_endpoint().unwrap();
    let done = AtomicBool::new(false);
    let mut dropped = 0;
    thread::scope(|scope| {
        let churn = scope.spawn(|| {
            let mut wait = 0;
            while !done.load(Ordering::Relaxed) {
                let receiver = match context.socket(receiver) {
                    Ok(receiver) => receiver,
                    // Closed ones wait for the sender to notice.
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::TooManyOpen);
                        thread::yield_now();
                        continue;
                    }
                };
                receiver.set_linger(Some(Duration::ZERO)).unwrap();
                receiver.set_rcvhwm(1).unwrap();
                receiver.connect(&endpoint).unwrap();
                // Closed at another moment each time.
                wait = (wait + 7919) % 400_000;
                for _ in 0..wait {
                    std::hint::spin_loop();
                }
                while let Some(message) = receiver.try_recv_multipart().unwrap() {
                    assert_whole(&message);
                }
            }
        });
        let end = Finally(&done);
        for round in 0..200 {
            match sender.send_multipart(big()) {
                Ok(()) => {}
                Err(refused) if refused.kind() == ErrorKind::Dropped => {
                    dropped += 1;
                    assert!(refused.message.is_empty());
                }
                Err(refused) if refused.kind() == ErrorKind::WouldBlock => nudge(&sender),
                Err(refused) => panic!("{refused}"),
            }
            if dropped == 3 && round > 20 {
                break;
            }
        }
        drop(end);
        churn.join().unwrap();
    });
    // The next message, to a receiver that stays, is one of its own. (A PAIR turns receivers away
    // while it still holds on to one that has gone, so there is more than one try.)
    let mut last;
    loop {
        last = context.socket(receiver).unwrap();
        last.set_rcvtimeo(Some(Duration::from_millis(100))).unwrap();
        last.connect(&endpoint).unwrap();
        match sender.send_multipart(["next", "message"]) {
            Ok(()) => {}
            Err(refused) if refused.kind() == ErrorKind::WouldBlock => nudge(&sender),
            Err(refused) => assert_eq!(refused.kind(), ErrorKind::Dropped),
        }
        // What was sent before to one that has died is gone; the rest is whole.
        match last.recv_multipart() {
            Ok(message) if message.len() == 2 => {
                assert_eq!(message, ["next", "message"]);
                break;
            }
            Ok(message) => assert_whole(&message),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    dropped
}

/// Says that it is over, also to a thread that a failed test would leave running.
struct Finally<'a>(&'a AtomicBool);

impl Drop for Finally<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn assert_whole(message: &Multipart) {
    assert_eq!(message.len(), FRAMES);
    assert!(
        message
            .iter()
            .enumerate()
            .all(|(i, frame)| *frame == i.to_string())
    );
}

#[test]
fn a_push_stays_between_messages_when_its_peer_dies() {
    let context = Context::new().unwrap();
    let dropped = receivers_come_and_go(
        context.socket(zmq::PUSH).unwrap(),
        zmq::PULL,
        "inproc://dies",
        |_| (),
    );
    assert!(
        dropped > 0,
        "no receiver died in the middle: the test proves nothing"
    );
}

#[test]
fn a_dealer_stays_between_messages_when_its_peer_dies() {
    let context = Context::new().unwrap();
    let dropped = receivers_come_and_go(
        context.socket(zmq::DEALER).unwrap(),
        zmq::DEALER,
        "inproc://dies",
        |_| (),
    );
    assert!(
        dropped > 0,
        "no receiver died in the middle: the test proves nothing"
    );
}

#[test]
fn a_pair_stays_between_messages_when_its_peer_dies() {
    let context = Context::new().unwrap();
    let dropped = receivers_come_and_go(
        context.socket(zmq::PAIR).unwrap(),
        zmq::PAIR,
        "inproc://dies",
        |sender| {
            // A PAIR lets go of a peer that has gone only when it reads to the end of its queue.
            assert!(sender.try_recv().unwrap().is_none());
        },
    );
    assert!(
        dropped > 0,
        "no receiver died in the middle: the test proves nothing"
    );
}

#[test]
fn a_req_takes_turns_again_after_its_peer_died_in_the_middle() {
    let mut dropped = 0;
    for round in 0..2_000u32 {
        let context = Context::new().unwrap();
        let client = context.socket(zmq::REQ).unwrap();
        client.set_linger(Some(Duration::ZERO)).unwrap();
        client
            .set_sndtimeo(Some(Duration::from_millis(10)))
            .unwrap();
        let leaving = context.socket(zmq::REP).unwrap();
        leaving.bind("inproc://leaves").unwrap();
        client.connect("inproc://leaves").unwrap();
        let request = big();
        let sent = thread::scope(|scope| {
            let leave = scope.spawn(move || {
                for _ in 0..round * 7919 % 100_000 {
                    std::hint::spin_loop();
                }
                drop(leaving);
            });
            let sent = client.send_multipart(request);
            leave.join().unwrap();
            sent.map_err(|refused| refused.kind())
        });
        match sent {
            Err(ErrorKind::Dropped) => {}
            // It left after the message, or before.
            Ok(()) | Err(ErrorKind::WouldBlock) => continue,
            Err(other) => panic!("{other:?}"),
        }
        // It would be a wait for a reply that nobody gives.
        assert_ne!(client.recv().unwrap_err().kind(), ErrorKind::WouldBlock);
        let server = patient(context.socket(zmq::REP).unwrap());
        server.bind("inproc://stays").unwrap();
        client.connect("inproc://stays").unwrap();
        client.set_rcvtimeo(Some(LONG)).unwrap();
        client.set_sndtimeo(Some(LONG)).unwrap();
        for request in [["next", "request"], ["and", "another"]] {
            client.send_multipart(request).unwrap();
            assert_eq!(server.recv_multipart().unwrap(), request);
            server.send("reply").unwrap();
            assert_eq!(client.recv().unwrap(), "reply");
            assert_eq!(client.recv().unwrap_err().kind(), ErrorKind::InvalidState);
        }
        dropped += 1;
        if dropped == 5 {
            return;
        }
    }
    panic!("the race was met {dropped} times only: the test proves nothing");
}
