//! The guide's programs of chapter 4 that fail over: the Binary Star pair, and Freelance.
#![cfg(unix)]

mod common;

use std::thread;
use std::time::Duration;

use common::program::{Program, ports};
use common::{patient, python};
use zmq::{Context, Dealer, Req, Socket, SocketType, Sub, XPub};

const PYTHON: &str = "guide_failover.py";
/// What the programs of the Binary Star take for a second here.
const SECOND: &str = "300";

fn peer(arguments: &[&str]) -> Program {
    Program::start("Python peer", python::run(PYTHON, arguments))
}

fn connected<T: SocketType>(context: &Context, of: T, endpoint: &str) -> Socket<T> {
    let socket = patient(context.socket(of).unwrap());
    socket.set_linger(Some(Duration::ZERO)).unwrap();
    socket.connect(endpoint).unwrap();
    socket
}

fn bound<T: SocketType>(context: &Context, of: T, endpoint: &str) -> Socket<T> {
    let socket = patient(context.socket(of).unwrap());
    socket.set_linger(Some(Duration::ZERO)).unwrap();
    socket.bind(endpoint).unwrap();
    socket
}

fn ask(client: &Socket<Req>, frames: &[&str]) -> Vec<String> {
    client.send_multipart(frames.to_vec()).unwrap();
    let reply = client.recv_multipart().unwrap();
    reply.iter().map(ToString::to_string).collect()
}

#[test]
fn programs_without_arguments_say_what_they_need() {
    for (name, usage) in [
        ("bstarsrv", "Usage: bstarsrv { -p | -b }"),
        ("bstarsrv2", "Usage: bstarsrv2 { -p | -b }"),
        ("flclient1", "I: syntax: flclient1 <endpoint> ..."),
        (
            "flclient2",
            "I: syntax: flclient2 [<requests>] <endpoint> ...",
        ),
        ("flserver1", "I: syntax: flserver1 <endpoint>"),
        ("flserver2", "I: syntax: flserver2 <endpoint>"),
    ] {
        assert_eq!(Program::example(name, &[]).succeeds(), [usage]);
    }
}

// ---- Binary Star -------------------------------------------------------------------------------

#[test]
fn a_client_survives_the_end_of_each_bstarsrv() {
    a_client_survives_the_end_of_each("bstarsrv");
}

#[test]
fn a_client_survives_the_end_of_each_bstarsrv2() {
    a_client_survives_the_end_of_each("bstarsrv2");
}

fn a_client_survives_the_end_of_each(server: &str) {
    let _ports = ports();
    let mut primary = Program::example(server, &["-p", SECOND]);
    let mut backup = Program::example(server, &["-b", SECOND]);
    primary.says("connected to backup (passive), ready");
    backup.says("connected to primary (active), ready");

    let mut client = Program::example("bstarcli", &[SECOND]);
    client.says("I: server replied OK (1)");
    client.says("I: server replied OK (2)");
    drop(primary);
    client.says("W: no response from server, failing over");
    client.says("I: connecting to server at tcp://localhost:5002...");
    backup.says("failover successful, ready");
    client.says("I: server replied OK");

    // The failback: the primary finds an active backup, waits, and takes over from it.
    let mut primary = Program::example(server, &["-p", SECOND]);
    primary.says("connected to backup (active), ready");
    client.says("I: server replied OK");
    drop(backup);
    client.says("I: connecting to server at tcp://localhost:5001...");
    primary.says("failover successful, ready");
    client.says("I: server replied OK");

    client.leaves();
    let said = primary.leaves();
    assert_eq!(said[0], "I: Primary active, waiting for backup (passive)");
    assert_eq!(
        said.last().unwrap() == "W: interrupted",
        server == "bstarsrv"
    );
}

#[test]
fn a_client_that_fails_over_asks_the_same_again() {
    let _ports = ports();
    let context = Context::new().unwrap();
    let server = bound(&context, zmq::REP, "tcp://*:5001");
    let mut client = Program::example("bstarcli", &["100"]);
    client.says("I: connecting to server at tcp://localhost:5001...");
    assert_eq!(server.recv().unwrap(), "1");
    server.send("another").unwrap();
    client.says("E: bad reply from server: another");
    client.says("W: no response from server, failing over");

    // The same request goes to the other server, for as long as it takes.
    let other = bound(&context, zmq::REP, "tcp://*:5002");
    thread::scope(|scope| {
        let _guard = context.shutdown_on_drop();
        scope.spawn(move || {
            while let Ok(request) = other.recv() {
                let _ = other.send(request); // fails at the end, as the receive does
            }
        });
        client.says("I: server replied OK (1)");
        client.says("I: server replied OK (2)");
    });
    client.leaves();
}

