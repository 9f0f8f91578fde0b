//! What is decided about a client, and how the reply tells it.

use std::fmt;

use crate::curve::Certificate;

/// Whether a client comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It comes in, as somebody.
    Allow(Identity),
    /// It does not, and does not try again by itself (400).
    Deny,
    /// It cannot be said now: the connection is closed, and the client tries again (300).
    TemporaryFailure,
    /// The question cannot be decided. The client does not try again by itself (500).
    InternalError,
}

impl From<Identity> for Decision {
    fn from(identity: Identity) -> Decision {
        Decision::Allow(identity)
    }
}

/// Nobody is denied.
impl From<Option<Identity>> for Decision {
    fn from(identity: Option<Identity>) -> Decision {
        identity.map_or(Decision::Deny, Decision::Allow)
    }
}

/// Who a client is that comes in: what its messages tell with
/// [`user_id`](crate::Message::user_id) and [`property`](crate::Message::property).
///
/// The user id has at most 255 bytes and no NUL. The name of a property has 1 to 255 letters, digits
/// and `-_.+`; it is none of those that libzmq itself gives (`Socket-Type`, `Identity`, `Routing-Id`,
/// `User-Id`, `Peer-Address`), and none twice, whatever the case of its letters. Its value is text
/// without a NUL. An identity that breaks this lets nobody in: the client gets a 500, and the
/// [audit](super::Authenticator::audit) says why.
///
/// A client can name properties itself when it connects. One that is set here beats the client's
/// own; where none is set, the client's is what the message tells. So a property that means a
/// right is to be set for everybody who comes in, also where its value is no.
///
/// ```
/// use zmq::auth::Identity;
///
/// let identity = Identity::new("alice").with("X-Role", "admin");
/// assert_eq!(identity.user_id(), "alice");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Identity {
    user_id: String,
    metadata: Vec<(String, String)>,
}

/// Names that mean something to libzmq, or that it would overrule.
const RESERVED: [&str; 5] = [
    "Socket-Type",
    "Identity",
    "Routing-Id",
    "User-Id",
    "Peer-Address",
];

impl Identity {
    /// Somebody with this user id, which may be empty.
    pub fn new(user_id: impl Into<String>) -> Identity {
        Identity {
            user_id: user_id.into(),
            metadata: Vec::new(),
        }
    }

    /// The same, with a property.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Identity {
        self.metadata.push((name.into(), value.into()));
        self
    }

    /// Whoever has the secret key of this certificate, with what of its metadata can be a property.
    pub(super) fn of_certificate(certificate: &Certificate) -> Identity {
        let mut identity = Identity::new(certificate.public_key().to_string());
        for (name, value) in certificate.metadata() {
            let with = identity.clone().with(name, value);
            if with.check().is_ok() {
                identity = with;
            }
        }
        identity
    }

    /// The user id.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The properties, in their order.
    pub fn metadata(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.metadata
            .iter()
            .map(|(name, value)| (&name[..], &value[..]))
    }

    /// Which rule it breaks, if it cannot go into a reply.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        check_user_id(&self.user_id)?;
        for (index, (name, value)) in self.metadata.iter().enumerate() {
            if name.is_empty() || name.len() > 255 {
                return Err("a property's name has 1 to 255 characters");
            }
            if !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
            {
                return Err("a property's name has letters, digits and -_.+ only");
            }
            if RESERVED.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                return Err("the property is one of libzmq's own");
            }
            if self.metadata[..index]
                .iter()
                .any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
            {
                return Err("a property is there twice");
            }
            // libzmq hands values out as C strings, and aborts beyond what a signed int holds.
            if value.contains('\0') {
                return Err("a property's value contains a NUL");
            }
            if value.len() > 0x7FFF_FFFF {
                return Err("a property's value is longer than 2^31-1 bytes");
            }
        }
        Ok(())
    }

    /// The properties as ZMTP has them: a byte and the name, four bytes and the value.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in &self.metadata {
            bytes.push(name.len() as u8);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&(value.len() as u32).to_be_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        bytes
    }
}

