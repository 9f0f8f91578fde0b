//! Receiving whole messages.

use super::Socket;
use super::request::may_be_req;
use super::types::{CanReceive, ReceivesFrames, SocketKind, SocketType};
use crate::error::{Error, ErrorKind, RecvError, Result};
use crate::ffi::Errno;
use crate::ffi::socket::{Copied, Flags};
use crate::message::Message;
use crate::multipart::Multipart;

pub(super) const CALL: &str = "zmq_msg_recv";

/// What [`Socket::recv_into`] put into the buffer, and what it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// Bytes in the buffer.
    pub len: usize,
    /// Bytes of the frame. More than `len` if the buffer was too short for it.
    pub full_len: usize,
    /// Further frames of the message, which were dropped.
    pub dropped_frames: usize,
}

impl Received {
    /// Whether the buffer holds the whole message.
    pub fn is_complete(&self) -> bool {
        self.len == self.full_len && self.dropped_frames == 0
    }
}

impl<T: SocketType> Socket<T> {
    /// Receives a message of one frame, waiting for it (`zmq_msg_recv(3)`).
    ///
    /// # Errors
    /// [`PartCount`](ErrorKind::PartCount) if a message of several frames came; the error holds it,
    /// whole. (A server on a REP uses [`next_request`](Socket::next_request) or
    /// [`recv_into`](Socket::recv_into), so that no client's message can end it.)
    /// [`WouldBlock`](ErrorKind::WouldBlock) when [`rcvtimeo`](Socket::rcvtimeo) ran out,
    /// [`Interrupted`](ErrorKind::Interrupted) by a signal,
    /// [`InvalidState`](ErrorKind::InvalidState) out of turn on REQ and REP,
    /// [`Dropped`](ErrorKind::Dropped) on a REQ whose request did not get out,
    /// [`Terminated`](ErrorKind::Terminated).
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let sender = context.socket(zmq::PUSH)?;
    /// # let receiver = context.socket(zmq::PULL)?;
    /// # receiver.bind("inproc://r")?;
    /// # sender.connect("inproc://r")?;
    /// # sender.send("Hello")?;
    /// let message = receiver.recv()?;
    /// println!("Received {message}");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_recv")]
    #[doc(alias = "zmq_msg_recv")]
    #[doc(alias = "zmq_recvmsg")]
    #[doc(alias = "s_recv")]
    #[inline]
    pub fn recv(&self) -> Result<Message, RecvError>
    where
        T: CanReceive + ReceivesFrames,
    {
        Message::filled(|message| self.frame_into(message, Flags::BLOCK))
    }

