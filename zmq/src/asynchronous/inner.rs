//! A socket, its place in an event loop, and the waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use super::Awaitable;
use super::runtime::{Runtime, Watch};
use super::sender::Line;
use super::wake::{Device, Direction, Directions, Waits};
use crate::error::{Error, ErrorKind, RecvError, Result, SendError};
use crate::ffi::descriptor::Watched;
use crate::ffi::socket::Flags;
#[cfg(feature = "futures")]
use crate::multipart::Multipart;
use crate::payload::sealed::{Part, PartList};
use crate::payload::{One, Parts, Payload};
use crate::socket::{CanSend, Fault, SingleFrame, Socket, SocketKind, conclude};

/// When to look again where no edge may tell.
const AGAIN: Duration = Duration::from_millis(5);

pub(super) struct Inner<T: Awaitable, R: Runtime> {
    waits: Waits,
    pub(super) place: Place<T, R>,
    /// Senders that wait for room.
    pub(super) line: Line,
    /// What a sink has taken and libzmq has not.
    #[cfg(feature = "futures")]
    pub(super) unsent: Option<Multipart>,
    /// Whether the stream has given the error that ends it.
    #[cfg(feature = "futures")]
    pub(super) ended: bool,
}

/// The socket in the event loop.
pub(super) struct Place<T: Awaitable, R: Runtime> {
    watched: Watched<R::Watch, T>,
    /// Whether a thread is going to wake.
    later: Arc<AtomicBool>,
}

impl<T: Awaitable, R: Runtime> Device for Place<T, R> {
    type Error = Error;

    fn ready(&mut self) -> Result<Directions> {
        let socket = self.watched.socket_to_ask()?;
        // This takes edges away that nobody has seen.
        socket.core().set_unchanged(false);
        let events = loop {
            match socket.events() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        // A REQ that could send instead of receiving has lost its request: receiving says so.
        let lost = events.is_writable() && socket.core().awaits_reply_strictly();
        Ok(Directions::NONE
            .with(Direction::Receive, events.is_readable() || lost)
            .with(Direction::Send, events.is_writable()))
    }

    #[inline]
    fn poll_edge(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let edge = self.watched.watch().poll_edge(context);
        if edge.is_ready() {
            self.watched.socket().core().set_unchanged(false);
        }
        edge
    }

    #[inline]
    fn tells_after_a_receive(&self) -> bool {
        self.watched.is_its_own()
    }

    fn changes_untold(&self) -> bool {
        self.watched.socket().core().awaits_parting()
    }

    fn wake_later(&mut self, waker: &Waker) {
        wake_later(&self.later, waker);
    }
}

/// Wakes the waker in a while. `later` says whether a thread is going to do that.
pub(super) fn wake_later(later: &Arc<AtomicBool>, waker: &Waker) {
    if later.swap(true, Ordering::Relaxed) {
        return;
    }
    let (going, woken) = (Arc::clone(later), waker.clone());
    let started = thread::Builder::new()
        .name("zmq-later".into())
        .spawn(move || {
            thread::sleep(AGAIN);
            // First, so that whoever is woken can ask for it anew.
            going.store(false, Ordering::Relaxed);
            woken.wake();
        });
    if started.is_err() {
        // Without a thread the executor is kept busy.
        later.store(false, Ordering::Relaxed);
        waker.wake_by_ref();
    }
}

impl<T: Awaitable, R: Runtime> Place<T, R> {
    /// Whether the operation would not wait but say that the other one comes first.
    fn is_out_of_turn(&self, direction: Direction, ready: Directions) -> bool {
        let socket = self.watched.socket();
        match (socket.kind(), direction) {
            (SocketKind::Rep, Direction::Receive) => ready.has(Direction::Send),
            (SocketKind::Rep, Direction::Send) => !ready.has(Direction::Send),
            (SocketKind::Req, Direction::Receive) => !socket.core().awaits_reply(),
            (SocketKind::Req, Direction::Send) => socket.core().awaits_reply_strictly(),
            _ => false,
        }
    }
}

/// An error that tells its kind.
pub(super) trait Failure {
    fn failure(&self) -> ErrorKind;
}

impl Failure for Error {
    fn failure(&self) -> ErrorKind {
        self.kind()
    }
}

impl Failure for RecvError {
    fn failure(&self) -> ErrorKind {
        self.kind()
    }
}

impl<T: Awaitable, R: Runtime> Inner<T, R> {
    pub(super) fn new(socket: Socket<T>) -> Result<Inner<T, R>, (Error, Socket<T>)> {
        Ok(Inner {
            waits: Waits::new(),
            place: Place {
                watched: Watched::new(socket)?,
                later: Arc::default(),
            },
            line: Line::default(),
            #[cfg(feature = "futures")]
            unsent: None,
            #[cfg(feature = "futures")]
            ended: false,
        })
    }

