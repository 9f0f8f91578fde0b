//! The guide's Majordomo and Titanic: mdbroker, mdworker, mdclient, mdclient2, mmiecho, titanic,
//! ticlient, and tripping.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::program::{Program, ports};
use common::python;
use zguide::mdcliapi::Client;
use zguide::mdwrkapi::Worker;
use zmq::Context;

const SCRIPT: &str = "guide_reliable.py";

fn peer(arguments: &[&str]) -> Program {
    Program::start(arguments[0], python::run(SCRIPT, arguments))
}

/// A broker that serves.
fn broker(arguments: &[&str]) -> Program {
    let mut broker = Program::example("mdbroker", arguments);
    broker.says("I: MDP broker/0.1.1 is active at tcp://*:5555");
    broker
}

#[track_caller]
fn ends_with(said: &[String], line: &str) {
    assert_eq!(said.last().map(String::as_str), Some(line), "{said:?}");
}

/// Waits until the broker answers that echo has workers, or has none.
#[track_caller]
fn echo_is(code: &str) {
    let context = Context::new().unwrap();
    let mut session = Client::connect(&context, "tcp://localhost:5555", false).unwrap();
    let end = Instant::now() + common::LONG;
    while session.send("mmi.service", ["echo"]).unwrap().unwrap() != [code] {
        assert!(Instant::now() < end, "echo is never {code}");
    }
}

// ---- Majordomo ---------------------------------------------------------------------------------

#[test]
fn mdclient_and_mdclient2_get_a_reply_to_each_request() {
    let _ports = ports();
    let broker = broker(&[]);
    let worker = Program::example("mdworker", &[]);
    assert_eq!(
        Program::example("mdclient", &["300"]).succeeds(),
        ["300 requests/replies processed"]
    );
    assert_eq!(
        Program::example("mdclient2", &["10000"]).succeeds(),
        ["10000 replies received"]
    );
    ends_with(&worker.leaves(), "W: interrupt received, killing worker...");
    ends_with(&broker.leaves(), "W: interrupt received, shutting down...");
}

#[test]
fn a_verbose_session_prints_the_frames_of_the_specification() {
    let _ports = ports();
    let broker = broker(&["-v"]);
    let worker = Program::example("mdworker", &["-v"]);
    let client = Program::example("mdclient", &["-v", "1"]).succeeds();
    assert_eq!(
        client,
        [
            "I: connecting to broker at tcp://localhost:5555...",
            "I: send request to 'echo' service: [Message(6 bytes, b\"MDPC01\"), \
             Message(4 bytes, b\"echo\"), Message(11 bytes, b\"Hello world\")]",
            "I: received reply: [Message(6 bytes, b\"MDPC01\"), \
             Message(4 bytes, b\"echo\"), Message(11 bytes, b\"Hello world\")]",
            "1 requests/replies processed",
        ]
    );
    let worker = worker.leaves();
    for line in [
        "I: sending READY to broker: [Message(0 bytes, b\"\"), Message(6 bytes, b\"MDPW01\"), \
         Message(1 bytes, b\"\\x01\"), Message(4 bytes, b\"echo\")]",
        "I: received message from broker: [Message(0 bytes, b\"\"), \
         Message(6 bytes, b\"MDPW01\"), Message(1 bytes, b\"\\x02\"), ",
        "I: sending REPLY to broker: [Message(0 bytes, b\"\"), Message(6 bytes, b\"MDPW01\"), \
         Message(1 bytes, b\"\\x03\"), ",
    ] {
        let found = worker.iter().any(|said| said.starts_with(line));
        assert!(found, "{line}\nis not in\n{worker:#?}");
    }
    let broker = broker.leaves();
    for line in [
        "I: received message: [",
        "I: registering new worker: ",
        "I: sending REQUEST to worker: [",
    ] {
        let found = broker.iter().any(|said| said.starts_with(line));
        assert!(found, "{line}\nis not in\n{broker:#?}");
    }
}

#[test]
fn mmiecho_prints_whether_there_is_a_worker() {
    let _ports = ports();
    let broker = broker(&["100"]);
    let mmiecho = || Program::example("mmiecho", &[]).succeeds();
    assert_eq!(mmiecho(), ["Lookup echo service: 404"]);
    let worker = Program::example("mdworker", &["100"]);
    echo_is("200");
    assert_eq!(mmiecho(), ["Lookup echo service: 200"]);
    worker.leaves();
    echo_is("404");
    assert_eq!(mmiecho(), ["Lookup echo service: 404"]);
    broker.leaves();
}

#[test]
fn a_request_waits_in_the_broker_for_a_worker() {
    let _ports = ports();
    let broker = broker(&[]);
    let mut client = Program::example("mdclient", &["-v", "1"]);
    client.says("W: no reply, reconnecting...");
    let worker = Program::example("mdworker", &[]);
    ends_with(&client.succeeds(), "1 requests/replies processed");
    worker.leaves();
    broker.leaves();
}

