//! Rust and Python let each other in by CURVE and PLAIN, let nobody else in, and read each other's
//! certificates, through pyzmq and its zmq.auth.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use common::{LONG, Peer, patient, python};
use zmq::curve::{Certificate, CertificateDirectory};
use zmq::{
    Capability, Context, EventKind, Message, MonitorEvents, Multipart, Rep, Req, Socket, curve,
    plain,
};

const SCRIPT: &str = "security.py";
const REQUEST: &str = "alice";
const REPLY: &str = "welcome";

fn available() -> bool {
    zmq::has(Capability::Curve) && python::available(SCRIPT)
}

/// What the script prints, line by line.
fn said(arguments: &[&str]) -> Vec<String> {
    let output = python::run(SCRIPT, arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A server, and two with a certificate of their own; only alice's is in the folder of clients.
struct World {
    folder: tempfile::TempDir,
    server: Certificate,
    alice: Certificate,
    eve: Certificate,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let mut certificate = Certificate::new().unwrap();
            certificate.set_meta("name", name).unwrap();
            certificate
                .save(folder.path().join(format!("{name}.key")))
                .unwrap();
            certificate
        };
        let world = World {
            server: make("server"),
            alice: make("alice"),
            eve: make("eve"),
            folder,
        };
        fs::create_dir(world.clients()).unwrap();
        let public = PathBuf::from(world.path("alice.key"));
        fs::copy(public, Path::new(&world.clients()).join("alice.key")).unwrap();
        world
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.into_os_string().into_string().unwrap()
    }

    fn clients(&self) -> String {
        self.path("clients")
    }
}

/// Answers ZAP requests until the context ends: lets in whom `knows` says by its credentials.
fn handle(context: &Context, knows: impl Fn(&[Message]) -> bool + Send + 'static) {
    let handler = context.socket(zmq::REP).unwrap();
    handler.bind("inproc://zeromq.zap.01").unwrap();
    thread::spawn(move || {
        while let Ok(request) = handler.recv_multipart() {
            let request = request.into_vec();
            let status = if knows(&request[6..]) { "200" } else { "400" };
            let mut reply = Multipart::new();
            for part in [&b"1.0"[..], &request[1], status.as_bytes(), b"", b"", b""] {
                reply.push_back(part);
            }
            if handler.send_multipart(reply).is_err() {
                break;
            }
        }
    });
}

fn serve(context: &Context, secure: impl FnOnce(&Socket<Rep>)) -> Socket<Rep> {
    let server = patient(context.socket(zmq::REP).unwrap());
    secure(&server);
    server.bind("tcp://127.0.0.1:*").unwrap();
    server
}

/// Serves `denied`, who gets nowhere, and then `welcome`, who gets an answer.
fn welcome_one(server: &mut Socket<Rep>, denied: &[&str], welcome: &[&str]) {
    let endpoint = server.last_endpoint().unwrap();
    let failed = server
        .monitor(
            MonitorEvents::HANDSHAKE_FAILED_AUTH
                | MonitorEvents::HANDSHAKE_FAILED_PROTOCOL
                | MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL,
        )
        .unwrap();
    let start = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.push(&endpoint);
        Peer::run(python::run(SCRIPT, &all))
    };
    let peer = start(denied);
    assert!(failed.recv_timeout(LONG).unwrap().is_some());
    assert!(server.try_next_request().unwrap().is_none());
    drop(peer);

    let peer = start(welcome);
    let request = server.next_request().unwrap();
    assert_eq!(*request, [REQUEST]);
    request.reply(REPLY).unwrap();
    peer.finish();
}

/// Asks the server of a peer, which has to be the first to get through.
fn is_welcome(peer: Peer, endpoint: &str, secure: impl FnOnce(&Socket<Req>)) {
    let context = Context::new().unwrap();
    let mut client = patient(context.socket(zmq::REQ).unwrap());
    secure(&client);
    client.connect(endpoint).unwrap();
    let reply = client.request(REQUEST).unwrap().recv().unwrap();
    assert_eq!(reply, REPLY);
    peer.finish();
}

/// Tries to say something else, until the server has broken it off.
fn is_not_welcome(endpoint: &str, secure: impl FnOnce(&Socket<Req>)) {
    let context = Context::new().unwrap();
    let client = patient(context.socket(zmq::REQ).unwrap());
    client.set_linger(Some(Duration::ZERO)).unwrap();
    secure(&client);
    let monitor = client.monitor(MonitorEvents::ALL).unwrap();
    client.connect(endpoint).unwrap();
    client.send("something else").unwrap();
    loop {
        let event = monitor.recv_timeout(LONG).unwrap();
        match event.expect("something happens").kind {
            EventKind::HandshakeSucceeded => panic!("let in"),
            EventKind::HandshakeFailedAuth { .. }
            | EventKind::HandshakeFailedNoDetail { .. }
            | EventKind::HandshakeFailedProtocol { .. }
            | EventKind::Disconnected { .. } => break,
            _ => {}
        }
    }
}

// ---- certificates --------------------------------------------------------------------------------

#[test]
fn python_reads_the_certificates_that_rust_writes() {
    if !available() {
        return;
    }
    let world = World::new();
    let public = world.alice.public_key().to_string();
    let secret = world.alice.secret_key().unwrap().to_z85();
    let [known, none] = &said(&["load", &world.path("alice.key")])[..] else {
        panic!("two lines");
    };
    assert_eq!((known, &**none), (&public, "-"));
    let [known, also_secret] = &said(&["load", &world.path("alice.key_secret")])[..] else {
        panic!("two lines");
    };
    assert!((known, &**also_secret) == (&public, secret.as_str()));

    let mut keys =
        [&world.server, &world.alice, &world.eve].map(|one| one.public_key().to_string());
    keys.sort();
    assert_eq!(said(&["list", &world.path("")]), keys);
}

