//! Receiving the latest message and dropping those before it.

use super::Socket;
use super::receive::CALL;
use super::types::{CanReceive, KeepsLatest, SocketKind, SocketType};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::socket::Flags;
use crate::multipart::Multipart;

/// The most messages that one call takes where the socket has no mark.
const MOST: u32 = 1000;

impl<T: SocketType> Socket<T> {
    /// Receives the latest message: waits for one, takes what else is there and keeps the last.
    ///
    /// It is for readings of which only the newest counts. In C `ZMQ_CONFLATE` is for that. Here
    /// messages may have any number of frames, which come whole, and no sender can make libzmq
    /// abort.
    ///
    /// One call takes at most as many messages as [`rcvhwm`](Socket::rcvhwm) says, or 1000 if that
    /// is 0, so that no sender, however fast, holds it for ever; of those it keeps the last. Where
    /// several peers send, the last is that of the peer whose turn it was.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart), while it waits: once it has a message, that
    /// is what it gives. [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](super::Any) of another type.
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let sensor = context.socket(zmq::PUSH)?;
    /// # let display = context.socket(zmq::PULL)?;
    /// # display.bind("inproc://latest")?;
    /// # sensor.connect("inproc://latest")?;
    /// for reading in ["19", "20", "21"] {
    ///     sensor.send_multipart(["temperature", reading])?;
    /// }
    /// assert_eq!(display.recv_latest()?, ["temperature", "21"]);
    /// assert_eq!(display.try_recv_latest()?, None);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_CONFLATE")]
    pub fn recv_latest(&self) -> Result<Multipart>
    where
        T: CanReceive + KeepsLatest,
    {
        self.latest(Flags::BLOCK)
    }

    /// Receives the latest message if there is one.
    ///
    /// # Errors
    /// As [`recv_latest`](Socket::recv_latest), without `WouldBlock`.
    #[doc(alias = "ZMQ_CONFLATE")]
    pub fn try_recv_latest(&self) -> Result<Option<Multipart>>
    where
        T: CanReceive + KeepsLatest,
    {
        match self.latest(Flags::DONTWAIT) {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn latest(&self, flags: Flags) -> Result<Multipart>
    where
        T: CanReceive + KeepsLatest,
    {
        if !matches!(
            self.kind(),
            SocketKind::Sub
                | SocketKind::XSub
                | SocketKind::Pull
                | SocketKind::Dealer
                | SocketKind::Pair
        ) {
            return Err(Error::own(CALL, ErrorKind::NotSupported)
                .on(self.kind())
                .because("its messages cannot stand for one another"));
        }
        let most = match self.rcvhwm()? {
            0 => MOST,
            mark => mark,
        };
        let mut last = Multipart::new();
        self.frames_into(&mut last, flags)?;
        let mut next = Multipart::new();
        for _ in 1..most {
            // Whatever is wrong now, the next call will tell; a message is in hand.
            if self.frames_into(&mut next, Flags::DONTWAIT).is_err() {
                break;
            }
            std::mem::swap(&mut last, &mut next);
        }
        Ok(last)
    }
}