#[test]
fn a_worker_that_is_silent_is_deleted() {
    let _ports = ports();
    let mut broker = broker(&["-v", "200"]);
    let worker = Program::example("mdworker", &["200"]);
    broker.says("I: registering new worker");
    drop(worker);
    broker.says("I: deleting expired worker");

    // This one is slower than the broker wants it to be, and begins again each time it is told.
    let mut slow = Program::example("mdworker", &["-v", "1500"]);
    broker.says("I: registering new worker");
    broker.says("I: deleting expired worker");
    broker.says("I: sending DISCONNECT to worker");
    slow.says("I: connecting to broker");
    broker.says("I: registering new worker");
    slow.leaves();
    broker.leaves();
}

#[test]
fn a_worker_that_drops_a_request_gets_the_next() {
    let _ports = ports();
    let broker = broker(&[]);
    let context = Context::new().unwrap();
    std::thread::scope(|scope| {
        let _guard = context.shutdown_on_drop();
        scope.spawn(|| -> zmq::Result<()> {
            let mut worker = Worker::connect(&context, "tcp://localhost:5555", "half", false)?;
            loop {
                drop(worker.next_request()?);
                let request = worker.next_request()?;
                request.reply(["answered"])?;
            }
        });
        let mut client = Client::connect(&context, "tcp://localhost:5555", false).unwrap();
        client.set_timeout(Duration::from_millis(500));
        client.set_retries(20);
        for _ in 0..2 {
            let reply = client.send("half", ["request"]).unwrap().unwrap();
            assert_eq!(reply, ["answered"]);
        }
    });
    broker.leaves();
}

#[test]
fn a_worker_that_works_for_long_keeps_its_session() {
    let _ports = ports();
    let broker = broker(&["100"]); // a free worker may be silent for 300 ms
    let context = Context::new().unwrap();
    std::thread::scope(|scope| {
        let _guard = context.shutdown_on_drop();
        scope.spawn(|| -> zmq::Result<()> {
            let mut worker = Worker::connect(&context, "tcp://localhost:5555", "slow", false)?;
            loop {
                let request = worker.next_request()?;
                std::thread::sleep(Duration::from_secs(1)); // stands for heavy work
                request.reply(["done"])?;
            }
        });
        let mut client = Client::connect(&context, "tcp://localhost:5555", false).unwrap();
        client.set_timeout(common::LONG);
        client.set_retries(1);
        assert_eq!(client.send("slow", ["request"]).unwrap().unwrap(), ["done"]);
    });
    broker.leaves();
}

#[test]
fn an_idle_worker_keeps_its_session() {
    let _ports = ports();
    let broker = broker(&["800"]);
    // Between two heartbeats of the broker it misses one, and never three.
    let mut worker = Program::example("mdworker", &["-v", "600"]);
    for _ in 0..5 {
        worker.says("I: received message from broker: ");
    }
    let said = worker.leaves();
    assert!(
        !said.iter().any(|line| line.starts_with("W: disconnected")),
        "{said:#?}"
    );
    broker.leaves();
}

#[test]
fn mdworker_begins_again_with_another_broker() {
    let _ports = ports();
    let first = broker(&[]);
    let mut worker = Program::example("mdworker", &["-v", "200"]);
    echo_is("200");
    first.leaves();
    worker.says("W: disconnected from broker - retrying...");
    let second = broker(&["200"]);
    echo_is("200");
    ends_with(
        &Program::example("mdclient", &["5"]).succeeds(),
        "5 requests/replies processed",
    );
    worker.leaves();
    second.leaves();
}

#[test]
fn clients_without_a_broker_end_or_leave() {
    let _ports = ports();
    for name in ["mdclient", "mdclient2", "mmiecho", "ticlient"] {
        let mut client = Program::example(name, &["-v"]);
        client.says("I: send request to ");
        client.leaves();
    }
    let client = Program::example("mdclient2", &["7"]);
    ends_with(&client.succeeds(), "0 replies received");
    let mut worker = Program::example("mdworker", &["-v"]);
    worker.says("I: sending READY to broker");
    worker.leaves();
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join(".titanic");
    fs::create_dir(&kept).unwrap();
    let uuid = "0123456789ABCDEF0123456789ABCDEF";
    fs::write(kept.join("queue"), format!("-{uuid}\n")).unwrap();
    let request = b"\x04\0\0\0\0\0\0\0echo\x05\0\0\0\0\0\0\0Hello";
    fs::write(kept.join(format!("{uuid}.req")), request).unwrap();
    let mut titanic = Program::example_in(folder.path(), "titanic", &["-v"]);
    for _ in 0..2 {
        titanic.says(&format!("I: processing request {uuid}"));
    }
    titanic.leaves();
}

#[test]
fn mdbroker_leaves_while_a_client_takes_no_replies() {
    let _ports = ports();
    let broker = broker(&[]);
    let context = Context::new().unwrap();
    let client = context.socket(zmq::DEALER).unwrap();
    client.set_linger(Some(Duration::ZERO)).unwrap();
    client.set_sndtimeo(Some(common::LONG)).unwrap();
    client.set_sndhwm(1).unwrap();
    client.set_rcvhwm(1).unwrap();
    client.connect("tcp://localhost:5555").unwrap();
    let large = vec![0; 100_000];
    for _ in 0..500 {
        client
            .send_more("")
            .send_more("MDPC01")
            .send_more("mmi.service")
            .send_more(&large)
            .send("echo")
            .unwrap();
    }
    echo_is("404");
    ends_with(&broker.leaves(), "W: interrupt received, shutting down...");
}