    pub(super) fn into_socket(self) -> Socket<T> {
        self.place.watched.into_socket()
    }

    pub(super) fn socket(&self) -> &Socket<T> {
        self.place.watched.socket()
    }

    /// The socket for a guard that has it to itself. Nobody sleeps meanwhile but for what the guard
    /// does itself.
    pub(super) fn socket_mut(&mut self) -> &mut Socket<T> {
        self.place.watched.socket_mut()
    }

    /// Uses the socket in some other way. Whoever sleeps looks for itself afterwards, also when
    /// `action` panics.
    pub(super) fn with<V>(&mut self, action: impl FnOnce(&Socket<T>) -> V) -> V {
        struct Used<'a>(&'a mut Waits);
        impl Drop for Used<'_> {
            fn drop(&mut self) {
                self.0.used();
            }
        }
        let _used = Used(&mut self.waits);
        let socket = self.place.watched.socket_to_use();
        socket.core().set_unchanged(false);
        action(socket)
    }

    /// Receives in whatever form, into `place` if there is one; `receive` gives `None` when there is no
    /// message. The attempt by which most receives end stands here by itself, without the waiting.
    #[inline]
    pub(super) fn poll_receive<P: ?Sized, V, E: Failure + From<Error>>(
        &mut self,
        context: &mut Context<'_>,
        place: &mut P,
        receive: impl Fn(&mut P, &Socket<T>) -> Result<Option<V>, E>,
    ) -> Poll<Result<V, E>> {
        if !self.waits.begins(Direction::Receive) {
            return self.wait_to_receive(context, false, |socket| receive(place, socket));
        }
        match receive(place, self.place.watched.socket_to_try()) {
            Ok(Some(received)) => {
                self.waits.succeeded(&mut self.place, Direction::Receive);
                Poll::Ready(Ok(received))
            }
            Ok(None) => self.wait_to_receive(context, true, |socket| receive(place, socket)),
            Err(error) if error.failure() == ErrorKind::Interrupted => {
                self.wait_to_receive(context, false, |socket| receive(place, socket))
            }
            Err(error) => {
                self.waits.succeeded(&mut self.place, Direction::Receive);
                Poll::Ready(Err(error))
            }
        }
    }

    /// `tried` says that there was no message just now.
    #[inline(never)]
    fn wait_to_receive<V, E: Failure + From<Error>>(
        &mut self,
        context: &mut Context<'_>,
        tried: bool,
        mut receive: impl FnMut(&Socket<T>) -> Result<Option<V>, E>,
    ) -> Poll<Result<V, E>> {
        let attempt = |place: &mut Place<T, R>| {
            loop {
                match receive(place.watched.socket_to_try()) {
                    Ok(Some(received)) => return Poll::Ready(Ok(received)),
                    Ok(None) => return Poll::Pending,
                    Err(error) if error.failure() == ErrorKind::Interrupted => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        };
        self.waits
            .poll(&mut self.place, Direction::Receive, context, tried, attempt)
    }

    /// Sends one frame, which stays where it is while there is no room.
    #[inline]
    pub(super) fn poll_send_one<P: Part>(
        &mut self,
        context: &mut Context<'_>,
        frame: &mut One<P>,
    ) -> Poll<Result<(), Fault>> {
        self.poll_sent(context, frame, |frame, socket| {
            socket.try_one(frame, Flags::DONTWAIT)
        })
    }

    /// Sends frames, which stay where they are while there is no room.
    #[inline]
    pub(super) fn poll_send_list<L: PartList>(
        &mut self,
        context: &mut Context<'_>,
        frames: &mut L,
    ) -> Poll<Result<(), Fault>> {
        self.poll_sent(context, frames, |frames, socket| {
            socket.try_list(frames, Flags::DONTWAIT)
        })
    }

    #[inline]
    pub(super) fn poll_sent<L>(
        &mut self,
        context: &mut Context<'_>,
        frames: &mut L,
        send: impl Fn(&mut L, &Socket<T>) -> Result<(), Fault>,
    ) -> Poll<Result<(), Fault>> {
        #[cfg(feature = "futures")]
        if self.unsent.is_some() {
            std::task::ready!(self.poll_unsent(context)).map_err(behind)?;
        }
        if !self.waits.begins(Direction::Send) {
            return self.wait_to_send(context, false, |socket| send(frames, socket));
        }
        self.look_for_edge();
        match send(frames, self.place.watched.socket_to_try()) {
            Ok(()) => {
                self.waits.succeeded(&mut self.place, Direction::Send);
                Poll::Ready(Ok(()))
            }
            Err(Fault::Refused(error)) if error.kind() == ErrorKind::WouldBlock => {
                self.wait_to_send(context, true, |socket| send(frames, socket))
            }
            Err(Fault::Refused(error)) if error.kind() == ErrorKind::Interrupted => {
                self.wait_to_send(context, false, |socket| send(frames, socket))
            }
            Err(fault) => {
                self.waits.succeeded(&mut self.place, Direction::Send);
                Poll::Ready(Err(fault))
            }
        }
    }

    /// Whatever becomes of its peers makes an edge: without one, a REQ has the peer that has replied.
    #[inline]
    pub(super) fn look_for_edge(&self) {
        if self.socket().kind() == SocketKind::Req {
            let edge = &mut Context::from_waker(self.waits.edge());
            let seen = self.place.watched.watch().may_have_edge(edge);
            self.socket().core().set_unchanged(!seen);
        }
    }

    /// `tried` says that there was no room just now.
    #[inline(never)]
    fn wait_to_send(
        &mut self,
        context: &mut Context<'_>,
        tried: bool,
        mut send: impl FnMut(&Socket<T>) -> Result<(), Fault>,
    ) -> Poll<Result<(), Fault>> {
        let attempt = |place: &mut Place<T, R>| {
            loop {
                match send(place.watched.socket_to_try()) {
                    Ok(()) => return Poll::Ready(Ok(())),
                    Err(Fault::Refused(error)) if error.kind() == ErrorKind::WouldBlock => {
                        return Poll::Pending;
                    }
                    Err(Fault::Refused(error)) if error.kind() == ErrorKind::Interrupted => {}
                    Err(fault) => return Poll::Ready(Err(fault)),
                }
            }
        };
        self.waits
            .poll(&mut self.place, Direction::Send, context, tried, attempt)
    }

    /// Sends what a sink has taken, where it stays unless libzmq has taken it.
    #[cfg(feature = "futures")]
    #[cold]
    pub(super) fn poll_unsent(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        let Some(mut frames) = self.unsent.take() else {
            return Poll::Ready(Ok(()));
        };
        let sent = self.wait_to_send(context, false, |socket| {
            socket.try_list(&mut frames, Flags::DONTWAIT)
        });
        match sent {
            Poll::Ready(Ok(())) => frames.sent(),
            Poll::Ready(Err(Fault::Dropped(_))) => {}
            Poll::Ready(Err(Fault::Refused(_))) | Poll::Pending => self.unsent = Some(frames),
        }
        sent
    }

    /// Sends one frame if there is room now.
    pub(super) fn try_send<P: Payload>(&mut self, frame: P) -> Result<(), SendError<P::Refused>>
    where
        T: CanSend + SingleFrame,
    {
        let mut frame = One(frame.prepare());
        let sent = self
            .try_unsent()
            .and_then(|()| self.with(|socket| socket.try_one(&mut frame, Flags::DONTWAIT)));
        conclude!(frame, sent)
    }

    /// Sends frames if there is room now.
    pub(super) fn try_send_multipart<L: Parts>(
        &mut self,
        frames: L,
    ) -> Result<(), SendError<L::Refused>>
    where
        T: CanSend,
    {
        let mut frames = frames.prepare_parts();
        let sent = self
            .try_unsent()
            .and_then(|()| self.with(|socket| socket.try_list(&mut frames, Flags::DONTWAIT)));
        conclude!(frames, sent)
    }

    /// What a sink has taken goes first.
    pub(super) fn try_unsent(&mut self) -> Result<(), Fault> {
        #[cfg(feature = "futures")]
        if let Some(mut frames) = self.unsent.take() {
            let sent = self.with(|socket| socket.try_list(&mut frames, Flags::DONTWAIT));
            match sent {
                Ok(()) => frames.sent(),
                Err(Fault::Dropped(_)) => {}
                Err(Fault::Refused(_)) => self.unsent = Some(frames),
            }
            return sent.map_err(behind);
        }
        Ok(())
    }

    /// Waits for room, or until a send would say that it is out of turn.
    pub(super) fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_ready(Direction::Send, context)
    }

    /// Waits for a message, or until a receive would say that it is out of turn.
    pub(super) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_ready(Direction::Receive, context)
    }

    fn poll_ready(&mut self, direction: Direction, context: &mut Context<'_>) -> Poll<Result<()>> {
        let attempt = |place: &mut Place<T, R>| {
            let ready = match place.ready() {
                Ok(ready) => ready,
                Err(error) => return Poll::Ready(Err(error)),
            };
            if ready.has(direction) || place.is_out_of_turn(direction, ready) {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        };
        self.waits
            .poll(&mut self.place, direction, context, false, attempt)
    }
}

/// Before an attempt comes to anything, nothing is sent.
impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Refused(error)
    }
}

/// What a message's fault is for the one behind it, which nobody has touched.
#[cfg(feature = "futures")]
#[cold]
fn behind(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(error) | Fault::Dropped(error) => Fault::Refused(error),
    }
}
