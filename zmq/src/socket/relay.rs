//! Passing whole messages on from socket to socket, without waiting.

use libc::c_int;

use super::send::Fault;
use super::{Core, SocketKind, forked};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::message::Message;
use crate::multipart::Multipart;

/// What became of a message that was to be passed on.
#[derive(Debug)]
pub(crate) enum Given {
    /// libzmq has taken it. Empty messages are left of it.
    Taken,
    /// There is no room; nothing was taken.
    Full,
    /// Nobody will ever take it: no such peer, no routing id where one is needed, or a subscription
    /// that is too long to be passed on.
    Undeliverable,
    /// libzmq took the beginning and dropped it, since the peer went away.
    Dropped,
}

/// Why [`Core::pass`] stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It has passed on as many as it was to.
    Enough,
    /// There is no message.
    Empty,
    /// A message has begun, and goes on by [`Core::take`] and [`Core::give`].
    Begun(Begun),
    /// An error, not of the message that was last received.
    Failed(Error),
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun {
    /// Its parts that are received, and their bytes.
    parts: usize,
    bytes: usize,
    /// Its parts that are sent, and why the next was not. Then it was received whole.
    broken: Option<(usize, Errno)>,
}

/// What [`Core::pass`] has passed on.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) messages: usize,
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Core {
    /// Passes messages on to `to`, `most` at most, as long as nothing is out of the ordinary.
    ///
    /// Each is received whole before its first part is sent. `hand` holds the message that has begun.
    #[inline]
    pub(crate) fn pass(&self, to: &Core, hand: &mut Multipart, most: usize) -> (Passed, Stop) {
        /// Parts of a message that is not out of the ordinary.
        const PARTS: usize = 4;
        while hand.len() < PARTS {
            hand.push_back(Message::new());
        }
        let hand = &mut hand[..PARTS];
        let (least, most_parts) = to.kind().sent_parts();
        let mut passed = Passed::default();
        while passed.messages < most {
            let mut begun = Begun::default();
            loop {
                let Some(part) = hand.get_mut(begun.parts) else {
                    return (passed, Stop::Begun(begun));
                };
                match self.raw.receive(part.raw_mut(), Flags::DONTWAIT) {
                    Ok(length) => begun.bytes += length,
                    Err(_) if begun.parts > 0 => return (passed, Stop::Begun(begun)),
                    Err(errno) => {
                        let stop = no_message(errno).map_or_else(Stop::Failed, |()| Stop::Empty);
                        return (passed, stop);
                    }
                }
                begun.parts += 1;
                if !part.more() {
                    break;
                }
            }
            if begun.parts < least || begun.parts > most_parts {
                return (passed, Stop::Begun(begun));
            }
            for (index, part) in hand[..begun.parts].iter_mut().enumerate() {
                let flags = Flags::DONTWAIT.more(index + 1 < begun.parts);
                if let Err(errno) = to.raw.send_message(part.raw_mut(), flags) {
                    // Nothing has happened if it is the first: it can be sent once more.
                    begun.broken = (index > 0).then_some((index, errno));
                    return (passed, Stop::Begun(begun));
                }
            }
            passed.messages += 1;
            passed.frames += begun.parts;
            passed.bytes += begun.bytes;
        }
        (passed, Stop::Enough)
    }

    /// Whether [`pass`](Core::pass) can be used from this socket to that.
    pub(crate) fn passes(&self, to: &Core) -> bool {
        // The subscriptions that an XSUB is given are looked at.
        to.kind() != SocketKind::XSub && self.is_clear() && !to.raw.is_inherited()
    }

    /// Receives a message if there is one, or what is left of one that has begun, and says how many
    /// bytes it has.
    #[inline]
    pub(crate) fn take(&self, message: &mut Multipart, begun: Begun) -> Result<Option<usize>> {
        if begun.parts > 0 {
            message.truncate(begun.parts);
            let rest = self.rest_into(message)?;
            return Ok(Some(begun.bytes + rest));
        }
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
            Err(Refusal::Errno(errno)) => no_message(errno).map(|()| None),
            Err(Refusal::Error(error)) => Err(error),
        }
    }

    /// Sends a message, or what is left of one that has begun. It stays as it is with `Full`,
    /// `Undeliverable` and an error of kind `Interrupted`.
    #[inline]
    pub(crate) fn give(&self, message: &mut Multipart, begun: Begun) -> Result<Given> {
        if let Some((index, errno)) = begun.broken {
            let sent = self.send_broken(message, index, errno);
            return sent
                .and_then(|()| self.send_rest(message, index))
                .map_or_else(refusal, taken);
        }
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
        if self.kind() == SocketKind::XSub && self.check_topics(message).is_err() {
            return Ok(Given::Undeliverable);
        }
        let sent = self.send_parts(message, Flags::DONTWAIT);
        sent.map_or_else(refusal, taken)
    }

    #[cold]
    fn has_room(&self) -> Result<bool> {
        match self.raw.get::<c_int>(zmq_sys::ZMQ_EVENTS) {
            Ok(events) => Ok(events & c_int::from(zmq_sys::ZMQ_POLLOUT as i16) != 0),
            Err(errno) => Err(Error::from_errno("zmq_getsockopt", errno).on("ZMQ_EVENTS")),
        }
    }
}

