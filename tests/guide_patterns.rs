//! The guide's third chapter: Hello World with frames and names, and workers that ask for work.
#![cfg(unix)]

mod common;

use std::process::Command;

use common::program::{Program, ports};
use common::{patient, python};
use zmq::{Context, Dealer, Req, Socket};

const SCRIPT: &str = "guide_patterns.py";
const SERVERS: [&str; 3] = ["hwserver2", "hwserver3", "hwserver4"];

/// The part of a companion in Python, if there is one.
fn python_peer(arguments: &[&str]) -> Option<Program> {
    let command = || -> Command { python::run(SCRIPT, arguments) };
    python::available(SCRIPT).then(|| Program::start("guide_patterns.py", command()))
}

fn req(context: &Context) -> Socket<Req> {
    let socket = patient(context.socket(zmq::REQ).unwrap());
    socket.connect("tcp://localhost:5555").unwrap();
    socket
}

fn dealer(context: &Context) -> Socket<Dealer> {
    let socket = patient(context.socket(zmq::DEALER).unwrap());
    socket.connect("tcp://localhost:5555").unwrap();
    socket
}

/// What a client prints for its ten requests.
fn conversation() -> Vec<String> {
    let mut lines = vec!["Connecting to hello world server...".to_owned()];
    for number in 1..=10 {
        lines.push(format!("Sending request msg: Hello NO={number}..."));
        lines.push(format!("Received respond msg: World NO={number}"));
        lines.push(String::new());
    }
    lines
}

// ---- Hello World -------------------------------------------------------------------------------

#[test]
fn every_server_answers_every_client() {
    let _ports = ports();
    for server in SERVERS {
        for client in ["hwclient", "hwclient2", "hwclient3", "hwclient4"] {
            let running = Program::example(server, &["0"]);
            let said = Program::example(client, &[]).succeeds();
            if client == "hwclient" {
                assert_eq!(said.last().unwrap(), "Received World 9", "{server}");
            } else {
                assert_eq!(said, conversation(), "{client} with {server}");
            }
            running.leaves();
        }
    }
}

#[test]
fn hwserver2_prints_the_request_and_that_it_answers() {
    let _ports = ports();
    let server = Program::example("hwserver2", &["0"]);
    let context = Context::new().unwrap();
    let client = req(&context);
    client.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    let said = ["Received request msg: Hello", "Send respond msg: World", ""];
    assert_eq!(server.leaves(), said);
}

#[test]
fn hwserver2_answers_before_it_works() {
    let _ports = ports();
    // An hour's work: it would not come to an answer behind it.
    let mut server = Program::example("hwserver2", &["3600000"]);
    let context = Context::new().unwrap();
    let client = req(&context);
    client.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    server.says("Send respond msg: World");
}

#[test]
fn hwserver3_prints_the_frames_of_a_request() {
    let _ports = ports();
    let server = Program::example("hwserver3", &["0"]);
    let context = Context::new().unwrap();
    let client = patient(context.socket(zmq::REQ).unwrap());
    client.set_routing_id("ZMQ").unwrap();
    client.connect("tcp://localhost:5555").unwrap();
    client.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    assert_eq!(
        server.leaves(),
        [
            "[Frame_1] identity = ZMQ",
            "[Frame_2] string = ",
            "[Frame_3] Received request msg: Hello",
            "Send respond msg: World",
            "",
        ]
    );
}

#[test]
fn hwserver4_prints_the_frames_both_ways() {
    let _ports = ports();
    let server = Program::example("hwserver4", &["0"]);
    let context = Context::new().unwrap();
    let client = patient(context.socket(zmq::REQ).unwrap());
    client.set_routing_id("ZMQ").unwrap();
    client.connect("tcp://localhost:5555").unwrap();
    client.send("Hello").unwrap();
    assert_eq!(client.recv().unwrap(), "World");
    assert_eq!(
        server.leaves(),
        [
            "[recv] frame1 = ZMQ",
            "[recv] frame2 = ",
            "[recv] frame3 = Hello",
            "[send] frame1 = ZMQ",
            "[send] frame2 = ",
            "[send] frame3 = World",
            "",
        ]
    );
}

#[test]
fn a_server_survives_what_is_no_request() {
    let _ports = ports();
    for server in SERVERS {
        let running = Program::example(server, &["0"]);
        let context = Context::new().unwrap();
        let stranger = dealer(&context);
        // Without a delimiter, or without anything behind it.
        stranger.send_multipart(["no delimiter", "x"]).unwrap();
        stranger.send("").unwrap();
        stranger.send(b"\xff\x00\xfe").unwrap();
        // Requests that only look strange are answered.
        for request in [&["", "Hello"][..], &["", ""], &["", "two", "frames"]] {
            stranger.send_multipart(request.to_vec()).unwrap();
            let reply = stranger.recv_multipart().unwrap();
            assert_eq!(reply, ["", "World"], "{server}: {request:?}");
        }
        let said = running.leaves();
        if server == "hwserver3" {
            let discarded = said.iter().filter(|line| line.starts_with("Discard"));
            assert_eq!(discarded.count(), 3, "{said:?}");
        }
    }
}

