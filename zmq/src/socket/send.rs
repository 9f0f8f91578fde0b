//! Sending whole messages.

use super::types::{CanSend, IsRouter, SingleFrame, SocketKind, SocketType};
use super::{Socket, forked};
use crate::error::{Error, ErrorKind, SendError};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::payload::sealed::{Part, PartList};
use crate::payload::{Chain, Nothing, One, Parts, Payload};

use super::more::SendMore;

pub(super) const CALL: &str = "zmq_msg_send";

/// How a send failed.
pub(crate) enum Fault {
    /// Nothing was sent: the message can be given back.
    Refused(Error),
    /// libzmq has taken the message, or parts of it, and dropped them.
    Dropped(Error),
}

/// What becomes of frames that were to be sent. A function would first move them, 64 bytes each.
macro_rules! conclude {
    ($frames:expr, $sent:expr) => {
        match $sent {
            Ok(()) => {
                $crate::payload::sealed::PartList::sent($frames);
                Ok(())
            }
            Err(fault) => Err($crate::socket::refusal($frames, fault)),
        }
    };
}

pub(crate) use conclude;

impl Fault {
    #[cold]
    pub(super) fn refused(errno: Errno) -> Fault {
        Fault::Refused(Error::from_errno(CALL, errno))
    }

    #[cold]
    pub(super) fn dropped() -> Fault {
        Fault::Dropped(Error::own(CALL, ErrorKind::Dropped))
    }
}

impl<T: SocketType> Socket<T> {
    /// Sends a message of one frame, waiting for room (`zmq_send(3)`, `zmq_msg_send(3)`).
    ///
    /// It takes the frame by value: what was sent cannot be used again. Borrowed bytes are
    /// copied, owned ones handed over. `Ok` means that libzmq has taken the message, not that
    /// anybody received it: PUB drops it for subscribers that are full or absent, and a peer that
    /// goes away takes what was queued for it along.
    ///
    /// # Errors
    /// The message comes back in the error:
    /// [`WouldBlock`](ErrorKind::WouldBlock) when [`sndtimeo`](Socket::sndtimeo) ran out,
    /// [`Interrupted`](ErrorKind::Interrupted) by a signal,
    /// [`InvalidState`](ErrorKind::InvalidState) out of turn on REQ and REP,
    /// [`InvalidInput`](ErrorKind::InvalidInput) on an XSUB for a topic above
    /// [`MAX_TOPIC`](super::Subscription::MAX_TOPIC),
    /// [`Terminated`](ErrorKind::Terminated).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (sender, receiver) = (context.socket(zmq::PUSH)?, context.socket(zmq::PULL)?);
    /// receiver.bind("inproc://frames")?;
    /// sender.connect("inproc://frames")?;
    /// sender.send("text")?;
    /// sender.send(&b"bytes"[..])?;
    /// sender.send(vec![0; 1 << 20])?; // without a copy
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0382
    /// # let context = zmq::Context::new()?;
    /// # let socket = context.socket(zmq::PUSH)?;
    /// let message = zmq::Message::from("Hello");
    /// socket.send(message)?;
    /// println!("{message}"); // moved: close-after-send, checked by the compiler
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_send")]
    #[doc(alias = "zmq_msg_send")]
    #[doc(alias = "zmq_sendmsg")]
    #[doc(alias = "s_send")]
    #[inline]
    pub fn send<P: Payload>(&self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        let mut frame = One(frame.prepare());
        let sent = self.try_one(&mut frame, Flags::BLOCK);
        conclude!(frame, sent)
    }

    /// Sends a message of one frame if there is room now (`ZMQ_DONTWAIT`).
    ///
    /// # Errors
    /// As [`send`](Socket::send); [`WouldBlock`](ErrorKind::WouldBlock) at once when there is no
    /// room, or no peer.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[doc(alias = "ZMQ_NOBLOCK")]
    #[inline]
    pub fn try_send<P: Payload>(&self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        let mut frame = One(frame.prepare());
        let sent = self.try_one(&mut frame, Flags::DONTWAIT);
        conclude!(frame, sent)
    }

