//! What a monitor tells of a connection, over each transport.

use crate::common::{LONG, context_for, endpoint, patient};
use zmq::{EventKind, Monitor, MonitorEvents};

/// The names of the next events, up to and with the last of these.
#[track_caller]
fn assert_tells(monitor: &Monitor, expected: &[&str]) {
    let told: Vec<_> = expected
        .iter()
        .map(|_| {
            let event = monitor.recv_timeout(LONG).unwrap().expect("an event");
            match event.kind {
                EventKind::Listening { .. } => "listening",
                EventKind::Accepted { .. } => "accepted",
                EventKind::Connected { .. } => "connected",
                EventKind::ConnectDelayed => "delayed",
                EventKind::HandshakeSucceeded => "shook hands",
                EventKind::Disconnected { .. } => "disconnected",
                EventKind::Closed { .. } => "closed",
                EventKind::MonitorStopped => "stopped",
                _ => "something else",
            }
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_connection_is_told_alike_over_each_transport() {
    for wildcard in ["tcp://127.0.0.1:*", "tcp://[::1]:*", "ipc://*"] {
        let Some(context) = context_for(wildcard) else {
            continue;
        };
        let server = patient(context.socket(zmq::DEALER).unwrap());
        let of_server = server.monitor(MonitorEvents::ALL).unwrap();
        server.bind(&endpoint(wildcard)).unwrap();
        assert_tells(&of_server, &["listening"]);

        let client = patient(context.socket(zmq::DEALER).unwrap());
        // Whether a connection takes a moment is the system's.
        let delayed = MonitorEvents::CONNECT_DELAYED;
        let events = MonitorEvents::from_bits(MonitorEvents::ALL.bits() & !delayed.bits());
        let of_client = client.monitor(events).unwrap();
        client.connect(&server.last_endpoint().unwrap()).unwrap();
        assert_tells(&of_client, &["connected", "shook hands"]);
        assert_tells(&of_server, &["accepted", "shook hands"]);
        client.send("hello").unwrap();
        assert_eq!(server.recv().unwrap(), "hello");

        drop(client);
        assert_tells(&of_client, &["stopped"]);
        assert_tells(&of_server, &["disconnected"]);
        server.unbind(&server.last_endpoint().unwrap()).unwrap();
        assert_tells(&of_server, &["closed"]);
        drop(server);
        assert_tells(&of_server, &["stopped"]);
    }
}
