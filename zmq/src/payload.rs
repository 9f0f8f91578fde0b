//! What can be sent: one frame ([`Payload`]) or several ([`Parts`]).
//!
//! Both traits are sealed: a conversion written elsewhere would run between the parts of a
//! message. Everything is therefore ready before the first call of libzmq (`prepare`), and then
//! each part is sent from where it lies, as often as a signal makes it necessary.

#![expect(
    private_interfaces,
    reason = "the traits with these methods cannot be named outside this crate"
)]

use std::borrow::Cow;
use std::sync::Arc;

use crate::ffi::Errno;
use crate::ffi::socket::{Flags, RawSocket};
use crate::message::{Message, MessageBuf};
use crate::multipart::Multipart;
use crate::socket::Subscription;

use sealed::{Part, PartList};

pub(crate) mod sealed {
    use crate::ffi::Errno;
    use crate::ffi::socket::{Flags, RawSocket};

    pub trait Sealed {}

    /// One frame in the form in which libzmq takes it.
    pub trait Part {
        /// What a refused send of this part alone gives back.
        type Refused: Default + 'static;
        /// What a refused send of several such parts gives back.
        type RefusedList: Default + 'static;

        fn bytes(&self) -> &[u8];
        fn send(&mut self, socket: &RawSocket, flags: Flags) -> Result<(), Errno>;
        /// Says that libzmq has taken the part: there is nothing left to release.
        fn sent(self);
        fn refused(self) -> Self::Refused;
        fn refused_list(parts: impl Iterator<Item = Self>) -> Self::RefusedList
        where
            Self: Sized;
        fn into_message(self) -> super::Message;
    }

    /// The frames of one message in the form in which libzmq takes them.
    pub trait PartList {
        type Refused: Default + 'static;

        fn count(&self) -> usize;
        /// What the part at `index`, which is below `count`, has in it.
        fn bytes(&self, index: usize) -> &[u8];
        /// Sends the part at `index`, which is below `count`.
        fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno>;
        fn sent(self);
        fn refused(self) -> Self::Refused;
    }
}

/// One frame to be sent: text or bytes, borrowed or owned, a [`Message`] or a [`Subscription`].
///
/// Borrowed bytes are copied by libzmq itself (`zmq_send(3)`), with no message object made for
/// them; owned ones are handed over without a copy where that is the cheaper way. `&Message` is no
/// payload: [`Message::share`] sends the same bytes again, `&message[..]` copies them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as one frame",
    label = "not a frame",
    note = "a frame is a `Message`, `MessageBuf`, `&str`, `String`, `&[u8]`, `&[u8; N]`, `Vec<u8>`, `Box<[u8]>` or `Arc<[u8]>`",
    note = "to send a message again, send `message.share()`; several frames go with `send_multipart`"
)]
pub trait Payload: sealed::Sealed + Sized {
    /// What a refused send gives back: the [`Message`], or `()` for borrowed bytes.
    type Refused: Default + 'static;

    #[doc(hidden)]
    type Prepared: Part<Refused = Self::Refused>;
    #[doc(hidden)]
    fn prepare(self) -> Self::Prepared;
    #[doc(hidden)]
    #[inline]
    fn prepare_array<const N: usize>(frames: [Self; N]) -> [Self::Prepared; N] {
        frames.map(Payload::prepare)
    }
}

/// The frames of one message to be sent: an array or a vector of [`Payload`]s, a tuple of up to
/// eight different ones, or a [`Multipart`], into which any iterator can be collected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a multipart message",
    label = "not the frames of a message",
    note = "use an array such as `[\"address\", \"contents\"]`, a tuple of frames of several types, a `Vec` of frames, or a `Multipart` collected from an iterator"
)]
pub trait Parts: sealed::Sealed + Sized {
    /// What a refused send gives back: a [`Multipart`], or `()` for an array or vector of borrowed
    /// bytes.
    type Refused: Default + 'static;

    #[doc(hidden)]
    type Prepared: PartList<Refused = Self::Refused>;
    #[doc(hidden)]
    fn prepare_parts(self) -> Self::Prepared;
}

// ---- one frame -------------------------------------------------------------------------------

impl Part for Message {
    type Refused = Message;
    type RefusedList = Multipart;

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn send(&mut self, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        socket.send_message(self.raw_mut(), flags)
    }

    #[inline]
    fn sent(self) {
        // zmq_msg_send(3) left an empty message, which holds nothing: closing it is a wasted call.
        std::mem::forget(self);
    }

