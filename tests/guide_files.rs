//! The guide's programs of chapters 7 and 8: file transfer, full queues, chat and UDP beacons.
#![cfg(unix)]

mod common;

use std::fs::File;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::program::{Program, ports};
use common::{LONG, patient, python};
use zguide::udplib::Udp;
use zmq::{Context, Dealer, Socket};

const PYTHON: &str = "guide_files.py";
/// Everyone on the loopback interface.
const BROADCAST: &str = "127.255.255.255";
const FILEIO: [&str; 3] = ["fileio1", "fileio2", "fileio3"];

fn peer(arguments: &[&str]) -> Program {
    Program::start("Python peer", python::run(PYTHON, arguments))
}

// ---- file transfer -----------------------------------------------------------------------------

/// A file `testdata` of that size, which takes no room on the disk.
fn testdata(folder: &Path, size: u64) {
    let file = File::create(folder.join("testdata")).unwrap();
    file.set_len(size).unwrap();
}

#[test]
fn mktestdata_makes_the_file_that_fileio_transfers() {
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    let said = Program::example_in(folder.path(), "mktestdata", &["3"]).succeeds();
    assert!(said.is_empty(), "{said:?}");
    let made = folder.path().join("testdata").metadata().unwrap();
    assert_eq!(made.len(), 3 << 20);

    // Model 1 counts the empty chunk at the end.
    for (name, chunks) in FILEIO.into_iter().zip([14, 13, 13]) {
        let said = Program::example_in(folder.path(), name, &[]).succeeds();
        assert_eq!(said, [format!("{chunks} chunks received, 3145728 bytes")]);
    }
}

#[test]
fn files_of_whole_chunks_and_of_none_end_with_an_empty_chunk() {
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    for (size, chunks) in [(1_000_000, 5), (0, 1), (250_000, 2)] {
        testdata(folder.path(), size);
        for name in FILEIO {
            let said = Program::example_in(folder.path(), name, &[]).succeeds();
            assert_eq!(said, [format!("{chunks} chunks received, {size} bytes")]);
        }
    }
}

#[test]
fn fileio_without_its_file_ends_with_an_error() {
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    for name in FILEIO {
        let (status, said) = Program::example_in(folder.path(), name, &[]).ends();
        assert_eq!(status.code(), Some(1), "{name}: {said:?}");
        assert!(said[0].contains("NotFound"), "{name}: {said:?}");
    }
}

/// A client that is there as soon as the server is.
fn stranger(context: &Context) -> Socket<Dealer> {
    let client = patient(context.socket(zmq::DEALER).unwrap());
    client.set_linger(Some(Duration::ZERO)).unwrap();
    let soon = Duration::from_millis(10);
    client.set_reconnect_ivl(soon).unwrap();
    client.connect("tcp://127.0.0.1:6000").unwrap();
    client
}

#[test]
fn fileio_goes_on_after_requests_of_the_wrong_shape() {
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    let context = Context::new().unwrap();
    let strange: [&[&str]; 9] = [
        &[""],
        &["fetch"],
        &["fetch", "0"],
        &["fetch", "", ""],
        &["fetch", "-1", "10"],
        &["fetch", "99999999999999999999", "10"],
        &["fetch", "0", "ten"],
        &["steal", "0", "10"],
        &["fetch", "0", "10", "11"],
    ];
    // Long enough to be still under way when the stranger is served.
    let size = 1 << 36;
    testdata(folder.path(), size);
    for name in ["fileio2", "fileio3"] {
        let client = stranger(&context);
        let program = Program::example_in(folder.path(), name, &[]);
        for request in strange {
            client.send_multipart(request.to_vec()).unwrap();
        }
        // Beyond the end there is nothing, and less than was asked for before it.
        let far = u64::MAX.to_string();
        let near = (size - 7).to_string();
        for (offset, length, got) in [
            ("0", "10", 10),
            (&far, &far, 0),
            (&near, &far, 7),
            ("0", "0", 0),
        ] {
            client.send_multipart(["fetch", offset, length]).unwrap();
            assert_eq!(client.recv().unwrap(), vec![0; got], "{name}: {offset}");
        }
        drop(program);
    }

    // Model 1 keeps the whole file in its queue, so it cannot be as long.
    testdata(folder.path(), 64 << 20);
    let client = stranger(&context);
    for request in strange.into_iter().filter(|request| *request != ["fetch"]) {
        client.send_multipart(request.to_vec()).unwrap();
    }
    let said = Program::example_in(folder.path(), "fileio1", &[]).succeeds();
    assert_eq!(said, ["270 chunks received, 67108864 bytes"]);
}

#[test]
fn a_client_in_python_fetches_from_fileio() {
    if !python::available(PYTHON) {
        return;
    }
    let _ports = ports();
    let folder = tempfile::tempdir().unwrap();
    testdata(folder.path(), 1 << 36);
    for name in ["fileio2", "fileio3"] {
        let program = Program::example_in(folder.path(), name, &[]);
        let mut client = peer(&["fetch"]);
        client.says("fetched");
        client.succeeds();
        drop(program);
    }
}

// ---- full queues -------------------------------------------------------------------------------

#[test]
fn eagain_is_refused_its_fifth_message() {
    let said = Program::example("eagain", &[]).succeeds();
    let (refusal, sending) = said.split_last().unwrap();
    let expected = (0..5).map(|count| format!("Sending message {count}"));
    assert_eq!(sending, expected.collect::<Vec<_>>());
    assert_eq!(refusal, "W: Resource temporarily unavailable");
}

// ---- chat --------------------------------------------------------------------------------------

