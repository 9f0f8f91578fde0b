//! What was decided, for those who want to know.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::decision::Reason;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::fork;
use crate::monitor::AuthStatus;

/// A client that asked to come in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEvent {
    /// The domain of the socket that it connected to.
    pub domain: String,
    /// Where it connected from: see [`Request::address`](super::Request::address).
    pub address: String,
    /// The mechanism: `NULL`, `PLAIN`, `CURVE`, `GSSAPI`.
    pub mechanism: String,
    /// Who it says it is: the user, the key in Z85, the principal; empty for NULL.
    pub who: String,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It was let in.
    #[non_exhaustive]
    Allowed {
        /// As whom.
        user_id: String,
    },
    /// It was refused (400).
    #[non_exhaustive]
    Denied {
        /// Why.
        reason: Reason,
    },
    /// It could not be decided, and the client was not let in (300 and 500).
    #[non_exhaustive]
    Failed {
        /// What the client was told.
        status: AuthStatus,
        /// Why.
        reason: Reason,
    },
}

impl AuditEvent {
    /// Whether the client was let in.
    pub fn is_allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allowed { .. })
    }

    /// Why it was not.
    pub fn reason(&self) -> Option<&Reason> {
        match &self.verdict {
            Verdict::Allowed { .. } => None,
            Verdict::Denied { reason } | Verdict::Failed { reason, .. } => Some(reason),
        }
    }
}

/// One line, such as `CURVE client rq:r… from 127.0.0.1 to "global": denied: …`. What comes from the
/// client is escaped.
impl fmt::Display for AuditEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} client ", self.mechanism.escape_debug())?;
        if !self.who.is_empty() {
            write!(f, "{} ", self.who.escape_debug())?;
        }
        write!(
            f,
            "from {} to \"{}\": ",
            self.address.escape_debug(),
            self.domain.escape_debug()
        )?;
        match &self.verdict {
            Verdict::Allowed { .. } => f.write_str("allowed"),
            Verdict::Denied { reason } => write!(f, "denied: {reason}"),
            Verdict::Failed { status, reason } => {
                write!(f, "failed ({}): {reason}", status.code())
            }
        }
    }
}

/// The decisions of an [`Authenticator`](super::Authenticator) from now on, as they are made: see
/// [`Authenticator::audit`](super::Authenticator::audit).
///
/// It holds at most [`CAPACITY`](Audit::CAPACITY) events: when another comes, the oldest is
/// dropped, and [counted](Audit::dropped). So the authenticator never waits for it. It can move to
/// another thread, be shared by several, each event going to one, and outlive the authenticator,
/// whose end ends it when all is read.
#[must_use = "dropped at once, it hears nothing"]
pub struct Audit {
    queue: Arc<Queue>,
    generation: u32,
}

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    events: VecDeque<AuditEvent>,
    dropped: u64,
    ended: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, event: AuditEvent) {
        let mut state = self.lock();
        if state.events.len() == Audit::CAPACITY {
            state.events.pop_front();
            state.dropped += 1;
        }
        state.events.push_back(event);
        drop(state);
        self.changed.notify_one();
    }

    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }
}

impl Audit {
    /// The most events that wait to be received.
    pub const CAPACITY: usize = 1024;

    pub(super) fn new() -> (Audit, Arc<Queue>) {
        let queue = Arc::<Queue>::default();
        let audit = Audit {
            queue: Arc::clone(&queue),
            generation: fork::generation(),
        };
        (audit, queue)
    }

    /// Receives the next event, waiting for it.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated) when the authenticator has ended and all is read;
    /// [`Forked`](ErrorKind::Forked).
    pub fn recv(&self) -> Result<AuditEvent> {
        loop {
            if let Some(event) = self.recv_until(None)? {
                return Ok(event);
            }
        }
    }

    /// Receives the next event if there is one.
    ///
    /// # Errors
    /// As [`recv`](Audit::recv).
    pub fn try_recv(&self) -> Result<Option<AuditEvent>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// Receives the next event, waiting for it no longer than `timeout`.
    ///
    /// # Errors
    /// As [`recv`](Audit::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<AuditEvent>> {
        self.recv_until(Instant::now().checked_add(timeout))
    }

    /// Waits without end for `None`.
    fn recv_until(&self, deadline: Option<Instant>) -> Result<Option<AuditEvent>> {
        self.check_fork()?;
        let mut state = self.queue.lock();
        loop {
            if let Some(event) = state.events.pop_front() {
                return Ok(Some(event));
            }
            if state.ended {
                return Err(Error::own("zmq::auth", ErrorKind::Terminated)
                    .because("the authenticator has ended"));
            }
            let changed = &self.queue.changed;
            state = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return Ok(None),
                Some(left) => {
                    changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    /// How many events were dropped so far, because [`CAPACITY`](Audit::CAPACITY) others waited.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked) only.
    pub fn dropped(&self) -> Result<u64> {
        self.check_fork()?;
        Ok(self.queue.lock().dropped)
    }

    /// The events as they come, waiting for each, up to the end of the authenticator.
    /// `for event in &audit` does the same.
    pub fn iter(&self) -> AuditEvents<'_> {
        AuditEvents { audit: self }
    }

    /// In a forked child the lock may be held by a thread that stayed behind.
    fn check_fork(&self) -> Result<()> {
        if self.generation == fork::generation() {
            Ok(())
        } else {
            Err(Error::own("zmq::auth", ErrorKind::Forked))
        }
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").finish_non_exhaustive()
    }
}

/// The events of an [`Audit`] as they come: see [`Audit::iter`].
#[derive(Debug)]
#[must_use = "it receives only when asked for the next event"]
pub struct AuditEvents<'a> {
    audit: &'a Audit,
}

impl Iterator for AuditEvents<'_> {
    type Item = AuditEvent;

    fn next(&mut self) -> Option<AuditEvent> {
        // The end, or a forked child: for ever.
        self.audit.recv().ok()
    }
}

impl std::iter::FusedIterator for AuditEvents<'_> {}

impl<'a> IntoIterator for &'a Audit {
    type Item = AuditEvent;
    type IntoIter = AuditEvents<'a>;

    fn into_iter(self) -> AuditEvents<'a> {
        self.iter()
    }
}
