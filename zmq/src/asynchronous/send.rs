//! Sending, by the whole socket or by its sending half.

use std::fmt;
use std::sync::Mutex;
use std::task::{Context, Poll};

use super::Awaitable;
use super::inner::Inner;
use super::runtime::Runtime;
use super::sync::lock;
use crate::error::{Result, SendError};
use crate::payload::sealed::{Part, PartList};
use crate::payload::{One, Parts, Payload};
use crate::socket::{CanSend, Fault, SingleFrame};

/// A socket that this task has to itself, or shares.
pub(super) enum Reach<'s, T: Awaitable, R: Runtime> {
    Whole(&'s mut Inner<T, R>),
    Half(&'s Mutex<Inner<T, R>>),
}

impl<T: Awaitable, R: Runtime> Reach<'_, T, R> {
    fn with<V>(&mut self, action: impl FnOnce(&mut Inner<T, R>) -> V) -> V {
        match self {
            Reach::Whole(inner) => action(inner),
            Reach::Half(shared) => action(&mut lock(shared)),
        }
    }
}

/// Room for a message: see `reserve` of [`Socket`](super::Socket::reserve) and
/// [`SendHalf`](super::SendHalf::reserve).
///
/// Nobody else sends meanwhile, so the room stays unless a peer goes.
#[must_use = "dropped, it sends nothing"]
pub struct Permit<'s, T: Awaitable, R: Runtime> {
    pub(super) place: Reach<'s, T, R>,
}

impl<T: Awaitable, R: Runtime> Permit<'_, T, R> {
    /// Sends a message of one frame, without waiting.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send`](crate::Socket::try_send), with the message.
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if the peer went away in between.
    pub fn send<P: Payload>(mut self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        self.place.with(|inner| inner.try_send(frame))
    }

    /// Sends a message of several frames, without waiting.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send_multipart`](crate::Socket::try_send_multipart), with the message.
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) if the peer went away in between, and on a ROUTER
    /// with [`set_router_mandatory`](crate::Socket::set_router_mandatory) if the room was another peer's.
    pub fn send_multipart<L: Parts>(mut self, frames: L) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        self.place.with(|inner| inner.try_send_multipart(frames))
    }
}

