//! The end of a context, and waiting for it.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::socket::SocketKind;

/// What outlives a context, for those who wait for its end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    ended: Mutex<bool>,
    changed: Condvar,
    /// Somebody waits with a deadline: the last handle must not do the waiting itself.
    waiter: AtomicBool,
    /// Counted apart from the table, for a look without its lock.
    sockets: AtomicUsize,
    /// The open sockets, by what tells them apart.
    open: Mutex<HashMap<usize, OpenSocket>>,
}

impl Ending {
    pub(crate) fn socket_opened(&self, id: usize, socket: OpenSocket) {
        self.open().insert(id, socket);
        self.sockets.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn socket_closed(&self, id: usize) {
        self.open().remove(&id);
        self.sockets.fetch_sub(1, Ordering::Relaxed);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<usize, OpenSocket>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open sockets, those of one type together.
    pub(super) fn open_sockets(&self) -> Vec<OpenSocket> {
        let mut open: Vec<_> = self.open().values().copied().collect();
        open.sort_by_key(|socket| (socket.kind.to_raw(), socket.opened_at));
        open
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
///
/// Its text names every open socket, and in debug builds where it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StillOpen {
    /// Sockets not dropped yet.
    pub sockets: Vec<OpenSocket>,
    /// Handles of the context not dropped yet.
    pub contexts: usize,
    /// All are gone, and queued messages wait for their peers within their sockets' linger, or C
    /// has a socket open. libzmq does not tell which.
    pub lingering: bool,
}

/// A socket that is not dropped yet: see [`StillOpen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenSocket {
    /// Its type.
    pub kind: SocketKind,
    /// The line that opened it. Only in debug builds.
    pub opened_at: Option<&'static Location<'static>>,
}

impl OpenSocket {
    /// A socket that the caller's caller opens.
    #[track_caller]
    pub(crate) fn here(kind: SocketKind) -> OpenSocket {
        let caller = Location::caller();
        OpenSocket {
            kind,
            opened_at: cfg!(debug_assertions).then_some(caller),
        }
    }
}

/// The type, and where it was opened if that is known: `PUSH (src/main.rs:7:20)`.
impl fmt::Display for OpenSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.opened_at {
            Some(place) => write!(f, "{} ({place})", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl fmt::Display for StillOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lingering {
            return f.write_str(
                "zmq_ctx_term: closed sockets still linger with queued messages, or C has one open",
            );
        }
        write!(
            f,
            "zmq_ctx_term: still open: {} sockets, {} handles",
            self.sockets.len(),
            self.contexts
        )?;
        for (index, socket) in self.sockets.iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { ", " })?;
            socket.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for StillOpen {}

/// Of kind [`WouldBlock`](crate::ErrorKind::WouldBlock).
impl From<StillOpen> for crate::Error {
    fn from(still_open: StillOpen) -> crate::Error {
        let text = still_open.to_string();
        let what = text.strip_prefix("zmq_ctx_term: ").unwrap_or(&text);
        crate::Error::own("zmq_ctx_term", crate::ErrorKind::WouldBlock).on(what)
    }
}