fn taken((): ()) -> Result<Given> {
    Ok(Given::Taken)
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

/// Nothing is there, or it cannot be told.
#[cold]
fn no_message(errno: Errno) -> Result<()> {
    match errno {
        Errno(libc::EAGAIN) => Ok(()),
        errno => Err(Error::from_errno(super::receive::CALL, errno)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, PULL, PUSH, Pull, Push, Socket};

    fn connected() -> (Socket<Push>, Socket<Pull>) {
        let context = Context::new().unwrap();
        let (push, pull) = (context.socket(PUSH).unwrap(), context.socket(PULL).unwrap());
        push.set_sndhwm(1).unwrap();
        pull.set_rcvhwm(1).unwrap();
        pull.bind("inproc://relay").unwrap();
        push.connect("inproc://relay").unwrap();
        (push, pull)
    }

    fn give(to: &Socket<Push>) -> Given {
        let message = &mut Multipart::from(["two", "parts"]);
        to.core.give(message, Begun::default()).unwrap()
    }

    #[test]
    fn room_that_has_come_back_is_found_at_once() {
        let (push, pull) = connected();
        for _ in 0..100 {
            assert!(push.core.has_room().unwrap());
            while let Given::Taken = give(&push) {}
            assert!(!push.core.has_room().unwrap());
            while pull.try_recv_multipart().unwrap().is_some() {}
            assert!(matches!(give(&push), Given::Taken));
            while pull.try_recv_multipart().unwrap().is_some() {}
        }
    }

    #[test]
    fn a_message_goes_the_fast_way_but_to_an_xsub() {
        let (push, pull) = connected();
        assert!(pull.core.passes(&push.core));
        let xsub = push.context().socket(crate::XSUB).unwrap();
        assert!(!pull.core.passes(&xsub.core));
    }

    #[test]
    fn an_error_says_what_became_of_the_message() {
        let refused = |kind| refusal(Fault::Refused(Error::own("", kind)));
        assert!(matches!(refused(ErrorKind::WouldBlock), Ok(Given::Full)));
        let unreachable = refused(ErrorKind::HostUnreachable);
        assert!(matches!(unreachable, Ok(Given::Undeliverable)));
        assert!(refused(ErrorKind::Terminated).is_err());
        let dropped = |kind| refusal(Fault::Dropped(Error::own("", kind)));
        assert!(matches!(dropped(ErrorKind::Dropped), Ok(Given::Dropped)));
        assert!(dropped(ErrorKind::Terminated).is_err());

        assert!(no_message(Errno(libc::EAGAIN)).is_ok());
        assert!(no_message(Errno(zmq_sys::ETERM)).is_err());
    }
}
