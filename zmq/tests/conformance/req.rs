//! RFC 28, REQ: out in turn, the form of a request, one peer at a time, and nothing without one.

use std::ptr;

use zmq::{ErrorKind, Message, MonitorEvents};

use crate::common::{LONG, SHORT, bound, context_and};
use crate::crowd::{self, PLACES};

#[test]
fn a_req_asks_its_peers_in_turn() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let client = bound(&context, zmq::REQ, place);
        let servers = crowd::peers::<_, _, 3>(&client, zmq::REP);
        for _ in 0..3 {
            for server in &servers {
                client.send("request").unwrap();
                assert_eq!(server.recv().unwrap(), "request");
                server.send("reply").unwrap();
                assert_eq!(client.recv().unwrap(), "reply");
            }
        }
    }
}

#[test]
fn a_request_has_an_empty_frame_before_its_body_and_its_reply_must_have_it() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let client = bound(&context, zmq::REQ, place);
        let [router] = crowd::peers(&client, zmq::ROUTER);
        for body in [&["A"][..], &["A", "", "B"], &["", ""]] {
            client.send_multipart(body.to_vec()).unwrap();
            let mut request = router.recv_multipart().unwrap();
            let id = request.pop_front().unwrap();
            assert_eq!(request, [&[""], body].concat()[..]);
            router.send_multipart((id, "", "C", "")).unwrap();
            assert_eq!(client.recv_multipart().unwrap(), ["C", ""]);
        }
    }
}

#[test]
fn a_reply_without_a_delimiter_is_passed_over_in_process_and_ends_a_connection() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let client = bound(&context, zmq::REQ, place);
        let [router] = crowd::peers(&client, zmq::ROUTER);
        client.send("request").unwrap();
        let [mut id, ..] = router.recv_array::<3>().unwrap();
        if place.starts_with("tcp") {
            let monitor = client.monitor(MonitorEvents::DISCONNECTED).unwrap();
            router.send_multipart((id, "no delimiter")).unwrap();
            monitor.recv_timeout(LONG).unwrap().expect("its end");
            assert!(client.try_recv().unwrap().is_none());
            continue;
        }
        router.send_multipart((id.share(), "no delimiter")).unwrap();
        router.send_multipart((id.share(), "none", "")).unwrap();
        router.send_multipart((id, "", "well formed")).unwrap();
        assert_eq!(client.recv().unwrap(), "well formed");
    }
}

#[test]
fn a_bound_req_without_peers_waits_and_gives_the_request_back() {
    for place in PLACES {
        let (context, _) = context_and(zmq::PAIR);
        let client = bound(&context, zmq::REQ, place);
        let refused = client.try_send(Message::from("nobody")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        client.set_sndtimeo(SHORT).unwrap();
        let refused = client.send(refused.message).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "nobody");
        // It still has to ask.
        let error = client.recv().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
    }
}

#[test]
fn a_req_hears_whom_it_has_asked_and_nobody_else() {
    for place in PLACES {
        let (_context, client) = context_and(zmq::REQ);
        client.set_routing_id("client").unwrap();
        client.bind(place).unwrap();
        let servers: [_; 3] = crowd::peers(&client, zmq::ROUTER);
        for turn in 0..6 {
            client.send("request").unwrap();
            let asked = &servers[turn % 3];
            assert_eq!(asked.recv_multipart().unwrap(), ["client", "", "request"]);
            // From the second round on all of them know who it is.
            let others = servers.iter().filter(|server| !ptr::eq(*server, asked));
            for other in others.take(turn / 3 * 2) {
                other.send_multipart(["client", "", "unasked"]).unwrap();
                let [came] = zmq::poll([client.poll_in()], Some(LONG)).unwrap();
                assert!(came.is_readable());
                assert_eq!(client.try_recv().unwrap(), None);
            }
            asked.send_multipart(["client", "", "reply"]).unwrap();
            assert_eq!(client.recv().unwrap(), "reply");
        }
        assert!(!client.events().unwrap().is_readable());
    }
}
