//! Who may come in.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::address::{Addresses, Listed};
use super::decision::{Decision, Identity, Reason, check_user_id};
use super::password::Password;
use super::request::{Credentials, Request};
use crate::curve::{CertificateDirectory, PublicKey};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Message;
use crate::monitor::AuthStatus;

type Callback = Box<dyn Fn(&Request<'_>) -> Decision + Send + Sync>;

/// Who may connect to the sockets of a domain: see
/// [`Authenticator::set_policy`](super::Authenticator::set_policy).
///
/// A new policy denies everybody. Each call adds to what it lets in, but for the addresses, which
/// are asked first: who is on the list of those that are denied stays out, and where anybody is on
/// the list of those that are allowed, everybody else stays out. Who passes is let in by the table
/// of its mechanism, by a callback, or by `_any`, whichever does first.
///
/// What cannot be, such as `"10.0.0.0/33"`, is told by `set_policy`.
///
/// # Callbacks
///
/// They run on the thread of the authenticator, one at a time, without any lock of it: they may
/// call all its methods. While one runs, every other client of the context waits, and the
/// connection of one that waits longer than its socket's
/// [`handshake_ivl`](crate::Socket::handshake_ivl) is closed (0 waits for ever). So a callback that
/// never returns lets nobody in, and keeps the drop of the authenticator waiting; so does one that
/// waits for the end of its own context, or for a client of it.
///
/// Several of one mechanism are asked in turn, until one does not deny. One that panics gives its
/// client a 500 and an [audit event](super::AuditEvent); the authenticator goes on. They return a
/// [`Decision`], or an `Option<Identity>` of which `None` denies.
///
/// ```
/// use zmq::auth::{Identity, Policy};
///
/// let policy = Policy::new()
///     .allow_address("10.0.0.0/8")
///     .deny_address("10.6.6.6")
///     .plain_user("alice", "secret")
///     .curve_with(|key| (key.as_bytes()[0] == 7).then(|| Identity::new("seven")));
/// assert!(!format!("{policy:?}").contains("secret"));
/// ```
#[derive(Default)]
#[must_use = "it says nothing before it is given to `set_policy`"]
pub struct Policy {
    addresses: Addresses,
    null: bool,
    users: HashMap<String, Password>,
    keys: HashSet<PublicKey>,
    principals: HashSet<String>,
    curve_any: bool,
    gssapi_any: bool,
    callbacks: Vec<(Kind, Callback)>,
    decides: Option<Callback>,
    /// The first thing that cannot be.
    fault: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Curve,
    Gssapi,
    Other,
}

/// A client that stays out: with which status, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: AuthStatus,
    pub(super) reason: Reason,
}

fn denied(reason: Reason) -> Refusal {
    Refusal {
        status: AuthStatus::Denied,
        reason,
    }
}

impl Policy {
    /// Denies everybody.
    pub fn new() -> Policy {
        Policy::default()
    }

    /// Adds an IP address, or a network such as `10.0.0.0/8` or `fe80::/10`, to the list of those
    /// that are allowed: everybody else stays out. It lets nobody in by itself: that takes
    /// [`allow_null`](Policy::allow_null), users or keys.
    ///
    /// An IPv4 address also stands for the same one when it comes over IPv6.
    pub fn allow_address(mut self, address: &str) -> Policy {
        let result = self.addresses.allow(address);
        self.note(result);
        self
    }

    /// Adds an IP address, or a network, to the list of those that stay out, whatever else is said.
    pub fn deny_address(mut self, address: &str) -> Policy {
        let result = self.addresses.deny(address);
        self.note(result);
        self
    }

    /// Adds ipc to the list of those that are allowed. Where nobody is on that list, ipc needs no
    /// mention.
    pub fn allow_ipc(mut self) -> Policy {
        self.addresses.allow_ipc();
        self
    }

    /// Lets clients in that have no security (NULL), if their address passes. Their user id is
    /// empty.
    pub fn allow_null(mut self) -> Policy {
        self.null = true;
        self
    }

    /// Lets a user of PLAIN in who has this password; the user id is the name. Another password
    /// for the same name replaces the first.
    ///
    /// The policy's copy of the password is overwritten when it is dropped, and compared in a time
    /// that does not depend on where it differs. Out of reach are the copies that libzmq makes of
    /// what came over the wire, which is clear text: see `zmq_plain(7)`.
    pub fn plain_user(mut self, name: impl Into<String>, password: impl AsRef<[u8]>) -> Policy {
        let name = name.into();
        let rule = match Password::new(password.as_ref()) {
            None => Some("a password of PLAIN has at most 255 bytes"),
            Some(password) => match check_user_id(&name) {
                Err(rule) => Some(rule),
                Ok(()) => {
                    self.users.insert(name, password);
                    return self;
                }
            },
        };
        self.note(rule.map_or(Ok(()), |rule| Err(invalid(&name, rule))));
        self
    }

