//! The socket types as values.

use std::fmt;

use libc::c_int;

/// A type of socket as a value.
///
/// The draft types are named here and refused where libzmq or this build lacks them; DGRAM is refused
/// everywhere, because a socket of that type aborts the process when it sends before it is bound, or
/// after a bind that failed later, and when a datagram comes over IPv6.
///
/// A [`Socket<Any>`](super::Any) of one of these types checks at run time what the types' markers
/// check otherwise: messages of one frame, and `send_to_peer` on SERVER and PEER, `send_to_group` on
/// RADIO, instead of `send`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "each name is the C name, described at the type of that name"
)]
pub enum SocketKind {
    Pair,
    Pub,
    Sub,
    Req,
    Rep,
    Dealer,
    Router,
    Pull,
    Push,
    XPub,
    XSub,
    Stream,
    Server,
    Client,
    Radio,
    Dish,
    Gather,
    Scatter,
    Dgram,
    Peer,
    Channel,
}

const KINDS: [(SocketKind, &str); 21] = [
    (SocketKind::Pair, "PAIR"),
    (SocketKind::Pub, "PUB"),
    (SocketKind::Sub, "SUB"),
    (SocketKind::Req, "REQ"),
    (SocketKind::Rep, "REP"),
    (SocketKind::Dealer, "DEALER"),
    (SocketKind::Router, "ROUTER"),
    (SocketKind::Pull, "PULL"),
    (SocketKind::Push, "PUSH"),
    (SocketKind::XPub, "XPUB"),
    (SocketKind::XSub, "XSUB"),
    (SocketKind::Stream, "STREAM"),
    (SocketKind::Server, "SERVER"),
    (SocketKind::Client, "CLIENT"),
    (SocketKind::Radio, "RADIO"),
    (SocketKind::Dish, "DISH"),
    (SocketKind::Gather, "GATHER"),
    (SocketKind::Scatter, "SCATTER"),
    (SocketKind::Dgram, "DGRAM"),
    (SocketKind::Peer, "PEER"),
    (SocketKind::Channel, "CHANNEL"),
];

impl SocketKind {
    /// libzmq's number for the type (`ZMQ_PAIR` is 0, …).
    pub fn to_raw(self) -> c_int {
        // Declared in the order of libzmq's numbers, which start at 0.
        self as c_int
    }

    /// The type with libzmq's number `raw`.
    pub fn from_raw(raw: c_int) -> Option<SocketKind> {
        let (kind, _) = KINDS.get(usize::try_from(raw).ok()?)?;
        Some(*kind)
    }

    /// The C name, such as `"DEALER"`.
    pub fn name(self) -> &'static str {
        KINDS[self as usize].1
    }

    pub(crate) fn is_draft(self) -> bool {
        self.to_raw() > SocketKind::Stream.to_raw()
    }

    pub(crate) fn is_thread_safe(self) -> bool {
        self.is_draft() && self != SocketKind::Dgram
    }

    /// Whether libzmq reads the first part of a message to tell that there is one.
    pub(crate) fn reads_ahead(self) -> bool {
        matches!(
            self,
            SocketKind::Sub | SocketKind::XSub | SocketKind::Router | SocketKind::Rep
        )
    }

    pub(crate) fn sends(self) -> bool {
        !matches!(
            self,
            SocketKind::Sub | SocketKind::Pull | SocketKind::Dish | SocketKind::Gather
        )
    }

    pub(crate) fn receives(self) -> bool {
        !matches!(
            self,
            SocketKind::Pub | SocketKind::Push | SocketKind::Radio | SocketKind::Scatter
        )
    }

    /// How a message here is sent, where it is not by `send` and its kin.
    pub(crate) fn address(self) -> Option<&'static str> {
        match self {
            SocketKind::Server | SocketKind::Peer => Some("`send_to_peer` names the peer"),
            SocketKind::Radio => Some("`send_to_group` names the group"),
            _ => None,
        }
    }

    /// The smallest and largest number of parts that a message sent here can have.
    #[inline]
    pub(crate) fn sent_parts(self) -> (usize, usize) {
        match self {
            SocketKind::Router => (2, usize::MAX),
            SocketKind::Stream | SocketKind::Dgram => (2, 2),
            kind if kind.is_draft() => (1, 1),
            _ => (1, usize::MAX),
        }
    }
}

impl fmt::Display for SocketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
