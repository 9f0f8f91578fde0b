//! Endpoints: where sockets bind and connect, and what they call it.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::common::{
    LONG, bind_again, bound, connected_over, context_and, context_for, free_tcp, in_child, patient,
    peer_of,
};
use zmq::{Context, ErrorKind, EventKind, MonitorEvents, Pair, Pull, Socket};

/// A message each way.
fn talk(a: &Socket<Pair>, b: &Socket<Pair>) {
    for (from, to) in [(a, b), (b, a)] {
        from.send_multipart(["there", "and back"]).unwrap();
        assert_eq!(to.recv_multipart().unwrap(), ["there", "and back"]);
    }
}

/// In a folder of its own, which is the working directory of this process.
fn in_a_folder(body: impl FnOnce()) {
    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(&folder).unwrap();
    body();
    std::env::set_current_dir("/").unwrap();
}

// ---- ipc -----------------------------------------------------------------------------------------

/// No file is made: the name is gone with the socket that is bound to it.
#[cfg(target_os = "linux")]
#[test]
fn an_abstract_ipc_name_is_met_and_an_empty_one_refused() {
    let name = format!("ipc://@conformance-{}", std::process::id());
    let (context, a, b) = connected_over(&name, zmq::PAIR, zmq::PAIR);
    talk(&a, &b);
    let error = context.socket(zmq::PAIR).unwrap().bind("ipc://@");
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[cfg(unix)]
#[test]
fn an_ipc_wildcard_is_a_path_that_is_told() {
    in_child("endpoints::an_ipc_wildcard_is_a_path_that_is_told", || {
        in_a_folder(|| {
            let context = Context::new().unwrap();
            // The second is not the first again.
            for _ in 0..2 {
                let server = patient(context.socket(zmq::PAIR).unwrap());
                server.bind("ipc://*").unwrap();
                let endpoint = server.last_endpoint().unwrap();
                let path = endpoint.strip_prefix("ipc://").unwrap();
                assert!(Path::new(path).exists(), "{path}");
                talk(&server, &peer_of(&server, zmq::PAIR));
            }
            context.terminate().unwrap();
        });
    });
}

#[cfg(unix)]
#[test]
fn an_ipc_path_is_bound_again_after_its_unbind_and_after_its_close() {
    let context = Context::new().unwrap();
    let endpoint = crate::common::endpoint("ipc://*");
    let server = patient(context.socket(zmq::PULL).unwrap());
    let hears = |server: &Socket<Pull>| {
        peer_of(server, zmq::PUSH).send("hello").unwrap();
        assert_eq!(server.recv().unwrap(), "hello");
    };
    let monitor = server.monitor(MonitorEvents::CLOSED).unwrap();
    for _ in 0..3 {
        server.bind(&endpoint).unwrap();
        hears(&server);
        server.unbind(&endpoint).unwrap();
        // The I/O thread comes to it later.
        let event = monitor.recv_timeout(LONG).unwrap().expect("an event");
        assert!(matches!(event.kind, EventKind::Closed { .. }), "{event:?}");
    }
    server.bind(&endpoint).unwrap();
    drop(server);
    hears(&bound(&context, zmq::PULL, &endpoint));
}

// ---- tcp -----------------------------------------------------------------------------------------

#[test]
fn what_was_sent_before_the_bind_comes_after_it_also_from_a_closed_socket() {
    let endpoint = free_tcp();
    let context = Context::new().unwrap();
    let dealers = ["stays", "goes"].map(|id| {
        let dealer = patient(context.socket(zmq::DEALER).unwrap());
        dealer.set_routing_id(id).unwrap();
        dealer.connect(&endpoint).unwrap();
        for number in ["1", "2", "3", "4", "5"] {
            dealer.send(number).unwrap();
        }
        dealer
    });
    let [stays, goes] = dealers;
    drop(goes); // it lingers
    let router = patient(context.socket(zmq::ROUTER).unwrap());
    bind_again(&router, &endpoint);
    let mut counts = HashMap::new();
    for _ in 0..10 {
        let [id, number] = router.recv_array().unwrap();
        let count = counts.entry(id.to_string()).or_insert(0);
        *count += 1;
        assert_eq!(number, count.to_string());
    }
    assert_eq!((counts["stays"], counts["goes"]), (5, 5));
    router.send_to("stays", "answer").unwrap();
    assert_eq!(stays.recv().unwrap(), "answer");
}

/// Linux has all of 127.0.0.0/8 on its loopback.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_comes_from_the_address_that_was_asked_for() {
    let (context, pull) = context_and(zmq::PULL);
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = pull.last_endpoint().unwrap();
    let address = endpoint.strip_prefix("tcp://").unwrap();
    for (source, seen) in [("127.0.0.2:0", "127.0.0.2"), ("127.0.0.1:0", "127.0.0.1")] {
        let push = patient(context.socket(zmq::PUSH).unwrap());
        push.connect(&format!("tcp://{source};{address}")).unwrap();
        push.send("where from?").unwrap();
        assert_eq!(pull.recv().unwrap().peer_address(), Some(seen));
    }
}

