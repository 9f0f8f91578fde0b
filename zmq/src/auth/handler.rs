//! The thread that answers, and what it shares with its handle.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::audit::{AuditEvent, Queue, Verdict};
use super::decision::{Identity, Reason};
use super::policy::{Policy, Refusal};
use super::request::{Request, VERSION, request_id};
use crate::error::{ErrorKind, Result};
use crate::message::Message;
use crate::monitor::AuthStatus;
use crate::multipart::Multipart;
use crate::panics;
use crate::poll::poll;
use crate::socket::{Pair, Router, Socket, ZAP};

/// The policies by domain, and the one for all other domains.
#[derive(Default)]
pub(super) struct Policies {
    pub(super) domains: HashMap<String, Arc<Policy>>,
    pub(super) default: Option<Arc<Policy>>,
}

/// None of its locks is held while a callback, or the drop of one, runs.
pub(super) struct Shared {
    /// None when the thread has ended.
    policies: Mutex<Option<Policies>>,
    auditors: Mutex<Vec<Weak<Queue>>>,
    /// What wakes the thread, and holds the context for the handle. None when either has ended.
    waker: Mutex<Option<Socket<Pair>>>,
    stopping: AtomicBool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(waker: Socket<Pair>) -> Shared {
        Shared {
            policies: Mutex::new(Some(Policies::default())),
            auditors: Mutex::default(),
            waker: Mutex::new(Some(waker)),
            stopping: AtomicBool::new(false),
        }
    }

    /// Changes the policies, if the thread is still there. What is replaced is handed out, to be
    /// dropped without the lock.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Policies) -> R) -> Option<R> {
        lock(&self.policies).as_mut().map(change)
    }

    pub(super) fn has_ended(&self) -> bool {
        lock(&self.policies).is_none()
    }

    pub(super) fn waker(&self) -> MutexGuard<'_, Option<Socket<Pair>>> {
        lock(&self.waker)
    }

    /// Says that the handle has gone: no client is let in any more.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Adds a queue for events, or ends it at once.
    pub(super) fn listen(&self, queue: &Arc<Queue>) {
        let mut auditors = lock(&self.auditors);
        if self.has_ended() {
            queue.end();
        } else {
            auditors.push(Arc::downgrade(queue));
        }
    }

    fn policy(&self, domain: &str) -> Option<Arc<Policy>> {
        let policies = lock(&self.policies);
        let policies = policies.as_ref()?;
        let policy = policies.domains.get(domain).or(policies.default.as_ref())?;
        Some(Arc::clone(policy))
    }

    /// Decides about a request; a callback's panic is a decision, too.
    fn decide(&self, request: &Request<'_>) -> Result<Identity, Refusal> {
        let failed = |reason| Refusal {
            status: AuthStatus::InternalError,
            reason,
        };
        if self.is_stopping() {
            return Err(failed(Reason::Stopping));
        }
        let decided = guarded(|| match self.policy(request.domain) {
            Some(policy) => policy.decide(request),
            None => Err(Refusal {
                status: AuthStatus::Denied,
                reason: Reason::NoPolicy,
            }),
        });
        match decided {
            // The handle went while the callback ran.
            Ok(_) if self.is_stopping() => Err(failed(Reason::Stopping)),
            Ok(decided) => decided,
            Err(words) => Err(failed(Reason::Panicked(words))),
        }
    }

    fn answer(&self, frames: &[Message]) -> Multipart {
        let (decided, event) = match Request::parse(frames) {
            Ok(request) => {
                let decided = self.decide(&request);
                let event = AuditEvent {
                    domain: request.domain.to_owned(),
                    address: request.address.to_owned(),
                    mechanism: request.credentials.mechanism().to_owned(),
                    who: request.credentials.name(),
                    verdict: verdict(&decided),
                };
                (decided, event)
            }
            Err(rule) => {
                let decided = Err(Refusal {
                    status: AuthStatus::InternalError,
                    reason: Reason::Malformed(rule),
                });
                let nobody = String::new;
                let event = AuditEvent {
                    domain: nobody(),
                    address: nobody(),
                    mechanism: nobody(),
                    who: nobody(),
                    verdict: verdict(&decided),
                };
                (decided, event)
            }
        };
        self.tell(event);
        reply(request_id(frames), &decided)
    }

    fn tell(&self, event: AuditEvent) {
        lock(&self.auditors).retain(|queue| match queue.upgrade() {
            Some(queue) => {
                queue.push(event.clone());
                true
            }
            None => false,
        });
    }

    /// The end of the thread, after that of its sockets.
    fn end(&self) {
        let policies = lock(&self.policies).take();
        // A context that is terminated waits for this socket, too.
        drop(self.waker().take());
        for queue in std::mem::take(&mut *lock(&self.auditors)) {
            if let Some(queue) = queue.upgrade() {
                queue.end();
            }
        }
        // The callbacks may hold what leads back here, and their drop may do anything. One by one: a
        // map that is interrupted by a panic leaks the rest or, at a second one, aborts the process.
        if let Some(Policies { domains, default }) = policies {
            domains
                .into_values()
                .chain(default)
                .for_each(panics::drop_quietly);
        }
    }
}

