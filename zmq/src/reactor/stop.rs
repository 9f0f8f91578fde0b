//! Ending a reactor from another thread.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::context::Context;
use crate::error::{ErrorKind, Result};
use crate::socket::{Pair, Socket};

/// Ends the [`run`](crate::Reactor::run) of a reactor from any thread: made by
/// [`Reactor::stopper`](crate::Reactor::stopper). It can be cloned.
pub struct Stopper<R = ()> {
    shared: Arc<Mutex<Shared<R>>>,
}

struct Shared<R> {
    /// What the reactor is to end with, until it does.
    value: Option<R>,
    waker: Socket<Pair>,
    reactor_is_gone: bool,
}

/// The reactor's side.
pub(super) struct StopEnd<R> {
    shared: Arc<Mutex<Shared<R>>>,
    pub(super) woken: Socket<Pair>,
}

impl<R> Stopper<R> {
    /// Ends the reactor: its `run` returns `value` once the round it is in is over, or if it does not
    /// run, when it is next started.
    ///
    /// It never waits, and says whether the value was taken: not if the reactor is gone, or is
    /// being stopped already.
    ///
    /// It may be called on any thread, but not in a signal handler.
    pub fn stop(&self, value: R) -> bool {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.reactor_is_gone || shared.value.is_some() {
            return false;
        }
        shared.value = Some(value);
        // There is room, since what woke the reactor before is read before the value is taken. It
        // fails when the context has ended, which ends the reactor all the same.
        while let Err(error) = shared.waker.try_send("") {
            if error.kind() != ErrorKind::Interrupted {
                break;
            }
        }
        true
    }
}

impl<R> StopEnd<R> {
    pub(super) fn new(context: &Context) -> Result<StopEnd<R>> {
        let (woken, waker) = context.pipe()?;
        let shared = Shared {
            value: None,
            waker,
            reactor_is_gone: false,
        };
        Ok(StopEnd {
            shared: Arc::new(Mutex::new(shared)),
            woken,
        })
    }

    pub(super) fn stopper(&self) -> Stopper<R> {
        Stopper {
            shared: Arc::clone(&self.shared),
        }
    }

    /// The value to stop with, if there is one.
    pub(super) fn take(&self) -> Option<R> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(Some(_)) = self.woken.try_recv() {}
        shared.value.take()
    }
}

impl<R> Drop for StopEnd<R> {
    fn drop(&mut self) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.reactor_is_gone = true;
    }
}

impl<R> Clone for Stopper<R> {
    fn clone(&self) -> Self {
        Stopper {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<R> fmt::Debug for Stopper<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}
