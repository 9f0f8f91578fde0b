//! Requests and replies: to several servers, through devices, and when they are given up.

use std::net::TcpListener;

use zmq::{Context, Message, Rep, Req, Router, Socket};

use crate::common::{self, LONG, bound, context_and, counted, holders, patient, peer_of};
use crate::crowd;

/// The loopback addresses that this machine has.
fn loopbacks() -> Vec<&'static str> {
    let mut all = vec!["tcp://127.0.0.1:*"];
    if TcpListener::bind("[::1]:0").is_ok() {
        all.push("tcp://[::1]:*");
    }
    all
}

/// A REP at the place, which may be of IPv6.
fn server(context: &Context, place: &str) -> Socket<Rep> {
    let server = patient(context.socket(zmq::REP).unwrap());
    server.set_ipv6(place.contains('[')).unwrap();
    server.bind(place).unwrap();
    server
}

/// One request and its reply.
fn exchange(client: &Socket<Req>, server: &Socket<Rep>) {
    client.send_multipart(["request", "of", "parts"]).unwrap();
    let request = server.recv_multipart().unwrap();
    assert_eq!(request, ["request", "of", "parts"]);
    server.send_multipart(["its", "reply"]).unwrap();
    assert_eq!(client.recv_multipart().unwrap(), ["its", "reply"]);
}

#[test]
fn a_req_asks_the_servers_it_connects_to_in_that_order() {
    for place in loopbacks() {
        let (context, client) = context_and(zmq::REQ);
        client.set_ipv6(place.contains('[')).unwrap();
        let servers = [(); 3].map(|()| server(&context, place));
        for server in &servers {
            client.connect(&server.last_endpoint().unwrap()).unwrap();
        }
        for server in servers.iter().chain(&servers) {
            exchange(&client, server);
        }
        // Of those that are left the turns go on.
        client
            .disconnect(&servers[1].last_endpoint().unwrap())
            .unwrap();
        let mut asked = [0; 3];
        for _ in 0..4 {
            client.send("request").unwrap();
            let items = servers.each_ref().map(|server| server.poll_in());
            let ready = zmq::poll(items, Some(LONG)).unwrap();
            let turn = ready.iter().position(|ready| ready.is_readable()).unwrap();
            assert_eq!(servers[turn].recv().unwrap(), "request");
            servers[turn].send("reply").unwrap();
            assert_eq!(client.recv().unwrap(), "reply");
            asked[turn] += 1;
        }
        assert_eq!(asked, [2, 0, 2]);
    }
}

/// libzmq makes no second connection of a REQ to the same endpoint.
#[test]
fn a_second_connect_to_the_same_port_changes_no_turns() {
    for place in loopbacks() {
        let (context, client) = context_and(zmq::REQ);
        client.set_ipv6(place.contains('[')).unwrap();
        let servers = [(); 2].map(|()| server(&context, place));
        for turn in [0, 1, 0, 1, 1] {
            client
                .connect(&servers[turn].last_endpoint().unwrap())
                .unwrap();
        }
        for turn in [0, 1, 0, 1] {
            exchange(&client, &servers[turn]);
        }
    }
}

#[test]
fn a_rep_that_goes_in_the_middle_of_an_exchange_leaks_nothing() {
    for place in ["ipc://*", "tcp://127.0.0.1:*", "inproc://leak"] {
        let (there, here) = (Context::new().unwrap(), Context::new().unwrap());
        let server = bound(&there, zmq::REP, place);
        let context = if place.starts_with("inproc") {
            &there
        } else {
            &here
        };
        let client = patient(context.socket(zmq::REQ).unwrap());
        client.connect(&server.last_endpoint().unwrap()).unwrap();
        let bytes = counted(1);
        client.send(bytes.clone()).unwrap();
        let request = server.recv().unwrap();
        assert_eq!(request, bytes[..]);
        server.close();
        drop(request);
        client.set_linger(common::NO_TIME).unwrap();
        client.close();
        there.terminate().unwrap();
        here.terminate().unwrap();
        assert_eq!(holders(&bytes), 0, "{place}");
    }
}

/// REQ and REP talk through a ROUTER and a DEALER whose messages are carried by hand.
#[test]
fn a_request_and_its_reply_are_carried_by_hand_through_a_device() {
    let context = Context::new().unwrap();
    let mut frontend = bound(&context, zmq::ROUTER, "tcp://127.0.0.1:*");
    let mut backend = bound(&context, zmq::DEALER, "tcp://127.0.0.1:*");
    let server = peer_of(&backend, zmq::REP);
    let client = peer_of(&frontend, zmq::REQ);
    let mut frames = Vec::new();
    for request in [&["A", "B"][..], &["", "A", ""], &["A"]] {
        client.send_multipart(request.to_vec()).unwrap();
        carry(frontend.recv_frames().unwrap(), &mut frames);
        assert_eq!(
            frames.len(),
            2 + request.len(),
            "an id and a delimiter more"
        );
        backend.send_multipart(frames.split_off(0)).unwrap();

        assert_eq!(server.recv_multipart().unwrap(), request[..]);
        server.send_multipart(["C", "", "D"]).unwrap();
        carry(backend.recv_frames().unwrap(), &mut frames);
        frontend.send_multipart(frames.split_off(0)).unwrap();
        assert_eq!(client.recv_multipart().unwrap(), ["C", "", "D"]);
    }
}

