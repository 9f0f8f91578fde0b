//! What in libzmq's draft types would abort the process, corrupt its memory or block it, and is kept
//! out of reach.
#![cfg(feature = "draft")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::{LONG, context_and, in_child, lacks_drafts};
use zmq::{Context, ErrorKind, Socket, SocketKind, SocketType};

const JOINING: &[u8] = b"\x04JOIN";

/// A peer that says what it likes, once it has told that it is a `socket_type`.
struct Stranger(TcpStream);

impl Stranger {
    fn at<T: SocketType>(socket: &Socket<T>, socket_type: &str) -> Stranger {
        let endpoint = socket.last_endpoint().unwrap();
        let mut stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let mut greeting = [0; 64];
        greeting[..12].copy_from_slice(b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0");
        greeting[12..16].copy_from_slice(b"NULL");
        stream.write_all(&greeting).unwrap();
        let mut stranger = Stranger(stream);
        let mut ready = b"\x05READY\x0bSocket-Type\0\0\0".to_vec();
        ready.push(u8::try_from(socket_type.len()).unwrap());
        ready.extend(socket_type.bytes());
        stranger.frame(4, &ready);
        stranger.await_ready();
        stranger
    }

    /// Reads the greeting and the READY of the socket.
    fn await_ready(&mut self) {
        let mut head = [0; 64 + 2];
        self.0.read_exact(&mut head).unwrap();
        let mut ready = vec![0; head[65].into()];
        self.0.read_exact(&mut ready).unwrap();
    }

    /// Flags: 1 is more, 4 is a command.
    fn frame(&mut self, flags: u8, body: &[u8]) {
        let mut frame = vec![flags | 2];
        frame.extend((body.len() as u64).to_be_bytes());
        frame.extend(body);
        self.0.write_all(&frame).unwrap();
    }

    /// Waits until the socket has hung up.
    fn await_end(mut self) {
        let _ = self.0.read_to_end(&mut Vec::new());
    }
}

#[test]
fn a_peer_that_joins_an_overlong_group_does_not_abort_a_radio() {
    in_child(
        "a_peer_that_joins_an_overlong_group_does_not_abort_a_radio",
        || {
            if lacks_drafts() {
                return;
            }
            for untyped in [false, true] {
                let context = Context::new().unwrap();
                let radio = if untyped {
                    context.socket_of(SocketKind::Radio).unwrap()
                } else {
                    context.socket(zmq::RADIO).unwrap().into_any()
                };
                radio.bind("tcp://127.0.0.1:*").unwrap();
                for length in [256, 300, 100_000] {
                    let mut stranger = Stranger::at(&radio, "DISH");
                    stranger.frame(4, &[JOINING, &vec![b'g'; length]].concat());
                    stranger.await_end();
                }
                for length in [0, 1, 15, 255] {
                    let mut stranger = Stranger::at(&radio, "DISH");
                    stranger.frame(4, &[JOINING, &vec![b'g'; length]].concat());
                    stranger.frame(4, b"\x05LEAVE");
                    stranger.frame(1, b"several");
                    stranger.frame(0, b"frames");
                }
                radio.send_to_group("g", "still here").unwrap();
                let error = radio.set_maxmsgsize(None).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
            }
        },
    );
}

#[test]
fn messages_of_several_frames_from_outside_are_dropped() {
    in_child(
        "messages_of_several_frames_from_outside_are_dropped",
        || {
            fn survives<T>(socket_type: T, peer: &str)
            where
                T: zmq::CanReceive + zmq::ReceivesFrames,
            {
                let (_context, socket) = context_and(socket_type);
                socket.bind("tcp://127.0.0.1:*").unwrap();
                let mut stranger = Stranger::at(&socket, peer);
                for body in [&[7; 5][..], &[7; 10_000]] {
                    for _ in 0..3 {
                        stranger.frame(1, body);
                    }
                    stranger.frame(0, body);
                }
                stranger.frame(0, b"one frame");
                let [ready] = zmq::poll([socket.poll_in()], Some(LONG)).unwrap();
                assert!(ready.is_readable());
                assert_eq!(socket.recv().unwrap(), "one frame");
                // Gone in the middle of a message.
                stranger.frame(1, b"half");
                drop(stranger);
                let mut stranger = Stranger::at(&socket, peer);
                stranger.frame(0, b"next");
                assert_eq!(socket.recv().unwrap(), "next");
            }
            if lacks_drafts() {
                return;
            }
            survives(zmq::SERVER, "CLIENT");
            survives(zmq::CLIENT, "SERVER");
            survives(zmq::GATHER, "SCATTER");
            survives(zmq::PEER, "PEER");
        },
    );
}

#[test]
fn a_channel_drops_messages_of_several_frames() {
    in_child("a_channel_drops_messages_of_several_frames", || {
        if lacks_drafts() {
            return;
        }
        let (_context, channel) = context_and(zmq::CHANNEL);
        channel.bind("tcp://127.0.0.1:*").unwrap();
        let mut stranger = Stranger::at(&channel, "CHANNEL");
        stranger.frame(1, b"several");
        stranger.frame(0, b"frames");
        stranger.frame(0, b"one frame");
        assert_eq!(channel.recv().unwrap(), "one frame");
    });
}

#[test]
fn a_dish_survives_what_a_radio_does_not_send() {
    in_child("a_dish_survives_what_a_radio_does_not_send", || {
        if lacks_drafts() {
            return;
        }
        let (_context, dish) = context_and(zmq::DISH);
        dish.join("group").unwrap();
        dish.bind("tcp://127.0.0.1:*").unwrap();
        for frames in [
            &[(0, &b"no group"[..])][..],
            &[(1, &[b'g'; 256])],
            &[(1, b"group"), (1, b"several"), (0, b"frames")],
            &[(4, b"\x04JOINgroup")],
            &[(1, b"other"), (0, b"group"), (1, b"gro\0up"), (0, b"")],
            &[(1, b""), (0, b"")],
        ] {
            let mut stranger = Stranger::at(&dish, "RADIO");
            for (flags, body) in frames {
                stranger.frame(*flags, body);
            }
            let mut stranger = Stranger::at(&dish, "RADIO");
            stranger.frame(1, b"group");
            stranger.frame(0, b"message");
            let message = dish.recv().unwrap();
            assert_eq!(
                (message.group(), message.as_str()),
                (Some("group"), Ok("message"))
            );
        }
    });
}

#[test]
fn sockets_that_would_block_each_other_do_not_meet_over_inproc() {
    if lacks_drafts() {
        return;
    }
    let context = Context::new().unwrap();
    for kind in [
        SocketKind::Client,
        SocketKind::Server,
        SocketKind::Radio,
        SocketKind::Dish,
        SocketKind::Gather,
        SocketKind::Scatter,
        SocketKind::Peer,
        SocketKind::Channel,
    ] {
        let socket = context.socket_of(kind).unwrap();
        for endpoint in ["inproc://name", "udp://127.0.0.1:5555"] {
            for error in [
                socket.bind(endpoint).unwrap_err(),
                socket.connect(endpoint).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol, "{kind}");
                assert_eq!(error.subject(), Some(endpoint));
            }
        }
    }
    let peer = context.socket(zmq::PEER).unwrap();
    let error = peer.connect_peer("inproc://name").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompatibleProtocol);
    let server = context.socket(zmq::SERVER).unwrap();
    server.bind("inproc://zeromq.zap.01").unwrap();
    assert!(server.connect("inproc://zeromq.zap.01").is_err());
}
