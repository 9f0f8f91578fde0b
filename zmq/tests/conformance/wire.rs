//! What comes over the wire from who is no libzmq: subscriptions in both of their forms, and nonsense.

use std::io::Write as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use crate::common::{LONG, NO_TIME, bound, context_and, in_child, patient, peer_of};
use crate::zmtp::{Frame, Peer, command, greeting, is_over, message};
use zmq::curve::{ClientConfig, KeyPair, ServerConfig};
use zmq::{Socket, SocketType, Subscription};

// ---- subscriptions -------------------------------------------------------------------------------

/// Of the minor versions, the frames that subscribe to A and end that.
fn forms() -> [(u8, Frame, Frame); 2] {
    [
        (0, message(b"\x01A"), message(b"\0A")),
        (1, command("SUBSCRIBE", b"A"), command("CANCEL", b"A")),
    ]
}

#[test]
fn a_publisher_takes_subscriptions_as_commands_and_as_messages() {
    for (minor, subscribe, cancel) in forms() {
        let (_context, publisher) = context_and(zmq::XPUB);
        publisher.bind("tcp://127.0.0.1:*").unwrap();
        let mut subscriber = Peer::connect(&publisher).shake_hands(minor, "SUB");
        subscriber.send(&subscribe);
        assert_eq!(
            publisher.recv_subscription().unwrap(),
            Subscription::Subscribe(b"A".into())
        );
        publisher.send("B is not for it").unwrap();
        publisher.send_multipart(["A", "news"]).unwrap();
        let topic = Frame::Part {
            more: true,
            bytes: b"A".into(),
        };
        assert_eq!(subscriber.next(), Some(topic));
        assert_eq!(subscriber.next(), Some(message(b"news")));
        subscriber.send(&cancel);
        assert_eq!(
            publisher.recv_subscription().unwrap(),
            Subscription::Unsubscribe(b"A".into())
        );
    }
}

#[test]
fn a_subscriber_speaks_to_each_publisher_in_its_form() {
    for (minor, subscribe, cancel) in forms() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (_context, subscriber) = context_and(zmq::SUB);
        subscriber.subscribe("A").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        subscriber.connect(&endpoint).unwrap();
        let mut publisher = Peer::accept(&listener).shake_hands(minor, "PUB");
        assert_eq!(publisher.next(), Some(subscribe));
        publisher.send(&message(b"B was not asked for"));
        publisher.send(&message(b"A was"));
        assert_eq!(subscriber.recv().unwrap(), "A was");
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(publisher.next(), Some(cancel));
    }
}

// ---- nonsense ------------------------------------------------------------------------------------

/// xorshift64*, so that a failure comes again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most))
            .map(|_| self.below(256) as u8)
            .collect()
    }

    /// From the first byte to the last of a handshake, something is wrong.
    fn nonsense(&mut self, mechanism: &str, good: &[Vec<u8>]) -> Vec<u8> {
        let mut all = match mechanism {
            "HTTP" => Vec::new(),
            _ => greeting(1, mechanism, self.below(2) == 1).to_vec(),
        };
        for part in good.iter().take(self.below(good.len() + 1)) {
            all.extend(part);
        }
        match self.below(4) {
            0 => return self.bytes(300),
            1 => all.truncate(self.below(all.len() + 1)),
            2 if !all.is_empty() => {
                let index = self.below(all.len());
                all[index] ^= 1 << self.below(8);
            }
            _ => {}
        }
        // A flag and a length, and what may or may not be as long.
        for _ in 0..self.below(4) {
            all.extend([self.below(8) as u8, self.below(40) as u8]);
            all.extend(self.bytes(60));
        }
        all
    }
}

