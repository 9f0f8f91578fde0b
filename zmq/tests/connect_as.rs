//! Naming the peers one connects to. What goes wrong here aborts the process, so each case that
//! could has one of its own.

mod common;

use common::{connected_over, context_and, in_child, patient};
use zmq::{Context, Dealer, ErrorKind, Router, Socket, SocketKind};

/// A bound DEALER that asks to be called `id`.
fn dealer(context: &Context, id: &str, endpoint: &str) -> Socket<Dealer> {
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.set_routing_id(id).unwrap();
    dealer.bind(endpoint).unwrap();
    dealer
}

/// Says something to the peer of that name, and hears it answer.
fn talks(router: &Socket<Router>, name: &str, dealer: &Socket<Dealer>) {
    router.send_to(name, "to you").unwrap();
    assert_eq!(dealer.recv().unwrap(), "to you");
    dealer.send("to me").unwrap();
    assert_eq!(router.recv_multipart().unwrap(), [name, "to me"]);
}

#[test]
fn a_router_calls_its_peers_as_it_likes() {
    for (one, two) in [
        ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*"),
        ("inproc://one", "inproc://two"),
    ] {
        let (context, router) = context_and(zmq::ROUTER);
        router.set_router_mandatory(true).unwrap();
        let a = dealer(&context, "self-chosen", one);
        let b = dealer(&context, "self-chosen", two);
        router.connect_as("A", &a.last_endpoint().unwrap()).unwrap();
        router.send_to("A", "at once").unwrap();
        assert_eq!(a.recv().unwrap(), "at once");
        router
            .connect_as(b"B\0", &b.last_endpoint().unwrap())
            .unwrap();
        talks(&router, "A", &a);
        talks(&router, "B\0", &b);
        let unknown = router.send_to("self-chosen", "anybody?").unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::HostUnreachable);
    }
}

#[test]
fn a_peer_may_come_after_it_was_named() {
    let (context, router) = context_and(zmq::ROUTER);
    router.connect_as("later", "inproc://later").unwrap();
    router.send_to("later", "queued").unwrap();
    let a = dealer(&context, "later", "inproc://later");
    assert_eq!(a.recv().unwrap(), "queued");
    talks(&router, "later", &a);
}

#[test]
fn peers_that_claim_a_name_given_to_another_do_not_get_it() {
    in_child(
        "peers_that_claim_a_name_given_to_another_do_not_get_it",
        || {
            for handover in [false, true] {
                for (one, two) in [
                    ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*"),
                    ("inproc://one", "inproc://two"),
                ] {
                    let (context, router) = context_and(zmq::ROUTER);
                    router.set_router_handover(handover).unwrap();
                    let a = dealer(&context, "B", one);
                    let b = dealer(&context, "A", two);
                    router.connect_as("A", &a.last_endpoint().unwrap()).unwrap();
                    talks(&router, "A", &a); // which says that it is B
                    router.connect_as("B", &b.last_endpoint().unwrap()).unwrap();
                    talks(&router, "B", &b); // which says that it is A
                    talks(&router, "A", &a);
                }
            }
        },
    );
}

#[test]
fn a_peer_that_comes_back_as_somebody_else_keeps_its_name() {
    in_child(
        "a_peer_that_comes_back_as_somebody_else_keeps_its_name",
        || {
            let (context, router) = context_and(zmq::ROUTER);
            router
                .set_reconnect_ivl(std::time::Duration::from_millis(1))
                .unwrap();
            let b = dealer(&context, "b", "tcp://127.0.0.1:*");
            router.connect_as("B", &b.last_endpoint().unwrap()).unwrap();
            talks(&router, "B", &b);
            let mut endpoint = "tcp://127.0.0.1:*".to_owned();
            for round in 0..10 {
                // In a context of its own, whose end says that the port is free again.
                let other = Context::new().unwrap();
                let a = dealer(&other, ["B", "A", "third"][round % 3], &endpoint);
                if round == 0 {
                    endpoint = a.last_endpoint().unwrap();
                    router.connect_as("A", &endpoint).unwrap();
                }
                a.send("I am back").unwrap(); // waits for the connection
                assert_eq!(router.recv_multipart().unwrap(), ["A", "I am back"]);
                talks(&router, "A", &a);
                talks(&router, "B", &b);
                drop(a);
                other.terminate().unwrap();
            }
        },
    );
}

#[test]
fn a_name_is_given_once() {
    in_child("a_name_is_given_once", || {
        fn check(router: &Socket<impl zmq::NamesPeers>, endpoint: &str) {
            router.connect_as("A", endpoint).unwrap();
            for _ in 0..2 {
                let error = router.connect_as("A", endpoint).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert!(error.to_string().contains("given that routing id before"));
            }
            router.disconnect(endpoint).unwrap();
            let error = router.connect_as("A", endpoint).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidInput,
                "its pipe may be there"
            );
            router.connect_as("A2", endpoint).unwrap();
        }
        let (_context, router) = context_and(zmq::ROUTER);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        check(&router, &endpoint);
        let (_context, stream) = context_and(zmq::STREAM);
        check(&stream, &endpoint);
        let (_context, stream) = context_and(zmq::STREAM);
        check(&stream.into_any(), &endpoint);
    });
}

