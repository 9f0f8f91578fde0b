//! Who is denied delivers nothing, over every mechanism and transport, and who is let in is known by
//! name.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use common::{LONG, patient};
use zmq::auth::{Authenticator, Credentials, Decision, Identity, Policy, Reason};
use zmq::curve::{KeyPair, PublicKey};
use zmq::{
    AuthStatus, Capability, Context, ErrorKind, EventKind, Monitor, MonitorEvents, Pull, Push,
    Socket,
};

const TCP: &str = "tcp://127.0.0.1:*";
const IPC: &str = "ipc://*";

/// Which status the next handshake failed with, which it has to.
#[track_caller]
fn status(monitor: &Monitor) -> AuthStatus {
    let event = monitor.recv_timeout(LONG).unwrap();
    match event.expect("a handshake should have failed").kind {
        EventKind::HandshakeFailedAuth { status, .. } => status,
        other => panic!("{other:?}"),
    }
}

fn failures<T: zmq::SocketType>(socket: &Socket<T>) -> Monitor {
    socket
        .monitor(MonitorEvents::HANDSHAKE_FAILED_AUTH)
        .unwrap()
}

struct Place {
    // The order of their drop.
    server: Socket<Pull>,
    auth: Authenticator,
    context: Context,
}

impl Place {
    /// A server in the domain "global", not bound yet.
    fn new(policy: Policy) -> Place {
        let context = Context::new().unwrap();
        let auth = Authenticator::start(&context).unwrap();
        auth.set_policy("global", policy).unwrap();
        let server = patient(context.socket(zmq::PULL).unwrap());
        auth.protect(&server, "global").unwrap();
        Place {
            server,
            auth,
            context,
        }
    }

    fn bind(&self, wildcard: &str) -> String {
        self.server.bind(&common::endpoint(wildcard)).unwrap();
        self.server.last_endpoint().unwrap()
    }

    fn client(&self) -> Socket<Push> {
        patient(self.context.socket(zmq::PUSH).unwrap())
    }

    /// A client that lingers not, since it will have to keep what it sends.
    fn denied(&self, endpoint: &str, set: &dyn Fn(&Socket<Push>)) -> Socket<Push> {
        let client = self.client();
        client.set_linger(common::NO_TIME).unwrap();
        set(&client);
        client.connect(endpoint).unwrap();
        client.send("not for you").unwrap();
        client
    }

    /// Fifty are denied, each with its messages, and a good one among them is served.
    fn fifty_denied(
        &self,
        [bad_at, good_at]: [&str; 2],
        bad: &dyn Fn(&Socket<Push>),
        good: &dyn Fn(&Socket<Push>),
    ) {
        let monitor = failures(&self.server);
        let friend = self.client();
        good(&friend);
        friend.connect(good_at).unwrap();
        let mut kept = Vec::new();
        for round in 0..50 {
            let client = self.denied(bad_at, bad);
            client.send("nor this").unwrap();
            assert_eq!(status(&monitor), AuthStatus::Denied);
            // Half of them stay, in case they would come in later.
            if round % 2 == 0 {
                kept.push(client);
            }
            if round % 10 == 0 {
                friend.send("good").unwrap();
                assert_eq!(self.server.recv().unwrap(), "good");
            }
        }
        friend.send("last").unwrap();
        assert_eq!(self.server.recv().unwrap(), "last");
        assert_eq!(self.server.try_recv().unwrap(), None);
    }
}

fn plain(name: &'static str, password: &'static str) -> impl Fn(&Socket<Push>) {
    move |socket| {
        socket.set_plain_username(Some(name)).unwrap();
        socket.set_plain_password(Some(password)).unwrap();
    }
}

fn curve(own: &KeyPair, server: PublicKey) -> impl Fn(&Socket<Push>) {
    move |socket| {
        socket.set_curve_serverkey(server).unwrap();
        socket.set_curve_publickey(own.public).unwrap();
        socket.set_curve_secretkey(&own.secret).unwrap();
    }
}

#[cfg(target_os = "linux")] // elsewhere 127.0.0.2 may not be there
#[test]
fn addresses_that_are_denied_deliver_nothing() {
    let place = Place::new(Policy::new().allow_null().deny_address("127.0.0.1"));
    let endpoint = place.bind(TCP);
    let port = endpoint.rsplit(':').next().unwrap();
    let elsewhere = format!("tcp://127.0.0.2:0;127.0.0.1:{port}");
    place.fifty_denied([&endpoint, &elsewhere], &|_| (), &|_| ());
}