    fn refused(self) -> Message {
        self
    }

    fn refused_list(parts: impl Iterator<Item = Message>) -> Multipart {
        parts.collect()
    }

    fn into_message(self) -> Message {
        self
    }
}

impl sealed::Sealed for Message {}
impl Payload for Message {
    type Refused = Message;
    type Prepared = Message;

    #[inline]
    fn prepare(self) -> Message {
        self
    }

    #[inline]
    fn prepare_array<const N: usize>(frames: [Message; N]) -> [Message; N] {
        frames
    }
}

macro_rules! owned_payloads {
    ($($(#[$cfg:meta])* [$($generics:tt)*] $owned:ty;)*) => {$(
        $(#[$cfg])*
        impl<$($generics)*> sealed::Sealed for $owned {}
        $(#[$cfg])*
        impl<$($generics)*> Payload for $owned {
            type Refused = Message;
            type Prepared = Message;

            #[inline]
            fn prepare(self) -> Message {
                self.into()
            }
        }
    )*};
}

owned_payloads! {
    [] MessageBuf;
    [] Vec<u8>;
    [] String;
    [] Box<[u8]>;
    [] Box<str>;
    [] Arc<[u8]>;
    [] Cow<'_, [u8]>;
    [] Cow<'_, str>;
    [] Subscription;
    #[cfg(feature = "bytes")]
    [] bytes::Bytes;
}

macro_rules! borrowed_payloads {
    ($([$($generics:tt)*] $borrowed:ty;)*) => {$(
        impl<$($generics)*> Part for $borrowed {
            type Refused = ();
            type RefusedList = ();

            #[inline]
            fn bytes(&self) -> &[u8] {
                self.as_ref()
            }

            #[inline]
            fn send(&mut self, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
                socket.send_bytes(self.as_ref(), flags)
            }

            #[inline]
            fn sent(self) {}

            fn refused(self) {}

            fn refused_list(_: impl Iterator<Item = Self>) {}

            fn into_message(self) -> Message {
                self.into()
            }
        }

        impl<$($generics)*> sealed::Sealed for $borrowed {}
        impl<$($generics)*> Payload for $borrowed {
            type Refused = ();
            type Prepared = Self;

            #[inline]
            fn prepare(self) -> Self {
                self
            }

            #[inline]
            fn prepare_array<const M: usize>(frames: [Self; M]) -> [Self; M] {
                frames
            }
        }
    )*};
}

borrowed_payloads! {
    [] &[u8];
    [const N: usize] &[u8; N];
    [] &Vec<u8>;
    [] &str;
    [] &String;
}

// ---- several frames --------------------------------------------------------------------------

/// A single frame where a list is wanted.
#[derive(Debug)]
pub(crate) struct One<P>(pub(crate) P);

impl<P: Part> PartList for One<P> {
    type Refused = P::Refused;

    #[inline]
    fn count(&self) -> usize {
        1
    }

    #[inline]
    fn bytes(&self, _: usize) -> &[u8] {
        self.0.bytes()
    }

    #[inline]
    fn send(&mut self, _: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        self.0.send(socket, flags)
    }

    #[inline]
    fn sent(self) {
        self.0.sent();
    }

    fn refused(self) -> P::Refused {
        self.0.refused()
    }
}

impl<P: Part, const N: usize> PartList for [P; N] {
    type Refused = P::RefusedList;

    #[inline]
    fn count(&self) -> usize {
        N
    }

    #[inline]
    fn bytes(&self, index: usize) -> &[u8] {
        self[index].bytes()
    }

    #[inline]
    fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        self[index].send(socket, flags)
    }

    #[inline]
    fn sent(self) {
        // As each part's own, without moving them out one by one.
        std::mem::forget(self);
    }

    fn refused(self) -> P::RefusedList {
        P::refused_list(self.into_iter())
    }
}

impl<P: Payload, const N: usize> sealed::Sealed for [P; N] {}
impl<P: Payload, const N: usize> Parts for [P; N] {
    type Refused = <P::Prepared as Part>::RefusedList;
    type Prepared = [P::Prepared; N];

    #[inline]
    fn prepare_parts(self) -> Self::Prepared {
        P::prepare_array(self)
    }
}

impl<P: Part> PartList for Vec<P> {
    type Refused = P::RefusedList;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&self, index: usize) -> &[u8] {
        self[index].bytes()
    }

    #[inline]
    fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        self[index].send(socket, flags)
    }

    #[inline]
    fn sent(mut self) {
        self.drain(..).for_each(Part::sent);
    }

    fn refused(self) -> P::RefusedList {
        P::refused_list(self.into_iter())
    }
}

