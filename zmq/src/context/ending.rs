//! The end of a context, and waiting for it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
use std::task::{Poll, Waker};
use std::time::Instant;

use crate::socket::SocketKind;

/// What outlives a context, for those who wait for its end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    ended: Mutex<bool>,
    changed: Condvar,
    /// Tasks that wait.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    tasks: Mutex<Vec<Waker>>,
    /// Somebody waits with a deadline: the last handle must not do the waiting itself.
    waiter: AtomicBool,
    /// Counted apart from the table, for a look without its lock.
    sockets: AtomicUsize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The open sockets, by what tells them apart.
    open: HashMap<usize, OpenSocket>,
    /// The last that were closed with a linger, and may still be at it.
    closed: VecDeque<(usize, OpenSocket)>,
}

/// How many closed sockets are remembered.
const CLOSED: usize = 32;

impl Ending {
    pub(crate) fn socket_opened(&self, id: usize, socket: OpenSocket) {
        let mut table = self.table();
        // libzmq has let go of whichever socket had that address before.
        table.closed.retain(|(closed, _)| *closed != id);
        table.open.insert(id, socket);
        self.sockets.fetch_add(1, Ordering::Relaxed);
    }

    /// A socket is gone; `lingers` if messages of it may be queued still.
    pub(crate) fn socket_closed(&self, id: usize, lingers: bool) {
        let mut table = self.table();
        if let Some(socket) = table.open.remove(&id).filter(|_| lingers) {
            if table.closed.len() == CLOSED {
                table.closed.pop_front();
            }
            table.closed.push_back((id, socket));
        }
        self.sockets.fetch_sub(1, Ordering::Relaxed);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open sockets, those of one type together.
    pub(super) fn open_sockets(&self) -> Vec<OpenSocket> {
        let mut open: Vec<_> = self.table().open.values().copied().collect();
        open.sort_by_key(|socket| (socket.kind.to_raw(), socket.opened_at));
        open
    }

    /// The sockets that may linger, those closed last in front.
    pub(super) fn closed_sockets(&self) -> Vec<OpenSocket> {
        let table = self.table();
        table
            .closed
            .iter()
            .rev()
            .map(|(_, socket)| *socket)
            .collect()
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
        #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
        self.wake_tasks();
    }

    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    fn wake_tasks(&self) {
        let tasks = std::mem::take(&mut *self.tasks());
        tasks.into_iter().for_each(Waker::wake);
    }

    /// Whether the end has come; if not, the task is woken then.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn poll_ended(&self, context: &mut std::task::Context<'_>) -> Poll<()> {
        let mut tasks = self.tasks();
        if !tasks.iter().any(|task| task.will_wake(context.waker())) {
            tasks.push(context.waker().clone());
        }
        drop(tasks);
        // After the waker is there, so that an end that comes now finds it.
        if *self.ended.lock().unwrap_or_else(PoisonError::into_inner) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    fn tasks(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
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
/// Its text names every open socket, or else those that may linger, and in debug builds where they were
/// opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StillOpen {
    /// Sockets not dropped yet.
    pub sockets: Vec<OpenSocket>,
    /// Handles of the context not dropped yet.
    pub contexts: usize,
    /// All are gone, and queued messages wait for their peers within their sockets' linger, or C
    /// has a socket open.
    pub lingering: bool,
    /// Which may be those: sockets that were closed with a linger other than zero after a bind or
    /// connect, those closed last in front, 32 at most. libzmq does not tell which of them are done.
    pub closed: Vec<OpenSocket>,
}

/// A socket that keeps a context from its end, or may: see [`StillOpen`].
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
            f.write_str(
                "zmq_ctx_term: closed sockets still linger with queued messages, or C has one open",
            )?;
            return list(f, "; closed last: ", &self.closed);
        }
        write!(
            f,
            "zmq_ctx_term: still open: {} sockets, {} handles",
            self.sockets.len(),
            self.contexts
        )?;
        list(f, ": ", &self.sockets)
    }
}

fn list(f: &mut fmt::Formatter<'_>, before: &str, sockets: &[OpenSocket]) -> fmt::Result {
    for (index, socket) in sockets.iter().enumerate() {
        f.write_str(if index == 0 { before } else { ", " })?;
        fmt::Display::fmt(socket, f)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const SOCKET: OpenSocket = OpenSocket {
        kind: SocketKind::Push,
        opened_at: None,
    };

    fn closed(ending: &Ending) -> Vec<SocketKind> {
        let closed = ending.closed_sockets();
        closed.iter().map(|socket| socket.kind).collect()
    }

    #[test]
    fn a_closed_socket_is_forgotten_when_its_address_is_taken_again() {
        let ending = Ending::default();
        let other = OpenSocket {
            kind: SocketKind::Pub,
            ..SOCKET
        };
        for (id, socket) in [(1, SOCKET), (2, other)] {
            ending.socket_opened(id, socket);
            ending.socket_closed(id, true);
        }
        assert_eq!(closed(&ending), [SocketKind::Pub, SocketKind::Push]);
        ending.socket_opened(1, SOCKET);
        assert_eq!(closed(&ending), [SocketKind::Pub]);
        ending.socket_closed(1, false);
        assert_eq!(closed(&ending), [SocketKind::Pub]);
    }

    #[test]
    fn the_sockets_closed_last_are_kept() {
        let ending = Ending::default();
        for id in 0..CLOSED + 2 {
            let kind = match id {
                0 | 2 => SocketKind::Pub,
                _ => SocketKind::Push,
            };
            ending.socket_opened(id, OpenSocket { kind, ..SOCKET });
            ending.socket_closed(id, true);
        }
        let mut expected = [SocketKind::Push; CLOSED];
        expected[CLOSED - 1] = SocketKind::Pub;
        assert_eq!(closed(&ending), expected);
    }

    #[test]
    fn what_is_still_open_is_listed_in_words() {
        let open = StillOpen {
            sockets: vec![SOCKET; 2],
            contexts: 1,
            lingering: false,
            closed: Vec::new(),
        };
        let text = "still open: 2 sockets, 1 handles: PUSH, PUSH";
        assert_eq!(open.to_string(), format!("zmq_ctx_term: {text}"));
        assert_eq!(crate::Error::from(open).subject(), Some(text));
    }
}