    /// Receives a message of one frame if there is one (`ZMQ_DONTWAIT`).
    ///
    /// # Errors
    /// As [`recv`](Socket::recv), without `WouldBlock`.
    #[doc(alias = "ZMQ_DONTWAIT")]
    #[inline]
    pub fn try_recv(&self) -> Result<Option<Message>, RecvError>
    where
        T: CanReceive + ReceivesFrames,
    {
        let mut message = Message::new();
        match self.frame_into(&mut message, Flags::DONTWAIT) {
            Ok(()) => Ok(Some(message)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Receives a message of one frame into a message of yours, whose content is dropped: the
    /// cheapest form in a loop.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv). After an error the message is empty.
    #[inline]
    pub fn recv_message_into(&self, message: &mut Message) -> Result<(), RecvError>
    where
        T: CanReceive + ReceivesFrames,
    {
        self.frame_into(message, Flags::BLOCK)
    }

    /// Receives a message of one frame into a message of yours if there is one, and says whether
    /// there was.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv), without `WouldBlock`.
    #[inline]
    pub fn try_recv_message_into(&self, message: &mut Message) -> Result<bool, RecvError>
    where
        T: CanReceive + ReceivesFrames,
    {
        match self.frame_into(message, Flags::DONTWAIT) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Receives the first frame of a message into a buffer, waiting for it, and drops what does
    /// not fit and the other frames (`zmq_recv(3)`).
    ///
    /// [`Received`] says what there was. The shape of a message is never an error here.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv), without `PartCount`.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let sender = context.socket(zmq::PUSH)?;
    /// # let receiver = context.socket(zmq::PULL)?;
    /// # receiver.bind("inproc://b")?;
    /// # sender.connect("inproc://b")?;
    /// # sender.send("Hello, World")?;
    /// let mut buffer = [0; 5];
    /// let received = receiver.recv_into(&mut buffer)?;
    /// assert_eq!(&buffer[..received.len], b"Hello");
    /// assert_eq!(received.full_len, 12);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_recv")]
    #[inline]
    pub fn recv_into(&self, buffer: &mut [u8]) -> Result<Received>
    where
        T: CanReceive + ReceivesFrames,
    {
        self.bytes_into(buffer, Flags::BLOCK)
    }

    /// As [`recv_into`](Socket::recv_into), if there is a message.
    ///
    /// # Errors
    /// As [`recv_into`](Socket::recv_into), without `WouldBlock`.
    #[inline]
    pub fn try_recv_into(&self, buffer: &mut [u8]) -> Result<Option<Received>>
    where
        T: CanReceive + ReceivesFrames,
    {
        unless_blocked(self.bytes_into(buffer, Flags::DONTWAIT))
    }

    /// Receives a message of any number of frames, waiting for it.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv), without `PartCount`. [`Truncated`](ErrorKind::Truncated) if
    /// libzmq broke its promise to deliver messages whole; nothing of it is returned then.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let sender = context.socket(zmq::PUSH)?;
    /// # let receiver = context.socket(zmq::PULL)?;
    /// # receiver.bind("inproc://m")?;
    /// # sender.connect("inproc://m")?;
    /// # sender.send_multipart(["one", "two"])?;
    /// for frame in receiver.recv_multipart()? {
    ///     println!("{frame}");
    /// }
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_msg_recv")]
    #[doc(alias = "ZMQ_RCVMORE")]
    #[doc(alias = "zmsg_recv")]
    #[inline]
    pub fn recv_multipart(&self) -> Result<Multipart>
    where
        T: CanReceive,
    {
        let mut message = Multipart::new();
        self.frames_into(&mut message, Flags::BLOCK)?;
        Ok(message)
    }

    /// Receives a message of any number of frames if there is one.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart), without `WouldBlock`.
    #[inline]
    pub fn try_recv_multipart(&self) -> Result<Option<Multipart>>
    where
        T: CanReceive,
    {
        let mut message = Multipart::new();
        let received = unless_blocked(self.frames_into(&mut message, Flags::DONTWAIT))?;
        Ok(received.map(|()| message))
    }

    /// Receives a message of any number of frames into one of yours, whose content is dropped and
    /// whose room is used again: no allocation of this crate's in a loop.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart). After an error the message is empty.
    #[inline]
    pub fn recv_multipart_into(&self, message: &mut Multipart) -> Result<()>
    where
        T: CanReceive,
    {
        self.frames_into(message, Flags::BLOCK)
    }

    /// As [`recv_multipart_into`](Socket::recv_multipart_into) if there is a message; says whether
    /// there was.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart), without `WouldBlock`.
    #[inline]
    pub fn try_recv_multipart_into(&self, message: &mut Multipart) -> Result<bool>
    where
        T: CanReceive,
    {
        Ok(unless_blocked(self.frames_into(message, Flags::DONTWAIT))?.is_some())
    }

    /// Receives a message of exactly `N` frames, waiting for it.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv): [`PartCount`](ErrorKind::PartCount) if it has another number of
    /// frames; the error holds it, whole.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let publisher = context.socket(zmq::PUSH)?;
    /// # let subscriber = context.socket(zmq::PULL)?;
    /// # subscriber.bind("inproc://a")?;
    /// # publisher.connect("inproc://a")?;
    /// # publisher.send_more("B").send("We would like to see this")?;
    /// let [address, contents] = subscriber.recv_array()?;
    /// println!("[{address}] {contents}");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[inline]
    pub fn recv_array<const N: usize>(&self) -> Result<[Message; N], RecvError>
    where
        T: CanReceive,
    {
        array(self.recv_multipart()?)
    }

    /// Receives a message of exactly `N` frames if there is one.
    ///
    /// # Errors
    /// As [`recv_array`](Socket::recv_array), without `WouldBlock`.
    #[inline]
    pub fn try_recv_array<const N: usize>(&self) -> Result<Option<[Message; N]>, RecvError>
    where
        T: CanReceive,
    {
        self.try_recv_multipart()?.map(array).transpose()
    }

    // ---- how ---------------------------------------------------------------------------------

    /// Receives a first part straight from libzmq.
    #[inline]
    pub(super) fn receive_first(&self, part: &mut Message, flags: Flags) -> Result<usize> {
        match self.core.raw.receive(part.raw_mut(), flags) {
            Ok(length) => {
                self.begun();
                Ok(length)
            }
            Err(errno) => Err(self.receive_error(errno)),
        }
    }

    /// Keeps the turns of a REQ.
    #[inline]
    fn begun(&self) {
        if may_be_req::<T>() {
            self.core.turn.replied();
        }
    }

    #[cold]
    fn receive_error(&self, errno: Errno) -> Error {
        if T::KIND.is_none() && !self.kind().receives() {
            return Error::own(CALL, ErrorKind::NotSupported)
                .on(self.kind())
                .because("it only sends");
        }
        self.core.request_error(CALL, errno)
    }

    #[inline]
    fn frame_into(&self, message: &mut Message, flags: Flags) -> Result<(), RecvError> {
        if !self.core.is_clear() || self.is_routed() {
            return self.frame_into_slowly(message, flags);
        }
        match self.core.raw.receive(message.raw_mut(), flags) {
            Ok(_) => self.begun(),
            Err(errno) => return Err(self.frame_error(message, errno)),
        }
        if message.more() {
            return Err(self.too_many(message));
        }
        Ok(())
    }

    #[cold]
    fn frame_error(&self, message: &mut Message, errno: Errno) -> RecvError {
        // libzmq leaves it as it was if it did not come to look for a message.
        *message = Message::new();
        self.receive_error(errno).into()
    }

    /// On a ROUTER or STREAM known at run time only, one bare frame is no message.
    #[inline]
    fn is_routed(&self) -> bool {
        T::KIND.is_none() && matches!(self.kind(), SocketKind::Router | SocketKind::Stream)
    }

    #[cold]
    fn frame_into_slowly(&self, message: &mut Message, flags: Flags) -> Result<(), RecvError> {
        *message = Message::new();
        let mut parts = Multipart::new();
        self.frames_into(&mut parts, flags)?;
        let [only] = array(parts)?;
        *message = only;
        Ok(())
    }

    #[cold]
    fn too_many(&self, first: &mut Message) -> RecvError {
        let mut parts = Multipart::from(std::mem::take(first));
        match self.core.rest_into(&mut parts) {
            Ok(_) => RecvError::part_count(CALL, 1, parts),
            Err(error) => error.into(),
        }
    }

    #[inline]
    fn bytes_into(&self, buffer: &mut [u8], flags: Flags) -> Result<Received> {
        if !self.core.is_clear() || self.is_routed() {
            return self.bytes_into_slowly(buffer, flags);
        }
        let Copied {
            len,
            full_len,
            more,
        } = match self.core.raw.receive_into(buffer, flags) {
            Ok(copied) => copied,
            Err(errno) => return Err(self.receive_error(errno)),
        };
        self.begun();
        let dropped_frames = if more { self.drop_rest()? } else { 0 };
        Ok(Received {
            len,
            full_len,
            dropped_frames,
        })
    }

    #[cold]
    fn bytes_into_slowly(&self, buffer: &mut [u8], flags: Flags) -> Result<Received> {
        if self.is_routed() {
            return Err(Error::own(CALL, ErrorKind::InvalidInput)
                .on(self.kind())
                .because("the first frame is the peer's routing id; use recv_multipart"));
        }
        let mut parts = Multipart::new();
        self.frames_into(&mut parts, flags)?;
        let dropped_frames = parts.len().saturating_sub(1);
        let first = parts.pop_front().unwrap_or_default();
        let len = first.len().min(buffer.len());
        buffer[..len].copy_from_slice(&first[..len]);
        Ok(Received {
            len,
            full_len: first.len(),
            dropped_frames,
        })
    }

    #[cold]
    fn drop_rest(&self) -> Result<usize> {
        let mut rest = Multipart::new();
        self.core.rest_into(&mut rest)?;
        Ok(rest.len())
    }

    #[inline]
    pub(super) fn frames_into(&self, message: &mut Multipart, flags: Flags) -> Result<()> {
        if !self.core.is_clear() {
            if let Some(parked) = self.core.settle(CALL)? {
                *message = parked;
                return Ok(());
            }
        }
        self.core
            .parts_into(message, |part| self.receive_first(part, flags))
            .map(drop)
    }
}

impl super::Core {
    /// Receives what is left of a message that has begun, behind the parts that are there. Gives its
    /// bytes; after an error the message is empty.
    pub(super) fn rest_into(&self, message: &mut Multipart) -> Result<usize> {
        let mut bytes = 0;
        while message.last().is_none_or(Message::more) {
            let mut part = Message::new();
            match self.receive_next(&mut part) {
                Ok(length) => bytes += length,
                Err(errno) => {
                    message.clear();
                    return Err(truncated(errno));
                }
            }
            message.push_back(part);
        }
        Ok(bytes)
    }

    /// Receives a message, whose first part comes by `first`. The parts that are there already are
    /// received into, which drops their content. Gives the bytes of all; after an error the message
    /// is empty.
    #[inline]
    pub(super) fn parts_into<E: From<Error>>(
        &self,
        message: &mut Multipart,
        first: impl Fn(&mut Message) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let (mut count, mut bytes) = (0, 0);
        loop {
            for part in &mut message[count..] {
                let received = if count == 0 {
                    first(part)
                } else {
                    let received = self.receive_next(part);
                    received.map_err(|errno| truncated(errno).into())
                };
                match received {
                    Ok(length) => bytes += length,
                    Err(error) => {
                        message.clear();
                        return Err(error);
                    }
                }
                count += 1;
                if !part.more() {
                    message.truncate(count);
                    return Ok(bytes);
                }
            }
            message.push_back(Message::new());
        }
    }
}

/// libzmq delivers whole messages, so a part that does not come at once never will.
#[cold]
fn truncated(errno: Errno) -> Error {
    match errno {
        Errno(libc::EAGAIN) => Error::own(CALL, ErrorKind::Truncated),
        errno => Error::from_errno(CALL, errno),
    }
}

fn unless_blocked<V>(received: Result<V>) -> Result<Option<V>> {
    match received {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

fn array<const N: usize>(message: Multipart) -> Result<[Message; N], RecvError> {
    if message.len() != N {
        return Err(RecvError::part_count(CALL, N, message));
    }
    message.into_array()
}