fn verdict(decided: &Result<Identity, Refusal>) -> Verdict {
    match decided {
        Ok(identity) => Verdict::Allowed {
            user_id: identity.user_id().to_owned(),
        },
        Err(Refusal { status, reason }) => {
            let reason = reason.clone();
            match *status {
                AuthStatus::Denied => Verdict::Denied { reason },
                status => Verdict::Failed { status, reason },
            }
        }
    }
}

/// The six frames of a reply. User id and properties are empty unless the client is let in.
fn reply(id: &[u8], decided: &Result<Identity, Refusal>) -> Multipart {
    let nobody = Identity::default();
    let (status, text, identity) = match decided {
        Ok(identity) => (200, "OK", identity),
        Err(Refusal { status, .. }) => match status {
            AuthStatus::Temporary => (300, "temporary failure", &nobody),
            AuthStatus::Denied => (400, "denied", &nobody),
            _ => (500, "internal error", &nobody),
        },
    };
    let mut frames = Multipart::with_capacity(6);
    frames.push_back(VERSION);
    frames.push_back(id);
    frames.push_back(status.to_string());
    frames.push_back(text);
    frames.push_back(identity.user_id());
    frames.push_back(identity.encode());
    frames
}

/// Runs what may be a user's code; a panic gives its words.
fn guarded<R>(action: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(action)).map_err(panics::text_of)
}

/// Whether the thread looks up now, or when the callback it is in has returned.
pub(super) fn wake(waker: &Socket<Pair>) -> bool {
    loop {
        return match waker.try_send("") {
            Ok(()) => true,
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => continue,
                kind => kind == ErrorKind::Terminated,
            },
        };
    }
}

/// The thread, from its first to its last request.
pub(super) fn run(requests: Socket<Router>, wake: Socket<Pair>, shared: &Shared) {
    // Nothing in there panics that is known of. If it did, the sockets would close: clients of
    // enforced domains are then refused.
    let _ = guarded(|| serve(&requests, &wake, shared));
    drop((requests, wake));
    shared.end();
}

fn serve(requests: &Socket<Router>, wake: &Socket<Pair>, shared: &Shared) {
    while !shared.is_stopping() {
        match poll([requests.poll_in(), wake.poll_in()], None) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // The context has ended, or polling will never work again.
            Err(_) => return,
        }
        if !answer_next(requests, shared) && !shared.is_stopping() {
            return;
        }
    }
    // The next authenticator can bind as soon as this one's handle is gone: closing the socket
    // gives the name back later, and on another thread. Nobody new comes after it.
    if requests.unbind(ZAP).is_err() {
        return;
    }
    // Those that wait already are refused, or they would wait for their handshake to time out. Whoever
    // in this process asks without end does not keep the thread from its end.
    for _ in 0..100_000 {
        if !matches!(more(requests), Ok(true)) {
            break;
        }
        answer_next(requests, shared);
    }
}

fn more(requests: &Socket<Router>) -> Result<bool> {
    Ok(requests.events()?.is_readable())
}

/// Answers a request, if there is one; whether the socket can go on.
///
/// The socket is no REP: one that drops a malformed request whose sender has gone loses the reply to
/// the request after it (`rep_t::xrecv` rolls back what was never begun).
fn answer_next(requests: &Socket<Router>, shared: &Shared) -> bool {
    let message = match requests.try_recv_multipart() {
        Ok(Some(message)) => message,
        Ok(None) => return true,
        Err(error) => return error.kind() == ErrorKind::Interrupted,
    };
    // What has no envelope is nothing that could be answered.
    if let Ok((envelope, request)) = message.unwrap_envelope() {
        let mut reply = shared.answer(&request).wrap(envelope);
        // A client that has gone makes no difference; a context that has ended shows at the next
        // poll.
        while let Err(refused) = requests.try_send_multipart(reply) {
            if refused.kind() != ErrorKind::Interrupted {
                break;
            }
            reply = refused.into_message();
        }
    }
    true
}
