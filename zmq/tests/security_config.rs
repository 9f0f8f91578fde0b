//! A socket that a configuration secured lets in whom it says and nobody else, and what cannot be
//! secured is refused before anything is set.

mod common;

use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::{LONG, context_and, in_child, patient};
use zmq::curve::{KeyPair, PublicKey};
use zmq::{
    Any, AuthStatus, Capability, Context, ErrorKind, EventKind, Mechanism, Monitor, MonitorEvents,
    Multipart, Pull, Push, Socket, SocketKind, curve, plain,
};

const HANDSHAKES: [MonitorEvents; 4] = [
    MonitorEvents::HANDSHAKE_SUCCEEDED,
    MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL,
    MonitorEvents::HANDSHAKE_FAILED_PROTOCOL,
    MonitorEvents::HANDSHAKE_FAILED_AUTH,
];

/// A ZAP handler that lets in whom `decide` says, and tells what it was asked: domain, mechanism and
/// credentials.
struct Handler {
    context: Context,
    thread: Option<JoinHandle<()>>,
    asked: Receiver<Vec<Vec<u8>>>,
}

impl Handler {
    fn new(context: &Context, decide: impl Fn(&[Vec<u8>]) -> bool + Send + 'static) -> Handler {
        let rep = context.socket(zmq::REP).unwrap();
        rep.bind("inproc://zeromq.zap.01").unwrap();
        let (sender, asked) = mpsc::channel();
        let thread = thread::spawn(move || {
            // Ends when the context does.
            while let Ok(request) = rep.recv_multipart() {
                let request: Vec<Vec<u8>> = request.iter().map(|part| part.to_vec()).collect();
                let mut about = vec![request[2].clone()];
                about.extend_from_slice(&request[5..]);
                let status = if decide(&about) { "200" } else { "400" };
                let _ = sender.send(about);
                let mut reply = Multipart::new();
                for part in [&b"1.0"[..], &request[1], status.as_bytes(), b"", b"", b""] {
                    reply.push_back(part);
                }
                if rep.send_multipart(reply).is_err() {
                    break;
                }
            }
        });
        Handler {
            context: context.clone(),
            thread: Some(thread),
            asked,
        }
    }

    fn asked(&self) -> Vec<Vec<u8>> {
        self.asked.recv_timeout(LONG).unwrap()
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.context.shutdown().unwrap();
        let _ = self.thread.take().unwrap().join();
    }
}

/// A server, what becomes of its handshakes, and its endpoint.
fn serve(secure: impl FnOnce(&Socket<Pull>)) -> (Context, Socket<Pull>, Monitor) {
    let (context, server) = context_and(zmq::PULL);
    secure(&server);
    let [a, b, c, d] = HANDSHAKES;
    let monitor = server.monitor(a | b | c | d).unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    (context, server, monitor)
}

/// A client that has something to say.
fn visit(
    context: &Context,
    server: &Socket<Pull>,
    secure: impl FnOnce(&Socket<Push>),
) -> Socket<Push> {
    let client = patient(context.socket(zmq::PUSH).unwrap());
    client.set_linger(Some(Duration::ZERO)).unwrap();
    secure(&client);
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("let me in").unwrap();
    client
}

fn next(monitor: &Monitor) -> EventKind {
    let event = monitor.recv_timeout(LONG).unwrap();
    event.expect("something happens").kind
}

#[track_caller]
fn is_in(server: &Socket<Pull>, monitor: &Monitor) {
    assert_eq!(server.recv().unwrap(), "let me in");
    assert_eq!(next(monitor), EventKind::HandshakeSucceeded);
}

/// How its handshake failed.
#[track_caller]
fn is_out(server: &Socket<Pull>, monitor: &Monitor) -> EventKind {
    let event = next(monitor);
    assert_ne!(event, EventKind::HandshakeSucceeded);
    assert_eq!(server.try_recv().unwrap(), None);
    event
}

type Secure<'a> = &'a dyn Fn(&Socket<Push>);
type Set = fn(&Socket<Pull>) -> zmq::Result<()>;

fn has_curve() -> bool {
    zmq::has(Capability::Curve)
}

// ---- CURVE ---------------------------------------------------------------------------------------