impl<P: Payload> sealed::Sealed for Vec<P> {}
impl<P: Payload> Parts for Vec<P> {
    type Refused = <P::Prepared as Part>::RefusedList;
    type Prepared = Vec<P::Prepared>;

    fn prepare_parts(self) -> Self::Prepared {
        // The collection reuses the vector where a frame is its own prepared form.
        self.into_iter().map(Payload::prepare).collect()
    }
}

impl PartList for Multipart {
    type Refused = Multipart;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&self, index: usize) -> &[u8] {
        self[index].bytes()
    }

    #[inline]
    fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        self[index].send(socket, flags)
    }

    #[inline]
    fn sent(mut self) {
        while let Some(part) = self.pop_back() {
            part.sent();
        }
    }

    fn refused(self) -> Multipart {
        self
    }
}

impl sealed::Sealed for Multipart {}
impl Parts for Multipart {
    type Refused = Multipart;
    type Prepared = Multipart;

    #[inline]
    fn prepare_parts(self) -> Multipart {
        self
    }
}

macro_rules! tuples {
    ($($count:literal: $($frame:ident $index:tt),*;)*) => {$(
        impl<$($frame: Part),*> PartList for Frames<($($frame,)*)> {
            type Refused = Multipart;

            #[inline]
            fn count(&self) -> usize {
                $count
            }

            #[inline]
            fn bytes(&self, index: usize) -> &[u8] {
                match index {
                    $($index => self.0.$index.bytes(),)*
                    _ => &[], // below `count`, as the trait says
                }
            }

            #[inline]
            fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
                match index {
                    $($index => self.0.$index.send(socket, flags),)*
                    _ => Ok(()), // below `count`, as the trait says
                }
            }

            #[inline]
            fn sent(self) {
                $(self.0.$index.sent();)*
            }

            fn refused(self) -> Multipart {
                Multipart::from([$(self.0.$index.into_message()),*])
            }
        }

        impl<$($frame: Payload),*> sealed::Sealed for ($($frame,)*) {}
        impl<$($frame: Payload),*> Parts for ($($frame,)*) {
            type Refused = Multipart;
            type Prepared = Frames<($($frame::Prepared,)*)>;

            #[inline]
            fn prepare_parts(self) -> Self::Prepared {
                Frames(($(self.$index.prepare(),)*))
            }
        }
    )*};
}

/// The prepared frames of a tuple.
#[derive(Debug)]
pub struct Frames<T>(T);

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// The frames that `send_more` has gathered: those before, and the last.
#[derive(Debug)]
pub struct Chain<L, P>(pub(crate) L, pub(crate) P);

/// The beginning of a [`Chain`].
#[derive(Debug)]
pub struct Nothing;

impl PartList for Nothing {
    type Refused = Multipart;

    #[inline]
    fn count(&self) -> usize {
        0
    }

    #[inline]
    fn bytes(&self, _: usize) -> &[u8] {
        &[] // never asked: it has no part
    }

    #[inline]
    fn send(&mut self, _: usize, _: &RawSocket, _: Flags) -> Result<(), Errno> {
        Ok(()) // never asked: it has no part
    }

    #[inline]
    fn sent(self) {}

    fn refused(self) -> Multipart {
        Multipart::new()
    }
}

impl<L: PartList<Refused = Multipart>, P: Part> PartList for Chain<L, P> {
    type Refused = Multipart;

    #[inline]
    fn count(&self) -> usize {
        self.0.count() + 1
    }

    #[inline]
    fn bytes(&self, index: usize) -> &[u8] {
        if index == self.0.count() {
            self.1.bytes()
        } else {
            self.0.bytes(index)
        }
    }

    #[inline]
    fn send(&mut self, index: usize, socket: &RawSocket, flags: Flags) -> Result<(), Errno> {
        if index == self.0.count() {
            self.1.send(socket, flags)
        } else {
            self.0.send(index, socket, flags)
        }
    }

    #[inline]
    fn sent(self) {
        self.0.sent();
        self.1.sent();
    }

    fn refused(self) -> Multipart {
        let mut parts = self.0.refused();
        parts.push_back(self.1.into_message());
        parts
    }
}
