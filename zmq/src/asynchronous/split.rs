//! The two directions of a socket, for two tasks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use super::inner::Inner;
use super::receive::receiving;
use super::runtime::Runtime;
use super::send::{Reach, sending};
use super::sender::Sender;
use super::sync::lock;
use super::{Awaitable, Socket};
use crate::error::{Error, Result};
use crate::socket::{CanReceive, CanSend};

/// The sending half of a socket: see [`Socket::split`].
pub struct SendHalf<T: Awaitable, R: Runtime> {
    shared: Arc<Mutex<Inner<T, R>>>,
}

/// The receiving half of a socket: see [`Socket::split`].
pub struct RecvHalf<T: Awaitable, R: Runtime> {
    shared: Arc<Mutex<Inner<T, R>>>,
}

pub(super) fn split<T: Awaitable, R: Runtime>(
    inner: Inner<T, R>,
) -> (SendHalf<T, R>, RecvHalf<T, R>) {
    let shared = Arc::new(Mutex::new(inner));
    let sender = SendHalf {
        shared: Arc::clone(&shared),
    };
    (sender, RecvHalf { shared })
}

impl<T: Awaitable, R: Runtime> SendHalf<T, R> {
    /// A sender that can be cloned, for any number of tasks.
    pub fn into_sender(self) -> Sender<T, R> {
        Sender::over(self.shared)
    }

    pub(super) fn reach(&mut self) -> MutexGuard<'_, Inner<T, R>> {
        lock(&self.shared)
    }

    fn place(&mut self) -> Reach<'_, T, R> {
        Reach::Half(&self.shared)
    }
}

impl<T: Awaitable, R: Runtime> RecvHalf<T, R> {
    /// The whole socket again.
    ///
    /// # Errors
    /// Both halves come back if they are not of one socket.
    pub fn reunite(self, other: SendHalf<T, R>) -> Result<Socket<T, R>, NotOneSocket<T, R>> {
        if !Arc::ptr_eq(&self.shared, &other.shared) {
            return Err(NotOneSocket(other, self));
        }
        drop(other);
        let shared = Arc::into_inner(self.shared).expect("a socket has two halves");
        let inner = shared
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(Socket::over(inner))
    }

    pub(super) fn reach(&mut self) -> MutexGuard<'_, Inner<T, R>> {
        lock(&self.shared)
    }
}

receiving! { RecvHalf }
sending! { SendHalf }

fn show<T: Awaitable, R: Runtime>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    shared: &Mutex<Inner<T, R>>,
) -> fmt::Result {
    f.debug_tuple(name).field(lock(shared).socket()).finish()
}

impl<T: Awaitable, R: Runtime> fmt::Debug for SendHalf<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, "SendHalf", &self.shared)
    }
}

impl<T: Awaitable, R: Runtime> fmt::Debug for RecvHalf<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, "RecvHalf", &self.shared)
    }
}

/// Two halves that are not of one socket: see [`RecvHalf::reunite`].
pub struct NotOneSocket<T: Awaitable, R: Runtime>(pub SendHalf<T, R>, pub RecvHalf<T, R>);

impl<T: Awaitable, R: Runtime> fmt::Debug for NotOneSocket<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NotOneSocket")
            .field(&self.0)
            .field(&self.1)
            .finish()
    }
}

impl<T: Awaitable, R: Runtime> fmt::Display for NotOneSocket<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these halves are not of one socket")
    }
}

impl<T: Awaitable, R: Runtime> std::error::Error for NotOneSocket<T, R> {}
