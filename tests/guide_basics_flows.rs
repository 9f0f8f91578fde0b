//! The guide's programs of chapters 1 and 2 that publish and subscribe, and those that read both.
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::patient;
use common::program::{Program, listens, ports};
use zmq::{Context, Socket, Sub, XPub};

/// The Python side in this role, if there is any Python.
fn peer(arguments: &[&str]) -> Option<Program> {
    Program::python("guide_basics.py", arguments)
}

/// A publisher that waits for room, and for the first who wants exactly this topic.
fn publisher(context: &Context, endpoint: &str, topic: &str) -> Socket<XPub> {
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.set_xpub_nodrop(true).unwrap();
    publisher.bind(endpoint).unwrap();
    let subscription = publisher.recv_subscription().unwrap();
    assert!(subscription.is_subscribe());
    assert_eq!(subscription.topic(), topic.as_bytes());
    publisher
}

fn subscriber(context: &Context, endpoint: &str, topic: &str) -> Socket<Sub> {
    let subscriber = patient(context.socket(zmq::SUB).unwrap());
    subscriber.connect(endpoint).unwrap();
    subscriber.subscribe(topic).unwrap();
    subscriber
}

// ---- reading from two ---------------------------------------------------------------------------

/// More than all the queues on the way hold, unless it is read.
fn reads_both(name: &str) {
    let _ports = ports();
    let reader = Program::example(name, &[]);
    let context = Context::new().unwrap();
    let tasks = patient(context.socket(zmq::PUSH).unwrap());
    tasks.bind("tcp://*:5557").unwrap();
    let weather = publisher(&context, "tcp://*:5556", "10001 ");
    let task = vec![b'1'; 10_000];
    let update = [b"10001 ", &task[..]].concat();
    for _ in 0..2000 {
        tasks.send_multipart([&task[..], b"and more"]).unwrap();
        weather.send_multipart([&update[..], b""]).unwrap();
        tasks.send("").unwrap();
        weather.send("10001 ").unwrap();
    }
    assert_eq!(reader.leaves(), [""; 0]);
    // Nobody takes the rest.
    tasks.set_linger(Some(Duration::ZERO)).unwrap();
    weather.set_linger(Some(Duration::ZERO)).unwrap();
}

#[test]
fn msreader_reads_tasks_and_weather() {
    reads_both("msreader");
}

#[test]
fn mspoller_reads_tasks_and_weather() {
    reads_both("mspoller");
}

// ---- the weather --------------------------------------------------------------------------------

#[test]
fn wuclient_hears_the_weather_of_wuserver() {
    let _ports = ports();
    let server = Program::example("wuserver", &[]);
    for arguments in [&["1"][..], &["10001 ", "1"]] {
        let said = Program::example("wuclient", arguments).succeeds();
        assert_eq!(said[0], "Collecting updates from weather server...");
        let average = said[1].strip_prefix(&format!(
            "Average temperature for zipcode '{}' was ",
            arguments[0]
        ));
        let average = average.and_then(|text| text.strip_suffix("F"));
        let average: i32 = average.unwrap().parse().unwrap();
        assert!((-80..=134).contains(&average));
    }
    assert_eq!(server.leaves(), [""; 0]);
}

#[test]
fn wuclient_counts_updates_of_its_zip_code_only() {
    let _ports = ports();
    let client = Program::example("wuclient", &["10001 ", "3"]);
    let context = Context::new().unwrap();
    let server = publisher(&context, "tcp://*:5556", "10001 ");
    server.send("10002 100 10").unwrap();
    for update in ["10001 10 10", "10001 ", "10001 hot 10", "10001 -5 10"] {
        server.send(update).unwrap();
    }
    server.send(&b"10001 \xff 10"[..]).unwrap();
    server.send_multipart(["10001 -12 10", "and more"]).unwrap();
    // Towards zero, as C divides.
    assert_eq!(
        client.succeeds()[1],
        "Average temperature for zipcode '10001 ' was -2F"
    );
}

#[test]
fn wuclient_hears_python() {
    let _ports = ports();
    let Some(server) = peer(&["weather_server"]) else {
        return;
    };
    let said = Program::example("wuclient", &["10001 ", "3"]).succeeds();
    assert_eq!(said[1], "Average temperature for zipcode '10001 ' was 14F");
    server.succeeds();
}

#[test]
fn python_hears_wuserver() {
    let _ports = ports();
    let Some(client) = peer(&["weather_client"]) else {
        return;
    };
    let server = Program::example("wuserver", &[]);
    client.succeeds();
    server.leaves();
}

#[test]
fn wuproxy_passes_updates_on_and_subscriptions_back() {
    let _ports = ports();
    let proxy = Program::example("wuproxy", &["tcp://localhost:8100", "tcp://*:5556"]);
    let client = Program::example("wuclient", &["10001 ", "2"]);
    let context = Context::new().unwrap();
    let server = publisher(&context, "tcp://*:8100", "10001 ");
    server.send("10001 20 10").unwrap();
    server.send_multipart(["10001 30 10", "and more"]).unwrap();
    assert_eq!(
        client.succeeds()[1],
        "Average temperature for zipcode '10001 ' was 25F"
    );
    assert_eq!(proxy.leaves(), [""; 0]);
}

