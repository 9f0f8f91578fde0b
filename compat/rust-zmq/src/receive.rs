//! Receiving.

use safe::ErrorKind;

use crate::error::{Error, Result};
use crate::message::Message;
use crate::socket::Socket;
use crate::types::DONTWAIT;

impl Socket {
    /// Receives one part into `msg`, whose content is dropped.
    ///
    /// # Errors
    /// `EAGAIN` when there is none and it may not wait, `EFSM` out of turn, and others as in
    /// `zmq_msg_recv(3)`. `msg` is as it was.
    pub fn recv(&self, msg: &mut Message, flags: i32) -> Result<()> {
        *msg = self.next_part(flags)?.into();
        Ok(())
    }

    /// Receives one part into a buffer, cut to its length, and gives the length of the part.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recv_into(&self, bytes: &mut [u8], flags: i32) -> Result<usize> {
        let part = self.next_part(flags)?;
        let len = part.len().min(bytes.len());
        bytes[..len].copy_from_slice(&part[..len]);
        Ok(part.len())
    }

    /// Receives one part.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recv_msg(&self, flags: i32) -> Result<Message> {
        Ok(self.next_part(flags)?.into())
    }

    /// Receives one part as a vector.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recv_bytes(&self, flags: i32) -> Result<Vec<u8>> {
        Ok(self.next_part(flags)?.to_vec())
    }

    /// Receives one part as text, or its bytes if they are not UTF-8.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recv_string(&self, flags: i32) -> Result<std::result::Result<String, Vec<u8>>> {
        let bytes = self.recv_bytes(flags)?;
        Ok(String::from_utf8(bytes).map_err(|error| error.into_bytes()))
    }

    /// Receives the parts of a message, or those that are left of it.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recv_multipart(&self, flags: i32) -> Result<Vec<Vec<u8>>> {
        let mut parts = vec![self.recv_bytes(flags)?];
        parts.extend(self.incoming.borrow().iter().map(|part| part.to_vec()));
        self.incoming.borrow_mut().clear();
        Ok(parts)
    }

    /// Whether parts of the message are left to be received.
    ///
    /// # Errors
    /// None; `ETERM` where there is no socket any more.
    pub fn get_rcvmore(&self) -> Result<bool> {
        self.live()?;
        Ok(self.has_parts())
    }

    pub(crate) fn has_parts(&self) -> bool {
        !self.incoming.borrow().is_empty()
    }

    fn next_part(&self, flags: i32) -> Result<safe::Message> {
        let mut parts = self.incoming.borrow_mut();
        if let Some(part) = parts.pop_front() {
            return Ok(part);
        }
        let socket = self.live()?;
        let came = if flags & DONTWAIT == 0 {
            socket.recv_multipart_into(&mut parts).map(|()| true)
        } else {
            socket.try_recv_multipart_into(&mut parts)
        };
        if !came.map_err(receive_error)? {
            return Err(Error::EAGAIN);
        }
        parts.pop_front().ok_or(Error::EAGAIN)
    }
}

/// A REQ whose request libzmq dropped has nothing to receive: it is its turn to send.
fn receive_error(error: safe::Error) -> Error {
    match error.kind() {
        ErrorKind::Dropped => Error::EFSM,
        _ => error.into(),
    }
}
