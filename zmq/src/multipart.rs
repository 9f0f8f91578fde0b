//! Messages of several parts.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::error::RecvError;
use crate::ffi::inline::InlineVec;
use crate::message::Message;

/// A message of any number of parts (frames), in their order: what `zmsg_t` is in C.
///
/// It is a value like a `Vec`: build it, take it apart, drop it; nothing is sent before
/// [`send_multipart`](crate::Socket::send_multipart) takes it, whole. Up to four parts lie in the
/// value itself. An empty one holds no part at all and cannot be sent.
///
/// ```
/// let mut message: zmq::Multipart = ["", "question"].into_iter().collect();
/// message.push_front("client-7");
/// let (envelope, body) = message.unwrap_envelope().unwrap();
/// assert_eq!(envelope, ["client-7"]);
/// assert_eq!(body, ["question"]);
/// assert_eq!(body.wrap(envelope), ["client-7", "", "question"]);
/// ```
#[doc(alias = "zmsg_t")]
pub struct Multipart {
    parts: InlineVec<Message, 4>,
}

impl Multipart {
    /// No parts yet.
    #[inline]
    pub const fn new() -> Multipart {
        Multipart {
            parts: InlineVec::new(),
        }
    }

    /// No parts yet, and room for `capacity` of them.
    pub fn with_capacity(capacity: usize) -> Multipart {
        Multipart {
            parts: InlineVec::with_capacity(capacity),
        }
    }

    /// Adds a part at the end.
    #[doc(alias = "zmsg_append")]
    pub fn push_back(&mut self, part: impl Into<Message>) {
        self.parts.push(part.into());
    }

    /// Adds a part at the front.
    #[doc(alias = "zmsg_prepend")]
    #[doc(alias = "zmsg_push")]
    pub fn push_front(&mut self, part: impl Into<Message>) {
        self.parts.insert(0, part.into());
    }

    /// Takes the first part out.
    #[doc(alias = "zmsg_pop")]
    pub fn pop_front(&mut self) -> Option<Message> {
        self.parts.remove(0)
    }

    /// Takes the last part out.
    pub fn pop_back(&mut self) -> Option<Message> {
        self.parts.pop()
    }

    /// Puts a part before the one at `index`, or at the end if there are fewer.
    pub fn insert(&mut self, index: usize, part: impl Into<Message>) {
        self.parts.insert(index.min(self.len()), part.into());
    }

    /// Takes the part at `index` out, if there is one.
    pub fn remove(&mut self, index: usize) -> Option<Message> {
        self.parts.remove(index)
    }

    /// Drops the parts from `length` on.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        self.parts.truncate(length);
    }

    /// Drops all parts, and keeps the room.
    pub fn clear(&mut self) {
        self.parts.truncate(0);
    }

    /// The sum of the parts' lengths, in bytes.
    #[doc(alias = "zmsg_content_size")]
    pub fn byte_len(&self) -> usize {
        self.iter().map(|part| part.len()).sum()
    }

    /// Puts an address envelope in front: `[envelope…][empty][these parts…]`.
    ///
    /// It is what [`unwrap_envelope`](Multipart::unwrap_envelope) takes off, and what a ROUTER
    /// needs to send a reply back the way the request came.
    #[doc(alias = "zmsg_wrap")]
    #[must_use]
    pub fn wrap(self, envelope: impl Into<Multipart>) -> Multipart {
        let mut wrapped = envelope.into();
        wrapped.push_back(Message::new());
        wrapped.extend(self);
        wrapped
    }

    /// Takes the address envelope off: the parts before the first empty one, and those after it.
    ///
    /// # Errors
    /// The message itself, if it has no empty part.
    #[doc(alias = "zmsg_unwrap")]
    pub fn unwrap_envelope(self) -> Result<(Multipart, Multipart), Multipart> {
        let Some(delimiter) = self.iter().position(|part| part.is_empty()) else {
            return Err(self);
        };
        let mut parts = self.into_iter();
        let envelope = parts.by_ref().take(delimiter).collect();
        parts.next();
        Ok((envelope, parts.collect()))
    }

    /// Exactly `N` parts, to be taken apart by a pattern.
    ///
    /// ```
    /// # let message: zmq::Multipart = ["id", "", "body"].into_iter().collect();
    /// let [id, empty, body] = message.into_array()?;
    /// # Ok::<(), zmq::RecvError>(())
    /// ```
    ///
    /// # Errors
    /// [`PartCount`](crate::ErrorKind::PartCount), with the message in it.
    pub fn into_array<const N: usize>(self) -> Result<[Message; N], RecvError> {
        self.parts
            .into_array()
            .map_err(|parts| RecvError::part_count("Multipart::into_array", N, Multipart { parts }))
    }

    /// The parts in a vector.
    pub fn into_vec(self) -> Vec<Message> {
        self.parts.into_vec()
    }

    /// A message over the same bytes ([`Message::share`]).
    #[doc(alias = "zmsg_dup")]
    pub fn share(&mut self) -> Multipart {
        self.iter_mut().map(Message::share).collect()
    }
}

