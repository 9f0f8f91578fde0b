//! SCATTER and GATHER, drafts: out in turn and in fairly, whole frames only.
#![cfg(feature = "draft")]

use zmq::{ErrorKind, Message};

use crate::common::{bound, context_and, lacks_drafts};
use crate::crowd;

#[test]
fn a_scatter_sends_to_its_peers_in_turn_and_one_frame_at_a_time() {
    if lacks_drafts() {
        return;
    }
    let (context, _) = context_and(zmq::PAIR);
    let scatter = bound(&context, zmq::SCATTER, "tcp://127.0.0.1:*");
    let gathers = crowd::peers::<_, _, 3>(&scatter, zmq::GATHER);
    for number in 0..12u8 {
        scatter.send(&[number]).unwrap();
    }
    for (turn, gather) in gathers.iter().enumerate() {
        for round in 0..4u8 {
            assert_eq!(gather.recv().unwrap(), [round * 3 + turn as u8]);
        }
        assert_eq!(gather.try_recv().unwrap(), None);
    }
    let several = [Message::from("several"), "frames".into()];
    let refused = scatter.into_any().send_multipart(several).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.message, ["several", "frames"]);
}

#[test]
fn a_gather_receives_from_its_peers_in_turn() {
    if lacks_drafts() {
        return;
    }
    let (context, _) = context_and(zmq::PAIR);
    let gather = bound(&context, zmq::GATHER, "tcp://127.0.0.1:*");
    let say = |peer: &zmq::Socket<zmq::Scatter>, name: usize, number: u8| {
        peer.send(&[name as u8, number]).unwrap();
    };
    let _scatters = crowd::filled::<_, _, 4>(&gather, zmq::SCATTER, 5, say);
    crowd::assert_in_turn::<4>(5, || {
        let message = gather.recv().unwrap();
        (message[0].into(), message[1])
    });
    assert_eq!(gather.try_recv().unwrap(), None);
}
