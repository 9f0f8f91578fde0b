//! The guide's clone pattern, models one to six: servers and clients as processes.
#![cfg(unix)]

mod common;

use std::time::{Duration, Instant};

use common::program::{Program, ports};
use common::{LONG, patient, python};
use zguide::{kvmsg, kvsimple};
use zmq::Context;

const SCRIPT: &str = "guide_pubsub.py";

/// The Python peer of a program.
fn peer(role: &str) -> Program {
    Program::start(&format!("Python {role}"), python::run(SCRIPT, &[role]))
}

#[test]
fn clonecli1_counts_what_clonesrv1_floods() {
    let _ports = ports();
    let server = Program::example("clonesrv1", &[]);
    let counted = Program::example("clonecli1", &["500"]).succeeds();
    assert_eq!(counted, ["500 messages in"]);
    let said = server.leaves();
    assert_eq!(said[0], " Interrupted");
    assert!(said[1].ends_with(" messages out"), "{said:?}");
    assert_eq!(
        Program::example("clonesrv1", &["10"]).succeeds(),
        ["10 messages out"]
    );
}

#[test]
fn clonecli1_says_when_it_is_interrupted() {
    let _ports = ports();
    let context = Context::new().unwrap();
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.bind("tcp://*:5556").unwrap();
    let mut client = Program::example("clonecli1", &[]);
    assert_eq!(publisher.recv().unwrap(), b"\x01");
    publisher
        .send_multipart([&b"key"[..], &[0; 8], b"body"])
        .unwrap();
    publisher.send("malformed").unwrap();
    client.says("E: no key-value message");
    assert_eq!(client.leaves()[1..], [" Interrupted", "1 messages in"]);
}

#[test]
fn clonecli2_begins_with_the_snapshot_of_clonesrv2() {
    let _ports = ports();
    let mut server = Program::example("clonesrv2", &[]);
    for _ in 0..2 {
        let mut client = Program::example("clonecli2", &[]);
        let received = client.says("Received snapshot=");
        let sent = server.says("Sending state shapshot=");
        assert_eq!(received.split('=').next_back(), sent.split('=').next_back());
        client.leaves();
    }
    let said = server.leaves();
    assert!(said.last().unwrap().ends_with(" messages out"), "{said:?}");
}

/// Two clients update each other through the server, and one that comes late gets it all.
fn share_updates(server: &str, client: &str) {
    let _ports = ports();
    let mut server = Program::example(server, &[]);
    let mut clients = [(); 2].map(|()| Program::example(client, &["20"]));
    server.says("publishing update");
    for client in &mut clients {
        client.says("I: received snapshot=");
        for _ in 0..5 {
            client.says("I: received update=");
        }
    }
    let mut late = Program::example(client, &["20"]);
    assert_ne!(late.says("I: received snapshot="), "I: received snapshot=0");
    late.says("I: received update=");
    for client in clients.into_iter().chain([late]) {
        let said = client.leaves();
        assert!(said.contains(&" Interrupted".into()), "{said:?}");
        assert!(said.last().unwrap().ends_with(" messages in"), "{said:?}");
    }
    server.says("I: sending shapshot=");
    server.leaves();
}

#[test]
fn clonesrv3_shares_the_updates_of_its_clients() {
    share_updates("clonesrv3", "clonecli3");
}

#[test]
fn clonesrv4_shares_the_updates_of_its_clients() {
    share_updates("clonesrv4", "clonecli4");
}

#[test]
fn clonesrv5_shares_the_updates_of_its_clients() {
    share_updates("clonesrv5", "clonecli5");
}