#[test]
fn a_pair_connects_by_name_and_over_ipv6() {
    let (context, a, b) = connected_over("tcp://127.0.0.1:*", zmq::PAIR, zmq::PAIR);
    talk(&a, &b);
    let server = bound(&context, zmq::PAIR, "tcp://127.0.0.1:*");
    let endpoint = server.last_endpoint().unwrap();
    let client = patient(context.socket(zmq::PAIR).unwrap());
    client
        .connect(&endpoint.replace("127.0.0.1", "localhost"))
        .unwrap();
    talk(&server, &client);

    let Some(context) = context_for("tcp://[::1]:*") else {
        return;
    };
    let server = bound(&context, zmq::PAIR, "tcp://[::1]:*");
    let endpoint = server.last_endpoint().unwrap();
    assert!(endpoint.starts_with("tcp://[::1]:"), "{endpoint}");
    talk(&server, &peer_of(&server, zmq::PAIR));
}

#[test]
fn names_that_cannot_be_resolved_are_refused_at_once_where_they_can_be_told() {
    let (_context, socket) = context_and(zmq::PAIR);
    for (endpoint, kind) in [
        ("tcp://in val id:1234", ErrorKind::InvalidInput),
        ("tcp://", ErrorKind::InvalidInput),
        ("tcp://localhost:invalid", ErrorKind::InvalidInput),
        ("invalid://localhost:1234", ErrorKind::ProtocolNotSupported),
    ] {
        let error = socket.connect(endpoint).unwrap_err();
        assert_eq!(error.kind(), kind, "{endpoint}");
        assert_eq!(
            (error.call(), error.subject()),
            ("zmq_connect", Some(endpoint))
        );
    }
    assert_eq!(socket.last_endpoint().unwrap(), "");
}

// ---- any text ------------------------------------------------------------------------------------

/// Endpoints, more or less. Hosts are numbers or no names at all, so that nobody is asked for them,
/// and paths stay in the folder.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(tcp|inproc|udp|pgm|tipc|norm|vmci|vsock|ws|)(://|:/|:|)[ -~]{0,2}[;:/ %]\\PC{0,12} ",
        "tcp://(127\\.0\\.0\\.1|\\[::1\\]|0x7f000001|)[:;]?[0-9*!-]{0,7}",
        "tcp://127\\.0\\.0\\.1:[0-9*]{1,6};127\\.0\\.0\\.1:[0-9*]{1,6}",
        "ipc://[@a-c][@/a-c]{0,150}",
        "inproc://[ -~]{0,300}",
    ]
}

/// Calls with each of many texts in a process whose end would be seen, and counts what went well.
fn try_texts(call: impl Fn(&Socket<Pair>, &str) -> zmq::Result<()>) {
    in_a_folder(|| {
        let config = ProptestConfig {
            cases: 1000,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let context = Context::new().unwrap();
        let (done, refused) = (Cell::new(0), Cell::new(0));
        let numbers = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let each = TestRunner::new_with_rng(config, numbers).run(&texts(), |text| {
            let socket = context.socket(zmq::PAIR).unwrap();
            let count = match call(&socket, &text) {
                Ok(()) => &done,
                Err(_) => &refused,
            };
            count.set(count.get() + 1);
            Ok(())
        });
        each.unwrap();
        assert!(done.get() > 100 && refused.get() > 100);
        // What went before has harmed nothing.
        let (_context, a, b) = connected_over("tcp://127.0.0.1:*", zmq::PAIR, zmq::PAIR);
        talk(&a, &b);
        context.terminate().unwrap();
    });
}

#[test]
fn any_text_is_bound_to_or_refused() {
    in_child("endpoints::any_text_is_bound_to_or_refused", || {
        try_texts(|socket, text| socket.bind(text));
    });
}

#[test]
fn any_text_is_connected_to_or_refused() {
    in_child("endpoints::any_text_is_connected_to_or_refused", || {
        try_texts(|socket, text| socket.connect(text));
    });
}
