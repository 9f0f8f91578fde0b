//! What libzmq asks about a client (RFC 27), and its frames.

use std::fmt;
use std::net::IpAddr;

use super::address::{self, IpcPeer};
use crate::curve::PublicKey;
use crate::message::Message;

/// The one version of the protocol.
pub(super) const VERSION: &str = "1.0";

/// A client that wants to come in: what a [`Policy`](super::Policy)'s callback decides about.
///
/// `Debug` does not show passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request<'a> {
    /// The [domain](crate::Socket::zap_domain) of the socket that asks.
    pub domain: &'a str,
    /// Where the client connects from: over tcp its IP address in digits, without the port; over
    /// ipc, on Linux and BSD, `localhost:uid:gid:pid`.
    pub address: &'a str,
    /// The [routing id](crate::Socket::routing_id) of the socket that asks, not of its client.
    pub routing_id: &'a [u8],
    /// Who the client says it is.
    pub credentials: Credentials<'a>,
}

/// Who a client says it is.
///
/// `Debug` does not show passwords.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials<'a> {
    /// Nobody: the socket has no security beyond its domain.
    Null,
    /// A user of PLAIN. Both came in clear text, and may be any bytes.
    Plain {
        /// The name.
        username: &'a [u8],
        /// The password.
        password: &'a [u8],
    },
    /// The client's long-term public key of CURVE. libzmq has checked that it has the secret one.
    Curve(PublicKey),
    /// A user of GSSAPI, checked by Kerberos.
    Gssapi {
        /// The principal.
        principal: &'a str,
    },
    /// A mechanism that this crate does not know.
    Other {
        /// Its name.
        mechanism: &'a str,
        /// What it says about the client.
        frames: &'a [Message],
    },
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::Null => f.write_str("Null"),
            Credentials::Plain { username, .. } => f
                .debug_struct("Plain")
                .field("username", &username.escape_ascii().to_string())
                .finish_non_exhaustive(),
            Credentials::Curve(key) => f.debug_tuple("Curve").field(key).finish(),
            Credentials::Gssapi { principal } => f
                .debug_struct("Gssapi")
                .field("principal", principal)
                .finish(),
            Credentials::Other { mechanism, frames } => f
                .debug_struct("Other")
                .field("mechanism", mechanism)
                .field("frames", &frames.len())
                .finish_non_exhaustive(),
        }
    }
}

impl<'a> Credentials<'a> {
    /// The mechanism's name, as ZMTP has it.
    pub fn mechanism(&self) -> &'a str {
        match self {
            Credentials::Null => "NULL",
            Credentials::Plain { .. } => "PLAIN",
            Credentials::Curve(_) => "CURVE",
            Credentials::Gssapi { .. } => "GSSAPI",
            Credentials::Other { mechanism, .. } => mechanism,
        }
    }

    /// Who it is, as text: the user, the key in Z85, the principal; empty for the others.
    pub fn name(&self) -> String {
        match self {
            Credentials::Plain { username, .. } => String::from_utf8_lossy(username).into_owned(),
            Credentials::Curve(key) => key.to_string(),
            Credentials::Gssapi { principal } => (*principal).to_owned(),
            Credentials::Null | Credentials::Other { .. } => String::new(),
        }
    }

    fn parse(mechanism: &'a str, frames: &'a [Message]) -> Result<Self, &'static str> {
        match mechanism {
            "NULL" => match frames {
                [] => Ok(Credentials::Null),
                _ => Err("NULL has no credentials"),
            },
            "PLAIN" => match frames {
                [username, password] => Ok(Credentials::Plain { username, password }),
                _ => Err("PLAIN has two frames of credentials"),
            },
            "CURVE" => match frames {
                [key] => <[u8; 32]>::try_from(&key[..])
                    .map(|key| Credentials::Curve(key.into()))
                    .map_err(|_| "a key of CURVE has 32 bytes"),
                _ => Err("CURVE has one frame of credentials"),
            },
            "GSSAPI" => match frames {
                [principal] => Ok(Credentials::Gssapi {
                    principal: text(principal)?,
                }),
                _ => Err("GSSAPI has one frame of credentials"),
            },
            _ => Ok(Credentials::Other { mechanism, frames }),
        }
    }
}

impl<'a> Request<'a> {
    /// Reads the frames of a request; which rule they break, if they are none.
    pub(super) fn parse(frames: &'a [Message]) -> Result<Request<'a>, &'static str> {
        let [version, id, rest @ ..] = frames else {
            return Err("a request has at least 6 frames");
        };
        if version[..] != *VERSION.as_bytes() {
            return Err("the version is not 1.0");
        }
        if id.len() > 255 {
            return Err("the request id is longer than 255 bytes");
        }
        let [domain, address, routing_id, mechanism, credentials @ ..] = rest else {
            return Err("a request has at least 6 frames");
        };
        Ok(Request {
            domain: text(domain)?,
            address: text(address)?,
            routing_id,
            credentials: Credentials::parse(text(mechanism)?, credentials)?,
        })
    }

    /// The client's IP address; `None` over ipc. An IPv4 address that came over IPv6 is given as
    /// IPv4.
    pub fn ip(&self) -> Option<IpAddr> {
        address::ip(self.address)
    }

    /// The client's process over ipc, where libzmq was built to ask the system for it, as it is on Linux.
    pub fn ipc_peer(&self) -> Option<IpcPeer> {
        address::ipc_peer(self.address)
    }
}

/// The id that the reply repeats, also to a request that is none.
pub(super) fn request_id(frames: &[Message]) -> &[u8] {
    match frames.get(1) {
        Some(id) if id.len() <= 255 => id,
        _ => &[],
    }
}

fn text(frame: &Message) -> Result<&str, &'static str> {
    if frame.len() > 255 {
        return Err("a frame is longer than 255 bytes");
    }
    std::str::from_utf8(frame).map_err(|_| "a frame that should be text is not UTF-8")
}
