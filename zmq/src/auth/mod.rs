//! Who may connect: an authenticator that answers libzmq's questions ([ZAP, ZeroMQ RFC 27]).
//!
//! A socket whose connections are to be checked has a *domain*. In the handshake with a client
//! libzmq then asks the one authenticator of the context, and lets the client in only if it says
//! so: until then none of the client's messages is received. The [`Authenticator`] answers by
//! domain, each with its [`Policy`]; where there is none, it denies.
//!
//! ```
//! use std::time::Duration;
//! use zmq::auth::{Authenticator, Policy};
//!
//! let context = zmq::Context::new()?;
//! let auth = Authenticator::start(&context)?;
//! auth.set_policy("global", Policy::new().plain_user("alice", "secret"))?;
//! let audit = auth.audit()?;
//!
//! let server = context.socket(zmq::PULL)?;
//! auth.protect(&server, "global")?; // before it is bound
//! server.set_plain_server(true)?;
//! server.bind("tcp://127.0.0.1:*")?;
//!
//! let mallory = context.socket(zmq::PUSH)?;
//! # mallory.set_linger(Some(Duration::ZERO))?;
//! mallory.set_plain_username(Some("alice"))?;
//! mallory.set_plain_password(Some("guess"))?;
//! mallory.connect(&server.last_endpoint()?)?;
//! println!("{}", audit.recv()?); // PLAIN client alice from 127.0.0.1 to "global": denied: …
//!
//! let alice = context.socket(zmq::PUSH)?;
//! alice.set_plain_username(Some("alice"))?;
//! alice.set_plain_password(Some("secret"))?;
//! alice.connect(&server.last_endpoint()?)?;
//! alice.send("Hello")?;
//! let message = server.recv()?;
//! assert_eq!(message, "Hello");
//! assert_eq!(message.user_id(), Some("alice"));
//! # Ok::<(), zmq::Error>(())
//! ```
//!
//! # When libzmq asks
//!
//! It asks about connections over tcp and ipc (and ws, where it is there), never about inproc or
//! udp: whoever has the context is trusted.
//!
//! | the socket is | asks | without an authenticator |
//! |---|---|---|
//! | without security (NULL), no domain | never | everybody is let in |
//! | without security (NULL), a domain | always, and has no ws, where a peer could avoid it | everybody is let in; nobody, if enforced |
//! | server of PLAIN | always | nobody is let in |
//! | server of CURVE, no domain | always | everybody is let in who knows the server's key |
//! | server of CURVE, a domain | always | the same; nobody, if enforced |
//! | server of GSSAPI | always, but the answer changes nothing (up to libzmq 4.3.5) | whom Kerberos knows |
//! | client of PLAIN, CURVE, GSSAPI | never | |
//!
//! Enforced is what [`zap_enforce_domain`](crate::Socket::zap_enforce_domain) says, which needs a
//! domain. [`protect`](Authenticator::protect) sets both, which leaves the lines where nobody is let
//! in. A peer that speaks ZMTP 2 or older is refused wherever libzmq would ask.
//!
//! The socket that asks is one that binds. One that [connects](crate::Socket::connect) over tcp or
//! ipc would ask, too: a server, or without security and with a domain. Then a peer that goes while
//! it is asked about, and comes again, makes libzmq abort the process. So a context has an
//! authenticator or such a socket: whichever comes second is an error of kind
//! [`InvalidState`](ErrorKind::InvalidState).
//!
//! A REQ that asks is to give no peer a user id: libzmq passes the id on in front of the peer's first
//! reply, which a REQ takes for a broken one, and ends the connection, each time anew.
//! [`Identity::default()`](Identity) is one without an id; the policies that compare names and keys
//! by themselves give one.
//!
//! # What the client notices
//!
//! | answer | server's monitor | client |
//! |---|---|---|
//! | 200 | [`HandshakeSucceeded`] | [`HandshakeSucceeded`] |
//! | 300 | [`HandshakeFailedAuth`], [`Temporary`] | is not told; is disconnected, by PLAIN and CURVE (and at times by NULL) only when the server's [`handshake_ivl`] is over, and connects again by itself |
//! | 400 | [`HandshakeFailedAuth`], [`Denied`] | the same event, and does not try again |
//! | 500 | [`HandshakeFailedAuth`], [`InternalError`] | the same event, and does not try again |
//! | there is nobody to answer | [`HandshakeFailedNoDetail`] | is disconnected, by NULL only when [`handshake_ivl`] is over, and connects again by itself |
//! | none yet | nothing, until [`handshake_ivl`] is over | waits as long, and connects again by itself |
//!
//! After 400 and 500 a client does not connect again without another `connect`. (By NULL libzmq may
//! miss that, and connect again when a `handshake_ivl` is over.) Make another socket for that: to
//! the first one libzmq may still give messages for the connection that was refused. They go nowhere,
//! and linger, without end by default: a client that may be denied needs a
//! [linger](crate::Socket::set_linger) for its context to end.
//!
//! [ZAP, ZeroMQ RFC 27]: https://rfc.zeromq.org/spec/27/
//! [`handshake_ivl`]: crate::Socket::handshake_ivl
//! [`HandshakeSucceeded`]: crate::EventKind::HandshakeSucceeded
//! [`HandshakeFailedAuth`]: crate::EventKind::HandshakeFailedAuth
//! [`HandshakeFailedNoDetail`]: crate::EventKind::HandshakeFailedNoDetail
//! [`Temporary`]: crate::AuthStatus::Temporary
//! [`Denied`]: crate::AuthStatus::Denied
//! [`InternalError`]: crate::AuthStatus::InternalError