#[test]
fn a_server_can_be_told_to_end_while_it_waits() {
    let _ports = ports();
    for server in SERVERS {
        let running = Program::example(server, &[]);
        let context = Context::new().unwrap();
        let client = req(&context);
        // Once it has answered, it watches for signals.
        client.send("Hello").unwrap();
        client.recv().unwrap();
        running.signal(libc::SIGTERM);
        running.succeeds();
    }
}

#[test]
fn every_server_answers_a_python_client() {
    let _ports = ports();
    for server in SERVERS {
        let Some(client) = python_peer(&["hello-req"]) else {
            return;
        };
        let running = Program::example(server, &["0"]);
        client.succeeds();
        running.leaves();
    }
}

#[test]
fn every_client_understands_a_python_server() {
    let _ports = ports();
    for (client, role) in [
        ("hwclient2", &["hello-rep"][..]),
        ("hwclient3", &["hello-rep"]),
        ("hwclient4", &["hello-rep"]),
        ("hwclient2", &["hello-router", "-"]),
        ("hwclient3", &["hello-router", "ZMQ"]),
        ("hwclient4", &["hello-router", "ZMQ"]),
    ] {
        let Some(server) = python_peer(role) else {
            return;
        };
        assert_eq!(Program::example(client, &[]).succeeds(), conversation());
        server.succeeds();
    }
}

#[test]
fn hwclient2_discards_replies_without_a_delimiter() {
    let _ports = ports();
    let Some(server) = python_peer(&["hello-scrambled"]) else {
        return;
    };
    let said = Program::example("hwclient2", &[]).succeeds();
    server.succeeds();
    let count = |text: &str| said.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!(count("Discard the ZMQ message!"), 5, "{said:?}");
    assert!(said.contains(&"Received respond msg: World NO=5".to_owned()));
}

#[test]
fn hwclient4_fails_at_a_reply_without_a_delimiter() {
    let _ports = ports();
    let Some(_server) = python_peer(&["hello-scrambled"]) else {
        return;
    };
    let (status, said) = Program::example("hwclient4", &[]).ends();
    assert_eq!(status.code(), Some(1), "{said:?}");
    assert!(said.iter().any(|line| line.contains("no delimiter")));
}

#[test]
fn identity_shows_a_generated_and_a_chosen_identity() {
    let said = Program::example("identity", &[]).succeeds();
    let dashes = "-".repeat(40);
    // Five bytes, of which the first is zero.
    let generated = said[1].strip_prefix("[005] 00").expect("a generated id");
    assert!(generated.len() == 8 && generated.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(
        [&said[..1], &said[2..]].concat(),
        [
            &dashes,
            "[000] ",
            "[039] ROUTER uses a generated 5 byte identity",
            &dashes,
            "[005] PEER2",
            "[000] ",
            "[040] ROUTER socket uses REQ's socket identity",
        ]
    );
}

// ---- work for whoever asks ---------------------------------------------------------------------

/// The lines of the ten workers, and nothing else.
#[track_caller]
fn completed(said: &[String]) {
    assert_eq!(said.len(), 10, "{said:?}");
    for line in said {
        let number = line.strip_prefix("Completed: ");
        let number = number.and_then(|line| line.strip_suffix(" tasks"));
        number
            .and_then(|number| number.parse::<u32>().ok())
            .expect("a line of a worker");
    }
}

#[test]
fn workers_complete_tasks_until_they_are_fired() {
    let _ports = ports();
    for program in ["rtreq", "rtdealer"] {
        let said = Program::example(program, &["600"]).succeeds();
        completed(&said);
        assert!(said.iter().any(|line| line != "Completed: 0 tasks"));
    }
}

#[test]
fn workers_that_are_fired_at_once_complete_nothing() {
    let _ports = ports();
    for program in ["rtreq", "rtdealer"] {
        let said = Program::example(program, &["0"]).succeeds();
        assert_eq!(said, ["Completed: 0 tasks"; 10]);
    }
}

#[test]
fn a_python_worker_works_and_is_fired_like_the_others() {
    let _ports = ports();
    for (program, kind) in [("rtreq", "REQ"), ("rtdealer", "DEALER")] {
        // It asks before the broker is there, and is fired before the last of the broker's own.
        let Some(mut worker) = python_peer(&["worker", kind]) else {
            return;
        };
        worker.says("asks");
        let broker = Program::example(program, &["1000"]);
        worker.says("working");
        worker.says("fired");
        worker.succeeds();
        completed(&broker.succeeds());
    }
}

#[test]
fn a_broker_of_work_survives_what_is_no_request_for_work() {
    let _ports = ports();
    for program in ["rtreq", "rtdealer"] {
        let broker = Program::example(program, &["600"]);
        let context = Context::new().unwrap();
        let stranger = patient(context.socket(zmq::DEALER).unwrap());
        stranger.connect("tcp://localhost:5671").unwrap();
        stranger.send_multipart(["no delimiter", "x"]).unwrap();
        stranger.send("").unwrap();
        stranger.send(b"\xff\x00").unwrap();
        for _ in 0..3 {
            let [empty, _answer] = stranger.recv_array().unwrap();
            assert_eq!(empty, "");
        }
        completed(&broker.succeeds());
    }
}
