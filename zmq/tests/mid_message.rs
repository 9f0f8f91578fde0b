//! A peer that dies in the middle of a multipart message: the next message arrives whole, and a
//! message of its own.

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::{LONG, patient};
use zmq::{CanReceive, CanSend, Context, ErrorKind, Multipart, Socket};

const FRAMES: usize = 30_000;

fn big() -> Multipart {
    (0..FRAMES).map(|i| i.to_string()).collect()
}

/// Sends big messages to receivers that leave meanwhile. Whatever became of each, the next message,
/// to a receiver that stays, is one of its own. Ends when some sends have noticed a receiver leave.
fn receivers_leave<S, R>(sender: S, receiver: impl Fn(&Socket<S>) -> Socket<R>)
where
    S: CanSend,
    R: CanReceive,
{
    let context = Context::new().unwrap();
    let sender = patient(context.socket(sender).unwrap());
    sender
        .set_sndtimeo(Some(Duration::from_millis(10)))
        .unwrap();
    sender.bind("inproc://sender").unwrap();
    let mut dropped = 0;
    let start = Instant::now();
    let mut round = 0u32;
    while dropped < 3 {
        assert!(
            start.elapsed() < LONG,
            "the race was met {dropped} times only"
        );
        round += 1;
        let leaving = receiver(&sender);
        let message = big();
        let sent = thread::scope(|scope| {
            // At another moment each time, within about as long as the send takes.
            scope.spawn(move || {
                for _ in 0..round.wrapping_mul(7919) % 100_000 {
                    std::hint::spin_loop();
                }
                drop(leaving);
            });
            sender
                .send_multipart(message)
                .map_err(|refused| (refused.kind(), refused.message.len()))
        });
        match sent {
            Ok(()) => {}
            Err((ErrorKind::Dropped, 0)) => dropped += 1,
            Err((ErrorKind::WouldBlock, FRAMES)) => {}
            Err(other) => panic!("{other:?}"),
        }
        next_message_is_whole(&sender, &receiver);
    }
}

/// There is more than one try, since what goes to a receiver that has left is lost.
fn next_message_is_whole<S: CanSend, R: CanReceive>(
    sender: &Socket<S>,
    receiver: &impl Fn(&Socket<S>) -> Socket<R>,
) {
    loop {
        let staying = receiver(sender);
        match sender.send_multipart(["next", "message"]) {
            Ok(()) => {}
            Err(refused) => {
                assert!(matches!(
                    refused.kind(),
                    ErrorKind::WouldBlock | ErrorKind::Dropped
                ));
                continue;
            }
        }
        match staying.recv_multipart() {
            Ok(message) if message.len() == 2 => {
                assert_eq!(message, ["next", "message"]);
                return;
            }
            Ok(message) => assert_whole(&message),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
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

fn connected<S: CanSend, R: CanReceive>(sender: &Socket<S>, receiver: R) -> Socket<R> {
    let receiver = sender.context().socket(receiver).unwrap();
    receiver
        .set_rcvtimeo(Some(Duration::from_millis(100)))
        .unwrap();
    receiver.connect("inproc://sender").unwrap();
    receiver
}

#[test]
fn a_push_stays_between_messages_when_its_peer_dies() {
    receivers_leave(zmq::PUSH, |sender| connected(sender, zmq::PULL));
}

#[test]
fn a_dealer_stays_between_messages_when_its_peer_dies() {
    receivers_leave(zmq::DEALER, |sender| connected(sender, zmq::DEALER));
}

#[test]
fn a_pair_stays_between_messages_when_its_peer_dies() {
    receivers_leave(zmq::PAIR, |sender| {
        // A PAIR turns others away until it has read to the end of what came from one that left.
        sender
            .set_rcvtimeo(Some(Duration::from_millis(10)))
            .unwrap();
        loop {
            let receiver = connected(sender, zmq::PAIR);
            receiver.send("here I am").unwrap();
            if sender.recv().is_ok() {
                return receiver;
            }
        }
    });
}

#[test]
fn a_req_takes_turns_again_after_its_peer_died_in_the_middle() {
    let mut dropped = 0;
    let start = Instant::now();
    let mut round = 0u32;
    while start.elapsed() < LONG {
        round += 1;
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
                for _ in 0..round.wrapping_mul(7919) % 100_000 {
                    std::hint::spin_loop();
                }
                drop(leaving);
            });
            let sent = client.send_multipart(request);
            leave.join().unwrap();
            sent.map_err(|refused| (refused.kind(), refused.message.len()))
        });
        match sent {
            Err((ErrorKind::Dropped, 0)) => {}
            // It left after the message, or before.
            Ok(()) | Err((ErrorKind::WouldBlock, FRAMES)) => continue,
            Err(other) => panic!("{other:?}"),
        }
        // Nobody is there, which changes nothing.
        assert_eq!(
            client.try_send("nobody").unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
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
