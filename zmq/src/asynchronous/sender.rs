//! Many tasks that send through one socket.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::Awaitable;
use super::inner::Inner;
use super::runtime::Runtime;
use super::sync::lock;
use crate::error::{Error, ErrorKind, Result, SendError};
use crate::payload::{One, Parts, Payload};
use crate::socket::{CanSend, Fault, SingleFrame, conclude};

/// A sending half for any number of tasks: see [`SendHalf::into_sender`](super::SendHalf::into_sender).
///
/// Each clone sends whole messages; those of different clones never mix. While there is room they go
/// out as they come. When there is none the senders wait in line, first come, first served, also
/// behind one whose ROUTER peer is full while others are not: then one socket for each peer is better.
pub struct Sender<T: Awaitable, R: Runtime> {
    pub(super) shared: Arc<Mutex<Inner<T, R>>>,
}

/// Those who wait for room, in their order. The first waits for the socket, the others for it.
#[derive(Default)]
pub(super) struct Line {
    waiting: VecDeque<Waiting>,
    tickets: u64,
}

struct Waiting {
    ticket: u64,
    waker: Waker,
}

impl Line {
    /// Whether nobody waits.
    pub(super) fn check_free(&self) -> Result<(), Fault> {
        if self.waiting.is_empty() {
            Ok(())
        } else {
            Err(no_room())
        }
    }

    /// Whether it is this one's turn, who has a ticket or has just come.
    fn is_turn_of(&self, ticket: Option<u64>) -> bool {
        let first = self.waiting.front();
        first.is_none_or(|first| Some(first.ticket) == ticket)
    }

    /// Waits in line, from now on if without a ticket. A waker that is of no more use comes back, to
    /// be dropped without the lock.
    fn wait(&mut self, ticket: &mut Option<u64>, waker: &Waker) -> Option<Waker> {
        let waker = waker.clone();
        if let Some(own) = *ticket {
            let place = self.waiting.iter_mut().find(|other| other.ticket == own);
            return place.map(|place| std::mem::replace(&mut place.waker, waker));
        }
        self.tickets += 1;
        *ticket = Some(self.tickets);
        self.waiting.push_back(Waiting {
            ticket: self.tickets,
            waker,
        });
        None
    }

    /// Leaves the line; gives the waker of whoever is the first thereby.
    fn leave(&mut self, ticket: u64) -> Option<Waker> {
        let place = self.waiting.iter().position(|own| own.ticket == ticket)?;
        self.waiting.remove(place);
        let next = self.waiting.front().filter(|_| place == 0)?;
        Some(next.waker.clone())
    }
}

/// A place in line, given up when it goes.
struct Place<'s, T: Awaitable, R: Runtime> {
    shared: &'s Mutex<Inner<T, R>>,
    ticket: Option<u64>,
}

impl<T: Awaitable, R: Runtime> Place<'_, T, R> {
    fn poll<V>(
        &mut self,
        context: &mut Context<'_>,
        send: impl FnOnce(&mut Inner<T, R>, &mut Context<'_>) -> Poll<V>,
    ) -> Poll<V> {
        let mut inner = lock(self.shared);
        if inner.line.is_turn_of(self.ticket) {
            if let Poll::Ready(sent) = send(&mut inner, context) {
                return Poll::Ready(sent);
            }
        }
        let unused = inner.line.wait(&mut self.ticket, context.waker());
        drop(inner);
        drop(unused);
        Poll::Pending
    }
}

impl<T: Awaitable, R: Runtime> Drop for Place<'_, T, R> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let next = lock(self.shared).line.leave(ticket);
            if let Some(next) = next {
                next.wake();
            }
        }
    }
}

impl<T: Awaitable, R: Runtime> Sender<T, R> {
    pub(super) fn over(shared: Arc<Mutex<Inner<T, R>>>) -> Sender<T, R> {
        Sender { shared }
    }

    pub(super) async fn in_turn(
        &self,
        mut send: impl FnMut(&mut Inner<T, R>, &mut Context<'_>) -> Poll<Result<(), Fault>>,
    ) -> Result<(), Fault> {
        let mut place = Place {
            shared: &self.shared,
            ticket: None,
        };
        poll_fn(|context| place.poll(context, &mut send)).await
    }

    /// Sends a message of one frame, waiting for room.
    ///
    /// # Errors
    /// As [`SendHalf::send`](super::SendHalf::send).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has sent nothing, drops the message and leaves the line.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// # let context = zmq::Context::new()?;
    /// # let (here, there) = context.pipe()?;
    /// let (sender, mut receiver) = zmq::tokio::Socket::new(here)?.split();
    /// let sender = sender.into_sender();
    /// for name in ["one", "two"] {
    ///     let sender = sender.clone();
    ///     tokio::spawn(async move { sender.send(name).await });
    /// }
    /// # let (_keep, mut there) = zmq::tokio::Socket::new(there)?.split();
    /// # there.recv().await?;
    /// # there.recv().await?;
    /// # assert!(receiver.try_recv()?.is_none());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    pub async fn send<P: Payload>(&self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        let mut frame = One(frame.prepare());
        let sent = self
            .in_turn(|inner, context| inner.poll_send_one(context, &mut frame))
            .await;
        conclude!(frame, sent)
    }

    /// Sends a message of several frames, waiting for room. It is sent whole or not at all.
    ///
    /// # Errors
    /// As [`SendHalf::send_multipart`](super::SendHalf::send_multipart).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has sent nothing, no frame either, drops the message and leaves
    /// the line.
    pub async fn send_multipart<L: Parts>(&self, frames: L) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        let mut frames = frames.prepare_parts();
        let sent = self
            .in_turn(|inner, context| inner.poll_send_list(context, &mut frames))
            .await;
        conclude!(frames, sent)
    }

    /// Sends a message of one frame if there is room now and nobody waits in line.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send`](crate::Socket::try_send).
    pub fn try_send<P: Payload>(&self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        let mut inner = lock(&self.shared);
        if let Err(fault) = inner.line.check_free() {
            return conclude!(One(frame.prepare()), Err(fault));
        }
        inner.try_send(frame)
    }

    /// Sends a message of several frames if there is room now and nobody waits in line.
    ///
    /// # Errors
    /// As [`zmq::Socket::try_send_multipart`](crate::Socket::try_send_multipart).
    pub fn try_send_multipart<L: Parts>(&self, frames: L) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        let mut inner = lock(&self.shared);
        if let Err(fault) = inner.line.check_free() {
            return conclude!(frames.prepare_parts(), Err(fault));
        }
        inner.try_send_multipart(frames)
    }
}

#[cold]
fn no_room() -> Fault {
    let error = Error::own("zmq_msg_send", ErrorKind::WouldBlock);
    Fault::Refused(error.because("others wait in line"))
}

impl<T: Awaitable, R: Runtime> Clone for Sender<T, R> {
    fn clone(&self) -> Self {
        Sender {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T: Awaitable, R: Runtime> fmt::Debug for Sender<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender")
            .field(lock(&self.shared).socket())
            .finish()
    }
}
