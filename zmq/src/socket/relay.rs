//! Passing whole messages on from socket to socket, without waiting.

use libc::c_int;

use super::send::Fault;
use super::{Core, forked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::multipart::Multipart;

/// What became of a message that was to be passed on.
#[derive(Debug)]
pub(crate) enum Given {
    /// libzmq has taken it. Empty messages are left of it.
    Taken,
    /// There is no room; nothing was taken.
    Full,
    /// Nobody will ever take it: no such peer, or no routing id where one is needed.
    Undeliverable,
    /// libzmq took the beginning and dropped it, since the peer went away.
    Dropped,
}

impl Core {
    /// Receives a message if there is one, and says how many bytes it has.
    #[inline]
    pub(crate) fn take(&self, message: &mut Multipart) -> Result<Option<usize>> {
        if !self.is_clear() {
            if let Some(parked) = self.settle(super::receive::CALL)? {
                *message = parked;
                return Ok(Some(message.byte_len()));
            }
        }
        let received = self.parts_into(message, |part| {
            self.raw
                .receive(part.raw_mut(), Flags::DONTWAIT)
                .map_err(Refusal::Errno)
        });
        match received {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Refusal::Errno(Errno(libc::EAGAIN))) => Ok(None),
            Err(Refusal::Errno(errno)) => Err(Error::from_errno(super::receive::CALL, errno)),
            Err(Refusal::Error(error)) => Err(error),
        }
    }

    /// Sends a message, which stays as it is with `Full`, `Undeliverable` and an error of kind
    /// `Interrupted`.
    #[inline]
    pub(crate) fn give(&self, message: &mut Multipart) -> Result<Given> {
        match self.offer(message)? {
            // When sending, libzmq looks once in a millisecond only for room that has come back.
            Given::Full if self.has_room()? => self.offer(message),
            given => Ok(given),
        }
    }

    #[inline]
    fn offer(&self, message: &mut Multipart) -> Result<Given> {
        if self.raw.is_inherited() {
            return Err(forked(super::send::CALL));
        }
        let (least, most) = self.kind().sent_parts();
        if message.len() < least || message.len() > most {
            return Ok(Given::Undeliverable);
        }
        match self.send_parts(message, Flags::DONTWAIT, 0) {
            Ok(()) => Ok(Given::Taken),
            Err(fault) => refusal(fault),
        }
    }

    #[cold]
    fn has_room(&self) -> Result<bool> {
        match self.raw.get::<c_int>(zmq_sys::ZMQ_EVENTS) {
            Ok(events) => Ok(events & c_int::from(zmq_sys::ZMQ_POLLOUT as i16) != 0),
            Err(errno) => Err(Error::from_errno("zmq_getsockopt", errno).on("ZMQ_EVENTS")),
        }
    }
}

#[cold]
fn refusal(fault: Fault) -> Result<Given> {
    let (error, given) = match fault {
        Fault::Refused(error) => match error.kind() {
            ErrorKind::WouldBlock => (error, Some(Given::Full)),
            ErrorKind::HostUnreachable => (error, Some(Given::Undeliverable)),
            _ => (error, None),
        },
        Fault::Dropped(error) => match error.kind() {
            ErrorKind::Dropped => (error, Some(Given::Dropped)),
            _ => (error, None),
        },
    };
    given.ok_or(error)
}

/// Why no message came: not an [`Error`] yet, as an empty queue is none.
enum Refusal {
    Errno(Errno),
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Error(error)
    }
}
