//! Bytes from the network to a socket of each type, which then still serves a peer that is good.

use std::io::{ErrorKind as IoKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use zmq::auth::{Authenticator, Identity, Policy};
use zmq::curve::{ClientConfig, KeyPair, ServerConfig};
use zmq::{Any, Context, Socket, SocketKind};

use super::input::Input;
use super::peers::{KINDS, LONG, context, peer_of, socket};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    Null,
    Plain,
    Curve,
}

/// How the bytes come.
struct Manner {
    security: Security,
    /// Whether the socket connects to them, and does not wait for them.
    connects: bool,
    /// Whether a greeting, and without security a handshake, comes before them.
    greets: bool,
    /// Whether each byte is sent on its own.
    drips: bool,
    /// Whether the socket is polled before the connection ends, and not only after it.
    polled: bool,
    /// Whether the connection is reset, and not ended.
    resets: bool,
    /// Whether the largest size of a message is a small one.
    limited: bool,
}

impl Manner {
    fn of(input: &mut Input<'_>, kind: SocketKind) -> Manner {
        let byte = input.byte();
        let bit = |place: u8| byte & 1 << place != 0;
        // A PAIR that has its peer lets another connection be.
        let connects = bit(2) && kind != SocketKind::Pair;
        let security = match byte & 3 {
            // A STREAM has none.
            _ if kind == SocketKind::Stream => Security::Null,
            1 => Security::Plain,
            // A client of CURVE can be aborted by its server, and by it alone.
            2 if !connects && zmq::has(zmq::Capability::Curve) => Security::Curve,
            _ => Security::Null,
        };
        Manner {
            security,
            connects: connects && security == Security::Null,
            greets: bit(3) && kind != SocketKind::Stream,
            drips: bit(4),
            polled: bit(5),
            resets: bit(6),
            limited: bit(7),
        }
    }
}

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = KINDS[input.below(KINDS.len())];
    let manner = Manner::of(&mut input, kind);
    let context = context();
    let server = socket(&context, kind);
    // Without a limit libzmq makes room for any size that is announced; it is for handshakes, too.
    let limit = if manner.limited { 512 } else { 1 << 24 };
    server.set_maxmsgsize(Some(limit)).unwrap();
    if kind == SocketKind::Req {
        server.set_req_relaxed(true).unwrap();
    }
    if matches!(kind, SocketKind::Sub | SocketKind::XSub) {
        server.subscribe("").unwrap();
    }
    let keys = (manner.security == Security::Curve).then(|| KeyPair::new().unwrap());
    let _authenticator = secure(&context, &server, manner.security, keys.as_ref());
    server.bind("tcp://127.83.0.1:*").unwrap();
    let good = || good_peer(&server, manner.security, keys.as_ref());
    // A PAIR has one peer, the first.
    let early = (kind == SocketKind::Pair).then(|| {
        let good = good();
        serve(&server, &good);
        good
    });
    attack(&server, &manner, input.rest());
    serve(&server, &early.unwrap_or_else(good));
}

fn secure(
    context: &Context,
    server: &Socket<Any>,
    security: Security,
    keys: Option<&KeyPair>,
) -> Option<Authenticator> {
    if let Some(keys) = keys {
        ServerConfig::new(&keys.secret)
            .any_client()
            .apply(server)
            .unwrap();
    }
    (security == Security::Plain).then(|| {
        let authenticator = Authenticator::start(context).unwrap();
        // No user id: libzmq would end the connection to a REQ at its first reply (`req_session_t`).
        let decide = |name: &[u8], _: &[u8]| (name == b"good").then(Identity::default);
        let policy = Policy::new().plain_with(decide);
        authenticator.set_policy("fuzzed", policy).unwrap();
        authenticator.protect(server, "fuzzed").unwrap();
        server.set_plain_server(true).unwrap();
        authenticator
    })
}

// ---- the bad peer ------------------------------------------------------------------------------

fn attack(server: &Socket<Any>, manner: &Manner, bytes: &[u8]) {
    let mut peer = if manner.connects {
        let listener = TcpListener::bind("127.83.0.2:0").unwrap();
        server
            .connect(&format!("tcp://{}", listener.local_addr().unwrap()))
            .unwrap();
        // The listener goes with this function: the socket finds nobody when it connects again.
        listener.accept().unwrap().0
    } else {
        let endpoint = server.last_endpoint().unwrap();
        TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap()
    };
    peer.set_nodelay(true).unwrap();
    // Longer than libzmq lets a handshake take.
    peer.set_read_timeout(Some(2 * LONG)).unwrap();
    let mut all = Vec::new();
    if manner.greets {
        all.extend(greeting(server.kind(), manner.security));
    }
    all.extend(bytes);
    // An error is that libzmq has had enough.
    if manner.drips {
        let _ = all
            .iter()
            .take(300)
            .try_for_each(|byte| peer.write_all(&[*byte]));
    } else {
        let _ = peer.write_all(&all);
    }
    if manner.polled {
        look(server);
    }
    if manner.resets {
        // What the socket has sent is left unread.
        drop(peer);
    } else {
        let _ = peer.shutdown(Shutdown::Write);
        // The connection ends when libzmq has read all of it, or earlier.
        loop {
            match peer.read(&mut [0; 1024]) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == IoKind::WouldBlock => {
                    panic!("the connection is kept after its end")
                }
                Err(_) => break,
            }
        }
    }
    look(server);
}