    /// Lets users of PLAIN in, as [`plain_user`](Policy::plain_user) does one.
    pub fn plain_users<N, P>(self, users: impl IntoIterator<Item = (N, P)>) -> Policy
    where
        N: Into<String>,
        P: AsRef<[u8]>,
    {
        users.into_iter().fold(self, |policy, (name, password)| {
            policy.plain_user(name, password)
        })
    }

    /// Asks `callback`, with name and password, about users of PLAIN that are not in the table, or
    /// gave another password.
    pub fn plain_with<D: Into<Decision>>(
        self,
        callback: impl Fn(&[u8], &[u8]) -> D + Send + Sync + 'static,
    ) -> Policy {
        self.ask(Kind::Plain, move |request| match request.credentials {
            Credentials::Plain { username, password } => callback(username, password).into(),
            _ => Decision::Deny,
        })
    }

    /// Lets everybody in who comes with CURVE, whatever the key, which is the user id in Z85: it is
    /// known that they have the secret one, and nothing more.
    pub fn curve_any(mut self) -> Policy {
        self.curve_any = true;
        self
    }

    /// Lets clients of CURVE in that have one of these keys. The user id is the key in Z85.
    pub fn curve_keys(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Policy {
        self.keys.extend(keys);
        self
    }

    /// Asks `callback` about clients of CURVE whose key is not in the table.
    pub fn curve_with<D: Into<Decision>>(
        self,
        callback: impl Fn(&PublicKey) -> D + Send + Sync + 'static,
    ) -> Policy {
        self.ask(Kind::Curve, move |request| match request.credentials {
            Credentials::Curve(key) => callback(&key).into(),
            _ => Decision::Deny,
        })
    }

    /// Lets clients of CURVE in whose certificate is in the directory at that moment: files may come
    /// and go. The user id is the key in Z85; the certificate's metadata become properties of the
    /// client's messages, but for those whose name cannot be one.
    ///
    /// ```
    /// use zmq::auth::Policy;
    /// use zmq::curve::CertificateDirectory;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path();
    /// let clients = CertificateDirectory::open(path)?;
    /// let policy = Policy::new().curve_directory(clients);
    /// # Ok::<(), zmq::curve::CertificateError>(())
    /// ```
    pub fn curve_directory(self, directory: impl Into<Arc<CertificateDirectory>>) -> Policy {
        let directory = directory.into();
        self.curve_with(move |key| {
            let certificate = directory.certificate(key)?;
            Some(Identity::of_certificate(&certificate))
        })
    }

    /// Lets everybody in whom Kerberos knows. The user id is the principal.
    pub fn gssapi_any(mut self) -> Policy {
        self.gssapi_any = true;
        self
    }

    /// Lets these principals of GSSAPI in. The user id is the principal.
    pub fn gssapi_principals<S: Into<String>>(
        mut self,
        principals: impl IntoIterator<Item = S>,
    ) -> Policy {
        self.principals
            .extend(principals.into_iter().map(Into::into));
        self
    }

    /// Asks `callback` about principals of GSSAPI that are not in the table.
    pub fn gssapi_with<D: Into<Decision>>(
        self,
        callback: impl Fn(&str) -> D + Send + Sync + 'static,
    ) -> Policy {
        self.ask(Kind::Gssapi, move |request| match request.credentials {
            Credentials::Gssapi { principal } => callback(principal).into(),
            _ => Decision::Deny,
        })
    }

    /// Asks `callback`, with the mechanism's name and its frames, about mechanisms that this crate
    /// does not know.
    pub fn other_with<D: Into<Decision>>(
        self,
        callback: impl Fn(&str, &[Message]) -> D + Send + Sync + 'static,
    ) -> Policy {
        self.ask(Kind::Other, move |request| match request.credentials {
            Credentials::Other { mechanism, frames } => callback(mechanism, frames).into(),
            _ => Decision::Deny,
        })
    }

    /// Asks `callback` about everybody whose address passes, whatever the mechanism; nothing else
    /// in the policy counts then. A second one replaces the first.
    ///
    /// ```
    /// use zmq::auth::{Credentials, Decision, Identity, Policy};
    ///
    /// let policy = Policy::new().decide_with(|request| match request.credentials {
    ///     Credentials::Curve(key) => Identity::new(key.to_string()).with("X-Role", "guest").into(),
    ///     _ => Decision::Deny,
    /// });
    /// ```
    pub fn decide_with<D: Into<Decision>>(
        mut self,
        callback: impl Fn(&Request<'_>) -> D + Send + Sync + 'static,
    ) -> Policy {
        self.decides = Some(Box::new(move |request| callback(request).into()));
        self
    }

    fn ask(
        mut self,
        kind: Kind,
        callback: impl Fn(&Request<'_>) -> Decision + Send + Sync + 'static,
    ) -> Policy {
        self.callbacks.push((kind, Box::new(callback)));
        self
    }

    fn note(&mut self, result: Result<()>) {
        if let Err(error) = result {
            self.fault.get_or_insert(error);
        }
    }

    /// The policy, unless something in it cannot be.
    pub(super) fn checked(mut self) -> Result<Policy> {
        match self.fault.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Decides; runs the callbacks, which may panic.
    pub(super) fn decide(&self, request: &Request<'_>) -> Result<Identity, Refusal> {
        match self.addresses.check(request.address) {
            Listed::Passes => {}
            Listed::Denied => return Err(denied(Reason::AddressDenied)),
            Listed::NotAllowed => return Err(denied(Reason::AddressNotAllowed)),
        }
        if let Some(decides) = &self.decides {
            return judged(decides(request));
        }
        let identity = || Ok(Identity::new(request.credentials.name()));
        let (kind, any, known) = match request.credentials {
            Credentials::Null if self.null => return identity(),
            Credentials::Null => return Err(denied(Reason::MechanismNotAllowed)),
            Credentials::Plain { username, password } => {
                (Kind::Plain, false, self.user(username, password))
            }
            Credentials::Curve(key) => (
                Kind::Curve,
                self.curve_any,
                listed(&self.keys, &key, Reason::UnknownKey),
            ),
            Credentials::Gssapi { principal } => (
                Kind::Gssapi,
                self.gssapi_any,
                listed(&self.principals, principal, Reason::UnknownPrincipal),
            ),
            Credentials::Other { .. } => (Kind::Other, false, Err(Reason::MechanismNotAllowed)),
        };
        let mut reason = match known {
            Ok(()) => return identity(),
            Err(reason) => reason,
        };
        for (_, callback) in self.callbacks.iter().filter(|(of, _)| *of == kind) {
            match callback(request) {
                Decision::Deny => reason = Reason::Callback,
                other => return judged(other),
            }
        }
        if any { identity() } else { Err(denied(reason)) }
    }

    fn user(&self, name: &[u8], password: &[u8]) -> Result<(), Reason> {
        if self.users.is_empty() {
            return Err(Reason::MechanismNotAllowed);
        }
        let stored = std::str::from_utf8(name)
            .ok()
            .and_then(|name| self.users.get(name))
            .ok_or(Reason::UnknownUser)?;
        match Password::new(password) {
            Some(given) if stored.is(&given) => Ok(()),
            _ => Err(Reason::WrongPassword),
        }
    }
}

fn listed<T, Q>(set: &HashSet<T>, wanted: &Q, unknown: Reason) -> Result<(), Reason>
where
    T: std::borrow::Borrow<Q> + Eq + std::hash::Hash,
    Q: ?Sized + Eq + std::hash::Hash,
{
    if set.contains(wanted) {
        Ok(())
    } else {
        Err(unknown)
    }
}

/// What a callback decided, if its identity can go into a reply.
fn judged(decision: Decision) -> Result<Identity, Refusal> {
    let status = match decision {
        Decision::Allow(identity) => {
            return match identity.check() {
                Ok(()) => Ok(identity),
                Err(rule) => Err(Refusal {
                    status: AuthStatus::InternalError,
                    reason: Reason::InvalidIdentity(rule),
                }),
            };
        }
        Decision::Deny => AuthStatus::Denied,
        Decision::TemporaryFailure => AuthStatus::Temporary,
        Decision::InternalError => AuthStatus::InternalError,
    };
    Err(Refusal {
        status,
        reason: Reason::Callback,
    })
}

#[cold]
fn invalid(subject: &str, rule: &'static str) -> Error {
    Error::own("zmq::auth", ErrorKind::InvalidInput)
        .on(subject.escape_default())
        .because(rule)
}

/// Without the passwords.
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("addresses", &self.addresses)
            .field("null", &self.null)
            .field("users", &self.users.keys())
            .field("keys", &self.keys)
            .field("curve_any", &self.curve_any)
            .field("principals", &self.principals)
            .field("gssapi_any", &self.gssapi_any)
            .field("callbacks", &self.callbacks.len())
            .field("decides", &self.decides.is_some())
            .finish_non_exhaustive()
    }
}