#[test]
fn ipc_is_denied_by_an_allow_list_and_let_in_by_name() {
    let place = Place::new(Policy::new().allow_null().allow_address("127.0.0.1"));
    let (tcp, ipc) = (place.bind(TCP), place.bind(IPC));
    place.fifty_denied([&ipc, &tcp], &|_| (), &|_| ());

    let policy = Policy::new().allow_null().allow_ipc();
    place.auth.set_policy("global", policy).unwrap();
    place.fifty_denied([&tcp, &ipc], &|_| (), &|_| ());
}

#[test]
fn wrong_passwords_deliver_nothing() {
    for transport in [TCP, IPC] {
        let place = Place::new(Policy::new().plain_user("alice", "secret"));
        place.server.set_plain_server(true).unwrap();
        let endpoint = place.bind(transport);
        for wrong in [plain("alice", "secreT"), plain("bob", "secret")] {
            let ends = [&endpoint[..], &endpoint];
            place.fifty_denied(ends, &wrong, &plain("alice", "secret"));
        }
    }
}

#[test]
fn wrong_keys_deliver_nothing() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let [own, friend, stranger] = [(); 3].map(|()| KeyPair::new().unwrap());
    for transport in [TCP, IPC] {
        let place = Place::new(Policy::new().curve_keys([friend.public]));
        place.server.set_curve_server(true).unwrap();
        place.server.set_curve_secretkey(&own.secret).unwrap();
        let endpoint = place.bind(transport);
        let good = curve(&friend, own.public);
        let ends = [&endpoint[..], &endpoint];
        place.fifty_denied(ends, &curve(&stranger, own.public), &good);
    }
}

#[test]
fn each_source_of_curve_keys_lets_its_own_in_and_names_them() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let [own, friend] = [(); 2].map(|()| KeyPair::new().unwrap());
    let key = friend.public;
    let z85 = key.to_string();
    for (policy, user) in [
        (Policy::new().curve_any(), &z85[..]),
        (Policy::new().curve_keys([key]), &z85),
        (
            Policy::new().curve_with(move |asked| (*asked == key).then(|| "friend".into())),
            "friend",
        ),
        (
            Policy::new()
                .curve_with(|_| Decision::Deny)
                .curve_with(|_| Some(Identity::new("second"))),
            "second",
        ),
        (
            Policy::new()
                .curve_any()
                .curve_with(|_| Identity::new("by callback")),
            "by callback",
        ),
    ] {
        let place = Place::new(policy);
        place.server.set_curve_server(true).unwrap();
        place.server.set_curve_secretkey(&own.secret).unwrap();
        let client = place.client();
        curve(&friend, own.public)(&client);
        client.connect(&place.bind(TCP)).unwrap();
        client.send("in").unwrap();
        assert_eq!(place.server.recv().unwrap().user_id(), Some(user));
    }
}

#[test]
fn a_client_without_the_mechanism_of_the_server_delivers_nothing() {
    let place = Place::new(Policy::new().allow_null().plain_user("alice", "secret"));
    place.server.set_plain_server(true).unwrap();
    let monitor = place
        .server
        .monitor(MonitorEvents::HANDSHAKE_FAILED_PROTOCOL)
        .unwrap();
    let endpoint = place.bind(TCP);
    let _client = place.denied(&endpoint, &|_| ());
    monitor.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(place.server.try_recv().unwrap(), None);
}

#[test]
fn each_status_reaches_both_sides_as_documented() {
    for (decision, expected) in [
        (Decision::Deny, AuthStatus::Denied),
        (Decision::TemporaryFailure, AuthStatus::Temporary),
        (Decision::InternalError, AuthStatus::InternalError),
    ] {
        for with_plain in [false, true] {
            let answer = decision.clone();
            let place = Place::new(Policy::new().decide_with(move |_| answer.clone()));
            if with_plain {
                place.server.set_plain_server(true).unwrap();
            }
            // What libzmq waits after a 300 before it disconnects.
            let second = Duration::from_secs(1);
            place.server.set_handshake_ivl(second).unwrap();
            let on_server = failures(&place.server);
            let endpoint = place.bind(TCP);
            let client = place.client();
            client.set_linger(common::NO_TIME).unwrap();
            if with_plain {
                plain("alice", "secret")(&client);
            }
            let on_client = client
                .monitor(
                    MonitorEvents::HANDSHAKE_FAILED_AUTH
                        | MonitorEvents::DISCONNECTED
                        | MonitorEvents::CONNECT_RETRIED
                        | MonitorEvents::CONNECTED,
                )
                .unwrap();
            client.connect(&endpoint).unwrap();
            client.send("x").unwrap();
            assert_eq!(status(&on_server), expected);
            let next = || on_client.recv_timeout(LONG).unwrap().unwrap().kind;
            assert!(matches!(next(), EventKind::Connected { .. }));
            if expected == AuthStatus::Temporary {
                // It is not told, and comes again.
                assert!(matches!(next(), EventKind::Disconnected { .. }));
                assert!(matches!(next(), EventKind::ConnectRetried { .. }));
                assert!(matches!(next(), EventKind::Connected { .. }));
                assert_eq!(status(&on_server), expected);
            } else {
                let event = next();
                let EventKind::HandshakeFailedAuth { status, .. } = event else {
                    panic!("{event:?}")
                };
                assert_eq!(status, expected);
            }
            assert_eq!(place.server.try_recv().unwrap(), None);
        }
    }
}

