//! RFC 30, PUSH and PULL: out in turn, in fairly, nothing without a peer, and whole messages only.

use std::thread;

use zmq::{ErrorKind, Message, Multipart, Push, Socket};

use crate::common::{LONG, SHORT, bound, context_and, peer_of, prepared};
use crate::crowd::{self, PLACES};

#[test]
fn a_push_sends_to_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let push = bound(&context, zmq::PUSH, place);
        let pulls = crowd::peers::<_, _, 3>(&push, zmq::PULL);
        for number in 0..12u8 {
            push.send(&[number]).unwrap();
        }
        for (turn, pull) in pulls.iter().enumerate() {
            for round in 0..4u8 {
                assert_eq!(pull.recv().unwrap(), [round * 3 + turn as u8]);
            }
        }
    }
}

#[test]
fn a_pull_receives_from_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let pull = bound(&context, zmq::PULL, place);
        let _pushes = crowd::filled::<_, _, 4>(&pull, zmq::PUSH, 5, |push, name, number| {
            push.send(&[name as u8, number]).unwrap();
        });
        crowd::assert_in_turn::<4>(5, || {
            let message = pull.recv().unwrap();
            (message[0].into(), message[1])
        });
        assert_eq!(pull.try_recv().unwrap(), None);
    }
}

#[test]
fn a_bound_push_without_peers_waits_and_gives_the_message_back() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let push = bound(&context, zmq::PUSH, place);
        let refused = push.try_send(Message::from("nobody")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        push.set_sndtimeo(SHORT).unwrap();
        let refused = push.send(refused.message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "nobody");
    }
}

fn is_refused(push: &Socket<Push>) -> bool {
    push.try_send("lost")
        .is_err_and(|refused| refused.kind() == ErrorKind::WouldBlock)
}

#[test]
fn what_was_queued_for_a_pull_that_disconnects_is_gone() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let push = bound(&context, zmq::PUSH, place);
        let endpoint = push.last_endpoint().unwrap();
        let [pull] = crowd::peers(&push, zmq::PULL);
        for number in ["1", "2", "3"] {
            push.send(number).unwrap();
        }
        assert_eq!(pull.recv().unwrap(), "1");
        pull.disconnect(&endpoint).unwrap();
        crowd::eventually("nobody is left to send to", || {
            // It ends the connection while it is used.
            assert_eq!(pull.try_recv().unwrap(), None);
            is_refused(&push)
        });

        pull.connect(&endpoint).unwrap();
        push.send("new").unwrap();
        assert_eq!(pull.recv().unwrap(), "new");
        assert_eq!(pull.try_recv().unwrap(), None);
    }
}

const FRAMES: usize = 2000;

/// A message that takes longer to send than its receiver takes to leave.
fn long() -> Multipart {
    (0..FRAMES).map(|number| number.to_string()).collect()
}

/// In both modes, and also where the receiver leaves over a connection: within the process it is
/// `mid_message.rs`.
#[test]
fn no_part_of_a_message_arrives_without_the_others_when_the_receiver_leaves() {
    let (context, _) = context_and(zmq::PAIR);
    let push = bound(&context, zmq::PUSH, "tcp://127.0.0.1:*");
    for round in 0..40 {
        push.set_sndtimeo(Some(LONG)).unwrap();
        let leaving = peer_of(&push, zmq::PULL);
        push.send("to one that will leave").unwrap();
        push.set_sndtimeo(SHORT).unwrap();
        let sent = thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..round * 2000 {
                    std::hint::spin_loop();
                }
                drop(leaving);
            });
            let sent = if round % 2 == 0 {
                push.send_multipart(long())
            } else {
                push.try_send_multipart(long())
            };
            sent.map_err(|refused| (refused.kind(), refused.message.len()))
        });
        match sent {
            Ok(()) | Err((ErrorKind::Dropped, 0) | (ErrorKind::WouldBlock, FRAMES)) => {}
            Err(other) => panic!("{other:?}"),
        }
        crowd::eventually("it has left", || is_refused(&push));
        push.set_sndtimeo(Some(LONG)).unwrap();
        let staying = peer_of(&push, zmq::PULL);
        push.send_multipart(["next", "message"]).unwrap();
        assert_eq!(staying.recv_multipart().unwrap(), ["next", "message"]);
        drop(staying);
        crowd::eventually("it has left", || is_refused(&push));
    }
}

#[test]
fn a_mark_that_is_set_before_the_connection_counts_for_it() {
    let (_context, pull, push) = prepared("inproc://marks", zmq::PULL, zmq::PUSH, |pull, push| {
        pull.set_rcvhwm(1).unwrap();
        push.set_sndhwm(4).unwrap();
    });
    let room = (0..100).take_while(|_| push.try_send("").is_ok()).count();
    assert_eq!(room, 5);
    // Lowered while it is full, or raised: refused here, and nothing changes (F17).
    for mark in [2, 70] {
        let error = push.set_sndhwm(mark).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert_eq!(push.sndhwm().unwrap(), 4);
    }
    for _ in 0..room {
        pull.recv().unwrap();
    }
    assert_eq!(pull.try_recv().unwrap(), None);
}