#[test]
fn names_that_cannot_be_are_refused() {
    let (context, router) = context_and(zmq::ROUTER);
    let endpoint = "tcp://127.0.0.1:1";
    for id in [&b""[..], &[7; 256], b"\0", b"\0abcd"] {
        let error = router.connect_as(id, endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    for nonsense in ["", "tcp://127.0.0.1:99999", "nonsense"] {
        let error = router.connect_as("A", nonsense).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{nonsense}");
    }
    router.connect_as([7; 255], endpoint).unwrap();
    router.connect_as("A", endpoint).unwrap();
    for kind in [SocketKind::Dealer, SocketKind::Rep, SocketKind::Pull] {
        let socket = context.socket_of(kind).unwrap();
        let error = socket.connect_as("A", endpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
    }
}

#[test]
fn a_failed_connect_does_not_use_the_name_up() {
    in_child("a_failed_connect_does_not_use_the_name_up", || {
        let (context, router) = context_and(zmq::ROUTER);
        // libzmq itself refuses these, and keeps the id for the next to come.
        for endpoint in ["tcp://a b:1", "nothing://x"] {
            router.connect_as("A", endpoint).unwrap_err();
        }
        let (a, b) = (
            dealer(&context, "B", "inproc://a"),
            dealer(&context, "A", "inproc://b"),
        );
        router.connect_as("B", "inproc://b").unwrap();
        router.connect_as("A", "inproc://a").unwrap();
        talks(&router, "A", &a);
        talks(&router, "B", &b);
    });
}

// ---- beside bind and connect -----------------------------------------------------------------

#[test]
fn a_router_names_all_of_its_peers_or_none() {
    let (_context, router) = context_and(zmq::ROUTER);
    router.connect_as("A", "tcp://127.0.0.1:1").unwrap();
    for error in [
        router.bind("tcp://127.0.0.1:*").unwrap_err(),
        router.bind("inproc://named").unwrap_err(),
        router.connect("tcp://127.0.0.1:2").unwrap_err(),
        router.connect("inproc://named").unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert!(
            error.to_string().contains("choose its own routing id"),
            "{error}"
        );
    }
    router.connect_as("B", "tcp://127.0.0.1:2").unwrap();
}

#[test]
fn a_router_that_was_bound_or_connected_names_nobody() {
    fn check(act: impl FnOnce(&Socket<Router>)) {
        let (_context, router) = context_and(zmq::ROUTER);
        // What failed brings no peer.
        router.bind("tcp://127.0.0.1:99999").unwrap_err();
        router.connect("nothing://x").unwrap_err();
        act(&router);
        let error = router.connect_as("A", "tcp://127.0.0.1:1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
    }
    check(|router| router.bind("tcp://127.0.0.1:*").unwrap());
    check(|router| router.bind("inproc://bound").unwrap());
    check(|router| router.connect("tcp://127.0.0.1:1").unwrap());
    check(|router| router.connect("inproc://connected").unwrap());
    check(|router| {
        router.bind("tcp://127.0.0.1:*").unwrap();
        router.unbind(&router.last_endpoint().unwrap()).unwrap();
    });
    let (_context, router) = context_and(zmq::ROUTER);
    router.bind("tcp://127.0.0.1:99999").unwrap_err();
    router.connect("nothing://x").unwrap_err();
    router.connect_as("A", "tcp://127.0.0.1:1").unwrap();
}

#[test]
fn a_peer_is_not_named_where_libzmq_makes_it_later() {
    let (_context, stream) = context_and(zmq::STREAM);
    stream.set_immediate(true).unwrap();
    let error = stream.connect_as("A", "tcp://127.0.0.1:1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    stream.set_immediate(false).unwrap();
    stream.connect_as("A", "tcp://127.0.0.1:1").unwrap();
}

#[test]
fn a_stream_names_some_of_its_peers() {
    in_child("a_stream_names_some_of_its_peers", || {
        let (context, stream) = context_and(zmq::STREAM);
        let server = patient(context.socket(zmq::STREAM).unwrap());
        server.bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = server.last_endpoint().unwrap();
        stream.bind("tcp://127.0.0.1:*").unwrap();
        stream.connect(&endpoint).unwrap();
        for _ in 0..2 {
            // libzmq keeps the id of this one for the next to come, which must not have it.
            stream.connect_as("failed", "nothing://x").unwrap_err();
            for _ in 0..2 {
                stream.connect(&endpoint).unwrap();
            }
        }
        let unknown = stream.send_multipart(["failed", "x"]).unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::HostUnreachable);
        stream.connect_as("failed", &endpoint).unwrap();
        stream.connect_as("server", &endpoint).unwrap();
        stream.connect(&endpoint).unwrap();
        for id in ["failed", "server"] {
            stream.send_multipart([id, id]).unwrap();
        }
        // Eight connections say that they are there, and two of them what they are called.
        let mut heard = Vec::new();
        while heard.len() < 2 {
            let [_, body] = server.recv_array().unwrap();
            if !body.is_empty() {
                heard.push(body.to_string());
            }
        }
        heard.sort();
        assert_eq!(heard, ["failed", "server"]);
    });
}

// ---- STREAM and its transports ---------------------------------------------------------------

#[test]
fn a_stream_refuses_transports_that_carry_messages() {
    in_child("a_stream_refuses_transports_that_carry_messages", || {
        // A message of several frames makes a STREAM abort.
        let (context, stream) = context_and(zmq::STREAM);
        let push = context.socket(zmq::PUSH).unwrap();
        push.connect("inproc://stream").unwrap();
        push.send_multipart(["two", "parts"]).unwrap();
        for endpoint in ["inproc://stream", "ws://127.0.0.1:80", "wss://127.0.0.1:80"] {
            for error in [
                stream.bind(endpoint).unwrap_err(),
                stream.connect(endpoint).unwrap_err(),
                stream.connect_as("A", endpoint).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol, "{endpoint}");
            }
        }
        assert_eq!(stream.try_recv_multipart().unwrap(), None);
        push.set_linger(common::NO_TIME).unwrap();
    });
    let (_context, _server, _client) = connected_over("ipc://*", zmq::STREAM, zmq::STREAM);
}