#[test]
fn a_client_that_was_denied_does_not_try_again() {
    let place = Place::new(Policy::new());
    place.server.set_plain_server(true).unwrap();
    let endpoint = place.bind(TCP);
    let client = place.client();
    client.set_linger(common::NO_TIME).unwrap();
    client.set_reconnect_ivl(Duration::from_millis(1)).unwrap();
    plain("alice", "secret")(&client);
    let on_client = failures(&client);
    client.connect(&endpoint).unwrap();
    client.send("kept").unwrap();
    assert_eq!(status(&on_client), AuthStatus::Denied);
    let policy = Policy::new().plain_user("alice", "secret");
    place.auth.set_policy("global", policy).unwrap();
    // As long as a hundred tries would take.
    let while_it_could = Duration::from_millis(100);
    place.server.set_rcvtimeo(Some(while_it_could)).unwrap();
    let error = place.server.recv().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);

    place.server.set_rcvtimeo(Some(LONG)).unwrap();
    let another = place.client();
    plain("alice", "secret")(&another);
    another.connect(&endpoint).unwrap();
    another.send("in").unwrap();
    assert_eq!(place.server.recv().unwrap(), "in");
}

#[test]
fn user_id_and_properties_come_back_at_the_message() {
    let place = Place::new(
        Policy::new().decide_with(|request| match request.credentials {
            Credentials::Plain { username, .. } => {
                let name = std::str::from_utf8(username).unwrap();
                Identity::new(format!("user {name}"))
                    .with("X-Role", "admin")
                    .with("Empty", "")
                    .into()
            }
            _ => Decision::Deny,
        }),
    );
    place.server.set_plain_server(true).unwrap();
    let client = place.client();
    plain("alice", "any")(&client);
    client.connect(&place.bind(TCP)).unwrap();
    client.send("x").unwrap();
    let message = place.server.recv().unwrap();
    assert_eq!(message.user_id(), Some("user alice"));
    assert_eq!(message.property("X-Role"), Some("admin"));
    assert_eq!(message.property("Empty"), Some(""));
    assert_eq!(message.property("X-Other"), None);
    assert_eq!(message.peer_address(), Some("127.0.0.1"));
}

#[test]
fn an_identity_that_cannot_be_told_lets_nobody_in() {
    for bad in [
        Identity::new("nul\0"),
        Identity::new("").with("Socket-Type", "PUSH"),
        Identity::new("").with("two words", ""),
    ] {
        let place = Place::new(Policy::new().decide_with(move |_| bad.clone()));
        let audit = place.auth.audit().unwrap();
        let monitor = failures(&place.server);
        let endpoint = place.bind(TCP);
        let _client = place.denied(&endpoint, &|_| ());
        assert_eq!(status(&monitor), AuthStatus::InternalError);
        let event = audit.recv().unwrap();
        assert!(
            matches!(event.reason(), Some(Reason::InvalidIdentity(_))),
            "{event}"
        );
        assert_eq!(place.server.try_recv().unwrap(), None);
    }
}