/// Takes the frames of one message, each of which says whether another follows.
fn carry<T: zmq::CanReceive>(mut stream: zmq::Frames<'_, T>, frames: &mut Vec<Message>) {
    let mut frame = Message::new();
    let mut more = true;
    while stream.next_frame(&mut frame).unwrap() {
        assert!(more, "a frame after the last");
        more = frame.more();
        frames.push(std::mem::take(&mut frame));
    }
    assert!(!more, "the last one says that another follows");
}

// ---- correlated and relaxed ------------------------------------------------------------------------

/// A bound REQ that numbers its requests.
fn numbering(relaxed: bool) -> (Context, Socket<Req>) {
    let (context, client) = context_and(zmq::REQ);
    client.set_req_correlate(true).unwrap();
    client.set_req_relaxed(relaxed).unwrap();
    client.bind("tcp://127.0.0.1:*").unwrap();
    (context, client)
}

#[test]
fn a_correlated_req_takes_the_reply_with_the_number_of_its_request_only() {
    let (_context, client) = numbering(false);
    let [router] = crowd::peers(&client, zmq::ROUTER);
    let mut last = Vec::new();
    for _ in 0..2 {
        client.send("request").unwrap();
        let [mut id, mut number, empty, body] = router.recv_array().unwrap();
        assert_eq!((&empty[..], &body[..]), (&b""[..], &b"request"[..]));
        assert_eq!(number.len(), 4);
        assert_ne!(&number[..], last);
        for wrong in [&b"\xff\xff\xff\xff"[..], &last] {
            if !wrong.is_empty() {
                let reply = (id.share(), wrong, "", "not this one");
                router.send_multipart(reply).unwrap();
            }
        }
        router
            .send_multipart((id, number.share(), "", "reply"))
            .unwrap();
        assert_eq!(client.recv().unwrap(), "reply");
        last = number.to_vec();
    }
}

#[test]
fn a_relaxed_req_asks_the_next_server_and_does_not_hear_the_first() {
    let (_context, client) = numbering(true);
    let [first, second]: [Socket<Rep>; 2] = crowd::peers(&client, zmq::REP);
    client.send_multipart(["A", "B"]).unwrap();
    assert_eq!(first.recv_multipart().unwrap(), ["A", "B"]);
    assert!(client.events().unwrap().is_writable());
    client.send_multipart(["C", "D"]).unwrap();
    assert_eq!(second.recv_multipart().unwrap(), ["C", "D"]);
    first.send("to the first").unwrap();
    let [came] = zmq::poll([client.poll_in()], Some(LONG)).unwrap();
    assert!(came.is_readable());
    assert_eq!(client.try_recv().unwrap(), None);
    second.send("to the second").unwrap();
    assert_eq!(client.recv().unwrap(), "to the second");

    // Nobody was lost by it: the turns go on with the first.
    exchange(&client, &first);
    exchange(&client, &second);
}

#[test]
fn a_relaxed_req_does_not_take_a_reply_that_was_there_before_its_request() {
    let (_context, client) = numbering(true);
    let [first, second]: [Socket<Rep>; 2] = crowd::peers(&client, zmq::REP);
    client.send("A").unwrap();
    assert_eq!(first.recv().unwrap(), "A");
    first.send("too late").unwrap();
    let [came] = zmq::poll([client.poll_in()], Some(LONG)).unwrap();
    assert!(came.is_readable());
    client.send("B").unwrap();
    assert_eq!(second.recv().unwrap(), "B");
    assert_eq!(client.try_recv().unwrap(), None);
    second.send("in time").unwrap();
    assert_eq!(client.recv().unwrap(), "in time");
}

#[test]
fn of_requests_that_piled_up_the_reply_to_the_last_is_taken() {
    for out_of_order in [false, true] {
        // They wait for their server within the process, which binds later.
        let (context, client) = context_and(zmq::REQ);
        client.set_req_correlate(true).unwrap();
        client.set_req_relaxed(true).unwrap();
        client.connect("inproc://later").unwrap();
        for request in ["first", "second", "last"] {
            client.send(request).unwrap();
        }
        let server: Socket<Router> = bound(&context, zmq::ROUTER, "inproc://later");
        let mut requests = Vec::new();
        for request in ["first", "second", "last"] {
            let message = server.recv_multipart().unwrap();
            assert_eq!(message[3], request);
            requests.push(message);
        }
        if out_of_order {
            requests.reverse();
        }
        for request in requests {
            server.send_multipart(request).unwrap();
        }
        assert_eq!(client.recv().unwrap(), "last");
        // It has its reply, and can ask again; what else came is for nobody.
        client.send("again").unwrap();
        let message = server.recv_multipart().unwrap();
        server.send_multipart(message).unwrap();
        assert_eq!(client.recv().unwrap(), "again");
    }
}

#[test]
fn a_relaxed_req_asks_again_when_its_server_has_gone() {
    let (_context, client) = numbering(true);
    for _ in 0..3 {
        let server = peer_of(&client, zmq::REP);
        client.send("to one that goes").unwrap();
        assert_eq!(server.recv().unwrap(), "to one that goes");
        drop(server);
        has_gone(&client);
        let server = peer_of(&client, zmq::REP);
        exchange(&client, &server);
        drop(server);
        has_gone(&client);
    }
}

/// Waits until the only server is gone: what is sent before is lost with it.
fn has_gone(client: &Socket<Req>) {
    crowd::eventually("the server has gone", || {
        !client.events().unwrap().is_writable()
    });
}
