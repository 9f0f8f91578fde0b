//! Messages: one part of bytes, owned by libzmq's own type.

mod buf;
mod compare;
mod convert;
#[cfg(feature = "draft")]
mod group;
mod property;

use std::alloc::{Layout, handle_alloc_error};
use std::fmt;
use std::ops::Deref;
use std::str::Utf8Error;

pub use buf::MessageBuf;
#[cfg(feature = "draft")]
pub(crate) use group::Group;
#[cfg(feature = "draft")]
pub use group::RoutingId;

use crate::error::{Error, Result};
use crate::ffi::message::RawMessage;
use crate::ffi::owner;

/// One message, or one part (frame) of a [`Multipart`](crate::Multipart): bytes that libzmq takes
/// and gives without a copy (`zmq_msg_t`).
///
/// A message is read-only, because its bytes may be another message's too: a PUB hands the same
/// ones to every subscriber in the process. [`MessageBuf`] is a message under construction. Short
/// messages (up to 33 bytes) lie in the value; longer ones are counted references.
///
/// There is no `Clone`: [`share`](Message::share) makes a second message over the same bytes, and
/// `Message::from(&m[..])` or [`to_vec`](slice::to_vec) copies them.
///
/// It derefs to `[u8]`. Each deref asks libzmq anew, so take the slice once: `let bytes = &m[..]`.
///
/// ```
/// let message = zmq::Message::from("Hello");
/// assert_eq!(message, "Hello");
/// assert_eq!(message.len(), 5);
/// assert_eq!(message.as_str()?, "Hello");
/// # Ok::<(), std::str::Utf8Error>(())
/// ```
///
/// Writing to a message does not compile:
///
/// ```compile_fail,E0594
/// let mut message = zmq::Message::from("Hello");
/// message[0] = b'J';
/// ```
#[doc(alias = "zmq_msg_t")]
#[doc(alias = "zmq_msg_close")]
#[doc(alias = "zmq_msg_move")]
#[doc(alias = "zframe_t")]
#[repr(transparent)] // and so is `RawMessage`: `borrow_raw` makes references of C's pointers
pub struct Message {
    raw: RawMessage,
}

impl Message {
    /// An empty message (`zmq_msg_init(3)`).
    #[doc(alias = "zmq_msg_init")]
    #[inline]
    pub fn new() -> Message {
        Message {
            raw: RawMessage::new(),
        }
    }

    /// A message over bytes that live for ever, without a copy (`zmq_msg_init_data(3)` with no
    /// free function, as `zmq_send_const(3)` does).
    ///
    /// ```
    /// let banner = zmq::Message::from_static(b"welcome, and mind that this text is never copied");
    /// # assert_eq!(banner.len(), 48);
    /// ```
    #[doc(alias = "zmq_send_const")]
    #[doc(alias = "zmq_msg_init_data")]
    pub fn from_static(bytes: &'static [u8]) -> Message {
        match RawMessage::from_static(bytes) {
            Ok(raw) => Message { raw },
            Err(_) => Message::copied(bytes),
        }
    }

    /// A message over the bytes of a value of yours, without a copy (`zmq_msg_init_data(3)`).
    ///
    /// The value is dropped when libzmq has let go of the last message over it, some time later,
    /// on a thread kept for that: never inside another call of this crate and never on a libzmq
    /// thread, so its `Drop` may do what it likes. At the end of the process it may never run.
    ///
    /// `as_ref` is called once. A `Vec<u8>`, `String`, `Box<[u8]>` or `Arc<[u8]>` is better
    /// converted with [`Message::from`], which needs no extra allocation.
    ///
    /// ```
    /// # struct Mapping(Vec<u8>);
    /// # impl AsRef<[u8]> for Mapping { fn as_ref(&self) -> &[u8] { &self.0 } }
    /// # let mapping = Mapping(vec![7; 100_000]);
    /// let message = zmq::Message::from_owner(mapping); // of a file, say
    /// # assert_eq!(message.len(), 100_000);
    /// ```
    #[doc(alias = "zmq_msg_init_data")]
    pub fn from_owner<T>(owner: T) -> Message
    where
        T: AsRef<[u8]> + Send + 'static,
    {
        match owner::message(owner) {
            Ok(raw) => Message { raw },
            // No thread, or no memory for the small block that libzmq needs: copying may do.
            Err(owner) => Message::copied(owner.as_ref()),
        }
    }

