//! A peer that speaks ZMTP 3 by hand (RFC 23 and 37), and says what no socket of libzmq would.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::common::LONG;
use zmq::{Socket, SocketType};

const MORE: u8 = 1;
const LARGE: u8 = 2;
const COMMAND: u8 = 4;

pub struct Peer(pub TcpStream);

#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    Command { name: Vec<u8>, data: Vec<u8> },
    Part { more: bool, bytes: Vec<u8> },
}

pub fn command(name: &str, data: &[u8]) -> Frame {
    let (name, data) = (name.into(), data.into());
    Frame::Command { name, data }
}

pub fn message(bytes: &[u8]) -> Frame {
    let (more, bytes) = (false, bytes.into());
    Frame::Part { more, bytes }
}

/// What a connection begins with: this minor version of ZMTP 3, and this mechanism.
pub fn greeting(minor: u8, mechanism: &str, server: bool) -> [u8; 64] {
    let mut greeting = [0; 64];
    (greeting[0], greeting[9]) = (0xff, 0x7f);
    (greeting[10], greeting[11]) = (3, minor);
    greeting[12..12 + mechanism.len()].copy_from_slice(mechanism.as_bytes());
    greeting[32] = server.into();
    greeting
}

impl Peer {
    /// A connection to the socket, over which nothing has been said.
    pub fn connect<T: SocketType>(server: &Socket<T>) -> Peer {
        let endpoint = server.last_endpoint().unwrap();
        let address = endpoint.strip_prefix("tcp://").unwrap();
        Peer::of(TcpStream::connect(address).unwrap())
    }

    /// The next connection.
    pub fn accept(listener: &TcpListener) -> Peer {
        Peer::of(listener.accept().unwrap().0)
    }

    fn of(stream: TcpStream) -> Peer {
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.set_write_timeout(Some(LONG)).unwrap();
        Peer(stream)
    }

    /// The handshake of NULL, as a socket of that type.
    pub fn shake_hands(mut self, minor: u8, socket_type: &str) -> Peer {
        self.0.write_all(&greeting(minor, "NULL", false)).unwrap();
        self.bytes(64).expect("a greeting");
        let mut ready = Vec::from(*b"\x0bSocket-Type");
        ready.extend(u32::try_from(socket_type.len()).unwrap().to_be_bytes());
        ready.extend(socket_type.bytes());
        self.send(&command("READY", &ready));
        let answer = self.next().expect("an answer");
        assert!(
            matches!(&answer, Frame::Command { name, .. } if name == b"READY"),
            "{answer:?}"
        );
        self
    }

    pub fn send(&mut self, frame: &Frame) {
        let (flags, bytes) = match frame {
            Frame::Part { more, bytes } => (u8::from(*more) * MORE, bytes.clone()),
            Frame::Command { name, data } => {
                let mut bytes = vec![name.len().try_into().unwrap()];
                bytes.extend(name);
                bytes.extend(data);
                (COMMAND, bytes)
            }
        };
        let length = bytes.len().try_into().expect("a short frame");
        let mut all = vec![flags, length];
        all.extend(bytes);
        self.0.write_all(&all).unwrap();
    }

    /// The next frame, unless the connection has ended.
    pub fn next(&mut self) -> Option<Frame> {
        let flags = self.bytes(1)?[0];
        let length = match flags & LARGE {
            0 => usize::from(self.bytes(1)?[0]),
            _ => u64::from_be_bytes(self.bytes(8)?.try_into().unwrap()) as usize,
        };
        let mut bytes = self.bytes(length)?;
        if flags & COMMAND == 0 {
            let more = flags & MORE != 0;
            return Some(Frame::Part { more, bytes });
        }
        let mut name = bytes.split_off(1);
        let data = name.split_off(bytes[0].into());
        Some(Frame::Command { name, data })
    }

    /// Reads until the other side ends the connection.
    pub fn wait_for_its_end(&mut self) {
        if let Err(error) = std::io::copy(&mut self.0, &mut std::io::sink()) {
            assert!(is_over(&error), "{error}");
        }
    }

    fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        match self.0.read_exact(&mut bytes) {
            Ok(()) => Some(bytes),
            Err(error) if is_over(&error) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether the other side has ended the connection, in one way or the other.
pub fn is_over(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}