#[test]
fn without_a_handler_a_curve_server_lets_nobody_in() {
    if !has_curve() {
        return;
    }
    let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
    let config = curve::ServerConfig::new(&ours.secret);
    let (context, server, monitor) = serve(|socket| config.apply(socket).unwrap());
    let _client = visit(&context, &server, |socket| {
        curve::ClientConfig::new(ours.public, &theirs)
            .apply(socket)
            .unwrap();
    });
    let event = is_out(&server, &monitor);
    assert!(
        matches!(event, EventKind::HandshakeFailedNoDetail { .. }),
        "{event:?}"
    );
}

#[test]
fn a_handler_decides_on_the_clients_of_a_curve_server_by_their_keys() {
    if !has_curve() {
        return;
    }
    let (ours, alice, eve) = (
        KeyPair::new().unwrap(),
        KeyPair::new().unwrap(),
        KeyPair::new().unwrap(),
    );
    for domain in [None, Some("payments")] {
        let mut config = curve::ServerConfig::new(&ours.secret);
        if let Some(domain) = domain {
            config = config.domain(domain);
        }
        let (context, server, monitor) = serve(|socket| config.apply(socket).unwrap());
        let known = *alice.public.as_bytes();
        let handler = Handler::new(&context, move |about| about[2] == known);

        let client = visit(&context, &server, |socket| {
            curve::ClientConfig::new(ours.public, &alice)
                .apply(socket)
                .unwrap();
        });
        is_in(&server, &monitor);
        let domain = domain.unwrap_or("global").as_bytes();
        assert_eq!(handler.asked(), [domain, b"CURVE", &known]);
        drop(client);

        let _client = visit(&context, &server, |socket| {
            curve::ClientConfig::new(ours.public, &eve)
                .apply(socket)
                .unwrap();
        });
        let event = is_out(&server, &monitor);
        assert!(
            matches!(event, EventKind::HandshakeFailedAuth { status, .. } if status == AuthStatus::Denied),
            "{event:?}"
        );
    }
}

#[test]
fn any_client_gets_in_by_the_servers_key_and_no_handler_is_asked() {
    if !has_curve() {
        return;
    }
    for with_handler in [false, true] {
        let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
        let config = curve::ServerConfig::new(&ours.secret).any_client();
        let (context, server, monitor) = serve(|socket| config.apply(socket).unwrap());
        let handler = with_handler.then(|| Handler::new(&context, |_| false));
        let _client = visit(&context, &server, |socket| {
            curve::ClientConfig::new(ours.public, &theirs)
                .apply(socket)
                .unwrap();
        });
        is_in(&server, &monitor);
        if let Some(handler) = handler {
            assert!(handler.asked.try_recv().is_err());
        }
    }
}

#[test]
fn who_has_another_server_key_or_none_does_not_get_in() {
    if !has_curve() {
        return;
    }
    let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
    let config = curve::ServerConfig::new(&ours.secret).any_client();
    let secure: [Secure<'_>; 3] = [
        &|socket| {
            curve::ClientConfig::new(theirs.public, &theirs)
                .apply(socket)
                .unwrap()
        },
        &|socket| {
            plain::ClientConfig::new("admin", "secret")
                .apply(socket)
                .unwrap()
        },
        &|_| {},
    ];
    for secure in secure {
        let (context, server, monitor) = serve(|socket| config.apply(socket).unwrap());
        let _client = visit(&context, &server, secure);
        let event = is_out(&server, &monitor);
        assert!(
            matches!(event, EventKind::HandshakeFailedProtocol { .. }),
            "{event:?}"
        );
    }
}

#[test]
fn a_curve_configuration_sets_what_it_says() {
    if !has_curve() {
        return;
    }
    let pair = KeyPair::new().unwrap();
    let (context, server) = context_and(zmq::ROUTER);
    curve::ServerConfig::new(&pair.secret)
        .domain("d")
        .apply(&server)
        .unwrap();
    assert_eq!(server.mechanism().unwrap(), Mechanism::Curve);
    assert!(server.curve_server().unwrap());
    assert_eq!(server.zap_domain().unwrap(), "d");
    assert!(server.zap_enforce_domain().unwrap());

    let client = context.socket(zmq::DEALER).unwrap();
    let known = KeyPair::new().unwrap().public;
    curve::ClientConfig::new(known, &pair)
        .apply(&client)
        .unwrap();
    assert_eq!(client.mechanism().unwrap(), Mechanism::Curve);
    assert!(!client.curve_server().unwrap());
    assert_eq!(client.curve_publickey().unwrap(), pair.public);
    assert_eq!(client.curve_serverkey().unwrap(), known);

    // What was a server can become a client, and the other way round.
    curve::ClientConfig::new(known, &pair)
        .apply(&server)
        .unwrap();
    assert!(!server.curve_server().unwrap());
    curve::ServerConfig::new(&pair.secret)
        .apply(&client)
        .unwrap();
    assert!(client.curve_server().unwrap());
}

