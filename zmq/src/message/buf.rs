//! Messages under construction.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{Message, fmt_bytes, no_memory, out_of_memory};
use crate::error::Result;
use crate::ffi::message::UniqueMessage;

/// A message that nobody else has seen, so its bytes can be written (`zmq_msg_init_size(3)`).
///
/// It becomes a [`Message`] for nothing. There is no way back but a copy: bytes that were sent
/// or received may be another message's too.
///
/// ```
/// let mut buffer = zmq::MessageBuf::zeroed(4);
/// buffer.copy_from_slice(&7u32.to_be_bytes());
/// let message: zmq::Message = buffer.into();
/// assert_eq!(message, [0, 0, 0, 7]);
/// ```
#[doc(alias = "zmq_msg_init_size")]
#[doc(alias = "zmq_msg_init_buffer")]
pub struct MessageBuf {
    raw: UniqueMessage,
}

impl MessageBuf {
    /// `size` zero bytes. Aborts like `vec![0; size]` when there is no memory for them.
    #[inline]
    pub fn zeroed(size: usize) -> MessageBuf {
        match UniqueMessage::zeroed(size) {
            Ok(raw) => MessageBuf { raw },
            Err(_) => out_of_memory(size),
        }
    }

    /// `size` zero bytes, for sizes that come from outside.
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory).
    ///
    /// ```
    /// let error = zmq::MessageBuf::try_zeroed(usize::MAX).unwrap_err();
    /// assert_eq!(error.kind(), zmq::ErrorKind::OutOfMemory);
    /// ```
    pub fn try_zeroed(size: usize) -> Result<MessageBuf> {
        match UniqueMessage::zeroed(size) {
            Ok(raw) => Ok(MessageBuf { raw }),
            Err(_) => Err(no_memory(size)),
        }
    }
}

/// Copies the bytes. Aborts like `Vec` when there is no memory for them.
impl From<&[u8]> for MessageBuf {
    #[inline]
    fn from(bytes: &[u8]) -> MessageBuf {
        match UniqueMessage::copied(bytes) {
            Ok(raw) => MessageBuf { raw },
            Err(_) => out_of_memory(bytes.len()),
        }
    }
}

/// Copies the text.
impl From<&str> for MessageBuf {
    #[inline]
    fn from(text: &str) -> MessageBuf {
        text.as_bytes().into()
    }
}

/// The message, for nothing.
impl From<MessageBuf> for Message {
    #[inline]
    fn from(buffer: MessageBuf) -> Message {
        Message {
            raw: buffer.raw.into_message(),
        }
    }
}

impl Deref for MessageBuf {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.raw.as_slice()
    }
}

impl DerefMut for MessageBuf {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.raw.as_mut_slice()
    }
}

impl AsRef<[u8]> for MessageBuf {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for MessageBuf {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

/// The length and the first bytes, as escaped text.
impl fmt::Debug for MessageBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_bytes("MessageBuf", self, f)
    }
}
