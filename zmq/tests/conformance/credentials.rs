//! Who has the wrong credentials, or none, or breaks the rules of a mechanism, is not let in.

use std::io::Write as _;
use std::time::Duration;

use zmq::curve::{ClientConfig, KeyPair, PublicKey, SecretKey, ServerConfig};
use zmq::{
    Capability, Context, EventKind, Monitor, MonitorEvents, ProtocolError, Pull, Push, Socket,
    plain,
};

use crate::common::{LONG, NO_TIME, context_and, in_child, patient};
use crate::relay::Relay;
use crate::zmtp::{Peer, greeting};

const FAILURES: [MonitorEvents; 3] = [
    MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL,
    MonitorEvents::HANDSHAKE_FAILED_PROTOCOL,
    MonitorEvents::HANDSHAKE_FAILED_AUTH,
];

fn failures<T: zmq::SocketType>(socket: &Socket<T>) -> Monitor {
    let [a, b, c] = FAILURES;
    socket.monitor(a | b | c).unwrap()
}

#[track_caller]
fn next(monitor: &Monitor) -> EventKind {
    monitor.recv_timeout(LONG).unwrap().expect("a failure").kind
}

/// Whether a handshake failed by that rule.
#[track_caller]
fn assert_broken(kind: &EventKind, rule: ProtocolError) {
    assert!(
        matches!(kind, EventKind::HandshakeFailedProtocol { error, .. } if *error == rule),
        "{kind:?}"
    );
}

fn has_curve() -> bool {
    zmq::has(Capability::Curve)
}

/// A server of CURVE for whoever has its public key.
fn curve_server() -> (Context, Socket<Pull>, KeyPair) {
    let (context, server) = context_and(zmq::PULL);
    let keys = KeyPair::new().unwrap();
    let config = ServerConfig::new(&keys.secret).any_client();
    config.apply(&server).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    (context, server, keys)
}

/// A client that does not linger, since it may not get in.
fn client(context: &Context) -> Socket<Push> {
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.set_linger(NO_TIME).unwrap();
    client
}

// ---- frames of CURVE that were changed on their way ------------------------------------------------

const HELLO: usize = 0;
const INITIATE: usize = 1;

/// How the handshake fails when one command of the client arrives otherwise than it was sent.
fn tampered(which: usize, change: fn(&mut Vec<u8>)) -> EventKind {
    let (context, server, keys) = curve_server();
    let monitor = failures(&server);
    let own = KeyPair::new().unwrap();
    let client = client(&context);
    ClientConfig::new(keys.public, &own).apply(&client).unwrap();
    let relay = Relay::before(&server, move |number, content| {
        let name: &[u8] = [&b"\x05HELLO"[..], b"\x08INITIATE"][number];
        assert_eq!(&content[..name.len()], name);
        if number == which {
            change(content);
        }
    });
    client.connect(&relay.endpoint).unwrap();
    client.send("let me in").unwrap();
    let kind = next(&monitor);
    assert_eq!(server.try_recv().unwrap(), None);
    drop(client);
    kind
}

#[test]
fn a_handshake_of_curve_that_is_only_passed_on_succeeds() {
    if !has_curve() {
        return;
    }
    let (context, server, keys) = curve_server();
    let own = KeyPair::new().unwrap();
    let client = client(&context);
    ClientConfig::new(keys.public, &own).apply(&client).unwrap();
    let relay = Relay::before(&server, |_, _| {});
    client.connect(&relay.endpoint).unwrap();
    client.send("let me in").unwrap();
    assert_eq!(server.recv().unwrap(), "let me in");
    drop((client, server));
}

#[test]
fn a_hello_of_another_length_name_or_version_is_refused() {
    if !has_curve() {
        return;
    }
    use ProtocolError::{ZmtpMalformedCommandHello, ZmtpUnexpectedCommand};
    let longer = tampered(HELLO, |hello| hello.push(0));
    assert_broken(&longer, ZmtpMalformedCommandHello);
    let shorter = tampered(HELLO, |hello| hello.truncate(199));
    assert_broken(&shorter, ZmtpMalformedCommandHello);
    let other = tampered(HELLO, |hello| hello[5] = b'Y');
    assert_broken(&other, ZmtpUnexpectedCommand);
    let version = tampered(HELLO, |hello| hello[6] = 2);
    assert_broken(&version, ZmtpMalformedCommandHello);
}

#[test]
fn a_hello_that_was_not_made_for_the_server_is_refused() {
    if !has_curve() {
        return;
    }
    let forged = tampered(HELLO, |hello| *hello.last_mut().unwrap() ^= 1);
    assert_broken(&forged, ProtocolError::ZmtpCryptographic);
}

#[test]
fn an_initiate_of_another_length_or_name_is_refused() {
    if !has_curve() {
        return;
    }
    use ProtocolError::{ZmtpMalformedCommandInitiate, ZmtpUnexpectedCommand};
    let shorter = tampered(INITIATE, |initiate| initiate.truncate(256));
    assert_broken(&shorter, ZmtpMalformedCommandInitiate);
    let other = tampered(INITIATE, |initiate| initiate[8] = b'F');
    assert_broken(&other, ZmtpUnexpectedCommand);
}

