//! The end of a context, and waiting for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// What outlives a context, for those who wait for its end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    ended: Mutex<bool>,
    changed: Condvar,
    /// Somebody waits with a deadline: the last handle must not do the waiting itself.
    waiter: AtomicBool,
    sockets: AtomicUsize,
}

impl Ending {
    pub(crate) fn socket_opened(&self) {
        self.sockets.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn socket_closed(&self) {
        self.sockets.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.load(Ordering::Relaxed)
    }

    // The drop of the last `Arc` comes after that of the waiter's own, which orders these two.
    pub(super) fn expect_waiter(&self) {
        self.waiter.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_waiter(&self) -> bool {
        self.waiter.load(Ordering::Relaxed)
    }

    pub(super) fn done(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    pub(super) fn wait(&self) {
        self.wait_until(None);
    }

    /// Whether the end came before the deadline; `None` is without end.
    pub(super) fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended {
            ended = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => self
                    .changed
                    .wait(ended)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return false,
                Some(left) => {
                    self.changed
                        .wait_timeout(ended, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        true
    }
}

/// What a context was still waiting for when
/// [`terminate_timeout`](crate::Context::terminate_timeout) stopped waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StillOpen {
    /// Sockets not dropped yet.
    pub sockets: usize,
    /// Handles of the context not dropped yet.
    pub contexts: usize,
    /// All are gone, and queued messages wait for their peers within their sockets' linger.
    pub lingering: bool,
}

impl fmt::Display for StillOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lingering {
            return f.write_str("zmq_ctx_term: closed sockets still linger with queued messages");
        }
        write!(
            f,
            "zmq_ctx_term: {} sockets and {} handles are still open",
            self.sockets, self.contexts
        )
    }
}

impl std::error::Error for StillOpen {}

/// Of kind [`WouldBlock`](crate::ErrorKind::WouldBlock).
impl From<StillOpen> for crate::Error {
    fn from(still_open: StillOpen) -> crate::Error {
        crate::Error::own("zmq_ctx_term", crate::ErrorKind::WouldBlock).on(format_args!(
            "{} sockets, {} handles open",
            still_open.sockets, still_open.contexts
        ))
    }
}
