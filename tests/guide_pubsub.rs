//! The guide's programs on publish and subscribe: espresso, lvcache, pathopub, pathosub, suisnail,
//! and the self tests of the key-value messages.
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::program::{Program, ports};
use common::python;

const SCRIPT: &str = "guide_pubsub.py";

/// The Python peer of a program.
fn peer(role: &str) -> Program {
    Program::start(&format!("Python {role}"), python::run(SCRIPT, &[role]))
}

#[test]
fn the_self_tests_say_ok() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tstkvsimple", "tstkvmsg"] {
        let said = Program::example_in(folder.path(), name, &[]).succeeds();
        assert_eq!(said, [" * kvmsg: OK"], "{name}");
        let verbose = Program::example_in(folder.path(), name, &["-v"]).succeeds();
        let dump = verbose.iter().filter(|line| line.starts_with("[seq:"));
        assert_eq!(dump.count(), verbose.len() - 1, "{name}: {verbose:?}");
    }
}

#[test]
fn espresso_shows_what_passes_until_the_subscriber_leaves() {
    let _ports = ports();
    let mut espresso = Program::example("espresso", &["5"]);
    espresso.says("[002] 0042"); // it no longer wants B
    let said = espresso.leaves();
    assert_eq!(said.last().unwrap(), " interrupted");
    assert!(said.contains(&"[002] 0141".into()), "{said:?}");
    let messages = said.iter().filter_map(|line| line.strip_prefix("[007] "));
    let messages: Vec<_> = messages.collect();
    assert!(messages.len() >= 5, "{said:?}");
    for message in messages {
        let (letter, number) = message.split_once('-').unwrap();
        assert!(letter == "A" || letter == "B", "{message}");
        assert!(
            number.len() == 5 && number.parse::<u32>().is_ok(),
            "{message}"
        );
    }
}

#[test]
fn suisnail_gives_up_when_it_is_too_late() {
    let _ports = ports();
    let said = Program::example("suisnail", &["100"]).succeeds();
    assert!(said.contains(&"E: subscriber cannot keep up, aborting".into()));
    let times: Vec<i64> = said.iter().filter_map(|line| line.parse().ok()).collect();
    assert!(times.len() > 10, "{said:?}");
    assert!(times.is_sorted());
}

#[test]
fn pathosub_prints_its_topic_alone() {
    let _ports = ports();
    let mut subscriber = Program::example("pathosub", &["tcp://localhost:5556", "042"]);
    let publisher = Program::example("pathopub", &["tcp://*:5556", "1"]);
    subscriber.says("Save Roger");
    subscriber.says("Off with his head!");
    publisher.leaves();
    let said = subscriber.leaves();
    assert_eq!(said.iter().filter(|line| *line == "Save Roger").count(), 1);
    assert!(!said.iter().any(|line| line.starts_with("E:")), "{said:?}");
}

#[test]
fn lvcache_gives_a_late_subscriber_the_last_value() {
    let _ports = ports();
    let cache = Program::example("lvcache", &[]);
    let publisher = Program::example("pathopub", &["tcp://*:5557"]);
    // In time for the thousand values, and this one was the last of them.
    let mut witness = Program::example("pathosub", &["tcp://localhost:5558", "999"]);
    witness.says("Save Roger");
    for topic in ["123", "999"] {
        let mut late = Program::example("pathosub", &["tcp://localhost:5558", topic]);
        late.says("Save Roger");
        late.leaves();
    }
    witness.leaves();
    publisher.leaves();
    let said = cache.leaves();
    assert!(
        said.contains(&"Sending cached topic 123".into()),
        "{said:?}"
    );
}

#[test]
fn lvcache_survives_what_its_subscribers_send() {
    let _ports = ports();
    let mut cache = Program::example("lvcache", &[]);
    let context = zmq::Context::new().unwrap();
    let upstream = common::patient(context.socket(zmq::XSUB).unwrap());
    upstream.set_linger(Some(Duration::ZERO)).unwrap(); // a subscription is nothing to wait for
    upstream.connect("tcp://localhost:5558").unwrap();
    upstream.send("").unwrap();
    upstream.send("no subscription").unwrap();
    upstream.send_multipart(["two", "frames"]).unwrap();
    upstream.send(b"\x01\xfftopic").unwrap();
    cache.says("Sending cached topic \u{fffd}topic");
    cache.leaves();
}

#[test]
fn a_python_subscriber_hears_pathopub() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let publisher = Program::example("pathopub", &["tcp://*:5556", "10"]);
    peer("pathopub").succeeds();
    publisher.leaves();
}

#[test]
fn pathosub_hears_a_python_publisher() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut publisher = peer("pathosub");
    publisher.says("ready");
    let mut subscriber = Program::example("pathosub", &[]);
    subscriber.says("E: not for");
    subscriber.says("Save Roger");
    publisher.succeeds();
    subscriber.leaves();
}

#[test]
fn lvcache_serves_python_peers() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut publisher = peer("lvcache");
    publisher.says("ready");
    let mut cache = Program::example("lvcache", &[]);
    cache.says("Sending cached topic weather");
    publisher.succeeds();
    cache.leaves();
}