/// Frames that a handshake may be made of.
fn frames_of(mechanism: &str) -> Vec<Vec<u8>> {
    let ready = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03REQ";
    let hello = [&b"\x04\xc8\x05HELLO\x01\0"[..], &[0; 192]].concat();
    let initiate = [&b"\x06\0\0\0\0\0\0\x01\x01\x08INITIATE"[..], &[7; 248]].concat();
    let parts: &[&[u8]] = match mechanism {
        "CURVE" => &[&hello, &initiate],
        "HTTP" => &[
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
            b"Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0\r\n\r\n",
            b"\x82\x9c\0\0\0\0\x02\x05READY\x0bSocket-Type\0\0\0\x06DEALER",
            b"\x82\x86\x01\x02\x03\x04\x01jgohk",
        ],
        "NULL" => &[ready, b"\x01\0", b"\0\x05hello", b"\x04\x08\x04PING\0\x0ax"],
        _ => &[],
    };
    parts.iter().map(|part| part.to_vec()).collect()
}

const TRIES: usize = 150;

/// Says this and no more, to whoever may have gone by then.
fn say(peer: &mut Peer, bytes: &[u8]) {
    if let Err(error) = peer.0.write_all(bytes) {
        assert!(is_over(&error), "{error}");
    }
    let _ = peer.0.shutdown(Shutdown::Write);
}

/// The socket, which is bound, is told nonsense by many clients.
fn talk_nonsense_to<T: SocketType>(server: &Socket<T>, mechanism: &str) {
    let good = frames_of(mechanism);
    let mut numbers = Numbers(0x5eed);
    for _ in 0..TRIES {
        let endpoint = server.last_endpoint().unwrap();
        let (_, address) = endpoint.split_once("://").unwrap();
        let stream = TcpStream::connect(address.trim_end_matches('/')).unwrap();
        say(&mut Peer(stream), &numbers.nonsense(mechanism, &good));
    }
}

#[test]
fn a_bound_socket_survives_any_bytes_and_serves_the_next_client() {
    in_child(
        "wire::a_bound_socket_survives_any_bytes_and_serves_the_next_client",
        || {
            let (_context, server) = context_and(zmq::ROUTER);
            server.bind("tcp://127.0.0.1:*").unwrap();
            talk_nonsense_to(&server, "NULL");
            let client = peer_of(&server, zmq::DEALER);
            client.send("sense").unwrap();
            while server.recv_multipart().unwrap()[1] != "sense" {}
        },
    );
}

#[test]
fn a_curve_server_survives_any_bytes_and_serves_the_next_client() {
    if !zmq::has(zmq::Capability::Curve) {
        return; // security_config.rs tells what it answers then
    }
    in_child(
        "wire::a_curve_server_survives_any_bytes_and_serves_the_next_client",
        || {
            let (context, server) = context_and(zmq::PULL);
            let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
            let config = ServerConfig::new(&ours.secret).any_client();
            config.apply(&server).unwrap();
            server.bind("tcp://127.0.0.1:*").unwrap();
            talk_nonsense_to(&server, "CURVE");
            let client = patient(context.socket(zmq::PUSH).unwrap());
            let config = ClientConfig::new(ours.public, &theirs);
            config.apply(&client).unwrap();
            client.connect(&server.last_endpoint().unwrap()).unwrap();
            client.send("sense").unwrap();
            assert_eq!(server.recv().unwrap(), "sense");
        },
    );
}

#[test]
fn a_bound_stream_survives_any_bytes_and_hears_them() {
    in_child(
        "wire::a_bound_stream_survives_any_bytes_and_hears_them",
        || {
            let (_context, server) = context_and(zmq::STREAM);
            server.bind("tcp://127.0.0.1:*").unwrap();
            talk_nonsense_to(&server, "NULL");
            say(&mut Peer::connect(&server), b"sense");
            while server.recv_multipart().unwrap()[1] != "sense" {}
        },
    );
}