/// The other server of the pair: where the tested one hears its state, and says its own.
fn other_server(context: &Context, publish: &str, subscribe: &str) -> (Socket<XPub>, Socket<Sub>) {
    let publisher = bound(context, zmq::XPUB, publish);
    assert_eq!(publisher.recv().unwrap(), b"\x01"); // it listens
    let subscriber = connected(context, zmq::SUB, subscribe);
    subscriber.subscribe("").unwrap();
    (publisher, subscriber)
}

fn wait_for_state(subscriber: &Socket<Sub>, state: &str) {
    while subscriber.recv().unwrap() != state {}
}

#[test]
fn two_active_or_two_passive_servers_end() {
    let _ports = ports();
    for server in ["bstarsrv", "bstarsrv2"] {
        let context = Context::new().unwrap();
        let mut primary = Program::example(server, &["-p", SECOND]);
        let (publisher, subscriber) =
            other_server(&context, "tcp://*:5004", "tcp://localhost:5003");
        wait_for_state(&subscriber, "1");
        // What is no state changes nothing.
        for strange in ["", "5", "0", "x", "33"] {
            publisher.send(strange).unwrap();
        }
        publisher.send_multipart(["x", "3"]).unwrap();
        publisher.send("2").unwrap();
        primary.says("connected to backup (passive), ready");
        wait_for_state(&subscriber, "3");
        publisher.send("3").unwrap();
        let said = primary.succeeds();
        let last = said.last().unwrap();
        assert!(
            last.ends_with("E: fatal error - dual actives, aborting"),
            "{said:?}"
        );

        // The ports are free when their context has ended.
        drop((publisher, subscriber, context));
        let context = Context::new().unwrap();
        let mut backup = Program::example(server, &["-b", SECOND]);
        let (publisher, subscriber) =
            other_server(&context, "tcp://*:5003", "tcp://localhost:5004");
        wait_for_state(&subscriber, "2");
        publisher.send("3").unwrap();
        backup.says("connected to primary (active), ready");
        wait_for_state(&subscriber, "4");
        publisher.send("4").unwrap();
        let said = backup.succeeds();
        let last = said.last().unwrap();
        assert!(
            last.ends_with("E: fatal error - dual passives, aborting"),
            "{said:?}"
        );
    }
}

#[test]
fn a_passive_server_becomes_active_when_its_peer_restarts() {
    let _ports = ports();
    for server in ["bstarsrv", "bstarsrv2"] {
        for (state, news) in [("1", "primary"), ("2", "backup")] {
            let context = Context::new().unwrap();
            let mut backup = Program::example(server, &["-b", SECOND]);
            let (publisher, _subscriber) =
                other_server(&context, "tcp://*:5003", "tcp://localhost:5004");
            publisher.send("3").unwrap();
            backup.says("connected to primary (active), ready");
            publisher.send(state).unwrap();
            backup.says(&format!("I: {news} (passive) is restarting, ready"));
            backup.leaves();
        }
    }
}

#[test]
fn a_backup_serves_nobody_while_its_peer_may_be_alive() {
    let _ports = ports();
    for server in ["bstarsrv", "bstarsrv2"] {
        let context = Context::new().unwrap();
        let mut backup = Program::example(server, &["-b", SECOND]);
        let (publisher, _subscriber) =
            other_server(&context, "tcp://*:5003", "tcp://localhost:5004");
        let client = connected(&context, zmq::DEALER, "tcp://localhost:5002");
        client.send_multipart(["", "early"]).unwrap();
        client.send("").unwrap();
        publisher.send("3").unwrap();
        backup.says("connected to primary (active), ready");

        // Until the peer has been silent for long enough, each request is dropped.
        assert!(asked_in_vain(&client) > 2, "{server} took over at once");
        backup.says("failover successful, ready");

        // Whatever its shape, a request comes back.
        for frames in [vec![""], vec!["", ""], vec!["a", "b"], vec!["x"; 20]] {
            client.send_multipart(frames.clone()).unwrap();
            let mut echo = client.recv_multipart().unwrap();
            while echo == ["", "late"] {
                echo = client.recv_multipart().unwrap();
            }
            assert_eq!(echo, frames);
        }
        backup.leaves();
    }
}

/// How many requests get no reply before the first one that gets one.
fn asked_in_vain(client: &Socket<Dealer>) -> u32 {
    for count in 0.. {
        client.send_multipart(["", "late"]).unwrap();
        let wait = Some(Duration::from_millis(20));
        let [reply] = zmq::poll([client.poll_in()], wait).unwrap();
        if reply.is_readable() {
            assert_eq!(client.recv_multipart().unwrap(), ["", "late"]);
            return count;
        }
    }
    unreachable!()
}