mod address;
mod audit;
mod decision;
mod handler;
mod password;
mod policy;
mod request;

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use address::IpcPeer;
pub use audit::{Audit, AuditEvent, AuditEvents, Verdict};
pub use decision::{Decision, Identity, Reason};
pub use policy::Policy;
pub use request::{Credentials, Request};

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::fork;
use crate::library::version;
use crate::socket::{Mechanism, ROUTER, Socket, SocketKind, SocketType, ZAP};
use handler::Shared;

const CALL: &str = "zmq::auth";

/// The authenticator of a context: a thread that says who may connect to its sockets.
///
/// There is one in a context. It answers as long as this handle exists, and is changed at any time
/// from any thread. See the [module](self) for when libzmq asks it.
///
/// # The end
///
/// Dropping the handle ends the thread and waits for it, that is for a callback that is running. A
/// callback may drop the handle itself: then the thread ends when the callback has returned. Clients
/// that wait for an answer are refused, whatever the callback decides, and newcomers of
/// [protected](Authenticator::protect) sockets, too, until another authenticator is started.
/// Connections that were let in stay.
///
/// A callback that holds the handle (in an [`Arc`]) keeps it from ever being dropped: give it a
/// [`Weak`](std::sync::Weak).
///
/// It holds its context, as a socket does: it counts as three towards
/// [`max_sockets`](Context::max_sockets) and in [`StillOpen`](crate::StillOpen), and a context whose
/// last handle is dropped goes on until this one is. But it ends by itself when the context is shut
/// down, so [`terminate`](Context::terminate) does not wait for the handle.
///
/// After a `fork` it goes on in the parent; in the child its methods give an error of kind
/// [`Forked`](ErrorKind::Forked).
#[must_use = "dropped at once, it ends at once, and nobody is let in"]
pub struct Authenticator {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    generation: u32,
}