    /// Sends a message of several frames, waiting for room.
    ///
    /// All frames are in hand before the first is given to libzmq, and the socket is never left
    /// in the middle of a message: the next one is a message of its own, whatever happened.
    ///
    /// # Errors
    /// As [`send`](Socket::send), with the whole message in the error, and nothing sent.
    /// [`InvalidInput`](ErrorKind::InvalidInput) for no frames, fewer than two on a ROUTER or other
    /// than two on a STREAM; [`HostUnreachable`](ErrorKind::HostUnreachable) for an unknown peer on
    /// a ROUTER with [`set_router_mandatory`](Socket::set_router_mandatory).
    ///
    /// [`Dropped`](ErrorKind::Dropped), and `Terminated` with an empty message in the error, say
    /// that libzmq had taken frames already and dropped them: the message was not sent. A peer
    /// that dies in the middle is not always noticed, and then it is `Ok`, as if it had died a
    /// moment later.
    ///
    /// # What libzmq can still tear
    /// While a message is being handed over, another peer of a PUSH, DEALER or REQ that goes away
    /// can, in a window of microseconds, make libzmq put the remaining frames into a third
    /// peer's queue (`lb_t::pipe_terminated`). So can a reconnection of an XSUB, and an inproc peer that
    /// lowers its high-water mark in that very moment.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (sender, receiver) = (context.socket(zmq::PUSH)?, context.socket(zmq::PULL)?);
    /// receiver.bind("inproc://parts")?;
    /// sender.connect("inproc://parts")?;
    /// sender.send_multipart(["address", "contents"])?;
    /// sender.send_multipart(("mixed", vec![1, 2, 3], zmq::Message::new()))?;
    /// let lines: zmq::Multipart = "a\nb".lines().collect();
    /// sender.send_multipart(lines)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_SNDMORE")]
    #[doc(alias = "zmsg_send")]
    #[inline]
    pub fn send_multipart<L: Parts>(&self, frames: L) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        self.send_list(frames.prepare_parts(), Flags::BLOCK)
    }

    /// Sends a message of several frames if there is room now.
    ///
    /// # Errors
    /// As [`send_multipart`](Socket::send_multipart); [`WouldBlock`](ErrorKind::WouldBlock) at
    /// once when there is no room, or no peer.
    #[inline]
    pub fn try_send_multipart<L: Parts>(&self, frames: L) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        self.send_list(frames.prepare_parts(), Flags::DONTWAIT)
    }

    /// Begins a message of several frames; the last, given to [`SendMore::send`], sends them all.
    ///
    /// Nothing is sent before, so the message can be given up at any point.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let publisher = context.socket(zmq::PUB)?;
    /// publisher.bind("inproc://news")?;
    /// publisher.send_more("A").send("We don't want to see this")?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_SNDMORE")]
    #[doc(alias = "s_sendmore")]
    #[inline]
    pub fn send_more<P: Payload>(&self, frame: P) -> SendMore<'_, T, Chain<Nothing, P::Prepared>>
    where
        T: CanSend,
    {
        SendMore::new(self, Chain(Nothing, frame.prepare()))
    }

    /// Sends one frame to the peer with this routing id.
    ///
    /// A peer that is not known is no error, and the message is dropped, unless
    /// [`set_router_mandatory`](Socket::set_router_mandatory) says otherwise. To a REQ the frames
    /// are `[id][empty][body]`: use [`send_multipart`](Socket::send_multipart).
    ///
    /// # Errors
    /// As [`send_multipart`](Socket::send_multipart).
    #[inline]
    pub fn send_to<I, P>(
        &self,
        routing_id: I,
        frame: P,
    ) -> Result<(), SendError<<(I, P) as Parts>::Refused>>
    where
        T: CanSend + IsRouter,
        I: Payload,
        P: Payload,
    {
        self.send_multipart((routing_id, frame))
    }

    /// Whether turns, or rules checked at run time, make a single frame more than one call.
    const HAS_RULES: bool = matches!(
        T::KIND,
        None | Some(SocketKind::Req | SocketKind::Rep | SocketKind::XSub)
    );

    #[inline]
    pub(crate) fn try_one<P: Part>(&self, frame: &mut One<P>, flags: Flags) -> Result<(), Fault> {
        if Self::HAS_RULES {
            return self.try_list(frame, flags);
        }
        if self.core.raw.is_inherited() {
            return Err(Fault::Refused(forked(CALL)));
        }
        frame.0.send(&self.core.raw, flags).map_err(Fault::refused)
    }

    #[inline]
    pub(super) fn send_list<L: PartList>(
        &self,
        mut frames: L,
        flags: Flags,
    ) -> Result<(), SendError<L::Refused>> {
        conclude!(frames, self.try_list(&mut frames, flags))
    }

    #[inline]
    pub(crate) fn try_list<L: PartList>(&self, frames: &mut L, flags: Flags) -> Result<(), Fault> {
        let kind = self.kind();
        self.check_list(kind, frames.count())?;
        match kind {
            SocketKind::Req => self.core.send_request(frames, flags),
            SocketKind::Rep => {
                self.core.check_reply()?;
                self.core.send_parts(frames, flags)
            }
            SocketKind::XSub => {
                self.core.check_topics(frames).map_err(Fault::Refused)?;
                self.core.send_parts(frames, flags)
            }
            _ => self.core.send_parts(frames, flags),
        }
    }

    /// Refuses what libzmq would drop without a word, or would be left in the middle of.
    #[inline]
    fn check_list(&self, kind: SocketKind, count: usize) -> Result<(), Fault> {
        if self.core.raw.is_inherited() {
            return Err(Fault::Refused(forked(CALL)));
        }
        let (least, most) = kind.sent_parts();
        if count < least || count > most || (T::KIND.is_none() && !kind.sends()) {
            return Err(Fault::Refused(wrong_count(kind, count)));
        }
        if let Some(way) = kind.address() {
            return Err(Fault::Refused(unaddressed(kind, way)));
        }
        Ok(())
    }
}