#[test]
fn a_primary_alone_serves_at_once_in_bstarsrv_and_after_a_while_in_bstarsrv2() {
    let _ports = ports();
    let context = Context::new().unwrap();
    for (server, news) in [
        ("bstarsrv", None),
        ("bstarsrv2", Some("I: request from client, ready as active")),
    ] {
        let mut primary = Program::example(server, &["-p", SECOND]);
        primary.says("I: Primary active, waiting for backup (passive)");
        let client = connected(&context, zmq::DEALER, "tcp://localhost:5001");
        asked_in_vain(&client);
        if let Some(news) = news {
            primary.says(news);
        }
        primary.leaves();
    }
}

#[test]
fn a_primary_in_python_is_replaced_by_either_server() {
    if !python::available(PYTHON) {
        return;
    }
    let _ports = ports();
    for server in ["bstarsrv", "bstarsrv2"] {
        let mut primary = peer(&["primary", SECOND]);
        let mut backup = Program::example(server, &["-b", SECOND]);
        primary.says("the peer says 4");
        let mut client = Program::example("bstarcli", &[SECOND]);
        client.says("I: server replied OK (1)");
        drop(primary);
        backup.says("failover successful, ready");
        client.says("I: server replied OK (2)");
        client.leaves();

        let mut other = peer(&["ask", "tcp://localhost:5002", "Hello", "", "World"]);
        other.says("reply Hello  World");
        other.succeeds();
        backup.leaves();
    }
}

// ---- Freelance ---------------------------------------------------------------------------------

#[test]
fn flclient1_asks_a_single_flserver1_again_and_several_in_turn() {
    let _ports = ports();
    let mut server = Program::example("flserver1", &["tcp://*:5555"]);
    server.says("I: echo service is ready at tcp://*:5555");
    let (dead, alive) = ("tcp://localhost:5556", "tcp://localhost:5555");

    let said = Program::example("flclient1", &[alive]).succeeds();
    let trying = |endpoint| format!("I: trying echo service at {endpoint}...");
    assert_eq!(said, [trying(alive), "Service is running OK".into()]);

    let said = Program::example("flclient1", &[dead, alive]).succeeds();
    assert_eq!(
        said,
        [
            trying(dead),
            format!("W: no response from {dead}"),
            trying(alive),
            "Service is running OK".into()
        ]
    );

    let said = Program::example("flclient1", &[dead]).succeeds();
    let warning = format!("W: no response from {dead}, retrying...");
    assert_eq!(said, vec![[trying(dead), warning]; 3].concat());
    assert_eq!(server.leaves().last().unwrap(), "W: interrupted");
}

#[test]
fn flserver1_echoes_requests_of_any_shape() {
    let _ports = ports();
    let mut server = Program::example("flserver1", &["tcp://*:5555"]);
    server.says("ready");
    let context = Context::new().unwrap();
    let client = connected(&context, zmq::REQ, "tcp://localhost:5555");
    for frames in [&["Hello"][..], &[""], &["one", "two"], &["", "", ""]] {
        assert_eq!(ask(&client, frames), frames);
    }
    server.leaves();
}

#[test]
fn flclient2_takes_the_first_reply_of_several_flserver2() {
    let _ports = ports();
    let mut first = Program::example("flserver2", &["tcp://*:5555"]);
    let mut second = Program::example("flserver2", &["tcp://*:5556"]);
    first.says("I: service is ready at tcp://*:5555");
    second.says("I: service is ready at tcp://*:5556");
    let (first_at, second_at) = ("tcp://localhost:5555", "tcp://localhost:5556");
    let said = Program::example("flclient2", &["200", first_at, second_at]).succeeds();
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("Average round trip cost: "), "{said:?}");
    assert!(said[0].ends_with(" usec"), "{said:?}");

    // The other one is enough.
    first.leaves();
    let said = Program::example("flclient2", &["200", first_at, second_at]).succeeds();
    assert!(said[0].starts_with("Average round trip cost: "), "{said:?}");
    assert_eq!(second.leaves().last().unwrap(), "W: interrupted");

    let said = Program::example("flclient2", &[first_at]).succeeds();
    assert_eq!(said[0], "E: name service not available, aborting");
}

#[test]
fn flserver2_goes_on_after_requests_of_the_wrong_shape() {
    let _ports = ports();
    let mut server = Program::example("flserver2", &["tcp://*:5555"]);
    server.says("ready");
    let context = Context::new().unwrap();
    let client = connected(&context, zmq::REQ, "tcp://localhost:5555");
    for frames in [&["Hello"][..], &[""], &["1", "two", "three"]] {
        assert_eq!(ask(&client, frames), [""]);
        server.says("E: wrong client");
    }
    assert_eq!(ask(&client, &["7", "name"]), ["7", "OK"]);
    assert_eq!(ask(&client, &["", ""]), ["", "OK"]);
    server.leaves();
}