#[test]
fn any_client_is_refused_where_a_handler_is_asked() {
    if !has_curve() {
        return;
    }
    let pair = KeyPair::new().unwrap();
    let (_context, socket) = context_and(zmq::REP);
    let config = curve::ServerConfig::new(&pair.secret);
    config.apply(&socket).unwrap();
    let error = config.any_client().apply(&socket).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert_eq!(error.subject(), Some("ZMQ_ZAP_DOMAIN"));
    assert!(socket.zap_enforce_domain().unwrap());
    assert_eq!(socket.zap_domain().unwrap(), "global");
}

/// The socket is as it was made.
#[track_caller]
fn is_untouched(socket: &Socket<Any>) {
    assert_eq!(socket.mechanism().unwrap(), Mechanism::Null);
    assert_eq!(socket.zap_domain().unwrap(), "");
    assert!(!socket.zap_enforce_domain().unwrap());
    assert_eq!(socket.plain_username().unwrap(), None);
}

fn any(kind: SocketKind) -> Socket<Any> {
    Context::new().unwrap().socket_of(kind).unwrap()
}

#[test]
fn nonsense_is_refused_and_leaves_the_socket_as_it_was() {
    if !has_curve() {
        return;
    }
    let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
    let torn = KeyPair {
        public: theirs.public,
        secret: KeyPair::new().unwrap().secret,
    };
    let zeros = PublicKey::from_bytes([0; 32]);
    let server = curve::ServerConfig::new(&ours.secret);
    let long = "x".repeat(256);
    let socket = any(SocketKind::Dealer);
    for (result, subject) in [
        (
            curve::ClientConfig::new(ours.public, &torn).apply(&socket),
            "ZMQ_CURVE_SECRETKEY",
        ),
        (
            curve::ClientConfig::new(zeros, &theirs).apply(&socket),
            "ZMQ_CURVE_SERVERKEY",
        ),
        (server.domain("").apply(&socket), "ZMQ_ZAP_DOMAIN = "),
        (
            server.domain("a\0b").apply(&socket),
            r"ZMQ_ZAP_DOMAIN = a\0b",
        ),
        (
            server.domain(&long).apply(&socket),
            &*format!("ZMQ_ZAP_DOMAIN = {long}"),
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.subject(), Some(subject));
        is_untouched(&socket);
    }
}

#[test]
fn a_stream_socket_cannot_be_secured() {
    let socket = any(SocketKind::Stream);
    let mut results = vec![
        plain::ServerConfig::new().apply(&socket),
        plain::ClientConfig::new("a", "b").apply(&socket),
    ];
    if has_curve() {
        let pair = KeyPair::new().unwrap();
        results.push(curve::ServerConfig::new(&pair.secret).apply(&socket));
        results.push(
            curve::ServerConfig::new(&pair.secret)
                .any_client()
                .apply(&socket),
        );
        results.push(curve::ClientConfig::new(pair.public, &pair).apply(&socket));
    }
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported);
        assert_eq!(error.subject(), Some("STREAM"));
    }
    is_untouched(&socket);
}

#[test]
fn without_curve_a_configuration_says_so_and_sets_nothing() {
    if has_curve() {
        return;
    }
    let pair = KeyPair {
        public: PublicKey::from_bytes([1; 32]),
        secret: curve::SecretKey::from_bytes(&[1; 32]),
    };
    let socket = any(SocketKind::Dealer);
    for result in [
        curve::ServerConfig::new(&pair.secret).apply(&socket),
        curve::ServerConfig::new(&pair.secret)
            .any_client()
            .apply(&socket),
        curve::ClientConfig::new(pair.public, &pair).apply(&socket),
    ] {
        let error = result.unwrap_err();
        let missing = ErrorKind::MissingCapability(Capability::Curve);
        assert_eq!(error.kind(), missing);
        assert!(error.to_string().contains("`curve`"), "{error}");
        is_untouched(&socket);
    }
}

