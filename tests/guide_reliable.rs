//! The guide's pirates: lpclient, lpserver, spqueue, spworker, ppqueue, ppworker.
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::program::{Program, ports};
use common::{patient, python};
use zmq::{Context, Dealer, Req, Socket, SocketType};

const SCRIPT: &str = "guide_reliable.py";

fn peer(arguments: &[&str]) -> Program {
    Program::start(arguments[0], python::run(SCRIPT, arguments))
}

fn connected<T: SocketType>(context: &Context, kind: T, port: u16) -> Socket<T> {
    let socket = patient(context.socket(kind).unwrap());
    socket.connect(&format!("tcp://localhost:{port}")).unwrap();
    socket
}

fn request(context: &Context) -> Socket<Req> {
    connected(context, zmq::REQ, 5555)
}

/// Requests of all shapes come back from whoever echoes at port 5555.
#[track_caller]
fn all_shapes_come_back() {
    let context = Context::new().unwrap();
    let client = request(&context);
    for shape in [
        vec![&b"two"[..], b"frames"],
        vec![b""],
        vec![b"", b"", b""],
        vec![b"\x00\xff\x01"],
        vec![b"Hello"],
    ] {
        client.send_multipart(shape.clone()).unwrap();
        assert_eq!(client.recv_multipart().unwrap(), shape);
    }
}

// ---- lpclient and lpserver ---------------------------------------------------------------------

#[test]
fn lpclient_gives_up_when_lpserver_has_crashed() {
    let _ports = ports();
    let server = Program::example("lpserver", &["ok,ok,crash", "0"]);
    let client = Program::example("lpclient", &["9", "400"]);
    assert_eq!(
        server.succeeds(),
        [
            "I: normal request (1)",
            "I: normal request (2)",
            "I: simulating a crash"
        ]
    );
    let said = client.succeeds();
    let end = [
        "I: server replied OK (2)",
        "W: no response from server, retrying...",
        "I: connecting to server...",
        "W: no response from server, retrying...",
        "I: connecting to server...",
        "E: server seems to be offline, abandoning",
    ];
    assert!(said.ends_with(&end.map(String::from)), "{said:?}");
}

#[test]
fn lpclient_tries_again_until_the_server_is_there() {
    let _ports = ports();
    let mut client = Program::example("lpclient", &["2", "1500"]);
    client.says("W: no response from server, retrying...");
    let server = Program::example("lpserver", &["ok", "0"]);
    client.says("I: server replied OK (1)");
    assert_eq!(
        client.succeeds().last().unwrap(),
        "I: server replied OK (2)"
    );
    server.leaves();
}

#[test]
fn lpclient_waits_for_a_slow_server() {
    let _ports = ports();
    let mut server = Program::example("lpserver", &["overload", "0"]);
    let mut client = Program::example("lpclient", &["2", "1200"]);
    server.says("I: simulating CPU overload");
    client.says("W: no response from server, retrying...");
    client.says("I: server replied OK (1)");
    client.succeeds();
    server.leaves();
}

#[test]
fn lpserver_answers_requests_of_any_shape() {
    let _ports = ports();
    let server = Program::example("lpserver", &["ok", "0"]);
    all_shapes_come_back();
    server.leaves();
}

#[test]
fn lpclient_that_is_interrupted_leaves() {
    let _ports = ports();
    let mut client = Program::example("lpclient", &[]);
    client.says("I: connecting to server...");
    client.leaves();
}

#[test]
fn lpserver_serves_a_client_in_python() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let server = Program::example("lpserver", &["ok", "0"]);
    assert_eq!(
        peer(&["lazy-client", "3"]).succeeds(),
        ["reply 1", "reply 2", "reply 3"]
    );
    server.leaves();
}

#[test]
fn lpclient_survives_an_unreliable_server_in_python() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let mut server = peer(&["unreliable-server"]);
    server.says("bound");
    let mut client = Program::example("lpclient", &["2", "1000"]);
    client.says("W: no response from server, retrying...");
    client.says("E: malformed reply from server");
    client.says("W: no response from server, retrying...");
    client.says("I: server replied OK (1)");
    assert_eq!(
        client.succeeds().last().unwrap(),
        "I: server replied OK (2)"
    );
    server.succeeds();
}

// ---- spqueue and spworker ----------------------------------------------------------------------

#[test]
fn spqueue_goes_on_with_the_workers_that_are_left() {
    let _ports = ports();
    let queue = Program::example("spqueue", &[]);
    let mut client = Program::example("lpclient", &["1000000", "500"]);
    let worker = Program::example("spworker", &["ok", "0"]);
    client.says("I: server replied OK (1)");
    let mut crashing = Program::example("spworker", &["ok,crash", "0"]);
    crashing.says("normal reply");
    let said = crashing.succeeds();
    assert!(said[0].starts_with("I: (") && said[0].ends_with(") worker ready"));
    assert!(said.last().unwrap().ends_with(") simulating a crash"));
    client.says("W: no response from server, retrying...");
    client.says("I: server replied OK");
    client.leaves();
    assert!(worker.leaves().len() > 1);
    queue.leaves();
}