#[test]
fn an_initiate_with_a_forged_cookie_or_content_is_refused() {
    if !has_curve() {
        return;
    }
    // Behind the name stand 16 bytes of a nonce, 80 of the cookie, 8 of a nonce, and the box.
    let cookie = tampered(INITIATE, |initiate| initiate[9 + 16 + 40] ^= 1);
    assert_broken(&cookie, ProtocolError::ZmtpCryptographic);
    let content = tampered(INITIATE, |initiate| initiate[9 + 96 + 8 + 40] ^= 1);
    assert_broken(&content, ProtocolError::ZmtpCryptographic);
}

// ---- keys that are none ----------------------------------------------------------------------------

/// A client with a key of zeros gets no message through.
fn with_zeros(set: fn(&Socket<Push>)) {
    let (context, server, keys) = curve_server();
    let client = client(&context);
    let own = KeyPair::new().unwrap();
    ClientConfig::new(keys.public, &own).apply(&client).unwrap();
    set(&client);
    let ended = client
        .monitor(MonitorEvents::DISCONNECTED | FAILURES[0] | FAILURES[1] | FAILURES[2])
        .unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("let me in").unwrap();
    next(&ended);
    assert_eq!(server.try_recv().unwrap(), None);
}

#[test]
fn a_client_of_curve_with_a_key_of_zeros_is_not_let_in() {
    in_child(
        "credentials::a_client_of_curve_with_a_key_of_zeros_is_not_let_in",
        || {
            if !has_curve() {
                return;
            }
            let zeros = PublicKey::from_bytes([0; 32]);
            let own = KeyPair::new().unwrap();
            assert!(
                ClientConfig::new(zeros, &own)
                    .apply(&client(&Context::new().unwrap()))
                    .is_err()
            );
            with_zeros(|client| {
                let zeros = PublicKey::from_bytes([0; 32]);
                client.set_curve_serverkey(zeros).unwrap();
            });
            with_zeros(|client| {
                let zeros = PublicKey::from_bytes([0; 32]);
                client.set_curve_publickey(zeros).unwrap();
            });
            with_zeros(|client| {
                let zeros = SecretKey::from_bytes(&[0; 32]);
                client.set_curve_secretkey(&zeros).unwrap();
            });
        },
    );
}

// ---- peers that are no sockets of this mechanism ---------------------------------------------------

/// Servers of each mechanism; none asks anybody.
fn servers() -> Vec<(Context, Socket<Pull>, &'static str)> {
    let (context, null) = context_and(zmq::PULL);
    null.set_zap_domain("d").unwrap();
    null.set_zap_enforce_domain(true).unwrap();
    let mut all = vec![(context, null, "NULL")];
    let (context, server) = context_and(zmq::PULL);
    plain::ServerConfig::new().apply(&server).unwrap();
    all.push((context, server, "PLAIN"));
    for (_, server, _) in &all {
        server.bind("tcp://127.0.0.1:*").unwrap();
    }
    if has_curve() {
        let (context, server, _) = curve_server();
        all.push((context, server, "CURVE"));
    }
    all
}

#[test]
fn a_protected_server_hears_nothing_of_a_peer_without_a_mechanism() {
    for (_context, server, _) in servers() {
        // ZMTP 1.0: an identity, and a message.
        let mut peer = Peer::connect(&server);
        peer.0.write_all(b"\x01\0\x07\0sneaky").unwrap();
        peer.wait_for_its_end();
        assert_eq!(server.try_recv().unwrap(), None);
    }
}

#[test]
fn a_protected_server_hears_nothing_of_a_peer_that_skips_the_handshake() {
    for (_context, server, mechanism) in servers() {
        let mut peer = Peer::connect(&server);
        peer.0.write_all(&greeting(0, mechanism, false)).unwrap();
        peer.0.write_all(b"\0\x06sneaky").unwrap();
        peer.wait_for_its_end();
        assert_eq!(server.try_recv().unwrap(), None);
    }
}

#[test]
fn a_client_of_plain_that_takes_itself_for_the_server_is_not_let_in() {
    let (context, server) = context_and(zmq::PULL);
    server.set_plain_server(true).unwrap();
    server
        .set_handshake_ivl(Duration::from_millis(300))
        .unwrap();
    let monitor = failures(&server);
    server.bind("tcp://127.0.0.1:*").unwrap();
    let client = client(&context);
    client.set_plain_username(Some("admin")).unwrap();
    client.set_plain_password(Some("password")).unwrap();
    client.set_plain_server(true).unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("let me in").unwrap();
    // Either waits for the other's HELLO.
    let kind = next(&monitor);
    assert!(
        matches!(kind, EventKind::HandshakeFailedNoDetail { .. }),
        "{kind:?}"
    );
    assert_eq!(server.try_recv().unwrap(), None);
}
