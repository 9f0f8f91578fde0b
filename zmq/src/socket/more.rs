//! Messages built frame by frame, as C sends them.

use std::fmt;

use super::Socket;
use super::types::{CanSend, SocketType};
use crate::error::SendError;
use crate::ffi::socket::Flags;
use crate::multipart::Multipart;
use crate::payload::sealed::{Part, PartList};
use crate::payload::{Chain, Payload};

/// A message of several frames under construction: see [`Socket::send_more`].
///
/// The frames lie in the value, without an allocation. Dropping it sends nothing. In a loop,
/// build a [`Multipart`] instead.
#[must_use = "nothing is sent before the last frame is given to `send`"]
pub struct SendMore<'s, T: SocketType, L> {
    socket: &'s Socket<T>,
    frames: L,
}

impl<'s, T: CanSend, L: PartList<Refused = Multipart>> SendMore<'s, T, L> {
    #[inline]
    pub(super) fn new(socket: &'s Socket<T>, frames: L) -> Self {
        SendMore { socket, frames }
    }

    /// Adds a frame that another will follow.
    #[inline]
    pub fn send_more<P: Payload>(self, frame: P) -> SendMore<'s, T, Chain<L, P::Prepared>> {
        SendMore {
            socket: self.socket,
            frames: Chain(self.frames, frame.prepare()),
        }
    }

    /// Adds the last frame and sends the message, waiting for room.
    ///
    /// # Errors
    /// As [`Socket::send_multipart`], with all frames in the error.
    #[inline]
    pub fn send<P: Payload>(self, frame: P) -> Result<(), SendError<Multipart>>
    where
        P::Prepared: Part,
    {
        self.socket
            .send_list(Chain(self.frames, frame.prepare()), Flags::BLOCK)
    }

    /// Adds the last frame and sends the message if there is room now.
    ///
    /// # Errors
    /// As [`Socket::try_send_multipart`], with all frames in the error.
    #[inline]
    pub fn try_send<P: Payload>(self, frame: P) -> Result<(), SendError<Multipart>>
    where
        P::Prepared: Part,
    {
        self.socket
            .send_list(Chain(self.frames, frame.prepare()), Flags::DONTWAIT)
    }
}

impl<T: SocketType, L> fmt::Debug for SendMore<'_, T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendMore")
            .field("socket", self.socket)
            .finish_non_exhaustive()
    }
}