impl<T: Awaitable, R: Runtime> fmt::Debug for Permit<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// Sends what is in the option, where it stays unless libzmq has taken it.
pub(super) fn poll_from<M, L: PartList>(
    context: &mut Context<'_>,
    message: &mut Option<M>,
    into: impl FnOnce(M) -> L,
    back: impl FnOnce(L) -> M,
    send: impl FnOnce(&mut Context<'_>, &mut L) -> Poll<Result<(), Fault>>,
) -> Poll<Result<()>> {
    let Some(taken) = message.take() else {
        return Poll::Ready(Ok(()));
    };
    let mut frames = into(taken);
    match send(context, &mut frames) {
        Poll::Pending => {
            *message = Some(back(frames));
            Poll::Pending
        }
        Poll::Ready(Ok(())) => {
            frames.sent();
            Poll::Ready(Ok(()))
        }
        Poll::Ready(Err(Fault::Refused(error))) => {
            *message = Some(back(frames));
            Poll::Ready(Err(error))
        }
        Poll::Ready(Err(Fault::Dropped(error))) => Poll::Ready(Err(error)),
    }
}

/// One frame out of its list again.
pub(super) fn only<P: Part>(one: One<P>) -> P {
    one.0
}

/// The methods of whatever sends. It has methods `reach`, that gives the [`Inner`], and `place`.
macro_rules! sending {
    ($name:ident) => {
        impl<T: Awaitable, R: Runtime> $name<T, R> {
            /// Sends a message of one frame, waiting for room (`zmq_send(3)`, `zmq_msg_send(3)`).
            ///
            /// # Errors
            /// The message comes back in the error: [`InvalidState`](crate::ErrorKind::InvalidState) out of
            /// turn on REQ and REP, [`Terminated`](crate::ErrorKind::Terminated),
            /// [`Forked`](crate::ErrorKind::Forked),
            /// [`NoRuntime`](crate::ErrorKind::NoRuntime) when the runtime was shut down.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has sent nothing, and drops the message.
            /// [`send_from`](Self::send_from) leaves it with you; [`reserve`](Self::reserve) waits first
            /// and takes the message afterwards.
            #[doc(alias = "zmq_send")]
            #[doc(alias = "zmq_msg_send")]
            #[inline]
            pub async fn send<P: crate::Payload>(
                &mut self,
                frame: P,
            ) -> Result<(), crate::SendError<P::Refused>>
            where
                T: CanSend + crate::SingleFrame,
            {
                let mut frame = crate::payload::One(frame.prepare());
                let sent =
                    std::future::poll_fn(|context| self.reach().poll_send_one(context, &mut frame))
                        .await;
                crate::socket::conclude!(frame, sent)
            }

            /// Sends a message of several frames, waiting for room. It is sent whole or not at all.
            ///
            /// # Errors
            /// As [`zmq::Socket::send_multipart`](crate::Socket::send_multipart), without `WouldBlock` and
            /// `Interrupted`.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has sent nothing, no frame either, and drops the message.
            /// [`send_multipart_from`](Self::send_multipart_from) leaves it with you.
            #[doc(alias = "ZMQ_SNDMORE")]
            #[inline]
            pub async fn send_multipart<L: crate::Parts>(
                &mut self,
                frames: L,
            ) -> Result<(), crate::SendError<L::Refused>>
            where
                T: CanSend,
            {
                let mut frames = frames.prepare_parts();
                let sent = std::future::poll_fn(|context| {
                    self.reach().poll_send_list(context, &mut frames)
                })
                .await;
                crate::socket::conclude!(frames, sent)
            }

            /// Sends one frame to the peer with this routing id: see
            /// [`zmq::Socket::send_to`](crate::Socket::send_to).
            ///
            /// # Errors
            /// As [`send_multipart`](Self::send_multipart).
            ///
            /// # Cancellation safety
            /// As [`send_multipart`](Self::send_multipart).
            #[inline]
            pub async fn send_to<I, P>(
                &mut self,
                routing_id: I,
                frame: P,
            ) -> Result<(), crate::SendError<<(I, P) as crate::Parts>::Refused>>
            where
                T: CanSend + crate::IsRouter,
                I: crate::Payload,
                P: crate::Payload,
            {
                self.send_multipart((routing_id, frame)).await
            }

            /// Sends the message in the option, waiting for room. An empty option is sent at once.
            ///
            /// # Errors
            /// As [`send`](Self::send); the message stays in the option, unless libzmq dropped it
            /// ([`Dropped`](crate::ErrorKind::Dropped)).
            ///
            /// # Cancellation safety
            /// The message is in the option or was sent, never lost and never sent twice.
            pub async fn send_from(&mut self, message: &mut Option<crate::Message>) -> Result<()>
            where
                T: CanSend + crate::SingleFrame,
            {
                std::future::poll_fn(|context| self.poll_send(context, message)).await
            }

            /// Sends the message of several frames in the option, waiting for room.
            ///
            /// # Errors
            /// As [`send_multipart`](Self::send_multipart); the message stays in the option, unless libzmq
            /// had taken the beginning of it.
            ///
            /// # Cancellation safety
            /// The message is in the option or was sent, never lost and never sent twice.
            pub async fn send_multipart_from(
                &mut self,
                message: &mut Option<crate::Multipart>,
            ) -> Result<()>
            where
                T: CanSend,
            {
                std::future::poll_fn(|context| self.poll_send_multipart(context, message)).await
            }

            /// Waits for room for a message, to be sent with the permit. Where a send would be out of turn
            /// there is nothing to wait for, and the permit's says so.
            ///
            /// # Errors
            /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked),
            /// [`NoRuntime`](crate::ErrorKind::NoRuntime).
            ///
            /// # Cancellation safety
            /// It sends nothing.
            ///
            /// ```
            /// # #[cfg(feature = "tokio")]
            /// # #[tokio::main(flavor = "current_thread")]
            /// # async fn main() -> zmq::Result<()> {
            /// # let context = zmq::Context::new()?;
            /// # let (here, there) = context.pipe()?;
            /// let mut socket = zmq::tokio::Socket::new(here)?;
            /// let permit = socket.reserve().await?;
            /// let message = "computed when there is room";
            /// permit.send(message)?;
            /// # assert_eq!(there.recv()?, message);
            /// # Ok(())
            /// # }
            /// # #[cfg(not(feature = "tokio"))]
            /// # fn main() {}
            /// ```
            pub async fn reserve(&mut self) -> Result<super::Permit<'_, T, R>>
            where
                T: CanSend,
            {
                std::future::poll_fn(|context| self.reach().poll_room(context)).await?;
                Ok(super::Permit {
                    place: self.place(),
                })
            }

            /// Sends the message in the option, for a future written by hand.
            ///
            /// When it is `Pending`, the task that asked last is woken when it is worth asking again.
            ///
            /// # Errors
            /// As [`send_from`](Self::send_from).
            pub fn poll_send(
                &mut self,
                context: &mut Context<'_>,
                message: &mut Option<crate::Message>,
            ) -> Poll<Result<()>>
            where
                T: CanSend + crate::SingleFrame,
            {
                super::send::poll_from(
                    context,
                    message,
                    crate::payload::One,
                    super::send::only,
                    |context, frame| self.reach().poll_send_one(context, frame),
                )
            }

            /// Sends the message of several frames in the option, for a future written by hand.
            ///
            /// When it is `Pending`, the task that asked last is woken when it is worth asking again.
            ///
            /// # Errors
            /// As [`send_multipart_from`](Self::send_multipart_from).
            pub fn poll_send_multipart(
                &mut self,
                context: &mut Context<'_>,
                message: &mut Option<crate::Multipart>,
            ) -> Poll<Result<()>>
            where
                T: CanSend,
            {
                super::send::poll_from(
                    context,
                    message,
                    |message| message,
                    |message| message,
                    |context, frames| self.reach().poll_send_list(context, frames),
                )
            }

            /// Sends a message of one frame if there is room now.
            ///
            /// # Errors
            /// As [`zmq::Socket::try_send`](crate::Socket::try_send).
            pub fn try_send<P: crate::Payload>(
                &mut self,
                frame: P,
            ) -> Result<(), crate::SendError<P::Refused>>
            where
                T: CanSend + crate::SingleFrame,
            {
                self.reach().try_send(frame)
            }

            /// Sends a message of several frames if there is room now.
            ///
            /// # Errors
            /// As [`zmq::Socket::try_send_multipart`](crate::Socket::try_send_multipart).
            pub fn try_send_multipart<L: crate::Parts>(
                &mut self,
                frames: L,
            ) -> Result<(), crate::SendError<L::Refused>>
            where
                T: CanSend,
            {
                self.reach().try_send_multipart(frames)
            }
        }
    };
}

pub(super) use sending;
