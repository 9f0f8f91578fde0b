//! REP: a request, then its reply.

use std::fmt;
use std::ops::Deref;

use super::send::{CALL, Fault, conclude};
use super::types::Rep;
use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Result, SendError};
use crate::ffi::socket::Flags;
use crate::multipart::Multipart;
use crate::payload::sealed::PartList;
use crate::payload::{One, Parts, Payload};
use crate::poll::PollItem;

impl Core {
    /// A reply is in turn when its request has been received, whole.
    pub(super) fn check_reply(&self) -> Result<(), Fault> {
        self.drain_half_read();
        if self.has_parked() {
            return Err(Fault::Refused(
                Error::own(CALL, ErrorKind::InvalidState)
                    .because("the request waits to be received"),
            ));
        }
        Ok(())
    }
}

impl Socket<Rep> {
    /// Receives the next request, whatever its number of frames, waiting for it.
    ///
    /// The guard is answered with [`reply`](Request::reply). The socket is borrowed meanwhile,
    /// because a REP can do nothing else.
    ///
    /// # Errors
    /// As [`recv_multipart`](Socket::recv_multipart).
    ///
    /// ```
    /// # let context = zmq::Context::new()?;
    /// # let client = context.socket(zmq::REQ)?;
    /// let mut server = context.socket(zmq::REP)?;
    /// # server.bind("inproc://echo")?;
    /// # client.connect("inproc://echo")?;
    /// # client.send("odd")?;
    /// let mut request = server.next_request()?;
    /// let echo = request.take();
    /// request.reply_multipart(echo)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn next_request(&mut self) -> Result<Request<'_>> {
        let message = self.recv_multipart()?;
        Ok(Request {
            socket: self,
            message,
            open: true,
        })
    }

    /// Receives the next request if there is one.
    ///
    /// # Errors
    /// As [`try_recv_multipart`](Socket::try_recv_multipart).
    pub fn try_next_request(&mut self) -> Result<Option<Request<'_>>> {
        Ok(self.try_recv_multipart()?.map(|message| Request {
            socket: self,
            message,
            open: true,
        }))
    }

    /// A reply that goes out in spite of signals: it never waits, so nobody is stopped.
    fn reply_list<L: PartList>(&self, mut frames: L) -> Result<(), SendError<L::Refused>> {
        loop {
            match self.try_list(&mut frames, Flags::BLOCK) {
                Err(Fault::Refused(error)) if error.kind() == ErrorKind::Interrupted => {}
                replied => return conclude!(frames, replied),
            }
        }
    }
}

/// A request to be answered: see [`Socket::next_request`]. It derefs to its frames.
///
/// Dropped without an answer, it sends one empty frame, without waiting: a REP can receive
/// nothing else before, and the client would wait for ever.
#[must_use = "dropped at once, it is answered with an empty frame"]
pub struct Request<'s> {
    socket: &'s mut Socket<Rep>,
    message: Multipart,
    open: bool,
}

impl<'s> Request<'s> {
    /// A request that was received by other means.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn over(socket: &'s mut Socket<Rep>, message: Multipart) -> Request<'s> {
        Request {
            socket,
            message,
            open: true,
        }
    }
}

impl Request<'_> {
    /// The frames.
    pub fn message(&self) -> &Multipart {
        &self.message
    }

    /// Takes the frames out, to be kept or sent elsewhere.
    pub fn take(&mut self) -> Multipart {
        std::mem::take(&mut self.message)
    }

    /// Answers with one frame. A client that has gone makes no difference.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked). The reply comes back
    /// in the error.
    pub fn reply<P: Payload>(mut self, frame: P) -> Result<(), SendError<P::Refused>> {
        let replied = self.socket.reply_list(One(frame.prepare()));
        self.open = replied.is_err();
        replied
    }

    /// Answers with several frames.
    ///
    /// # Errors
    /// As [`reply`](Request::reply), and [`InvalidInput`](ErrorKind::InvalidInput) for none; the
    /// client then gets the empty frame.
    pub fn reply_multipart<L: Parts>(mut self, frames: L) -> Result<(), SendError<L::Refused>> {
        let replied = self.socket.reply_list(frames.prepare_parts());
        self.open = replied.is_err();
        replied
    }

    /// An item for [`poll`](crate::poll()) of the socket, which is readable again only after the
    /// reply.
    pub fn poll_in(&self) -> PollItem<'_> {
        self.socket.poll_in()
    }
}

impl Deref for Request<'_> {
    type Target = Multipart;

    fn deref(&self) -> &Multipart {
        &self.message
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        if self.open {
            // Refused only when there is nobody left to hear it.
            let _ = self.socket.reply_list(One(&[][..]));
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