/// The socket connects again and again to servers that answer with nonsense. Each time anew: after
/// what is no ZMTP it does not do so by itself.
fn hear_nonsense<T: SocketType>(client: &Socket<T>, mechanism: &str) {
    let good = frames_of(mechanism);
    let mut numbers = Numbers(0x5eed);
    for _ in 0..TRIES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let transport = if mechanism == "HTTP" { "ws" } else { "tcp" };
        let endpoint = format!("{transport}://{}", listener.local_addr().unwrap());
        client.connect(&endpoint).unwrap();
        let mut server = Peer::accept(&listener);
        say(&mut server, &numbers.nonsense(mechanism, &good));
        server.wait_for_its_end();
        client.disconnect(&endpoint).unwrap();
    }
}

#[test]
fn a_connecting_socket_survives_any_bytes_and_finds_a_server_that_makes_sense() {
    in_child(
        "wire::a_connecting_socket_survives_any_bytes_and_finds_a_server_that_makes_sense",
        || {
            let (context, client) = context_and(zmq::DEALER);
            hear_nonsense(&client, "NULL");
            let server = bound(&context, zmq::DEALER, "tcp://127.0.0.1:*");
            client.connect(&server.last_endpoint().unwrap()).unwrap();
            server.send("sense").unwrap();
            while client.recv_multipart().unwrap() != ["sense"] {}
        },
    );
}

/// Short of what `zmq::curve::ClientConfig` names: a WELCOME made with the server's own secret key.
#[test]
fn a_curve_client_survives_any_bytes_that_are_not_of_its_server() {
    if !zmq::has(zmq::Capability::Curve) {
        return; // security_config.rs tells what it answers then
    }
    in_child(
        "wire::a_curve_client_survives_any_bytes_that_are_not_of_its_server",
        || {
            let (context, client) = context_and(zmq::DEALER);
            let (ours, theirs) = (KeyPair::new().unwrap(), KeyPair::new().unwrap());
            let config = ClientConfig::new(ours.public, &theirs);
            config.apply(&client).unwrap();
            hear_nonsense(&client, "CURVE");
            let server = patient(context.socket(zmq::DEALER).unwrap());
            let config = ServerConfig::new(&ours.secret).any_client();
            config.apply(&server).unwrap();
            server.bind("tcp://127.0.0.1:*").unwrap();
            client.connect(&server.last_endpoint().unwrap()).unwrap();
            server.send("sense").unwrap();
            assert_eq!(client.recv().unwrap(), "sense");
        },
    );
}

#[test]
fn a_connecting_stream_survives_any_bytes_and_hears_them() {
    in_child(
        "wire::a_connecting_stream_survives_any_bytes_and_hears_them",
        || {
            let (_context, client) = context_and(zmq::STREAM);
            hear_nonsense(&client, "NULL");
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
            client.connect(&endpoint).unwrap();
            say(&mut Peer::accept(&listener), b"sense");
            while client.recv_multipart().unwrap()[1] != "sense" {}
        },
    );
}

#[test]
fn sockets_over_ws_survive_any_bytes_and_meet_afterwards() {
    if !zmq::has(zmq::Capability::Ws) {
        return; // capabilities.rs tells what it answers then
    }
    in_child(
        "wire::sockets_over_ws_survive_any_bytes_and_meet_afterwards",
        || {
            let (_context, server) = context_and(zmq::DEALER);
            // Connections that ended in the handshake hold the end of 4.3.4's context up for that long.
            server.set_linger(NO_TIME).unwrap();
            server.bind("ws://127.0.0.1:*").unwrap();
            talk_nonsense_to(&server, "HTTP");
            let client = patient(server.context().socket(zmq::DEALER).unwrap());
            client
                .set_handshake_ivl(Duration::from_millis(100))
                .unwrap();
            hear_nonsense(&client, "HTTP");
            client.set_handshake_ivl(LONG).unwrap();
            client.connect(&server.last_endpoint().unwrap()).unwrap();
            client.send("sense").unwrap();
            while server.recv_multipart().unwrap() != ["sense"] {}
        },
    );
}