#[test]
fn rust_reads_the_certificates_that_python_writes() {
    if !available() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let name = folder.path().to_str().unwrap();
    let directory = CertificateDirectory::open(folder.path()).unwrap();
    for _ in 0..5 {
        said(&["create", name, "alice", "Alice A."]);
        let alice = Certificate::load(path("alice.key")).unwrap();
        let pair = alice.key_pair().unwrap();
        assert_eq!(pair.secret.public_key().unwrap(), pair.public);
        assert_eq!(alice.meta("name"), Some("Alice A."));
        // pyzmq writes metadata to the secret file alone.
        let public = Certificate::load_public(path("alice.key")).unwrap();
        assert_eq!(public, Certificate::from(pair.public));
        assert_eq!(*directory.certificate(&pair.public).unwrap(), public);

        // Behind the comments, what Rust writes differs in nothing but the quotes of metadata.
        alice.save(path("again.key")).unwrap();
        let text = |name: &str| {
            let text = fs::read_to_string(path(name)).unwrap();
            let lines = text
                .lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let python = text("alice.key_secret").replace("Alice A.", "\"Alice A.\"");
        assert!(text("again.key_secret") == python);
        fs::remove_file(path("again.key")).unwrap();
        fs::remove_file(path("again.key_secret")).unwrap();
    }
    assert!(directory.problems().is_empty());
}

// ---- CURVE ---------------------------------------------------------------------------------------

#[test]
fn a_rust_curve_server_serves_the_python_client_it_knows_and_no_other() {
    if !available() {
        return;
    }
    let world = World::new();
    let context = Context::new().unwrap();
    let directory = CertificateDirectory::open(world.clients()).unwrap();
    handle(&context, move |credentials| {
        let key: &[u8] = &credentials[0];
        let key = <[u8; 32]>::try_from(key).unwrap();
        directory.certificate(&key.into()).is_some()
    });
    let mut server = serve(&context, |socket| {
        curve::ServerConfig::new(world.server.secret_key().unwrap())
            .apply(socket)
            .unwrap();
    });
    let [alice, eve, known] =
        ["alice.key_secret", "eve.key_secret", "server.key"].map(|name| world.path(name));
    // Eve with a key nobody knows, and with the wrong idea of the server.
    welcome_one(
        &mut server,
        &["curve-client", &eve, &known],
        &["curve-client", &alice, &known],
    );
    drop(server);
    let mut server = serve(&context, |socket| {
        curve::ServerConfig::new(world.server.secret_key().unwrap())
            .apply(socket)
            .unwrap();
    });
    welcome_one(
        &mut server,
        &["curve-client", &alice, &world.path("eve.key")],
        &["curve-client", &alice, &known],
    );
    context.shutdown().unwrap();
}

#[test]
fn a_python_curve_server_serves_the_rust_client_it_knows_and_no_other() {
    if !available() {
        return;
    }
    let world = World::new();
    let secret = world.path("server.key_secret");
    let peer = Peer::run(python::run(
        SCRIPT,
        &["curve-server", &secret, &world.clients()],
    ));
    let endpoint = peer.endpoint();
    let server = world.server.public_key();
    let alice = world.alice.key_pair().unwrap();
    is_not_welcome(&endpoint, |socket| {
        curve::ClientConfig::new(server, world.eve.key_pair().unwrap())
            .apply(socket)
            .unwrap();
    });
    is_not_welcome(&endpoint, |socket| {
        curve::ClientConfig::new(world.eve.public_key(), alice)
            .apply(socket)
            .unwrap();
    });
    is_not_welcome(&endpoint, |socket| {
        plain::ClientConfig::new("alice", "secret")
            .apply(socket)
            .unwrap();
    });
    is_welcome(peer, &endpoint, |socket| {
        curve::ClientConfig::new(server, alice)
            .apply(socket)
            .unwrap();
    });
}

// ---- PLAIN ---------------------------------------------------------------------------------------

#[test]
fn a_rust_plain_server_serves_the_python_client_it_knows_and_no_other() {
    if !available() {
        return;
    }
    let context = Context::new().unwrap();
    handle(&context, |credentials| credentials == ["alice", "secret"]);
    let mut server = serve(&context, |socket| {
        plain::ServerConfig::new().apply(socket).unwrap();
    });
    welcome_one(
        &mut server,
        &["plain-client", "alice", "guess"],
        &["plain-client", "alice", "secret"],
    );
    context.shutdown().unwrap();
}

#[test]
fn a_python_plain_server_serves_the_rust_client_it_knows_and_no_other() {
    if !available() {
        return;
    }
    let peer = Peer::run(python::run(SCRIPT, &["plain-server", "alice", "secret"]));
    let endpoint = peer.endpoint();
    is_not_welcome(&endpoint, |socket| {
        plain::ClientConfig::new("alice", "guess")
            .apply(socket)
            .unwrap();
    });
    is_not_welcome(&endpoint, |_| {});
    is_welcome(peer, &endpoint, |socket| {
        plain::ClientConfig::new("alice", "secret")
            .apply(socket)
            .unwrap();
    });
}