/// Bad requests, bad updates, and then a good one of either.
fn survive(server: &str, request: &[&str], update: zmq::Multipart) {
    let _ports = ports();
    let mut server = Program::example(server, &[]);
    let context = Context::new().unwrap();
    let push = patient(context.socket(zmq::PUSH).unwrap());
    push.connect("tcp://localhost:5558").unwrap();
    push.send("").unwrap();
    push.send_multipart(["two", "frames"]).unwrap();
    push.send_multipart(vec![&b"\xff"[..]; update.len()])
        .unwrap();
    push.send_multipart(update).unwrap();
    server.says("I: publishing update");

    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.connect("tcp://localhost:5556").unwrap();
    dealer.send("").unwrap();
    dealer.send_multipart(["", ""]).unwrap();
    dealer.send_multipart(["HELLO", "there"]).unwrap();
    dealer
        .send_multipart([&b"ICANHAZ?"[..], b"\xff", b"\0", b""])
        .unwrap();
    dealer.send_multipart(request.to_vec()).unwrap();
    assert_eq!(dealer.recv_multipart().unwrap()[0], "key");
    let end = dealer.recv_multipart().unwrap();
    assert_eq!(end[0], "KTHXBAI");
    assert_eq!(end[1], 1_i64.to_be_bytes());
    let said = server.leaves();
    let bad = said.iter().filter(|line| line.starts_with("E:")).count();
    assert_eq!(bad, 7, "{said:?}");
}

#[test]
fn clonesrv3_survives_bad_messages() {
    let update = kvsimple::KvMsg::new(0, "key", "body");
    survive("clonesrv3", &["ICANHAZ?"], (&update).into());
}

#[test]
fn clonesrv4_survives_bad_messages() {
    let update = kvsimple::KvMsg::new(0, "key", "body");
    survive("clonesrv4", &["ICANHAZ?", ""], (&update).into());
}

#[test]
fn clonesrv5_survives_bad_messages() {
    let update = kvmsg::KvMsg::new(0, "key", "body");
    survive("clonesrv5", &["ICANHAZ?", ""], (&update).into());
}

#[test]
fn clonesrv2_survives_bad_requests() {
    let _ports = ports();
    let mut server = Program::example("clonesrv2", &[]);
    let context = Context::new().unwrap();
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.connect("tcp://localhost:5556").unwrap();
    dealer.send("").unwrap();
    dealer.send_multipart(["two", "frames"]).unwrap();
    server.says("E: bad request");
    server.says("E: bad request");
    dealer.send("ICANHAZ?").unwrap();
    server.says("Sending state shapshot=");
    server.leaves();
}

/// A server with a Python client.
fn serves_python(server: &str) {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let program = Program::example(server, &[]);
    peer(server).succeeds();
    program.leaves();
}

#[test]
fn clonesrv1_floods_a_python_client() {
    serves_python("clonesrv1");
}

#[test]
fn clonesrv2_gives_a_python_client_its_snapshot() {
    serves_python("clonesrv2");
}

#[test]
fn clonesrv3_numbers_the_updates_of_a_python_client() {
    serves_python("clonesrv3");
}

#[test]
fn clonesrv4_gives_a_python_client_its_subtree() {
    serves_python("clonesrv4");
}

#[test]
fn clonesrv5_deletes_what_a_python_client_lets_end() {
    serves_python("clonesrv5");
}

/// A client with a Python server: a snapshot of 2000 entries up to update 7, and updates 8, 7, 9.
fn follows_python(client: &str, arguments: &[&str], snapshot: &str, updates: &[&str]) {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut server = peer(client);
    server.says("ready");
    let mut program = Program::example(client, arguments);
    program.says(snapshot);
    program.says("E: no key-value message");
    server.succeeds();
    let said = program.leaves();
    let received = said.iter().filter(|line| line.contains("received update="));
    let received: Vec<_> = received.collect();
    assert_eq!(received, updates, "{said:?}");
}

#[test]
fn clonecli1_counts_what_a_python_server_sends() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut server = peer("clonecli1");
    server.says("ready");
    let mut client = Program::example("clonecli1", &[]);
    client.says("E: no key-value message: 2 frames, 7 bytes");
    server.succeeds();
    assert_eq!(client.leaves().last().unwrap(), "5 messages in");
}