/// Types the line again and again until someone hears it: nobody says when all are connected.
fn type_until_heard(speaker: &mut Program, line: &str, listener: &mut Program, heard: &str) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                speaker.type_line(line);
                thread::sleep(Duration::from_millis(20));
            }
        });
        listener.says(heard);
        stop.store(true, Ordering::SeqCst);
    });
}

#[test]
fn those_who_chat_hear_each_other() {
    let _ports = ports();
    let mut alice = Program::example("dechat", &["127.0.0.1", "127.0.0.1", "alice"]);
    let mut bob = Program::example("dechat", &["127.0.0.1", "127.0.0.2", "bob"]);
    type_until_heard(&mut alice, "Hi, Bob", &mut bob, "alice: Hi, Bob");
    type_until_heard(&mut bob, "$TERM", &mut alice, "bob: $TERM");
    // The line that is typed last is heard, too.
    bob.type_line("");
    bob.type_line("Bye");
    bob.end_input();
    bob.succeeds();
    alice.says("bob: Bye");
    let said = alice.leaves();
    assert!(said.iter().any(|line| line == "bob: "), "{said:?}");
}

#[test]
fn dechat_says_what_it_needs() {
    let usage = [
        "Usage: dechat ipaddress interface username",
        "Example: dechat 192.168.55.123 eth0 joe",
    ];
    for arguments in [&[][..], &["127.0.0.1", "lo"], &["nowhere", "lo", "joe"]] {
        assert_eq!(Program::example("dechat", arguments).succeeds(), usage);
    }
}

#[test]
fn someone_in_python_chats() {
    if !python::available(PYTHON) {
        return;
    }
    let _ports = ports();
    let mut alice = Program::example("dechat", &["127.0.0.1", "127.0.0.1", "alice"]);
    let mut carol = peer(&["chat"]);
    alice.says("carol: hello from Python");
    type_until_heard(&mut alice, "Hi", &mut carol, r"heard [b'alice: Hi\n']");
    alice.end_input();
    alice.succeeds();
}

// ---- UDP beacons -------------------------------------------------------------------------------

#[test]
fn udpping1_finds_itself_and_others() {
    let _ports = ports();
    let mut pinging = Program::example("udpping1", &[BROADCAST]);
    pinging.says("Pinging peers...");
    pinging.says("Found peer 127.0.0.1:9999");

    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for message in [&b"!"[..], b"", b"several bytes"] {
        udp.send_to(message, (Ipv4Addr::LOCALHOST, 9999)).unwrap();
        let port = udp.local_addr().unwrap().port();
        pinging.says(&format!("Found peer 127.0.0.1:{port}"));
    }

    if python::available(PYTHON) {
        let mut other = peer(&["ping_once", "127.0.0.1"]);
        let port = other.says("from ").replace("from ", "");
        pinging.says(&format!("Found peer 127.0.0.1:{port}"));
        other.succeeds();
    }
    pinging.leaves();
}

#[test]
fn udpping2_is_heard_by_several_on_one_port() {
    let _ports = ports();
    let everyone = BROADCAST.parse().unwrap();
    let listeners = [(); 2].map(|()| Udp::new(9999, everyone).unwrap());
    let mut pinging = [(); 2].map(|()| Program::example("udpping2", &[BROADCAST]));
    for program in &mut pinging {
        program.says("Pinging peers...");
    }
    for listener in &listeners {
        for _ in 0..2 {
            let [input] = zmq::poll([listener.poll_in()], Some(LONG)).unwrap();
            assert!(input.is_readable(), "nothing came");
            let mut buffer = [0; 16];
            assert_eq!(listener.recv(&mut buffer).unwrap(), Some(1));
            assert_eq!(buffer[0], b'!');
        }
        // What is sent to them does no harm.
        for strange in [&b""[..], &[0; 2000]] {
            listener.send(strange).unwrap();
        }
    }
    for mut program in pinging {
        program.says("Pinging peers..."); // again
        program.leaves();
    }
}

/// The 32 digits of the event that comes next.
fn event(program: &mut Program, name: &str) -> String {
    program.says(&format!("[{:03}] {name}", name.len()));
    program.says("[032] ").replace("[032] ", "")
}

#[test]
fn udpping3_tells_who_joins_and_leaves() {
    let _ports = ports();
    let mut one = Program::example("udpping3", &[BROADCAST]);
    let mut other = Program::example("udpping3", &[BROADCAST]);
    let (others, ones) = (event(&mut one, "JOINED"), event(&mut other, "JOINED"));
    assert!(ones != others, "{ones}");
    for uuid in [&ones, &others] {
        assert!(uuid.len() == 32 && uuid.bytes().all(|digit| digit.is_ascii_hexdigit()));
    }

    // No beacons.
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for strange in [&b""[..], b"!", &[1; 15], &[1; 17], &[1; 2000]] {
        stranger
            .send_to(strange, (Ipv4Addr::LOCALHOST, 9999))
            .unwrap();
    }

    let digits = "000102030405060708090A0B0C0D0E0F";
    let python = python::available(PYTHON).then(|| {
        let mut python = peer(&["ping", BROADCAST]);
        // On a busy machine the others may leave and join meanwhile.
        while event(&mut one, "JOINED") != digits {}
        python.says(&format!("heard {ones}"));
        python
    });

    other.leaves();
    while event(&mut one, "LEFT") != others {}
    drop(python);
    let said = one.leaves();
    assert_eq!(said[0], "--------------------------------------");
    let peers = [others, digits.to_owned()];
    let mut uuids = said.iter().filter_map(|line| line.strip_prefix("[032] "));
    assert!(
        uuids.all(|uuid| peers.iter().any(|peer| peer == uuid)),
        "{said:?}"
    );
}
