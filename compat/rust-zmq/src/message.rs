//! Messages whose bytes can be written.

use std::fmt;
use std::ops::{Deref, DerefMut};

use safe::MessageBuf;

/// One part of a message: bytes.
///
/// The bytes of what was received, or handed over without a copy, may be other messages' too. They are
/// copied when they are first written, and what is written is this message's alone.
pub struct Message {
    /// As it was received or made. After a write its bytes are out of date; its flag and its
    /// properties are not.
    seen: safe::Message,
    /// The bytes once they are written.
    written: Option<MessageBuf>,
}

impl Message {
    /// An empty message.
    #[expect(clippy::new_without_default, reason = "as in rust-zmq")]
    pub fn new() -> Message {
        safe::Message::new().into()
    }

    /// A message of `len` zero bytes, to be written.
    ///
    /// # Safety
    /// There is nothing to keep: the bytes are zero here.
    #[deprecated(since = "0.9.1", note = "use `with_size`, which is safe")]
    pub unsafe fn with_capacity_unallocated(len: usize) -> Message {
        Message::with_size(len)
    }

    /// A message of `len` zero bytes, to be written.
    pub fn with_size(len: usize) -> Message {
        Message {
            seen: safe::Message::new(),
            written: Some(MessageBuf::zeroed(len)),
        }
    }

    /// A message of `len` zero bytes, to be written.
    #[deprecated(since = "0.9.1", note = "use `with_size`")]
    pub fn with_capacity(len: usize) -> Message {
        Message::with_size(len)
    }

    /// A message with a copy of the bytes.
    #[deprecated(since = "0.9.1", note = "use `Message::from`")]
    pub fn from_slice(data: &[u8]) -> Message {
        Message::from(data)
    }

    /// The text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self).ok()
    }

    /// Whether this was received as a part that others follow.
    pub fn get_more(&self) -> bool {
        self.seen.more()
    }

    /// A property of the connection that it was received over; `None` also if it is not UTF-8.
    pub fn gets<'a>(&'a mut self, property: &str) -> Option<&'a str> {
        self.seen.property(property)
    }
}

/// Without a copy.
impl From<Message> for safe::Message {
    fn from(message: Message) -> safe::Message {
        match message.written {
            Some(written) => written.into(),
            None => message.seen,
        }
    }
}

/// Without a copy.
impl From<safe::Message> for Message {
    fn from(seen: safe::Message) -> Message {
        Message {
            seen,
            written: None,
        }
    }
}

impl Deref for Message {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.written {
            Some(written) => written,
            None => &self.seen,
        }
    }
}

/// Copies the bytes when they are first written.
impl DerefMut for Message {
    fn deref_mut(&mut self) -> &mut [u8] {
        let seen = &self.seen;
        self.written
            .get_or_insert_with(|| MessageBuf::from(&seen[..]))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Message {}

/// Copies the bytes.
impl<'a> From<&'a [u8]> for Message {
    fn from(data: &'a [u8]) -> Message {
        safe::Message::from(data).into()
    }
}

/// Takes the bytes over.
impl From<Vec<u8>> for Message {
    fn from(data: Vec<u8>) -> Message {
        safe::Message::from(data).into()
    }
}

/// Takes the bytes over.
impl From<Box<[u8]>> for Message {
    fn from(data: Box<[u8]>) -> Message {
        safe::Message::from(data).into()
    }
}

/// Copies the text.
impl From<&str> for Message {
    fn from(text: &str) -> Message {
        safe::Message::from(text).into()
    }
}

/// Copies the text.
impl From<&String> for Message {
    fn from(text: &String) -> Message {
        safe::Message::from(text).into()
    }
}

/// Clones the value.
impl<'a, T> From<&'a T> for Message
where
    T: Into<Message> + Clone,
{
    fn from(value: &'a T) -> Message {
        value.clone().into()
    }
}