impl Authenticator {
    /// Starts the authenticator of the context. It denies everybody before it is given a policy.
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) if the context has one already, or another socket
    /// is bound at `inproc://zeromq.zap.01`, or one has [connected](self#when-libzmq-asks) that
    /// would ask; [`TooManyOpen`](ErrorKind::TooManyOpen),
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked);
    /// what the system says if it cannot start a thread.
    ///
    /// ```
    /// use zmq::auth::Authenticator;
    ///
    /// let context = zmq::Context::new()?;
    /// let auth = Authenticator::start(&context)?;
    /// let second = Authenticator::start(&context).unwrap_err();
    /// assert_eq!(second.kind(), zmq::ErrorKind::InvalidState);
    /// drop(auth);
    /// let auth = Authenticator::start(&context)?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn start(context: &Context) -> Result<Authenticator> {
        let (wake, waker) = context.pipe()?;
        let requests = context.socket(ROUTER)?;
        requests.set_linger(Some(Duration::ZERO))?;
        requests.bind(ZAP).map_err(|error| match error.kind() {
            ErrorKind::AddressInUse => Error::own(CALL, ErrorKind::InvalidState)
                .on(ZAP)
                .because("the context has an authenticator already"),
            _ => error,
        })?;
        let shared = Arc::new(Shared::new(waker));
        let thread = thread::Builder::new().name("zmq-zap".into()).spawn({
            let shared = Arc::clone(&shared);
            move || handler::run(requests, wake, &shared)
        });
        let thread = thread.map_err(|error| {
            let errno = error.raw_os_error().unwrap_or(libc::EAGAIN);
            Error::own("pthread_create", ErrorKind::Other(errno)).on("zmq-zap")
        })?;
        Ok(Authenticator {
            shared,
            thread: Some(thread),
            generation: fork::generation(),
        })
    }

    /// Says who may connect to the sockets of a domain, instead of what was said before, from the
    /// next client on. Connections that were let in stay.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a domain that is empty or longer than 255
    /// bytes, and for what cannot be in the policy: an address that is none, a password or a user
    /// of more than 255 bytes, a user with a NUL; [`Terminated`](ErrorKind::Terminated) when the
    /// context has ended; [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// use zmq::auth::{Authenticator, Policy};
    ///
    /// let context = zmq::Context::new()?;
    /// let auth = Authenticator::start(&context)?;
    /// auth.set_policy("global", Policy::new().allow_address("127.0.0.1").allow_null())?;
    /// let error = auth.set_policy("global", Policy::new().allow_address("10.0.0.0/33")).unwrap_err();
    /// assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn set_policy(&self, domain: &str, policy: Policy) -> Result<()> {
        check_domain(domain)?;
        let policy = Arc::new(policy.checked()?);
        let before = self.change(|policies| policies.domains.insert(domain.to_owned(), policy))?;
        drop(before); // here, where its callbacks' drop may call this again
        Ok(())
    }

    /// Says who may connect to the sockets of all domains that have no policy, and of those that
    /// ask without a domain. Before, nobody may.
    ///
    /// # Errors
    /// As [`set_policy`](Authenticator::set_policy).
    pub fn set_default_policy(&self, policy: Policy) -> Result<()> {
        let policy = Arc::new(policy.checked()?);
        let before = self.change(|policies| policies.default.replace(policy))?;
        drop(before);
        Ok(())
    }

    /// Takes the policy of a domain back: the default one holds for it from the next client on.
    /// Whether there was one.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    pub fn remove_policy(&self, domain: &str) -> Result<bool> {
        let before = self.change(|policies| policies.domains.remove(domain))?;
        Ok(before.is_some())
    }

    /// Puts a socket into a domain, so that nobody connects to it without being asked about: sets
    /// its [`zap_domain`](Socket::zap_domain), and enforces it
    /// ([`zap_enforce_domain`](Socket::zap_enforce_domain)), so that nobody connects either where
    /// there is no authenticator any more.
    ///
    /// That holds from the next `bind` or `connect`; so it is refused after the first. Make the
    /// socket a server of PLAIN or CURVE before or after. Connections over inproc, and those over udp
    /// of RADIO and DISH, are never asked about.
    ///
    /// A protected socket binds. It can connect over tcp and ipc only as a client of PLAIN or CURVE,
    /// which asks nobody: see the [module](self#when-libzmq-asks).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a domain that is empty, longer than 255 bytes or
    /// has a NUL, and for a socket of another context; [`InvalidState`](ErrorKind::InvalidState) for
    /// one that was bound or connected before; [`NotSupported`](ErrorKind::NotSupported) for a
    /// STREAM or DGRAM, which never asks, and for one that uses GSSAPI with libzmq up to 4.3.5, which
    /// lets clients in that were denied; [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_ZAP_DOMAIN")]
    #[doc(alias = "ZMQ_ZAP_ENFORCE_DOMAIN")]
    pub fn protect<T: SocketType>(&self, socket: &Socket<T>, domain: &str) -> Result<()> {
        self.check_fork()?;
        let fail = |kind| Error::own(CALL, kind).on(socket.kind());
        check_domain(domain)?;
        match &*self.shared.waker() {
            None => return Err(ended()),
            Some(waker) if waker.context() != socket.context() => {
                return Err(fail(ErrorKind::InvalidInput)
                    .because("the socket is of another context than the authenticator"));
            }
            Some(_) => {}
        }
        if matches!(socket.kind(), SocketKind::Stream | SocketKind::Dgram) {
            return Err(fail(ErrorKind::NotSupported)
                .because("this socket type has no handshake in which to ask"));
        }
        if socket.mechanism()? == Mechanism::Gssapi && version() <= (4, 3, 5) {
            return Err(fail(ErrorKind::NotSupported)
                .because("this libzmq lets clients of GSSAPI in that were denied"));
        }
        if !socket.last_endpoint()?.is_empty() {
            return Err(fail(ErrorKind::InvalidState)
                .because("the socket was bound or connected before it was protected"));
        }
        socket.set_zap_domain(domain)?;
        socket.set_zap_enforce_domain(true)
    }

    /// Tells every decision from now on: who was let in, who was not, and why. Each call gives a
    /// queue of its own. This is where to look when a client that should come in does not, since the
    /// client is told a number at most.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked) only.
    ///
    /// ```
    /// use zmq::auth::{Authenticator, Policy, Reason};
    ///
    /// let context = zmq::Context::new()?;
    /// let auth = Authenticator::start(&context)?;
    /// auth.set_policy("global", Policy::new().allow_null().deny_address("127.0.0.1"))?;
    /// let audit = auth.audit()?;
    ///
    /// let server = context.socket(zmq::PULL)?;
    /// auth.protect(&server, "global")?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(zmq::PUSH)?;
    /// client.connect(&server.last_endpoint()?)?;
    ///
    /// let event = audit.recv()?;
    /// assert_eq!(event.address, "127.0.0.1");
    /// assert_eq!(event.reason(), Some(&Reason::AddressDenied));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn audit(&self) -> Result<Audit> {
        self.check_fork()?;
        let (audit, queue) = Audit::new();
        self.shared.listen(&queue);
        Ok(audit)
    }

    /// Whether it still answers: it does not when its context was shut down.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked) only.
    pub fn is_running(&self) -> Result<bool> {
        self.check_fork()?;
        Ok(!self.shared.has_ended())
    }

    fn change<R>(&self, change: impl FnOnce(&mut handler::Policies) -> R) -> Result<R> {
        self.check_fork()?;
        self.shared.change(change).ok_or_else(ended)
    }

    /// In a forked child the locks may be held by the thread that stayed behind.
    fn check_fork(&self) -> Result<()> {
        if self.generation == fork::generation() {
            Ok(())
        } else {
            Err(Error::own(CALL, ErrorKind::Forked))
        }
    }
}

#[cold]
fn ended() -> Error {
    Error::own(CALL, ErrorKind::Terminated).because("the authenticator has ended")
}

fn check_domain(domain: &str) -> Result<()> {
    let rule = if domain.is_empty() {
        "a domain is not empty"
    } else if domain.len() > 255 {
        "a domain has at most 255 bytes"
    } else if domain.contains('\0') {
        "a domain contains no NUL"
    } else {
        return Ok(());
    };
    Err(Error::own(CALL, ErrorKind::InvalidInput)
        .on(domain.escape_debug())
        .because(rule))
}

impl Drop for Authenticator {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if self.generation != fork::generation() {
            // The thread is the parent's, and so is whatever lock it held.
            std::mem::forget(thread);
            return;
        }
        self.shared.stop();
        // Held until the thread is gone: if it has the last handle of the context, the wait for
        // the context's end is here, where a drop would have it, and not there.
        let waker = self.shared.waker().take();
        let woken = waker.as_ref().is_none_or(handler::wake);
        if woken && thread.thread().id() != thread::current().id() {
            let _ = thread.join();
        }
        drop(waker);
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}