#[test]
fn clonecli2_follows_a_python_server() {
    follows_python("clonecli2", &[], "Received snapshot=7", &[]);
}

const UPDATES: &[&str] = &["I: received update=8", "I: received update=9"];

#[test]
fn clonecli3_follows_a_python_server() {
    follows_python("clonecli3", &["20"], "I: received snapshot=7", UPDATES);
}

#[test]
fn clonecli4_follows_a_python_server() {
    follows_python("clonecli4", &["20"], "I: received snapshot=7", UPDATES);
}

#[test]
fn clonecli5_follows_a_python_server() {
    follows_python("clonecli5", &["20"], "I: received snapshot=7", UPDATES);
}

#[test]
fn clonecli6_follows_a_python_server() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut server = peer("clonecli6");
    server.says("ready");
    let mut client = Program::example("clonecli6", &["20"]);
    client.says("I: received from tcp://localhost:5556 snapshot=7");
    let update = client.says("update=");
    assert_eq!(update, "I: received from tcp://localhost:5556 update=8");
    server.succeeds();
    client.leaves();
}

#[test]
fn clonesrv6_alone_serves_a_python_client() {
    if !python::available(SCRIPT) {
        return;
    }
    let _ports = ports();
    let mut server = Program::example("clonesrv6", &["-p", "100"]);
    peer("clonesrv6").succeeds();
    server.says("I: publishing delete=");
    server.leaves();
}

#[test]
fn clonesrv6_says_how_it_is_used() {
    let said = Program::example("clonesrv6", &[]).succeeds();
    assert_eq!(said, ["Usage: clonesrv6 { -p | -b }"]);
}

#[test]
fn the_backup_of_clonesrv6_takes_over_and_the_primary_comes_back() {
    let _ports = ports();
    let mut primary = Program::example("clonesrv6", &["-p", "100"]);
    let mut backup = Program::example("clonesrv6", &["-b", "100"]);
    primary.says("I: connected to backup (passive), ready as active");
    backup.says("I: connected to primary (active), ready as passive");
    let mut client = Program::example("clonecli6", &["20", "1000"]);
    client.says("I: received from tcp://localhost:5556 snapshot=");
    client.says("I: received from tcp://localhost:5556 update=");
    backup.says("I: asking for snapshot from: tcp://localhost:5556");
    backup.says("I: received snapshot=");
    backup.says("I: received update=");

    drop(primary);
    client.says("I: server at tcp://localhost:5556 didn't give hugz");
    backup.says("I: failover successful, ready as active");
    let snapshot = client.says("I: received from tcp://localhost:5566 snapshot=");
    assert!(!snapshot.ends_with("=0"), "{snapshot}");
    client.says("I: received from tcp://localhost:5566 update=");

    let mut primary = Program::example("clonesrv6", &["-p", "100"]);
    primary.says("I: connected to backup (active), ready as passive");
    let snapshot = primary.says("I: received snapshot=");
    assert!(!snapshot.ends_with("=0"), "{snapshot}");
    primary.says("I: received update=");
    for program in [client, backup, primary] {
        program.leaves();
    }
}

