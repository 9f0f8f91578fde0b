//! RFC 28, REP: in fairly, and the envelope of a request goes back with its reply.

use crate::common::{bound, context_and};
use crate::crowd::{self, PLACES};

#[test]
fn a_rep_receives_from_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let server = bound(&context, zmq::REP, place);
        let peers = crowd::filled::<_, _, 4>(&server, zmq::DEALER, 5, |peer, name, number| {
            peer.send_multipart([&b""[..], &[name as u8], &[number]])
                .unwrap();
        });
        crowd::assert_in_turn::<4>(5, || {
            let [name, number] = server.recv_array().unwrap();
            server.send(&[number[0] + 100]).unwrap();
            (name[0].into(), number[0])
        });
        assert_eq!(server.try_recv().unwrap(), None);
        // Each of those that are still there got its own replies.
        for peer in &peers {
            for number in 0..5u8 {
                let [empty, reply] = peer.recv_array().unwrap();
                assert_eq!((&empty[..], &reply[..]), (&b""[..], &[number + 100][..]));
            }
        }
    }
}

#[test]
fn the_envelope_of_a_request_comes_back_around_its_reply() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let mut server = bound(&context, zmq::REP, place);
        let [dealer] = crowd::peers(&server, zmq::DEALER);
        // All up to the first empty frame is the envelope; a frame further down may be empty.
        for envelope in [&["A", "B", ""][..], &["A", ""], &[""]] {
            let with = |body: &[&'static str]| [envelope, body].concat();
            dealer.send_multipart(with(&["C", "", "D"])).unwrap();
            let request = server.next_request().unwrap();
            assert_eq!(*request, ["C", "", "D"]);
            request.reply_multipart(["E", ""]).unwrap();
            assert_eq!(dealer.recv_multipart().unwrap(), with(&["E", ""])[..]);
        }
    }
}

#[test]
fn a_request_without_an_envelope_is_passed_over() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let server = bound(&context, zmq::REP, place);
        let [dealer] = crowd::peers(&server, zmq::DEALER);
        dealer.send_multipart(["no", "delimiter"]).unwrap();
        dealer.send("none").unwrap();
        dealer.send_multipart(["", "one"]).unwrap();
        assert_eq!(server.recv().unwrap(), "one");
    }
}