#[test]
fn flclient3_asks_the_flserver3_that_is_there() {
    let _ports = ports();
    let connecting =
        ["5555", "5556", "5557"].map(|port| format!("I: connecting to tcp://localhost:{port}..."));
    for port in [&[][..], &["5557"]] {
        let mut server = Program::example("flserver3", port);
        server.says("I: service is ready at tcp://*:555");
        let said = Program::example("flclient3", &["200"]).succeeds();
        assert_eq!(said[..3], connecting);
        assert!(said[3].starts_with("Average round trip cost: "), "{said:?}");
        assert_eq!(server.leaves().last().unwrap(), "W: interrupted");
    }

    let said = Program::example("flclient3", &[]).succeeds();
    assert_eq!(said[3], "E: name service not available, aborting");
}

#[test]
fn flclient3_goes_on_with_the_next_server_when_one_ends() {
    let _ports = ports();
    let context = Context::new().unwrap();
    let first = patient(context.socket(zmq::ROUTER).unwrap());
    first.set_routing_id("tcp://localhost:5555").unwrap();
    first.bind("tcp://*:5555").unwrap();
    let mut second = Program::example("flserver3", &["-v", "5556"]);
    second.says("ready");

    let client = Program::example("flclient3", &["10"]);
    let [address, number, _] = first.recv_array().unwrap();
    assert_eq!(number, "1");
    first.send_multipart((address, number, "OK")).unwrap();
    let [_, number, name] = first.recv_array().unwrap();
    assert_eq!(
        (number.to_string(), name.to_string()),
        ("2".into(), "random name".into())
    );
    drop(first);

    // The request that nobody answered is the next one's first.
    second.says("[001] 2");
    second.says("[011] random name");
    second.says("[002] OK");
    let said = client.succeeds();
    assert!(said[3].starts_with("Average round trip cost: "), "{said:?}");
    second.leaves();
}

#[test]
fn flserver3_answers_requests_of_any_shape() {
    let _ports = ports();
    let mut server = Program::example("flserver3", &["-v"]);
    server.says("ready");
    let context = Context::new().unwrap();
    let client = connected(&context, zmq::DEALER, "tcp://localhost:5555");
    for (request, reply) in [
        (&["PING"][..], &["PONG"][..]),
        (&["1", "name"], &["1", "OK"]),
        (&[""], &["", "OK"]),
        (&["", ""], &["", "OK"]),
        (&["1", "2", "3", "4"], &["1", "OK"]),
    ] {
        client.send_multipart(request.to_vec()).unwrap();
        assert_eq!(client.recv_multipart().unwrap(), *reply);
    }
    server.says("[004] PING");
    server.says("[004] PONG");
    server.leaves();
}

#[test]
fn freelance_clients_get_replies_of_servers_in_python() {
    if !python::available(PYTHON) {
        return;
    }
    let _ports = ports();
    for (role, endpoint, client, arguments) in [
        (
            "echo",
            "tcp://*:5555",
            "flclient1",
            &["tcp://localhost:5555"][..],
        ),
        (
            "sequenced",
            "tcp://*:5555",
            "flclient2",
            &["1", "tcp://localhost:5555"],
        ),
        ("freelance", "5556", "flclient3", &["1"]),
    ] {
        let mut server = peer(&[role, endpoint, "1"]);
        server.says("ready");
        let said = Program::example(client, arguments).succeeds();
        let last = said.last().unwrap();
        assert!(
            last == "Service is running OK" || last.starts_with("Average round trip cost: "),
            "{said:?}"
        );
        assert!(said.iter().all(|line| !line.starts_with("E:")), "{said:?}");
        server.succeeds();
    }

    // Many, past replies that are not theirs.
    let mut server = peer(&["sequenced", "tcp://*:5555", "100"]);
    server.says("ready");
    let said = Program::example("flclient2", &["100", "tcp://localhost:5555"]).succeeds();
    assert_eq!(said.len(), 1, "{said:?}");
    server.succeeds();
    let mut server = peer(&["freelance", "5557", "100"]);
    server.says("ready");
    let said = Program::example("flclient3", &["100"]).succeeds();
    assert_eq!(said.len(), 4, "{said:?}");
    server.succeeds();
}

#[test]
fn freelance_servers_answer_clients_in_python() {
    if !python::available(PYTHON) {
        return;
    }
    let _ports = ports();
    for (server, request, reply) in [
        ("flserver1", &["Hello", "World"], "reply Hello World"),
        ("flserver2", &["5", "name"], "reply 5 OK"),
    ] {
        let mut server = Program::example(server, &["tcp://*:5555"]);
        server.says("ready");
        let mut client = peer(&[&["ask", "tcp://localhost:5555"], &request[..]].concat());
        client.says(reply);
        client.succeeds();
        server.leaves();
    }
    let mut server = Program::example("flserver3", &[]);
    server.says("ready");
    let mut client = peer(&["ask_freelance", "5555"]);
    client.says("served");
    client.succeeds();
    server.leaves();
}
