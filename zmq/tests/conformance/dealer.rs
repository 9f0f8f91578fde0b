//! RFC 28, DEALER: out in turn, in fairly, and nothing without a peer.

use zmq::{ErrorKind, Message};

use crate::common::{SHORT, bound, context_and};
use crate::crowd::{self, PLACES};

#[test]
fn a_dealer_sends_to_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let dealer = bound(&context, zmq::DEALER, place);
        let peers = crowd::peers::<_, _, 3>(&dealer, zmq::REP);
        for round in 0..4u8 {
            for number in 0..3u8 {
                dealer
                    .send_multipart([&b""[..], &[round], &[number]])
                    .unwrap();
            }
            for (number, peer) in peers.iter().enumerate() {
                let [heard, turn] = peer.recv_array().unwrap();
                assert_eq!((&heard[..], &turn[..]), (&[round][..], &[number as u8][..]));
                peer.send("answered").unwrap();
            }
            for _ in 0..3 {
                assert_eq!(dealer.recv_multipart().unwrap(), ["", "answered"]);
            }
        }
    }
}

#[test]
fn a_dealer_receives_from_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let dealer = bound(&context, zmq::DEALER, place);
        let _peers = crowd::filled::<_, _, 4>(&dealer, zmq::DEALER, 5, |peer, name, number| {
            peer.send_multipart([&[name as u8], &[number]]).unwrap();
        });
        crowd::assert_in_turn::<4>(5, || {
            let [name, number] = dealer.recv_array().unwrap();
            (name[0].into(), number[0])
        });
        assert_eq!(dealer.try_recv().unwrap(), None);
    }
}

#[test]
fn a_bound_dealer_without_peers_waits_and_gives_the_message_back() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let dealer = bound(&context, zmq::DEALER, place);
        let refused = dealer.try_send(Message::from("nobody")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        dealer.set_sndtimeo(SHORT).unwrap();
        let refused = dealer.send(refused.message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "nobody");
        assert!(!dealer.events().unwrap().is_writable());
    }
}

/// One that disconnects has lost what was on its way to it, and is sent nothing more.
#[test]
fn what_was_queued_for_a_dealer_that_disconnects_is_gone() {
    let (context, _) = context_and(zmq::PAIR);
    let dealer = bound(&context, zmq::DEALER, "inproc://gone");
    let [peer] = crowd::peers(&dealer, zmq::DEALER);
    dealer.send("lost").unwrap();
    peer.send("lost as well").unwrap();
    peer.disconnect("inproc://gone").unwrap();
    crowd::take_in(&dealer);
    // What has left it arrives.
    assert_eq!(dealer.recv().unwrap(), "lost as well");
    assert_eq!(peer.try_recv().unwrap(), None);
    crowd::take_in(&dealer);
    let refused = dealer.try_send("to whom?").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    peer.connect("inproc://gone").unwrap();
    dealer.send("new").unwrap();
    assert_eq!(peer.recv().unwrap(), "new");
    assert_eq!(peer.try_recv().unwrap(), None);
}