/// Connects as a PUSH that names itself.
fn push_that_says(endpoint: &str, properties: &[(&str, &str)]) -> TcpStream {
    let mut stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    let mut greeting = [0; 64];
    (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
    greeting[12..16].copy_from_slice(b"NULL");
    stream.write_all(&greeting).unwrap();
    let mut ready = b"\x05READY".to_vec();
    for (name, value) in [("Socket-Type", "PUSH")].iter().chain(properties) {
        ready.push(name.len() as u8);
        ready.extend_from_slice(name.as_bytes());
        ready.extend_from_slice(&(value.len() as u32).to_be_bytes());
        ready.extend_from_slice(value.as_bytes());
    }
    stream.write_all(&[4, ready.len() as u8]).unwrap();
    stream.write_all(&ready).unwrap();
    // Messages may follow when the server is ready, too: its greeting, and a command.
    stream.read_exact(&mut greeting).unwrap();
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    stream.read_exact(&mut vec![0; head[1].into()]).unwrap();
    stream.write_all(b"\x00\x02hi").unwrap();
    stream
}

#[test]
fn what_the_authenticator_says_beats_what_the_client_says_of_itself() {
    let place =
        Place::new(Policy::new().decide_with(|_| Identity::new("guest").with("X-Role", "guest")));
    let endpoint = place.bind(TCP);
    let said = [("User-Id", "admin"), ("X-Role", "admin"), ("X-Own", "mine")];
    let stream = push_that_says(&endpoint, &said);
    let message = place.server.recv().unwrap();
    assert_eq!(message.user_id(), Some("guest"));
    assert_eq!(message.property("X-Role"), Some("guest"));
    assert_eq!(message.property("X-Own"), Some("mine"));
    drop(stream);

    // Let in as nobody, it cannot make itself somebody either.
    let policy = Policy::new().allow_null();
    place.auth.set_policy("global", policy).unwrap();
    let stream = push_that_says(&endpoint, &said);
    assert_eq!(place.server.recv().unwrap().user_id(), Some(""));
    drop(stream);
}

#[test]
fn without_a_domain_only_servers_ask_and_the_default_policy_holds() {
    let context = Context::new().unwrap();
    let auth = Authenticator::start(&context).unwrap();
    auth.set_default_policy(
        Policy::new()
            .allow_null()
            .curve_any()
            .plain_user("alice", ""),
    )
    .unwrap();
    let audit = auth.audit().unwrap();
    let own = zmq::has(Capability::Curve).then(|| KeyPair::new().unwrap());
    for mechanism in ["NULL", "PLAIN", "CURVE"] {
        let server = patient(context.socket(zmq::PULL).unwrap());
        let client = patient(context.socket(zmq::PUSH).unwrap());
        match (mechanism, &own) {
            ("CURVE", None) => continue,
            ("CURVE", Some(own)) => {
                server.set_curve_server(true).unwrap();
                server.set_curve_secretkey(&own.secret).unwrap();
                curve(own, own.public)(&client);
            }
            ("PLAIN", _) => {
                server.set_plain_server(true).unwrap();
                client.set_plain_username(Some("alice")).unwrap();
            }
            _ => {}
        }
        server.bind(TCP).unwrap();
        client.connect(&server.last_endpoint().unwrap()).unwrap();
        client.send("in").unwrap();
        assert_eq!(server.recv().unwrap(), "in");
        let event = audit.try_recv().unwrap();
        assert_eq!(event.is_some(), mechanism != "NULL");
        if let Some(event) = event {
            assert_eq!((&event.domain[..], &event.mechanism[..]), ("", mechanism));
        }
    }
}

#[test]
fn a_peer_of_an_old_protocol_is_refused() {
    let place = Place::new(Policy::new().allow_null());
    let endpoint = place.bind(TCP);
    // ZMTP 1.0: an empty identity, then a message.
    let mut stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
    stream.write_all(&[1, 0, 3, 0, b'h', b'i']).unwrap();
    let _ = stream.read_to_end(&mut Vec::new()); // up to its close
    assert_eq!(place.server.try_recv().unwrap(), None);
}

#[test]
fn what_the_request_says_of_the_client_is_true() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = std::sync::Arc::clone(&seen);
    let place = Place::new(Policy::new().decide_with(move |request| {
        note.lock().unwrap().push((
            request.domain.to_owned(),
            request.address.to_owned(),
            request.ip(),
            request.ipc_peer(),
            request.routing_id.to_owned(),
        ));
        Identity::default()
    }));
    let (tcp, ipc) = (place.bind(TCP), place.bind(IPC));
    for endpoint in [tcp, ipc] {
        let client = place.client();
        client.connect(&endpoint).unwrap();
        client.send("x").unwrap();
        place.server.recv().unwrap();
    }
    let seen = seen.lock().unwrap();
    let [over_tcp, over_ipc] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(over_tcp.0, "global");
    assert_eq!(over_tcp.1, "127.0.0.1");
    assert_eq!(over_tcp.2, Some([127, 0, 0, 1].into()));
    assert_eq!(over_tcp.3, None);
    assert!(over_tcp.4.is_empty());
    assert_eq!(over_ipc.2, None);
    // A libzmq that was built so tells who the peer is.
    match over_ipc.3 {
        Some(peer) => {
            assert_eq!(peer.pid, std::process::id());
            assert!(over_ipc.1.starts_with("localhost:"), "{}", over_ipc.1);
        }
        None => assert_eq!(over_ipc.1, "localhost"),
    }
}
