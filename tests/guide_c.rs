//! The guide's programs in Rust meet those in C.
#![cfg(unix)]

mod common;

use std::ffi::{c_char, c_int};

use common::c;
use common::program::{Program, listens, ports};

#[link(name = "zmq_c_peers", kind = "static")]
unsafe extern "C" {
    fn zmq_c_guide_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
}

#[test]
fn the_process_of_the_c_peer() {
    c::be_the_peer(zmq_c_guide_main);
}

/// Starts a program of `tests/peers/guide.c`.
#[track_caller]
fn in_c(role: &str, numbers: &[u32]) -> Program {
    let mut arguments = vec![role.to_owned()];
    arguments.extend(numbers.iter().map(u32::to_string));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Program::start(&format!("{role} in C"), c::peer(&arguments))
}

/// Waits for its end with exit code 0, and gives what C printed.
#[track_caller]
fn c_succeeds(program: Program) -> Vec<String> {
    let mut said = program.succeeds();
    // Before it the harness speaks, which ends with the name of the test.
    let harness = said
        .iter()
        .position(|line| line.contains("the_process_of_the_c_peer"));
    said.drain(..=harness.expect("a line of the harness"));
    said
}

fn numbered(count: u32, line: impl Fn(u32) -> String) -> Vec<String> {
    (0..count).map(line).collect()
}

fn received_world(count: u32) -> Vec<String> {
    numbered(count, |number| format!("Received World {number}"))
}

// ---- requests and replies ----------------------------------------------------------------------

#[test]
fn hwserver_answers_c() {
    let _ports = ports();
    let server = Program::example("hwserver", &[]);
    assert_eq!(c_succeeds(in_c("hwclient", &[2])), received_world(2));
    assert_eq!(server.leaves(), ["Received Hello"; 2]);
}

#[test]
fn hwclient_asks_c() {
    let _ports = ports();
    let server = in_c("hwserver", &[10]);
    let said = Program::example("hwclient", &[]).succeeds();
    let received: Vec<_> = said
        .into_iter()
        .filter(|line| line.starts_with("Received"))
        .collect();
    assert_eq!(received, received_world(10));
    assert_eq!(c_succeeds(server), ["Received Hello"; 10]);
}

#[test]
fn rrbroker_hands_requests_of_rrclient_to_c() {
    let _ports = ports();
    let broker = Program::example("rrbroker", &[]);
    let worker = in_c("rrworker", &[10]);
    assert_eq!(
        Program::example("rrclient", &[]).succeeds(),
        numbered(10, |number| format!("Received reply {number} [World]"))
    );
    assert_eq!(c_succeeds(worker), ["Received Hello"; 10]);
    broker.leaves();
}

#[test]
fn rrbroker_hands_requests_of_c_to_rrworker() {
    let _ports = ports();
    let broker = Program::example("rrbroker", &[]);
    let worker = Program::example("rrworker", &[]);
    assert_eq!(c_succeeds(in_c("rrclient", &[2])), received_world(2));
    assert_eq!(worker.leaves(), ["Received request: [Hello]"; 2]);
    broker.leaves();
}

#[test]
fn msgqueue_hands_requests_of_c_to_c() {
    let _ports = ports();
    let queue = Program::example("msgqueue", &[]);
    let worker = in_c("rrworker", &[100]);
    assert_eq!(c_succeeds(in_c("rrclient", &[100])), received_world(100));
    assert_eq!(c_succeeds(worker), ["Received Hello"; 100]);
    assert_eq!(queue.leaves(), [""; 0]);
}

#[test]
fn lpserver_answers_c_that_asked_before_it_was_there() {
    let _ports = ports();
    let mut client = in_c("lpclient", &[2, 400, 30]);
    client.says("W: no response from server, retrying...");
    let server = Program::example("lpserver", &["ok", "0"]);
    client.says("I: server replied OK (1)");
    client.says("I: server replied OK (2)");
    c_succeeds(client);
    let said = server.leaves();
    assert_eq!(said[0], "I: normal request (1)");
    assert_eq!(said.last().unwrap(), "I: normal request (2)");
}

#[test]
fn lpserver_that_crashes_leaves_c_without_a_reply() {
    let _ports = ports();
    let server = Program::example("lpserver", &["crash"]);
    listens(5555);
    let client = in_c("lpclient", &[1, 400, 3]);
    assert_eq!(server.succeeds(), ["I: simulating a crash"]);
    assert_eq!(
        c_succeeds(client),
        [
            "W: no response from server, retrying...",
            "W: no response from server, retrying...",
            "E: server seems to be offline, abandoning"
        ]
    );
}