/// The 64 bytes of ZMTP 3.0, and for NULL the READY of a type that the socket talks to.
fn greeting(kind: SocketKind, security: Security) -> Vec<u8> {
    let mechanism = match security {
        Security::Null => "NULL",
        Security::Plain => "PLAIN",
        Security::Curve => "CURVE",
    };
    let mut bytes = vec![0; 64];
    bytes[0] = 0xff;
    bytes[9..11].copy_from_slice(&[0x7f, 3]);
    bytes[12..12 + mechanism.len()].copy_from_slice(mechanism.as_bytes());
    if security == Security::Null {
        let name = peer_of(kind).name();
        let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
        ready.extend((name.len() as u32).to_be_bytes());
        ready.extend(name.as_bytes());
        bytes.extend([4, ready.len() as u8]);
        bytes.extend(ready);
    }
    bytes
}

/// Takes what there is, one message and not all: the rest comes in between later.
fn look(server: &Socket<Any>) {
    server.events().unwrap();
    if receives(server) {
        let _ = zmq::poll([server.poll_in()], Some(Duration::ZERO)).unwrap();
        let received = server.try_recv_multipart();
        if server.kind() == SocketKind::Rep && matches!(received, Ok(Some(_))) {
            server.send("to the bad peer").unwrap();
        }
    }
}

fn receives(socket: &Socket<Any>) -> bool {
    !matches!(socket.kind(), SocketKind::Pub | SocketKind::Push)
}

// ---- the good one ------------------------------------------------------------------------------

enum Good {
    Socket(Socket<Any>),
    /// A STREAM talks to whatever speaks TCP.
    Stream(TcpStream),
}

fn good_peer(server: &Socket<Any>, security: Security, keys: Option<&KeyPair>) -> Good {
    let endpoint = bound_endpoint(server);
    if server.kind() == SocketKind::Stream {
        let stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        return Good::Stream(stream);
    }
    let peer = socket(server.context(), peer_of(server.kind()));
    if peer.kind() == SocketKind::Sub {
        peer.subscribe("").unwrap();
    }
    if peer.kind() == SocketKind::Req {
        peer.set_req_relaxed(true).unwrap();
    }
    if security == Security::Plain {
        peer.set_plain_username(Some("good")).unwrap();
        peer.set_plain_password(Some("any")).unwrap();
    }
    if let Some(keys) = keys {
        let own = KeyPair::new().unwrap();
        ClientConfig::new(keys.public, &own).apply(&peer).unwrap();
    }
    peer.connect(&endpoint).unwrap();
    Good::Socket(peer)
}

/// After a connect, the last endpoint is that of the bad peer.
fn bound_endpoint(server: &Socket<Any>) -> String {
    server.bind("tcp://127.83.0.1:*").unwrap();
    server.last_endpoint().unwrap()
}

/// A message of two parts and only the good peer's, in each direction there is.
fn serve(server: &Socket<Any>, good: &Good) {
    const MESSAGE: [&str; 2] = ["good", "peer"];
    match good {
        Good::Stream(stream) => {
            let mut stream = stream;
            stream.write_all(b"good peer").unwrap();
            let id = loop {
                let [id, data] = server.recv_array().unwrap();
                if data == "good peer" {
                    break id;
                }
            };
            server.send_multipart([&id[..], b"answer"]).unwrap();
            let mut answer = [0; 6];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"answer");
        }
        Good::Socket(peer) => match server.kind() {
            SocketKind::Pub | SocketKind::XPub => arrives(server, peer, MESSAGE),
            SocketKind::Push | SocketKind::Pair | SocketKind::Dealer => {
                arrives(server, peer, MESSAGE);
                if server.kind() != SocketKind::Push {
                    arrives(peer, server, MESSAGE);
                }
            }
            SocketKind::Req => ask(server, peer),
            SocketKind::Rep => ask(peer, server),
            _ => arrives(peer, server, MESSAGE),
        },
    }
}

/// Sends until it was received: a subscription is still on its way, a bad peer's place in the round
/// is not yet given up. What else comes is the bad peer's.
fn arrives(from: &Socket<Any>, to: &Socket<Any>, message: [&str; 2]) {
    let end = Instant::now() + LONG;
    while Instant::now() < end {
        let _ = from.try_send_multipart(message);
        let wait = Some(Duration::from_millis(2));
        while zmq::poll([to.poll_in()], wait).unwrap()[0].is_readable() {
            let received = to.recv_multipart().unwrap();
            // A ROUTER has the routing id in front.
            if received.ends_with(&message.map(zmq::Message::from)) {
                return;
            }
        }
    }
    panic!("{} does not reach {}", from.kind(), to.kind());
}

/// A REQ asks again until it is answered: a bad peer's place in the round may have kept the good one
/// from being asked, and a REP that drops what is no request may lose its next reply (`rep_t::xrecv`).
fn ask(asker: &Socket<Any>, answerer: &Socket<Any>) {
    let end = Instant::now() + LONG;
    while Instant::now() < end {
        let _ = asker.try_send_multipart(["question", "of two"]);
        let answered = loop {
            let items = [answerer.poll_in(), asker.poll_in()];
            let [asked, answered] = zmq::poll(items, Some(Duration::from_millis(100))).unwrap();
            if !asked.is_readable() {
                break answered.is_readable();
            }
            // Whoever asks.
            answerer.recv_multipart().unwrap();
            answerer.send_multipart(["answer", "of two"]).unwrap();
        };
        // The answer, or a bad peer's, or why there is none.
        if answered
            && asker
                .recv_multipart()
                .is_ok_and(|answer| answer == ["answer", "of two"])
        {
            return;
        }
    }
    panic!("no answer comes");
}