#[cold]
pub(crate) fn refusal<L: PartList>(frames: L, fault: Fault) -> SendError<L::Refused> {
    match fault {
        Fault::Refused(error) => SendError {
            error,
            message: frames.refused(),
        },
        Fault::Dropped(error) => SendError {
            error,
            message: Default::default(),
        },
    }
}

#[cold]
fn wrong_count(kind: SocketKind, count: usize) -> Error {
    if !kind.sends() {
        return Error::own(CALL, ErrorKind::NotSupported)
            .on(kind)
            .because("it only receives");
    }
    let reason = match kind {
        SocketKind::Router => "a routing id and at least one frame make a message here",
        SocketKind::Stream | SocketKind::Dgram => "an id and one frame make a message here",
        _ if count == 0 => "a message has at least one frame",
        _ => "this socket type has messages of one frame only",
    };
    Error::own(CALL, ErrorKind::InvalidInput)
        .on(format_args!("{kind}, frames: {count}"))
        .because(reason)
}

#[cold]
fn unaddressed(kind: SocketKind, way: &'static str) -> Error {
    Error::own(CALL, ErrorKind::InvalidInput)
        .on(kind)
        .because(way)
}

impl super::Core {
    /// Hands the parts over, the first in the caller's mode.
    #[inline]
    pub(super) fn send_parts<L: PartList>(
        &self,
        frames: &mut L,
        flags: Flags,
    ) -> Result<(), Fault> {
        let more = frames.count() > 1;
        frames
            .send(0, &self.raw, flags.more(more))
            .map_err(Fault::refused)?;
        if more {
            self.send_rest(frames, 1)
        } else {
            Ok(())
        }
    }

    /// Hands over the parts from `begin` on, of a message that has begun, without waiting: it always
    /// has room, so that they only wait when its peer is gone.
    #[inline]
    pub(super) fn send_rest<L: PartList>(&self, frames: &mut L, begin: usize) -> Result<(), Fault> {
        let count = frames.count();
        for index in begin..count {
            let flags = Flags::DONTWAIT.more(index + 1 < count);
            if let Err(errno) = frames.send(index, &self.raw, flags) {
                self.send_again(frames, index, flags, errno)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn send_again<L: PartList>(
        &self,
        frames: &mut L,
        index: usize,
        flags: Flags,
        mut errno: Errno,
    ) -> Result<(), Fault> {
        loop {
            self.send_broken(frames, index, errno)?;
            match frames.send(index, &self.raw, flags) {
                Ok(()) => return Ok(()),
                Err(again) => errno = again,
            }
        }
    }

    /// What to do when the part at `index`, not the first, was not taken. `Ok` is: once more.
    #[cold]
    pub(super) fn send_broken<L: PartList>(
        &self,
        frames: &mut L,
        index: usize,
        errno: Errno,
    ) -> Result<(), Fault> {
        match errno {
            Errno(libc::EINTR) if !self.raw.is_inherited() => Ok(()),
            Errno(libc::EAGAIN) => {
                self.swallow(frames, index);
                Err(Fault::dropped())
            }
            // The context has ended: the close drops what is in the pipe.
            errno => Err(Fault::Dropped(Error::from_errno(CALL, errno))),
        }
    }

    /// After `EAGAIN` at `index` the parts before are gone. A PAIR is clean then. The load
    /// balancing types take the rest of the message, to its end, and drop it; if `index` was the
    /// end, whatever follows is a message of its own.
    fn swallow<L: PartList>(&self, frames: &mut L, index: usize) {
        let count = frames.count();
        let balances = matches!(
            self.kind(),
            SocketKind::Push | SocketKind::Dealer | SocketKind::Req
        );
        if !balances || index + 1 == count {
            if self.kind() == SocketKind::Req {
                self.turn.broke();
            }
            return;
        }
        for rest in index + 1..count {
            let flags = Flags::DONTWAIT.more(rest + 1 < count);
            loop {
                match frames.send(rest, &self.raw, flags) {
                    Err(Errno(libc::EINTR)) if !self.raw.is_inherited() => {}
                    Ok(()) => break,
                    Err(_) => return, // the context has ended
                }
            }
        }
        if self.kind() == SocketKind::Req {
            self.set_request_lost(true);
        }
    }
}

#[cfg(test)]
mod tests;