    /// A copy of `bytes`. Aborts like `Vec` when there is no memory.
    #[inline]
    fn copied(bytes: &[u8]) -> Message {
        match RawMessage::copied(bytes) {
            Ok(raw) => Message { raw },
            Err(_) => out_of_memory(bytes.len()),
        }
    }

    /// The number of bytes (`zmq_msg_size(3)`).
    #[doc(alias = "zmq_msg_size")]
    #[inline]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether there are no bytes, as in the delimiter of an envelope.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes (`zmq_msg_data(3)`).
    #[doc(alias = "zmq_msg_data")]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.raw.as_slice()
    }

    /// Whether this message was received as a part that others follow (`zmq_msg_more(3)`).
    ///
    /// The receive calls of this crate never leave those others behind, so it tells something
    /// only about parts of a [`Multipart`](crate::Multipart) or a stream of
    /// [`Frames`](crate::Frames).
    #[doc(alias = "zmq_msg_more")]
    #[doc(alias = "ZMQ_MORE")]
    #[doc(alias = "ZMQ_RCVMORE")]
    #[inline]
    pub fn more(&self) -> bool {
        self.raw.more()
    }

    /// A second message over the same bytes (`zmq_msg_copy(3)`); up to 33 bytes are copied.
    ///
    /// It takes `&mut self` because libzmq notes in the source that the bytes are shared.
    ///
    /// ```
    /// let mut first = zmq::Message::from(vec![1; 10_000]);
    /// let second = first.share();
    /// assert_eq!(first.as_ptr(), second.as_ptr());
    /// ```
    #[doc(alias = "zmq_msg_copy")]
    #[must_use]
    pub fn share(&mut self) -> Message {
        match self.raw.share() {
            Ok(raw) => Message { raw },
            // The one documented failure is an invalid message, which this type never is.
            Err(_) => Message::copied(self),
        }
    }

    /// The text, if the bytes are UTF-8. `to_string()` and `{}` replace what is not.
    ///
    /// # Errors
    /// Where the bytes stop being UTF-8.
    pub fn as_str(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(self)
    }

    #[inline]
    pub(crate) fn of_raw(raw: RawMessage) -> Message {
        Message { raw }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &RawMessage {
        &self.raw
    }

    #[inline]
    pub(crate) fn into_raw_message(self) -> RawMessage {
        self.raw
    }

    #[inline]
    pub(crate) fn raw_mut(&mut self) -> &mut RawMessage {
        &mut self.raw
    }
}

#[cold]
fn out_of_memory(size: usize) -> ! {
    handle_alloc_error(Layout::array::<u8>(size).unwrap_or(Layout::new::<usize>()))
}

#[cold]
fn no_memory(size: usize) -> Error {
    Error::own("zmq_msg_init_size", crate::ErrorKind::OutOfMemory).on(format_args!("{size} bytes"))
}

impl Default for Message {
    fn default() -> Message {
        Message::new()
    }
}

impl Deref for Message {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// The text, with what is not UTF-8 replaced by `U+FFFD`.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self))
    }
}

/// The length and the first bytes, as escaped text.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_bytes("Message", self, f)
    }
}

/// `Name(5 bytes, b"Hello")`, with at most 64 bytes shown.
fn fmt_bytes(name: &str, bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const SHOWN: usize = 64;
    let shown = &bytes[..bytes.len().min(SHOWN)];
    let dots = if shown.len() < bytes.len() { "…" } else { "" };
    write!(
        f,
        "{name}({} bytes, b\"{}\"{dots})",
        bytes.len(),
        shown.escape_ascii()
    )
}
