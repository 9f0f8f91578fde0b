//! What would make libzmq abort the process when it asks the authenticator is refused before.

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::{LONG, context_and, in_child, patient};
use zmq::auth::{Authenticator, Identity, Policy};
use zmq::curve::KeyPair;
use zmq::{Capability, Context, ErrorKind, MonitorEvents, Pull, Socket};

const ZAP: &str = "inproc://zeromq.zap.01";

#[test]
fn a_server_of_plain_that_enforces_no_domain_does_not_abort() {
    in_child(
        "a_server_of_plain_that_enforces_no_domain_does_not_abort",
        || {
            let (context, server) = context_and(zmq::PULL);
            server.set_plain_server(true).unwrap();
            let error = server.set_zap_enforce_domain(true).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("zap_domain"), "{error}");
            server.set_zap_enforce_domain(false).unwrap();
            let monitor = server
                .monitor(MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL)
                .unwrap();
            server.bind("tcp://127.0.0.1:*").unwrap();
            let client = context.socket(zmq::PUSH).unwrap();
            client.set_linger(common::NO_TIME).unwrap();
            client.set_plain_username(Some("alice")).unwrap();
            client.connect(&server.last_endpoint().unwrap()).unwrap();
            monitor.recv_timeout(LONG).unwrap().unwrap();
        },
    );
}

#[test]
fn a_req_that_asks_hears_a_replier_without_a_user_id() {
    let (context, asker) = context_and(zmq::REQ);
    let auth = Authenticator::start(&context).unwrap();
    let policy = Policy::new().plain_with(|_, _| Identity::default());
    auth.set_policy("repliers", policy).unwrap();
    auth.protect(&asker, "repliers").unwrap();
    asker.set_plain_server(true).unwrap();
    asker.bind("tcp://127.0.0.1:*").unwrap();
    let replier = patient(context.socket(zmq::REP).unwrap());
    replier.set_plain_username(Some("alice")).unwrap();
    replier.connect(&asker.last_endpoint().unwrap()).unwrap();
    for _ in 0..3 {
        asker.send("question").unwrap();
        assert_eq!(replier.recv().unwrap(), "question");
        replier.send("answer").unwrap();
        assert_eq!(asker.recv().unwrap(), "answer");
    }
}

/// Sockets that ask the authenticator when they connect.
fn askers(context: &Context) -> Vec<Socket<Pull>> {
    let socket = || patient(context.socket(zmq::PULL).unwrap());
    let [null, plain] = [(); 2].map(|()| socket());
    null.set_zap_domain("global").unwrap();
    plain.set_plain_server(true).unwrap();
    let mut askers = vec![null, plain];
    if zmq::has(Capability::Curve) {
        let curve = socket();
        curve.set_curve_server(true).unwrap();
        curve
            .set_curve_secretkey(&KeyPair::new().unwrap().secret)
            .unwrap();
        askers.push(curve);
    }
    askers
}

#[test]
fn a_socket_that_would_ask_does_not_connect_where_there_is_somebody_to_ask() {
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    for asker in askers(&context) {
        for endpoint in ["tcp://127.0.0.1:1", "ipc:///nowhere"] {
            let error = asker.connect(endpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidState);
            assert_eq!(error.subject(), Some(endpoint));
        }
        asker.connect("inproc://is-never-asked-about").unwrap();
        asker.bind("tcp://127.0.0.1:*").unwrap();
    }
    let client = context.socket(zmq::PULL).unwrap();
    client.set_plain_username(Some("alice")).unwrap();
    client.connect("tcp://127.0.0.1:1").unwrap();
    drop(auth);
    for asker in askers(&context) {
        asker.connect("tcp://127.0.0.1:1").unwrap();
        let error = Authenticator::start(&context).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert!(error.to_string().contains("connected"), "{error}");
    }
    let rep = context.socket(zmq::REP).unwrap();
    assert_eq!(rep.bind(ZAP).unwrap_err().kind(), ErrorKind::InvalidState);
}

#[test]
fn a_server_for_any_client_asks_nobody_and_may_connect_where_there_is_somebody() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let context = Context::new().unwrap();
    let _auth = Authenticator::start(&context).unwrap();
    let server = context.socket(zmq::PULL).unwrap();
    let keys = KeyPair::new().unwrap();
    let config = zmq::curve::ServerConfig::new(&keys.secret);
    config.any_client().apply(&server).unwrap();
    server.connect("tcp://127.0.0.1:1").unwrap();
    // As one of PLAIN it would ask.
    let error = server.set_plain_server(true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

/// Begins a handshake as a peer that was connected to, as far as the question.
fn greet(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    let mut greeting = [0; 64];
    (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
    greeting[12..16].copy_from_slice(b"NULL");
    stream.write_all(&greeting).unwrap();
    stream.read_exact(&mut greeting).unwrap();
    stream
}

#[test]
fn a_peer_that_goes_while_it_is_asked_about_and_comes_again_aborts_nothing() {
    in_child(
        "a_peer_that_goes_while_it_is_asked_about_and_comes_again_aborts_nothing",
        || {
            let context = Context::new().unwrap();
            let mut handler = patient(context.socket(zmq::REP).unwrap());
            handler.bind(ZAP).unwrap();
            let (_, client) = (context.clone(), context.socket(zmq::PULL).unwrap());
            client.set_zap_domain("global").unwrap();
            client.set_reconnect_ivl(Duration::from_millis(10)).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
            if let Err(error) = client.connect(&endpoint) {
                assert_eq!(error.kind(), ErrorKind::InvalidState);
                return;
            }
            // What would follow: the answer finds a connection that has not got so far.
            let stream = greet(&listener);
            let request = handler.next_request().unwrap();
            drop(stream);
            let _again = listener.accept().unwrap();
            request
                .reply_multipart(["1.0", "1", "200", "OK", "", ""])
                .unwrap();
            client.set_rcvtimeo(common::SHORT).unwrap();
            let _ = client.recv();
        },
    );
}

#[test]
fn clients_that_go_while_they_are_asked_about_abort_nothing() {
    in_child(
        "clients_that_go_while_they_are_asked_about_abort_nothing",
        || {
            let context = Context::new().unwrap();
            let auth = Authenticator::start(&context).unwrap();
            let policy = Policy::new().decide_with(|_| {
                std::thread::sleep(Duration::from_millis(1));
                Identity::default()
            });
            auth.set_policy("global", policy).unwrap();
            let audit = auth.audit().unwrap();
            let server = patient(context.socket(zmq::PULL).unwrap());
            auth.protect(&server, "global").unwrap();
            server.bind("tcp://127.0.0.1:*").unwrap();
            let endpoint = server.last_endpoint().unwrap();
            for _ in 0..200 {
                let client = context.socket(zmq::PUSH).unwrap();
                client.set_linger(common::NO_TIME).unwrap();
                let monitor = client.monitor(MonitorEvents::CONNECTED).unwrap();
                client.connect(&endpoint).unwrap();
                monitor.recv_timeout(LONG).unwrap().unwrap();
                drop(client);
            }
            let client = patient(context.socket(zmq::PUSH).unwrap());
            client.connect(&endpoint).unwrap();
            client.send("the last").unwrap();
            assert_eq!(server.recv().unwrap(), "the last");
            drop(audit);
        },
    );
}