#[test]
fn mdbroker_and_mdworker_and_mdclient_work_with_python() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    // Their worker and client, our broker.
    let ours = broker(&["1000"]);
    let mut worker = peer(&["majordomo-worker", "echo", "105"]);
    worker.says("registered");
    peer(&["majordomo-client", "echo", "50"]).succeeds();
    // Our clients.
    Program::example("mdclient", &["5"]).succeeds();
    ends_with(
        &Program::example("mdclient2", &["50"]).succeeds(),
        "50 replies received",
    );
    worker.succeeds();
    echo_is("404"); // it said DISCONNECT
    // Our worker.
    let worker = Program::example("mdworker", &[]);
    peer(&["majordomo-client", "echo", "50"]).succeeds();
    worker.leaves();
    ours.leaves();

    // Their broker, which is strict.
    let mut broker = peer(&["majordomo-broker", "60"]);
    broker.says("bound");
    let worker = Program::example("mdworker", &["500"]);
    broker.says("registered");
    let said = Program::example("mdclient", &["10"]).succeeds();
    assert!(said[0].starts_with("E: malformed reply: ["), "{said:?}");
    assert_eq!(
        said[1..],
        [
            "E: reply of another service: other",
            "10 requests/replies processed"
        ]
    );
    let said = Program::example("mdclient2", &["50"]).succeeds();
    let malformed = said
        .iter()
        .filter(|line| line.starts_with("E: malformed reply: ["));
    assert_eq!(malformed.count(), 3, "{said:?}");
    ends_with(&said, "50 replies received");
    broker.succeeds();
    let said = worker.leaves();
    let invalid = said.iter().filter(|line| line.starts_with("E: "));
    assert_eq!(invalid.count(), 7, "{said:#?}");
}

#[test]
fn mdbroker_survives_what_is_no_message_of_the_protocol() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let broker = broker(&[]);
    peer(&["malformed"]).succeeds();
    let worker = Program::example("mdworker", &[]);
    ends_with(
        &Program::example("mdclient", &["5"]).succeeds(),
        "5 requests/replies processed",
    );
    worker.leaves();
    let said = broker.leaves();
    let invalid = said
        .iter()
        .filter(|line| line.starts_with("E: invalid message"));
    assert_eq!(invalid.count(), 14, "{said:#?}");
}

// ---- Titanic -----------------------------------------------------------------------------------

/// Without the queue: what is kept of requests and replies.
fn kept(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join(".titanic")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "queue").collect()
}

#[test]
fn ticlient_gets_a_reply_from_a_worker_that_comes_later() {
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(&[]);
    let titanic = Program::example_in(folder.path(), "titanic", &["-v"]);
    let mut client = Program::example("ticlient", &["100"]);
    let uuid = client.says("I: request UUID: ");
    let uuid = uuid.trim_start_matches("I: request UUID: ");
    client.says("I: no reply yet, trying again...");
    assert_eq!(kept(folder.path()), [format!("{uuid}.req")]);
    // It knows its requests again after its end.
    titanic.leaves();
    let mut titanic = Program::example_in(folder.path(), "titanic", &["-v"]);
    titanic.says(&format!("I: processing request {uuid}"));
    let worker = Program::example("mdworker", &[]);
    ends_with(&client.succeeds(), "Reply: Hello world");
    assert!(kept(folder.path()).is_empty());
    worker.leaves();
    titanic.leaves();
    broker.leaves();
    let queue = fs::read_to_string(folder.path().join(".titanic/queue")).unwrap();
    assert_eq!(queue, format!("+{uuid}\n"));
}

#[test]
fn titanic_serves_a_client_in_python_that_also_asks_nonsense() {
    let _ports = ports();
    if !python::available(SCRIPT) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(&[]);
    // It has no business outside its own folder.
    fs::write(folder.path().join("secret.rep"), b"\x04\0\0\0\0\0\0\0keys").unwrap();
    let titanic = Program::example_in(folder.path(), "titanic", &[]);
    let mut client = peer(&["titanic-client", "echo"]);
    client.says("pending");
    let worker = Program::example("mdworker", &[]);
    client.succeeds();
    assert!(kept(folder.path()).is_empty());
    worker.leaves();
    titanic.leaves();
    broker.leaves();
}

// ---- tripping ----------------------------------------------------------------------------------

#[test]
fn tripping_prints_two_rates() {
    let _ports = ports();
    let said = Program::example("tripping", &["1000"]).succeeds();
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(said[0], "Setting up test...");
    assert_eq!(said[1], "Synchronous round-trip test...");
    assert_eq!(said[3], "Asynchronous round-trip test...");
    for rate in [&said[2], &said[4]] {
        let rate = rate.strip_suffix(" calls/second").unwrap();
        assert!(rate.trim().parse::<u64>().unwrap() > 0, "{rate}");
    }
}