#[test]
fn the_backup_of_clonesrv6_applies_what_the_primary_has_not() {
    let _ports = ports();
    let primary = Program::example("clonesrv6", &["-p", "200"]);
    let mut backup = Program::example("clonesrv6", &["-b", "200"]);
    backup.says("I: connected to primary (active), ready as passive");
    backup.says("I: received snapshot=0");
    let context = Context::new().unwrap();
    let [to_primary, to_backup] = ["tcp://localhost:5558", "tcp://localhost:5568"].map(|server| {
        let publisher = patient(context.socket(zmq::XPUB).unwrap());
        publisher.set_linger(Some(Duration::ZERO)).unwrap();
        publisher.connect(server).unwrap();
        assert_eq!(publisher.recv().unwrap(), b"\x01");
        publisher
    });
    let update = |key| {
        let mut kvmsg = kvmsg::KvMsg::new(0, key, "body");
        kvmsg.uuid = Some(kvmsg::uuid());
        kvmsg.set_ttl(30);
        kvmsg
    };
    // Both servers get these. The backup gets one from the client first, and one from the primary.
    let early = update("early");
    early.send(&to_backup).unwrap();
    to_backup.send("no update").unwrap();
    backup.says("E: no key-value message");
    early.send(&to_primary).unwrap();
    backup.says("I: received update=1");
    let late = update("late");
    late.send(&to_primary).unwrap();
    backup.says("I: received update=2");
    late.send(&to_backup).unwrap();
    // And these only the backup gets.
    update("backup").send(&to_backup).unwrap();
    kvmsg::KvMsg::new(0, "nobody's", "body")
        .send(&to_backup)
        .unwrap();
    backup.says("E: update without uuid, dropped");

    drop(primary);
    let dealer = patient(context.socket(zmq::DEALER).unwrap());
    dealer.connect("tcp://localhost:5566").unwrap();
    let asked = Instant::now();
    loop {
        dealer.send_multipart(["ICANHAZ?", ""]).unwrap();
        let [answer] = zmq::poll([dealer.poll_in()], Some(Duration::from_millis(100))).unwrap();
        if answer.is_readable() {
            break;
        }
        assert!(asked.elapsed() < LONG, "no snapshot");
    }
    let mut kvmap = kvmsg::KvMap::new();
    let end = loop {
        let kvmsg = kvmsg::KvMsg::recv(&dealer).unwrap().unwrap();
        if kvmsg.key == b"KTHXBAI" {
            break kvmsg.sequence;
        }
        kvmsg.store(&mut kvmap);
    };
    assert_eq!((end, kvmap.len()), (3, 3));
    // What it stored ends at a time of day, whoever the update came from.
    let now = kvmsg::clock();
    assert!(kvmap.values().all(|kvmsg| kvmsg.ttl().unwrap() > now));
    backup.says("I: publishing pending=3");

    dealer.send("").unwrap();
    dealer.send_multipart(["two", "frames"]).unwrap();
    for _ in 0..2 {
        backup.says("E: bad request, dropped");
    }
    dealer.send_multipart(["ICANHAZ?", "no such key"]).unwrap();
    assert_eq!(dealer.recv_multipart().unwrap()[0], "KTHXBAI");
    backup.leaves();
}

#[test]
fn dual_actives_of_clonesrv6_end() {
    let _ports = ports();
    let context = Context::new().unwrap();
    let peer = patient(context.socket(zmq::XPUB).unwrap());
    peer.bind("tcp://*:5004").unwrap();
    let mut server = Program::example("clonesrv6", &["-p"]);
    assert_eq!(peer.recv().unwrap(), b"\x01");
    for state in ["", "5", "active", "2"] {
        peer.send(state).unwrap();
    }
    peer.send_multipart(["3", "3"]).unwrap();
    server.says("ready as active");
    peer.send("3").unwrap();
    let said = server.succeeds();
    assert_eq!(
        said.last().unwrap(),
        "E: fatal error - dual actives, aborting"
    );
}

#[test]
fn the_clone_client_says_what_it_has_set_and_why_it_ends() {
    let context = Context::new().unwrap();
    let client = zguide::clone::Client::new(&context).unwrap();
    assert_eq!(client.get("key").unwrap(), None);
    client.set("key", "value", 0).unwrap();
    assert_eq!(client.get("key").unwrap().unwrap(), "value");
    client.stop().unwrap();

    let client = zguide::clone::Client::new(&context).unwrap();
    client.connect("no address", 1).unwrap();
    let error = client.get("key").unwrap_err();
    assert_eq!(error.kind(), zmq::ErrorKind::Terminated);
    let error = client.stop().unwrap_err();
    assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
}