// ---- PLAIN ---------------------------------------------------------------------------------------

#[test]
fn a_handler_decides_on_the_clients_of_a_plain_server_by_name_and_password() {
    let config = plain::ServerConfig::new().domain("payments");
    let (context, server, monitor) = serve(|socket| config.apply(socket).unwrap());
    let handler = Handler::new(&context, |about| about[2..] == [b"admin", &b"secret"[..]]);
    let client = visit(&context, &server, |socket| {
        plain::ClientConfig::new("admin", "secret")
            .apply(socket)
            .unwrap();
    });
    is_in(&server, &monitor);
    assert_eq!(
        handler.asked(),
        [&b"payments"[..], b"PLAIN", b"admin", b"secret"]
    );
    drop(client);

    let _client = visit(&context, &server, |socket| {
        plain::ClientConfig::new("admin", "guess")
            .apply(socket)
            .unwrap();
    });
    let event = is_out(&server, &monitor);
    assert!(
        matches!(event, EventKind::HandshakeFailedAuth { .. }),
        "{event:?}"
    );
}

#[test]
fn without_a_handler_a_plain_server_lets_nobody_in() {
    let (context, server, monitor) =
        serve(|socket| plain::ServerConfig::default().apply(socket).unwrap());
    let _client = visit(&context, &server, |socket| {
        plain::ClientConfig::new("admin", "secret")
            .apply(socket)
            .unwrap();
    });
    let event = is_out(&server, &monitor);
    assert!(
        matches!(event, EventKind::HandshakeFailedNoDetail { .. }),
        "{event:?}"
    );
}

#[test]
fn names_and_passwords_that_cannot_be_are_refused_and_not_shown() {
    let long = "x".repeat(256);
    let socket = any(SocketKind::Req);
    for bad in ["", "hidden\0", &long] {
        for (config, option) in [
            (
                plain::ClientConfig::new(bad, "hidden"),
                "ZMQ_PLAIN_USERNAME",
            ),
            (plain::ClientConfig::new("admin", bad), "ZMQ_PLAIN_PASSWORD"),
        ] {
            let error = config.apply(&socket).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(error.subject(), Some(option));
            assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
            is_untouched(&socket);
        }
    }
    let longest = "x".repeat(255);
    plain::ClientConfig::new(&longest, &longest)
        .apply(&socket)
        .unwrap();
    let shown = format!("{:?}", plain::ClientConfig::new("admin", "hidden"));
    assert!(
        shown.contains("admin") && !shown.contains("hidden"),
        "{shown}"
    );
}

#[test]
fn a_plain_server_that_enforces_no_domain_is_refused_where_a_client_would_abort_the_process() {
    in_child(
        "a_plain_server_that_enforces_no_domain_is_refused_where_a_client_would_abort_the_process",
        || {
            let orders: [Set; 2] = [
                |socket| {
                    socket.set_plain_server(true)?;
                    socket.set_zap_enforce_domain(true)
                },
                |socket| {
                    socket.set_zap_enforce_domain(true)?;
                    socket.set_plain_server(true)
                },
            ];
            for set_both in orders {
                let mut result = Ok(());
                let (context, server, monitor) = serve(|socket| result = set_both(socket));
                let _client = visit(&context, &server, |socket| {
                    plain::ClientConfig::new("a", "b").apply(socket).unwrap();
                });
                is_out(&server, &monitor);
                assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
            }

            // With a domain, or without enforcing, both orders are fine.
            let socket = any(SocketKind::Rep);
            socket.set_zap_domain("d").unwrap();
            socket.set_zap_enforce_domain(true).unwrap();
            socket.set_plain_server(true).unwrap();
            socket.set_zap_enforce_domain(true).unwrap();
        },
    );
}

#[test]
fn a_context_that_has_ended_is_told() {
    let (context, socket) = context_and(zmq::REP);
    context.shutdown().unwrap();
    // The socket notices when it is used.
    assert_eq!(socket.recv().unwrap_err().kind(), ErrorKind::Terminated);
    let error = plain::ServerConfig::new().apply(&socket).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated);
}
