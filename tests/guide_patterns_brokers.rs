//! The guide's third chapter: load balancing, the asynchronous server, and brokers that are peers.
#![cfg(unix)]

mod common;

use std::path::Path;
use std::thread;
use std::time::Instant;

use common::program::{Program, ports};
use common::{LONG, patient, python};
use tempfile::{TempDir, tempdir};
use zmq::{Context, Socket, SocketType};

const SCRIPT: &str = "guide_patterns.py";

/// The part of a companion in Python, if there is one, in the working directory of the broker.
fn python_peer(folder: impl AsRef<Path>, arguments: &[&str]) -> Option<Program> {
    python::available(SCRIPT).then(|| {
        let mut command = python::run(SCRIPT, arguments);
        command.current_dir(folder);
        Program::start("guide_patterns.py", command)
    })
}

/// A socket connected to an endpoint of `ipc` in the folder.
fn socket<T: SocketType>(context: &Context, kind: T, folder: &TempDir, name: &str) -> Socket<T> {
    let socket = patient(context.socket(kind).unwrap());
    let path = folder.path().join(name);
    socket
        .connect(&format!("ipc://{}", path.display()))
        .unwrap();
    socket
}

fn count(said: &[String], line: &str) -> usize {
    said.iter().filter(|said| *said == line).count()
}

// ---- load balancing ----------------------------------------------------------------------------

#[test]
fn every_client_of_a_load_balancer_has_its_reply() {
    for (broker, request) in [
        ("lbbroker", "Worker: HELLO"),
        ("lbbroker2", "Worker: [005] HELLO"),
    ] {
        let folder = tempdir().unwrap();
        let said = Program::example_in(&folder, broker, &[]).succeeds();
        assert_eq!(count(&said, request), 10, "{broker}: {said:?}");
        assert_eq!(count(&said, "Client: OK"), 10, "{broker}: {said:?}");
        assert_eq!(said.len(), 20, "{broker}: {said:?}");
    }
}

#[test]
fn lbbroker3_goes_on_until_it_is_interrupted() {
    let folder = tempdir().unwrap();
    let mut broker = Program::example_in(&folder, "lbbroker3", &[]);
    // Each of the ten asks once a second.
    for _ in 0..15 {
        broker.says("Client: OK");
    }
    let said = broker.leaves();
    assert!(count(&said, "Worker: [005] HELLO") >= 15, "{said:?}");
}

#[test]
fn lbbroker3_leaves_at_once() {
    let folder = tempdir().unwrap();
    let mut broker = Program::example_in(&folder, "lbbroker3", &[]);
    broker.says("Client: OK");
    broker.signal(libc::SIGTERM);
    broker.succeeds();
}

#[test]
fn lbbroker3_survives_what_is_no_message_of_a_client_or_worker() {
    let folder = tempdir().unwrap();
    let mut broker = Program::example_in(&folder, "lbbroker3", &[]);
    broker.says("Client: OK");
    let context = Context::new().unwrap();
    let [_, no_worker] = ["frontend.ipc", "backend.ipc"].map(|side| {
        let stranger = socket(&context, zmq::DEALER, &folder, side);
        stranger.send("").unwrap();
        stranger.send(b"\xff\x00").unwrap();
        stranger.send_multipart(["", "\x02"]).unwrap();
        stranger.send_multipart(["no", "delimiter"]).unwrap();
        stranger
    });
    let client = socket(&context, zmq::REQ, &folder, "frontend.ipc");
    client.send_multipart(["two", "frames"]).unwrap();
    assert_eq!(client.recv_multipart().unwrap(), ["two", "OK"]);
    client.send("").unwrap();
    assert_eq!(client.recv().unwrap(), "OK");
    // More requests than there are workers, and none for who is no worker.
    for _ in 0..10 {
        broker.says("Client: OK");
    }
    assert!(no_worker.try_recv_multipart().unwrap().is_none());
    broker.leaves();
}

#[test]
fn a_python_client_is_served_by_lbbroker3() {
    let folder = tempdir().unwrap();
    let Some(client) = python_peer(&folder, &["lb-client"]) else {
        return;
    };
    let broker = Program::example_in(&folder, "lbbroker3", &[]);
    client.succeeds();
    broker.leaves();
}

#[test]
fn a_python_worker_serves_the_clients_of_lbbroker3() {
    let folder = tempdir().unwrap();
    let Some(worker) = python_peer(&folder, &["lb-worker"]) else {
        return;
    };
    let mut broker = Program::example_in(&folder, "lbbroker3", &[]);
    for _ in 0..3 {
        broker.says("Client: OK from Python");
    }
    worker.succeeds();
    broker.leaves();
}

// ---- the asynchronous server -------------------------------------------------------------------

#[test]
fn the_clients_of_asyncsrv_get_replies_to_their_own_requests() {
    let _ports = ports();
    let said = Program::example("asyncsrv", &["3500"]).succeeds();
    // `1A2B-3C4D[010] request #1`
    let mut clients: Vec<&str> = Vec::new();
    for line in &said {
        let (client, reply) = line.split_once("[010] request #").expect(line);
        assert_eq!(client.len(), 9, "{line}");
        reply.parse::<u32>().expect(line);
        clients.push(client);
    }
    clients.sort_unstable();
    clients.dedup();
    // Which of them get any is left to chance: all three with odds of 24 in 25.
    assert!((1..=3).contains(&clients.len()), "{said:?}");
}

#[test]
fn asyncsrv_answers_a_python_client() {
    let _ports = ports();
    let Some(mut client) = python_peer(".", &["async-client"]) else {
        return;
    };
    let server = Program::example("asyncsrv", &["4000"]);
    client.says("answered");
    client.succeeds();
    server.succeeds();
}