#[test]
fn wuproxy_says_where_it_cannot_bind() {
    // An address for documentation, which no machine has.
    let arguments = ["tcp://localhost:8100", "tcp://192.0.2.1:8100"];
    let (status, said) = Program::example("wuproxy", &arguments).ends();
    assert_eq!(status.code(), Some(1));
    assert!(said.concat().contains("tcp://192.0.2.1:8100"), "{said:?}");
}

// ---- envelopes ----------------------------------------------------------------------------------

#[test]
fn psenvsub_hears_what_psenvpub_says_to_b() {
    let _ports = ports();
    let publisher = Program::example("psenvpub", &[]);
    let context = Context::new().unwrap();
    let everything = subscriber(&context, "tcp://localhost:5563", "");
    let mut subscriber = Program::example("psenvsub", &[]);
    subscriber.says("[B] We would like to see this");
    let said = subscriber.leaves();
    assert!(
        said.iter()
            .all(|line| line == "[B] We would like to see this")
    );

    for _ in 0..2 {
        let [address, contents] = everything.recv_array().unwrap();
        let wanted = match address.as_str() {
            Ok("A") => "We don't want to see this",
            Ok("B") => "We would like to see this",
            _ => panic!("{address}"),
        };
        assert_eq!(contents, wanted);
    }
    assert_eq!(publisher.leaves(), [""; 0]);
}

#[test]
fn psenvsub_survives_messages_of_any_shape() {
    let _ports = ports();
    let mut subscriber = Program::example("psenvsub", &[]);
    let context = Context::new().unwrap();
    let publisher = publisher(&context, "tcp://*:5563", "B");
    publisher.send("B").unwrap();
    publisher.send_multipart(["B", "key", "data"]).unwrap();
    publisher.send_multipart(["B", ""]).unwrap();
    publisher.send_multipart(["Bb", "last"]).unwrap();
    subscriber.says("[Bb] last");
    let said = subscriber.leaves();
    assert!(said.contains(&"[B] ".into()));
    assert_eq!(
        said.iter().filter(|line| line.starts_with("W: ")).count(),
        2
    );
}

#[test]
fn psenvsub_hears_python() {
    let _ports = ports();
    let Some(publisher) = peer(&["envelope_publisher"]) else {
        return;
    };
    let mut subscriber = Program::example("psenvsub", &[]);
    subscriber.says("[B] last");
    publisher.succeeds();
    assert_eq!(subscriber.leaves(), ["[B] first", "[B] second", "[B] last"]);
}

#[test]
fn python_hears_psenvpub() {
    let _ports = ports();
    let Some(subscriber) = peer(&["envelope_subscriber"]) else {
        return;
    };
    let publisher = Program::example("psenvpub", &[]);
    subscriber.succeeds();
    publisher.leaves();
}

// ---- subscribers that are waited for, and one that comes and goes -------------------------------

#[test]
fn every_syncsub_hears_every_update_of_syncpub() {
    let _ports = ports();
    let mut publisher = Program::example("syncpub", &["4", "100000"]);
    publisher.says("Waiting for subscribers");
    let subscribers = [(); 3].map(|()| Program::example("syncsub", &[]));
    // The fourth only reports.
    let context = Context::new().unwrap();
    let report = patient(context.socket(zmq::REQ).unwrap());
    report.connect("tcp://localhost:5562").unwrap();
    report.send_multipart(["two", "frames"]).unwrap();
    assert_eq!(report.recv().unwrap(), "");

    for subscriber in subscribers {
        assert_eq!(subscriber.succeeds(), ["Received 100000 updates"]);
    }
    assert_eq!(
        publisher.succeeds(),
        ["Waiting for subscribers", "Broadcasting messages"]
    );
}

#[test]
fn python_hears_every_update_of_syncpub() {
    let _ports = ports();
    let Some(subscriber) = peer(&["synchronized", "20000"]) else {
        return;
    };
    let publisher = Program::example("syncpub", &["1", "20000"]);
    subscriber.succeeds();
    publisher.succeeds();
}

/// What libzmq 2 kept for a subscriber that had stopped is lost today.
fn loses_updates_of(name: &str) {
    let _ports = ports();
    let publisher = Program::example(name, &["300"]);
    // Whoever comes earlier comes back only after a while.
    listens(5565);
    let context = Context::new().unwrap();
    let witness = subscriber(&context, "tcp://localhost:5565", "");
    let number = |update: &str| update.trim_start_matches("Update ").parse::<u32>().unwrap();

    let mut first = Program::example("durasub", &[]);
    let last_heard = number(&first.says("Update "));
    drop(first); // killed, as by Ctrl-C
    while number(witness.recv().unwrap().as_str().unwrap()) < last_heard + 2 {}
    let mut second = Program::example("durasub", &[]);
    assert!(number(&second.says("Update ")) > last_heard + 2);
    // It would end by itself, unless `durapub2` had to drop the END.
    drop(second);
    publisher.succeeds();
}

#[test]
fn durasub_loses_what_durapub_says_meanwhile() {
    loses_updates_of("durapub");
}

#[test]
fn durasub_loses_what_durapub2_says_meanwhile() {
    loses_updates_of("durapub2");
}

#[test]
fn durasub_hears_python() {
    let _ports = ports();
    let Some(publisher) = peer(&["durable"]) else {
        return;
    };
    let subscriber = Program::example("durasub", &[]);
    assert_eq!(subscriber.succeeds(), ["Update 0", "Update 1", "END"]);
    publisher.succeeds();
}
