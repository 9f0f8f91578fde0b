//! Receiving a message frame by frame.

use std::fmt;

use super::Socket;
use super::receive::CALL;
use super::types::{CanReceive, SocketType};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::message::Message;
use crate::multipart::Multipart;

impl<T: SocketType> Socket<T> {
    /// Receives a message as a stream of its frames, waiting for the first: for messages of many
    /// or of large frames, which then need not be held all at once.
    ///
    /// The socket is borrowed mutably until the stream goes, so nothing else can be received in
    /// the middle of the message. Dropping the stream drops the rest of the message.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart).
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let sender = context.socket(zmq::PUSH)?;
    /// let mut receiver = context.socket(zmq::PULL)?;
    /// # receiver.bind("inproc://f")?;
    /// # sender.connect("inproc://f")?;
    /// # sender.send_multipart(["one", "two", "three"])?;
    /// let mut bytes = 0;
    /// for frame in receiver.recv_frames()? {
    ///     bytes += frame?.len();
    /// }
    /// # assert_eq!(bytes, 11);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0502
    /// # let context = zmq::Context::new()?;
    /// let mut receiver = context.socket(zmq::PULL)?;
    /// let frames = receiver.recv_frames()?;
    /// receiver.recv()?; // would tear the message
    /// drop(frames);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_RCVMORE")]
    pub fn recv_frames(&mut self) -> Result<Frames<'_, T>>
    where
        T: CanReceive,
    {
        self.frames(Flags::BLOCK)
    }

    /// As [`recv_frames`](Socket::recv_frames) if there is a message.
    ///
    /// # Errors
    /// As [`try_recv_multipart`](Socket::try_recv_multipart).
    pub fn try_recv_frames(&mut self) -> Result<Option<Frames<'_, T>>>
    where
        T: CanReceive,
    {
        match self.frames(Flags::DONTWAIT) {
            Ok(frames) => Ok(Some(frames)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn frames(&mut self, flags: Flags) -> Result<Frames<'_, T>>
    where
        T: CanReceive,
    {
        if !self.core.is_clear() {
            if let Some(parked) = self.core.settle(CALL)? {
                return Ok(Frames {
                    socket: self,
                    ready: parked,
                    coming: false,
                });
            }
        }
        let mut first = Message::new();
        self.receive_first(&mut first, flags)?;
        let coming = first.more();
        self.core.set_half_read(coming);
        Ok(Frames {
            socket: self,
            ready: first.into(),
            coming,
        })
    }
}

/// The frames of one message, as they are received: see [`Socket::recv_frames`].
///
/// As an iterator it gives each frame as a message of its own; [`next_frame`](Frames::next_frame)
/// receives into one of yours.
#[must_use = "dropped at once, it drops the message"]
pub struct Frames<'s, T: CanReceive> {
    socket: &'s mut Socket<T>,
    /// Frames that are here already.
    ready: Multipart,
    /// Whether more are to be received.
    coming: bool,
}

impl<T: CanReceive> Frames<'_, T> {
    /// Receives the next frame into `frame`, and says whether there was one. It never waits.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated); [`Truncated`](ErrorKind::Truncated) if libzmq broke
    /// its promise to deliver messages whole. No frame follows.
    pub fn next_frame(&mut self, frame: &mut Message) -> Result<bool> {
        if let Some(ready) = self.ready.pop_front() {
            *frame = ready;
            return Ok(true);
        }
        if !self.coming {
            return Ok(false);
        }
        if let Err(errno) = self.socket.core().receive_next(frame) {
            self.coming = false;
            if errno != Errno(libc::EAGAIN) {
                return Err(Error::from_errno(CALL, errno));
            }
            self.socket.core().set_half_read(false);
            return Err(Error::own(CALL, ErrorKind::Truncated));
        }
        self.coming = frame.more();
        self.socket.core().set_half_read(self.coming);
        Ok(true)
    }
}

impl<T: CanReceive> Iterator for Frames<'_, T> {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Result<Message>> {
        let mut frame = Message::new();
        match self.next_frame(&mut frame) {
            Ok(true) => Some(Ok(frame)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T: CanReceive> Drop for Frames<'_, T> {
    fn drop(&mut self) {
        self.socket.core().drain_half_read();
    }
}

impl<T: CanReceive> fmt::Debug for Frames<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("socket", self.socket)
            .finish_non_exhaustive()
    }
}
