//! What the frames of the Majordomo Protocol hold (`rfc.zeromq.org`, specification 7).
//!
//! Between a client and the broker, both ways: `[empty]["MDPC01"][service][body…]`. Between a worker
//! and the broker: `[empty]["MDPW01"][command]`, and then
//!
//! | command | further frames | sent by |
//! |---|---|---|
//! | READY | `[service]` | worker |
//! | REQUEST | `[client][empty][body…]` | broker |
//! | REPLY | `[client][empty][body…]` | worker |
//! | HEARTBEAT | none | both |
//! | DISCONNECT | none | both |

use std::fmt;

use zmq::{Message, Multipart};

/// The header of what clients send and get.
pub const CLIENT: &str = "MDPC01";
/// The header of what workers send and get.
pub const WORKER: &str = "MDPW01";

/// What a worker and the broker tell each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The worker offers a service.
    Ready = 1,
    /// The broker has a client's request.
    Request,
    /// The worker has the reply to it.
    Reply,
    /// The sender is alive.
    Heartbeat,
    /// The sender ends the session.
    Disconnect,
}

impl Command {
    /// The command in a frame, which is one byte.
    pub fn of(frame: &[u8]) -> Option<Command> {
        match frame {
            [1] => Some(Command::Ready),
            [2] => Some(Command::Request),
            [3] => Some(Command::Reply),
            [4] => Some(Command::Heartbeat),
            [5] => Some(Command::Disconnect),
            _ => None,
        }
    }

    /// The frame that says it.
    pub fn frame(self) -> [u8; 1] {
        [self as u8]
    }

    /// `["MDPW01"][this command]`, and then the frames given: a message between a worker and the
    /// broker without the empty frame in front.
    pub fn message(self, frames: impl Into<Multipart>) -> Multipart {
        let mut message = frames.into();
        message.push_front(self.frame());
        message.push_front(WORKER);
        message
    }
}

/// The name as the specification has it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Command::Ready => "READY",
            Command::Request => "REQUEST",
            Command::Reply => "REPLY",
            Command::Heartbeat => "HEARTBEAT",
            Command::Disconnect => "DISCONNECT",
        })
    }
}

/// `["MDPC01"][service]`, and then the body: a message between a client and the broker without the
/// empty frame in front.
pub fn client_message(service: &[u8], body: impl Into<Multipart>) -> Multipart {
    let mut message = body.into();
    message.push_front(service);
    message.push_front(CLIENT);
    message
}

/// Takes header and service off such a message, so that the body is left, which has a frame at least.
/// Any other message stays as it is.
pub fn take_service(message: &mut Multipart) -> Option<Message> {
    if message.len() < 3 || message[0] != CLIENT {
        return None;
    }
    message.pop_front();
    message.pop_front()
}

/// Takes `[empty]["MDPW01"][command]` off a message of the broker or a worker. Any other message stays
/// as it is.
pub fn take_command(message: &mut Multipart) -> Option<Command> {
    let Some([empty, header, command]) = message.get(..3) else {
        return None;
    };
    let command = Command::of(command).filter(|_| empty.is_empty() && *header == WORKER)?;
    (0..3).for_each(|_| drop(message.pop_front()));
    Some(command)
}