#[test]
fn spqueue_survives_what_is_no_message() {
    let _ports = ports();
    let mut queue = Program::example("spqueue", &[]);
    let context = Context::new().unwrap();
    let peer: Socket<Dealer> = connected(&context, zmq::DEALER, 5556);
    for nonsense in [
        vec!["no empty frame"],
        vec!["two", "frames"],
        vec!["", "client"],
        vec![""],
        vec!["", "nobody", "", "hears it"],
    ] {
        peer.send_multipart(nonsense).unwrap();
    }
    for _ in 0..4 {
        queue.says("E: invalid message from worker");
    }
    // It counts as a worker since its last message, and has the first request.
    let client = request(&context);
    client.send("lost").unwrap();
    assert_eq!(peer.recv_multipart().unwrap().len(), 4);
    let worker = Program::example("spworker", &["ok", "0"]);
    all_shapes_come_back();
    worker.leaves();
    queue.leaves();
}

#[test]
fn spqueue_and_spworker_work_with_python() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let queue = Program::example("spqueue", &[]);
    let worker = peer(&["simple-worker", "5"]);
    all_shapes_come_back();
    worker.succeeds();
    queue.leaves();

    let mut queue = peer(&["simple-queue"]);
    queue.says("bound");
    let worker = Program::example("spworker", &["ok", "0"]);
    queue.succeeds();
    worker.leaves();
}

// ---- ppqueue and ppworker ----------------------------------------------------------------------

#[test]
fn ppqueue_gives_no_work_to_a_worker_that_is_silent() {
    let _ports = ports();
    let queue = Program::example("ppqueue", &[]);
    let mut silent = Program::example("ppworker", &["ok", "0"]);
    let first = Program::example("lpclient", &["1"]);
    silent.says("I: normal reply");
    first.succeeds();
    drop(silent);
    let worker = Program::example("ppworker", &["ok,crash", "0"]);
    let client = Program::example("lpclient", &["2", "1500"]);
    assert_eq!(worker.succeeds().last().unwrap(), "I: simulating a crash");
    let mut worker = Program::example("ppworker", &["ok", "0"]);
    worker.says("I: worker heartbeat");
    assert_eq!(
        client.succeeds().last().unwrap(),
        "I: server replied OK (2)"
    );
    worker.leaves();
    queue.leaves();
}

#[test]
fn ppworker_connects_again_while_there_is_no_queue() {
    let _ports = ports();
    let mut worker = Program::example("ppworker", &["ok", "0"]);
    for line in [
        "I: worker ready",
        "I: worker heartbeat",
        "W: heartbeat failure, can't reach queue",
        "W: reconnecting in 1000 msec...",
        "I: worker ready",
    ] {
        worker.says(line);
    }
    let queue = Program::example("ppqueue", &[]);
    let client = Program::example("lpclient", &["1"]);
    worker.says("I: normal reply");
    client.succeeds();
    worker.leaves();
    queue.leaves();
}

#[test]
fn ppqueue_forgets_a_worker_that_is_silent() {
    let _ports = ports();
    let queue = Program::example("ppqueue", &[]);
    let context = Context::new().unwrap();
    let worker: Socket<Dealer> = connected(&context, zmq::DEALER, 5556);
    worker.send("\x01").unwrap();
    assert_eq!(worker.recv().unwrap(), "\x02");
    // It hears the queue while it counts as free: not for long.
    worker
        .set_rcvtimeo(Some(Duration::from_millis(2500)))
        .unwrap();
    let heartbeats = (0..10).take_while(|_| worker.recv().is_ok()).count();
    assert!(heartbeats < 4, "{heartbeats}");
    queue.leaves();
}

#[test]
fn ppqueue_survives_what_is_no_message() {
    let _ports = ports();
    let mut queue = Program::example("ppqueue", &[]);
    let context = Context::new().unwrap();
    let peer: Socket<Dealer> = connected(&context, zmq::DEALER, 5556);
    for nonsense in ["", "x", "\x01\x01"] {
        peer.send(nonsense).unwrap();
        queue.says("E: invalid message from worker");
    }
    let mut worker = Program::example("ppworker", &["ok", "0"]);
    let client = request(&context);
    client.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "Hello");

    // A request that the worker refuses: it is lost, and nobody ends.
    let odd = request(&context);
    odd.send_multipart(["two", "frames"]).unwrap();
    worker.says("E: invalid message: [");
    for text in ["", "again"] {
        client.send(text).unwrap();
        assert_eq!(client.recv().unwrap(), text);
    }
    worker.leaves();
    queue.leaves();
}

#[test]
fn ppqueue_and_ppworker_work_with_python() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let queue = Program::example("ppqueue", &[]);
    let worker = peer(&["paranoid-worker", "5"]);
    all_shapes_come_back();
    worker.succeeds();
    queue.leaves();

    let mut queue = peer(&["paranoid-queue"]);
    queue.says("bound");
    let worker = Program::example("ppworker", &["ok", "0"]);
    queue.succeeds();
    worker.leaves();
}
