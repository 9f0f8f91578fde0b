//! What becomes a message, and what a message becomes.

use std::borrow::Cow;
use std::sync::Arc;

use super::Message;
use crate::ffi::message::RawMessage;

/// Vectors up to this many bytes are copied: libzmq's block for foreign memory, and the free on
/// another thread, cost more than copying so little. Measured between two threads over inproc
/// (zmq-bench's `threshold`): handing over takes 1.1 to 1.6 of the time at 1 KiB and less, 1.0 to 1.1
/// at 2 KiB, 0.8 to 1.0 at 3 KiB.
const COPIED: usize = 2048;

/// Copies the bytes. Aborts like `Vec` when there is no memory for them.
impl From<&[u8]> for Message {
    #[inline]
    fn from(bytes: &[u8]) -> Message {
        Message::copied(bytes)
    }
}

/// Copies the bytes.
impl<const N: usize> From<&[u8; N]> for Message {
    #[inline]
    fn from(bytes: &[u8; N]) -> Message {
        Message::copied(bytes)
    }
}

/// Copies the bytes.
impl<const N: usize> From<[u8; N]> for Message {
    #[inline]
    fn from(bytes: [u8; N]) -> Message {
        Message::copied(&bytes)
    }
}

/// Copies the text.
impl From<&str> for Message {
    #[inline]
    fn from(text: &str) -> Message {
        Message::copied(text.as_bytes())
    }
}

/// Copies the text.
impl From<&String> for Message {
    #[inline]
    fn from(text: &String) -> Message {
        Message::copied(text.as_bytes())
    }
}

/// Copies the bytes.
impl From<&Vec<u8>> for Message {
    #[inline]
    fn from(bytes: &Vec<u8>) -> Message {
        Message::copied(bytes)
    }
}

/// Takes the vector over, spare capacity and all, without a copy and without an allocation of its
/// own; only a short one is copied and freed at once.
impl From<Vec<u8>> for Message {
    fn from(vec: Vec<u8>) -> Message {
        if vec.len() <= COPIED {
            return Message::copied(&vec);
        }
        match RawMessage::from_vec(vec) {
            Ok(raw) => Message { raw },
            Err(vec) => Message::copied(&vec),
        }
    }
}

/// Takes the text over, as a vector.
impl From<String> for Message {
    fn from(text: String) -> Message {
        text.into_bytes().into()
    }
}

/// Takes the bytes over, as a vector.
impl From<Box<[u8]>> for Message {
    fn from(bytes: Box<[u8]>) -> Message {
        Vec::from(bytes).into()
    }
}

/// Takes the text over, as a vector.
impl From<Box<str>> for Message {
    fn from(text: Box<str>) -> Message {
        String::from(text).into()
    }
}

/// Takes owned bytes over, copies borrowed ones.
impl From<Cow<'_, [u8]>> for Message {
    fn from(bytes: Cow<'_, [u8]>) -> Message {
        match bytes {
            Cow::Borrowed(bytes) => bytes.into(),
            Cow::Owned(bytes) => bytes.into(),
        }
    }
}

/// Takes owned text over, copies borrowed text.
impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Message {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// Shares the bytes with the other holders of the `Arc`, without a copy.
impl From<Arc<[u8]>> for Message {
    fn from(bytes: Arc<[u8]>) -> Message {
        if bytes.len() <= COPIED {
            return Message::copied(&bytes);
        }
        match RawMessage::from_arc(bytes) {
            Ok(raw) => Message { raw },
            Err(bytes) => Message::copied(&bytes),
        }
    }
}

/// Copies the bytes out. Keeping a small message can keep the whole block that it was received
/// in; a vector keeps nothing else.
impl From<Message> for Vec<u8> {
    fn from(message: Message) -> Vec<u8> {
        message.to_vec()
    }
}

/// Shares the bytes without a copy; they are let go on the thread of [`Message::from_owner`].
#[cfg(feature = "bytes")]
impl From<bytes::Bytes> for Message {
    fn from(bytes: bytes::Bytes) -> Message {
        if bytes.len() <= COPIED {
            return Message::copied(&bytes);
        }
        Message::from_owner(bytes)
    }
}

/// Takes the message as it is, without a copy: a received one, and each part of a
/// [`Multipart`](crate::Multipart). It is let go of with the last `Bytes` over it, on whichever thread
/// that is.
///
/// Short messages, too, stay where they are when the `Bytes` moves: the message lies in a block of its
/// own. As with any message that is kept, the whole block that it was received in may be kept;
/// [`Bytes::copy_from_slice`](bytes::Bytes::copy_from_slice) keeps nothing else.
///
/// ```
/// use bytes::Bytes;
///
/// # let context = zmq::Context::new()?;
/// # let (push, pull) = (context.socket(zmq::PUSH)?, context.socket(zmq::PULL)?);
/// # pull.bind("inproc://bytes")?;
/// # push.connect("inproc://bytes")?;
/// # push.send("GET /")?;
/// # push.send_multipart(["topic", "body"])?;
/// let mut line = Bytes::from(pull.recv()?);
/// let method = line.split_to(3); // over the same message
/// assert_eq!((&method[..], &line[..]), (&b"GET"[..], &b" /"[..]));
///
/// let parts: Vec<Bytes> = pull.recv_multipart()?.into_iter().map(Bytes::from).collect();
/// assert_eq!(parts, ["topic", "body"]);
/// # Ok::<(), zmq::Error>(())
/// ```
#[cfg(feature = "bytes")]
impl From<Message> for bytes::Bytes {
    fn from(message: Message) -> bytes::Bytes {
        bytes::Bytes::from_owner(message)
    }
}