// ---- publishers and subscribers ----------------------------------------------------------------

#[test]
fn wuclient_hears_the_weather_of_c() {
    let _ports = ports();
    let mut server = in_c("wuserver", &[]);
    let said = Program::example("wuclient", &["10001 ", "3"]).succeeds();
    assert_eq!(said[1], "Average temperature for zipcode '10001 ' was -11F");
    server.end_input();
    assert_eq!(c_succeeds(server), [""; 0]);
}

#[test]
fn c_hears_the_weather_of_wuserver() {
    let _ports = ports();
    let server = Program::example("wuserver", &[]);
    assert_eq!(
        c_succeeds(in_c("wuclient", &[1000])),
        ["Received 1000 updates"]
    );
    assert_eq!(server.leaves(), [""; 0]);
}

#[test]
fn psenvsub_hears_what_c_says_to_b() {
    let _ports = ports();
    let mut publisher = in_c("psenvpub", &[]);
    let mut subscriber = Program::example("psenvsub", &[]);
    for _ in 0..3 {
        subscriber.says("[B] We would like to see this");
    }
    let said = subscriber.leaves();
    let strange = said
        .iter()
        .find(|line| *line != "[B] We would like to see this");
    assert_eq!(strange, None);
    publisher.end_input();
    assert_eq!(c_succeeds(publisher), [""; 0]);
}

#[test]
fn c_hears_what_psenvpub_says_to_b() {
    let _ports = ports();
    let publisher = Program::example("psenvpub", &[]);
    assert_eq!(
        c_succeeds(in_c("psenvsub", &[2])),
        ["[B] We would like to see this"; 2]
    );
    publisher.leaves();
}

// ---- tasks -------------------------------------------------------------------------------------

#[test]
fn taskvent_and_tasksink_have_c_do_the_work() {
    let _ports = ports();
    let mut ventilator = Program::example("taskvent", &["10"]);
    let sink = Program::example("tasksink", &["10"]);
    let worker = in_c("taskwork", &[10]);
    listens(5557);
    listens(5558);
    ventilator.type_line("");
    let said = ventilator.succeeds();
    let cost = said.last().and_then(|line| {
        let text = line.strip_prefix("Total expected cost: ")?;
        text.strip_suffix(" msec")?.parse().ok()
    });
    let done: u32 = c_succeeds(worker)
        .iter()
        .map(|line| line.strip_suffix('.').unwrap().parse::<u32>().unwrap())
        .sum();
    assert_eq!(cost, Some(done), "{said:?}");
    let said = sink.succeeds();
    assert!(
        said[0].starts_with(":.........Total elapsed time: "),
        "{said:?}"
    );
}

// ---- Majordomo ---------------------------------------------------------------------------------

#[test]
fn mdbroker_hands_requests_of_c_to_mdworker() {
    let _ports = ports();
    let broker = Program::example("mdbroker", &[]);
    let worker = Program::example("mdworker", &[]);
    assert_eq!(
        c_succeeds(in_c("mdclient", &[100])),
        ["100 requests/replies processed"]
    );
    worker.leaves();
    broker.leaves();
}

#[test]
fn mdbroker_hands_requests_of_mdclient_to_c() {
    let _ports = ports();
    let broker = Program::example("mdbroker", &[]);
    let worker = in_c("mdworker", &[100, 2500]);
    assert_eq!(
        Program::example("mdclient", &["100"]).succeeds(),
        ["100 requests/replies processed"]
    );
    c_succeeds(worker);
    broker.leaves();
}

#[test]
fn mdbroker_and_c_keep_each_other_alive_with_heartbeats() {
    let _ports = ports();
    let broker = Program::example("mdbroker", &["-v", "300"]);
    let mut worker = in_c("mdworker", &[1, 300]);
    // The broker forgets a worker that is silent for three.
    for _ in 0..5 {
        worker.says("Received heartbeat");
    }
    assert_eq!(
        c_succeeds(in_c("mdclient", &[1])),
        ["1 requests/replies processed"]
    );
    worker.succeeds();
    let said = broker.leaves();
    let count = |text| said.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("I: registering new worker"), 1, "{said:#?}");
    assert_eq!(count("E: invalid message"), 0, "{said:#?}");
}