#[test]
fn asyncsrv_survives_any_request() {
    let _ports = ports();
    let server = Program::example("asyncsrv", &["4000"]);
    let context = Context::new().unwrap();
    let client = patient(context.socket(zmq::DEALER).unwrap());
    client.connect("tcp://localhost:5570").unwrap();
    // Each may have up to four replies, or none.
    for _ in 0..10 {
        client.send("").unwrap();
        client.send_multipart(["two", "frames"]).unwrap();
        client.send(b"\xff\x00").unwrap();
    }
    assert!(client.recv_multipart().unwrap().len() <= 2);
    server.succeeds();
}

// ---- brokers that are peers --------------------------------------------------------------------

#[test]
fn a_peering_broker_without_a_name_says_what_it_needs() {
    for broker in ["peering1", "peering2", "peering3"] {
        let (status, said) = Program::example(broker, &[]).ends();
        assert_eq!(status.code(), Some(1));
        assert_eq!(said, [format!("syntax: {broker} me {{you}}...")]);
    }
}

#[test]
fn peering1_hears_of_the_workers_of_its_peers() {
    let folder = tempdir().unwrap();
    let mut first = Program::example_in(&folder, "peering1", &["DC1", "DC2", "DC3"]);
    first.says("I: preparing broker at DC1...");
    first.says("I: connecting to state backend at 'DC2'");
    first.says("I: connecting to state backend at 'DC3'");
    // It hears of nobody itself.
    let second = Program::example_in(&folder, "peering1", &["DC2"]);
    let line = first.says(" workers free");
    let number = line.strip_prefix("DC2 - ").expect(&line);
    let number = number.strip_suffix(" workers free").expect(&line);
    assert!(number.parse::<u32>().expect(&line) < 10);
    second.leaves();
    first.leaves();
}

#[test]
fn a_python_broker_is_a_peer_of_peering1() {
    let folder = tempdir().unwrap();
    let Some(mut peer) = python_peer(&folder, &["state", "DC1"]) else {
        return;
    };
    let mut broker = Program::example_in(&folder, "peering1", &["DC1", "Python"]);
    broker.says("Python - 7 workers free");
    peer.type_line("heard");
    peer.succeeds();
    broker.leaves();
}

#[test]
fn peering2_leaves_while_it_waits_for_enter() {
    let folder = tempdir().unwrap();
    let broker = Program::example_in(&folder, "peering2", &["DC1"]);
    // The last thing before it asks.
    let end = Instant::now() + LONG;
    while !folder.path().join("DC1-localbe.ipc").exists() {
        assert!(Instant::now() < end, "it never asked");
        thread::yield_now();
    }
    broker.leaves();
}

#[test]
fn peers_of_peering2_serve_each_other() {
    let folder = tempdir().unwrap();
    let mut brokers = [["DC1", "DC2"], ["DC2", "DC1"]]
        .map(|names| Program::example_in(&folder, "peering2", &names));
    for broker in &mut brokers {
        broker.says("I: connecting to cloud frontend at");
    }
    for broker in &mut brokers {
        broker.type_line("");
        broker.says("Press Enter when all brokers are started: ");
        broker.says("Worker: [005] HELLO");
        broker.says("Client: OK");
    }
    for broker in brokers {
        broker.leaves();
    }
}

#[test]
fn a_python_broker_is_a_peer_of_peering2() {
    let folder = tempdir().unwrap();
    let Some(mut peer) = python_peer(&folder, &["peer2", "DC1"]) else {
        return;
    };
    peer.says("bound");
    let mut broker = Program::example_in(&folder, "peering2", &["DC1", "Python"]);
    broker.type_line("");
    broker.says("Client: OK from Python");
    peer.succeeds();
    broker.leaves();
}

#[test]
fn peering3_completes_tasks_at_home_and_abroad() {
    let folder = tempdir().unwrap();
    let mut brokers = [["DC1", "DC2"], ["DC2", "DC1"]]
        .map(|names| Program::example_in(&folder, "peering3", &names));
    for broker in &mut brokers {
        broker.says("I: connecting to state backend at");
        for _ in 0..5 {
            let task = broker.says("");
            assert!(
                u16::from_str_radix(&task, 16).is_ok() && task.len() == 4,
                "{task}"
            );
        }
    }
    for broker in brokers {
        broker.leaves();
    }
}

#[test]
fn a_python_broker_is_a_peer_of_peering3() {
    let folder = tempdir().unwrap();
    let Some(mut peer) = python_peer(&folder, &["peer3", "DC1"]) else {
        return;
    };
    peer.says("bound");
    let broker = Program::example_in(&folder, "peering3", &["DC1", "Python"]);
    peer.succeeds();
    broker.leaves();
}

#[test]
fn peering_brokers_survive_any_message() {
    for broker in ["peering2", "peering3"] {
        let folder = tempdir().unwrap();
        // Without a peer, to which the request below might go.
        let mut running = Program::example_in(&folder, broker, &["DC1"]);
        running.type_line("");
        let context = Context::new().unwrap();
        for side in ["cloud", "localfe", "localbe"] {
            let stranger = socket(&context, zmq::DEALER, &folder, &format!("DC1-{side}.ipc"));
            stranger.send("").unwrap();
            stranger.send(b"\xff\x00").unwrap();
            stranger.send_multipart(["", "\x02"]).unwrap();
            stranger.send_multipart(["no", "delimiter"]).unwrap();
        }
        let client = socket(&context, zmq::REQ, &folder, "DC1-localfe.ipc");
        client.send_multipart(["two", ""]).unwrap();
        let last = if broker == "peering2" { "OK" } else { "" };
        assert_eq!(client.recv_multipart().unwrap(), ["two", last]);
        running.leaves();
    }
}