/// The parts as a slice.
impl Deref for Multipart {
    type Target = [Message];

    #[inline]
    fn deref(&self) -> &[Message] {
        &self.parts
    }
}

impl DerefMut for Multipart {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Message] {
        &mut self.parts
    }
}

impl Default for Multipart {
    fn default() -> Multipart {
        Multipart::new()
    }
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<P: Into<Message>> Extend<P> for Multipart {
    fn extend<I: IntoIterator<Item = P>>(&mut self, parts: I) {
        for part in parts {
            self.push_back(part);
        }
    }
}

impl<P: Into<Message>> FromIterator<P> for Multipart {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Multipart {
        let parts = parts.into_iter();
        let mut message = Multipart::with_capacity(parts.size_hint().0.min(1024));
        message.extend(parts);
        message
    }
}

impl From<Vec<Message>> for Multipart {
    fn from(parts: Vec<Message>) -> Multipart {
        Multipart {
            parts: parts.into(),
        }
    }
}

impl<P: Into<Message>, const N: usize> From<[P; N]> for Multipart {
    fn from(parts: [P; N]) -> Multipart {
        parts.into_iter().collect()
    }
}

/// One part.
impl From<Message> for Multipart {
    fn from(part: Message) -> Multipart {
        Multipart::from([part])
    }
}

impl From<Multipart> for Vec<Message> {
    fn from(message: Multipart) -> Vec<Message> {
        message.into_vec()
    }
}

impl<const N: usize> TryFrom<Multipart> for [Message; N] {
    type Error = RecvError;

    fn try_from(message: Multipart) -> Result<[Message; N], RecvError> {
        message.into_array()
    }
}

impl IntoIterator for Multipart {
    type Item = Message;
    type IntoIter = std::vec::IntoIter<Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<'a> IntoIterator for &'a Multipart {
    type Item = &'a Message;
    type IntoIter = std::slice::Iter<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Multipart {
    type Item = &'a mut Message;
    type IntoIter = std::slice::IterMut<'a, Message>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl Eq for Multipart {}

impl PartialEq for Multipart {
    fn eq(&self, other: &Multipart) -> bool {
        self[..] == other[..]
    }
}

impl<P, const N: usize> PartialEq<[P; N]> for Multipart
where
    Message: PartialEq<P>,
{
    fn eq(&self, other: &[P; N]) -> bool {
        self[..] == other[..]
    }
}

impl<P> PartialEq<[P]> for Multipart
where
    Message: PartialEq<P>,
{
    fn eq(&self, other: &[P]) -> bool {
        self[..] == *other
    }
}

impl<P> PartialEq<Vec<P>> for Multipart
where
    Message: PartialEq<P>,
{
    fn eq(&self, other: &Vec<P>) -> bool {
        self[..] == other[..]
    }
}
