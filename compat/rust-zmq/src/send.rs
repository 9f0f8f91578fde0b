//! Sending.

use safe::{ErrorKind, SocketKind};

use crate::error::{Error, Result};
use crate::message::Message;
use crate::socket::Socket;
use crate::types::{DONTWAIT, SNDMORE};

/// What can be sent as one part: whatever becomes a [`Message`], or has a way of its own.
pub trait Sendable {
    /// Sends it.
    ///
    /// # Errors
    /// As [`Socket::send`].
    fn send(self, socket: &Socket, flags: i32) -> Result<()>;
}

impl<T> Sendable for T
where
    T: Into<Message>,
{
    fn send(self, socket: &Socket, flags: i32) -> Result<()> {
        // The caller's code ends here; nothing of the socket is in use meanwhile.
        let part = self.into();
        socket.send_part(part, flags)
    }
}

impl Socket {
    /// Sends one part; without [`SNDMORE`] it is the last of its message.
    ///
    /// # Errors
    /// `EAGAIN` when there is no room and it may not wait, `EFSM` out of turn, and others as in
    /// `zmq_msg_send(3)`. The part is dropped, and if it was the last one the whole message; after
    /// `EINTR` the parts before it wait for another.
    pub fn send<T>(&self, data: T, flags: i32) -> Result<()>
    where
        T: Sendable,
    {
        data.send(self, flags)
    }

    /// Sends one part.
    ///
    /// # Errors
    /// As [`send`](Socket::send).
    #[deprecated(since = "0.9.0", note = "use `send`")]
    pub fn send_msg(&self, msg: Message, flags: i32) -> Result<()> {
        self.send(msg, flags)
    }

    /// Sends one part.
    ///
    /// # Errors
    /// As [`send`](Socket::send).
    #[deprecated(since = "0.9.0", note = "use `send`")]
    pub fn send_str(&self, data: &str, flags: i32) -> Result<()> {
        self.send(data, flags)
    }

    /// Sends the parts of a message, whole. Of no parts nothing is sent.
    ///
    /// # Errors
    /// As [`send`](Socket::send); the whole message is dropped.
    pub fn send_multipart<I, T>(&self, iter: I, flags: i32) -> Result<()>
    where
        I: IntoIterator<Item = T>,
        T: Into<Message>,
    {
        // All of the caller's code comes first: a panic of it leaves no message begun.
        let parts: Vec<Message> = iter.into_iter().map(Into::into).collect();
        let last = parts.len().saturating_sub(1);
        for (index, part) in parts.into_iter().enumerate() {
            let more = if index < last { SNDMORE } else { 0 };
            if let Err(error) = self.send_part(part, flags | more) {
                self.outgoing.borrow_mut().clear();
                return Err(error);
            }
        }
        Ok(())
    }

    fn send_part(&self, part: Message, flags: i32) -> Result<()> {
        let socket = self.live()?;
        let mut parts = self.outgoing.borrow_mut();
        let is_last = match socket.kind() {
            // An id and one part make a message, whatever the flags say.
            SocketKind::Stream => !parts.is_empty(),
            _ => flags & SNDMORE == 0,
        };
        if !is_last {
            if parts.is_empty() {
                self.check_begin(socket, flags)?;
            }
            parts.push_back(part);
            return Ok(());
        }
        if parts.is_empty() {
            return send_only(socket, part.into(), flags);
        }
        parts.push_back(part);
        let message = std::mem::take(&mut *parts);
        let sent = if flags & DONTWAIT == 0 {
            socket.send_multipart(message)
        } else {
            socket.try_send_multipart(message)
        };
        sent.map_err(|refused| {
            if refused.kind() == ErrorKind::Interrupted {
                *parts = refused.message;
                parts.pop_back();
            }
            send_error(refused.error)
        })
    }

    /// Whether a message can begin now: libzmq says so at the first part, and callers rely on it.
    ///
    /// REQ and ROUTER are asked with the last part only. For a REQ, no room is no sign of what is
    /// wrong, and a ROUTER has room until the id is known.
    fn check_begin(&self, socket: &safe::Socket<safe::Any>, flags: i32) -> Result<()> {
        let kind = socket.kind();
        if matches!(kind, SocketKind::Pull | SocketKind::Sub) {
            return Err(Error::ENOTSUP);
        }
        if matches!(
            kind,
            SocketKind::Req | SocketKind::Router | SocketKind::Stream
        ) || socket.events()?.is_writable()
        {
            return Ok(());
        }
        if kind == SocketKind::Rep {
            return Err(Error::EFSM);
        }
        if flags & DONTWAIT == 0 {
            let [room] = safe::poll([socket.poll_out()], socket.sndtimeo()?)?;
            if room.is_writable() {
                return Ok(());
            }
        }
        Err(Error::EAGAIN)
    }
}

/// Sends a message of one part.
fn send_only(socket: &safe::Socket<safe::Any>, part: safe::Message, flags: i32) -> Result<()> {
    if socket.kind() == SocketKind::Router {
        // An id and nothing for that peer: libzmq drops it without a word.
        socket.events()?;
        return Ok(());
    }
    let sent = if flags & DONTWAIT == 0 {
        socket.send(part)
    } else {
        socket.try_send(part)
    };
    sent.map_err(|refused| send_error(refused.error))
}

/// A message that libzmq took in part and dropped is one that it had no room for.
fn send_error(error: safe::Error) -> Error {
    match error.kind() {
        ErrorKind::Dropped => Error::EAGAIN,
        _ => error.into(),
    }
}