pub(super) fn check_user_id(user_id: &str) -> Result<(), &'static str> {
    if user_id.len() > 255 {
        return Err("a user id has at most 255 bytes");
    }
    if user_id.contains('\0') {
        return Err("a user id contains a NUL");
    }
    Ok(())
}

impl From<&str> for Identity {
    fn from(user_id: &str) -> Identity {
        Identity::new(user_id)
    }
}

impl From<String> for Identity {
    fn from(user_id: String) -> Identity {
        Identity::new(user_id)
    }
}

/// Why a client does not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no policy for the socket's domain, and no default one.
    NoPolicy,
    /// The address is on the policy's list of those that are denied.
    AddressDenied,
    /// The policy lists addresses that are allowed, and this is none of them.
    AddressNotAllowed,
    /// The policy says nothing that could let a client of this mechanism in.
    MechanismNotAllowed,
    /// PLAIN: there is no such user.
    UnknownUser,
    /// PLAIN: it is not the user's password.
    WrongPassword,
    /// CURVE: the key is not among those that are allowed.
    UnknownKey,
    /// GSSAPI: the principal is not among those that are allowed.
    UnknownPrincipal,
    /// A callback said so.
    Callback,
    /// A callback panicked, with these words.
    Panicked(String),
    /// What a callback allowed cannot go into a reply: the rule of [`Identity`] that it breaks.
    InvalidIdentity(&'static str),
    /// What came was no request: the rule of RFC 27 that it breaks.
    Malformed(&'static str),
    /// The authenticator is at its end.
    Stopping,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::NoPolicy => "there is no policy for the domain",
            Reason::AddressDenied => "the address is denied",
            Reason::AddressNotAllowed => "the address is not among those that are allowed",
            Reason::MechanismNotAllowed => "the mechanism is not allowed",
            Reason::UnknownUser => "there is no such user",
            Reason::WrongPassword => "the password is wrong",
            Reason::UnknownKey => "the key is not among those that are allowed",
            Reason::UnknownPrincipal => "the principal is not among those that are allowed",
            Reason::Callback => "a callback decided so",
            Reason::Panicked(words) => return write!(f, "a callback panicked: {words}"),
            Reason::InvalidIdentity(rule) => {
                return write!(f, "the identity is not valid: {rule}");
            }
            Reason::Malformed(rule) => return write!(f, "malformed request: {rule}"),
            Reason::Stopping => "the authenticator is at its end",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_encoded_as_zmtp_has_them() {
        let identity = Identity::new("u").with("X-Role", "admin").with("a", "");
        identity.check().unwrap();
        assert_eq!(
            identity.encode(),
            b"\x06X-Role\x00\x00\x00\x05admin\x01a\x00\x00\x00\x00"
        );
        assert_eq!(Identity::default().encode(), b"");
    }

    #[test]
    fn a_text_is_an_identity_with_that_user_id() {
        for identity in [Identity::from("alice"), String::from("alice").into()] {
            assert_eq!(identity, Identity::new("alice"));
        }
    }

    #[test]
    fn what_libzmq_would_take_for_something_else_is_refused() {
        let long = "x".repeat(256);
        for bad in [
            Identity::new(long.as_str()),
            Identity::new("a\0b"),
            Identity::new("").with("", "v"),
            Identity::new("").with(long.as_str(), "v"),
            Identity::new("").with("X Role", "v"),
            Identity::new("").with("X-R\u{f6}le", "v"),
            Identity::new("").with("X-Role", "a\0b"),
            Identity::new("").with("X", "1").with("x", "2"),
            Identity::new("").with("socket-type", "ROUTER"),
            Identity::new("").with("Identity", "other"),
            Identity::new("").with("User-Id", "other"),
            Identity::new("").with("Routing-Id", "other"),
            Identity::new("").with("Peer-Address", "other"),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        assert!(
            Identity::new("x".repeat(255))
                .with("x".repeat(255), "")
                .check()
                .is_ok()
        );
    }
}
