//! The socket types, and what each of them can do.
//!
//! A rule is a marker trait, and a method asks for the marker in its `where` clause, so that a
//! call which libzmq would refuse at run time does not compile and rustc says why in words.

use std::fmt;

#[cfg(feature = "draft")]
pub use super::options::RouterNotify;
pub use super::options::{GssapiNameType, Mechanism};

mod sealed {
    pub trait Sealed {}
}

/// A type of socket. libzmq fixes the list, so the trait is sealed.
pub trait SocketType: sealed::Sealed + Copy + fmt::Debug + Send + Sync + 'static {
    /// The type as a value; `None` for [`Any`], which knows it at run time only.
    const KIND: Option<SocketKind>;
}

/// Sockets that send.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot send",
    label = "this socket type only receives",
    note = "PULL and SUB receive; their peers PUSH, PUB and XPUB send"
)]
pub trait CanSend: SocketType {}

/// Sockets that receive.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot receive",
    label = "this socket type only sends",
    note = "PUSH and PUB send; their peers PULL, SUB and XSUB receive (XPUB receives subscriptions)"
)]
pub trait CanReceive: SocketType {}

/// Sockets whose messages are received as one frame: all but ROUTER and STREAM, whose first frame
/// is the peer's routing id.
#[diagnostic::on_unimplemented(
    message = "one bare frame is not a message on a `{Self}` socket",
    label = "the first frame of every message here is the peer's routing id",
    note = "use `recv_multipart` or `recv_array`"
)]
pub trait ReceivesFrames: SocketType {}

/// Sockets on which one bare frame can be sent. On the others a message says whom it is for: a
/// ROUTER and a STREAM want a routing id as its first frame, the draft types SERVER and PEER one
/// beside it, a RADIO a group.
#[diagnostic::on_unimplemented(
    message = "one bare frame is not a message on a `{Self}` socket",
    label = "a message here says whom it is for",
    note = "on ROUTER and STREAM the first frame is the peer's routing id: use `send_multipart`, `send_more(id).send(body)` or `send_to(id, body)`",
    note = "on SERVER and PEER use `send_to_peer(id, body)`, on RADIO `send_to_group(group, body)`"
)]
pub trait SingleFrame: ReceivesFrames {}

/// Sockets that subscribe to topics: SUB and XSUB.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket has no subscriptions",
    label = "only SUB and XSUB sockets subscribe"
)]
pub trait CanSubscribe: SocketType {}

/// Sockets that answer to a routing id of the peer's choosing.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket has no routing id to set",
    label = "only REQ, REP, DEALER and ROUTER sockets have one"
)]
pub trait HasRoutingId: SocketType {}

/// Sockets that send to the peer named by the first frame: ROUTER.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not route by id",
    label = "only ROUTER sockets have this"
)]
pub trait IsRouter: SocketType {}

/// Sockets that may give up a connection with what came over it: all but SUB, XSUB, REP and ROUTER,
/// of which libzmq may hold half of a message by then.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot wait for its connections with `immediate`",
    label = "SUB, XSUB, REP and ROUTER sockets do not have this",
    note = "libzmq would abort the process when a connection breaks after a poll"
)]
pub trait GivesUpConnections: SocketType {}

/// Sockets that can name the peers they connect to: ROUTER and STREAM.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not name its peers",
    label = "only ROUTER and STREAM sockets send to a peer by its routing id"
)]
pub trait NamesPeers: SocketType {}

/// Sockets of whose messages the last can stand for those before: SUB, XSUB, PULL, DEALER and PAIR.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not skip messages",
    label = "only SUB, XSUB, PULL, DEALER and PAIR sockets receive the latest alone",
    note = "on other sockets a skipped message would be a request, a subscription, or another peer's"
)]
pub trait KeepsLatest: SocketType {}

/// Sockets that say to a ROUTER that they are there: REQ, DEALER and ROUTER.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not probe a ROUTER",
    label = "only REQ, DEALER and ROUTER sockets have this"
)]
pub trait ProbesRouters: SocketType {}

/// Sockets that send to subscribers: PUB, XPUB and the draft type RADIO.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket has no subscribers",
    label = "only PUB, XPUB and RADIO sockets have this"
)]
pub trait IsPublisher: SocketType {}

/// Sockets that receive the subscriptions of their subscribers: XPUB.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not receive subscriptions",
    label = "only XPUB sockets have this"
)]
pub trait IsXPub: SocketType {}

/// Sockets that hold messages against subscriptions: PUB, XPUB and SUB.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not filter by topic",
    label = "only PUB, XPUB and SUB sockets have this",
    note = "an XSUB receives whatever its publishers send it"
)]
pub trait FiltersTopics: SocketType {}

/// Sockets that talk to plain TCP peers: STREAM.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not talk plain TCP",
    label = "only STREAM sockets have this"
)]
pub trait IsStream: SocketType {}

/// Sockets that talk ZMTP, with its handshake and heartbeats: all but STREAM.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not talk ZMTP",
    label = "plain TCP has neither a handshake nor heartbeats"
)]
pub trait SpeaksZmtp: SocketType {}

/// Sockets on which subscriptions are messages: XPUB and XSUB.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not pass subscriptions on",
    label = "only XPUB and XSUB sockets have this"
)]
pub trait PassesSubscriptions: SocketType {}

/// Sockets that subscribe by sending: XSUB.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not send subscriptions",
    label = "only XSUB sockets have this"
)]
pub trait IsXSub: SocketType {}

/// Sockets that know subscriptions: PUB, XPUB, SUB and XSUB.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket knows no subscriptions",
    label = "only PUB, XPUB, SUB and XSUB sockets have this"
)]
pub trait CountsTopics: SocketType {}

/// Sockets that are told of connections made anew: DEALER, CLIENT and PEER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket is not told of hiccups",
    label = "only DEALER, CLIENT and PEER sockets have this"
)]
pub trait HearsHiccups: SocketType {}

/// Sockets that are told of peers that go: ROUTER, SERVER and PEER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket is not told of peers that go",
    label = "only ROUTER, SERVER and PEER sockets have this"
)]
pub trait HearsPartings: SocketType {}

/// Sockets that send to the peer with a [`RoutingId`](crate::RoutingId): SERVER and PEER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not send to a peer by its number",
    label = "only SERVER and PEER sockets have this",
    note = "a ROUTER sends to the peer that the first frame names: `send_to(id, body)`"
)]
pub trait AddressesPeers: SocketType {}

/// Sockets that give each connection they make a number: PEER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not number its connections",
    label = "only PEER sockets have this"
)]
pub trait NumbersPeers: SocketType {}

/// Sockets that send to a group: RADIO.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not send to groups",
    label = "only RADIO sockets have this"
)]
pub trait SendsToGroups: SocketType {}

/// Sockets that join groups: DISH.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket joins no groups",
    label = "only DISH sockets have this",
    note = "a SUB subscribes to topics"
)]
pub trait JoinsGroups: SocketType {}

/// Sockets that send a request and receive its reply: REQ.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket makes no requests",
    label = "only REQ sockets have this"
)]
pub trait IsRequester: SocketType {}

/// Types whose sockets may be used by several threads at once: the draft types CLIENT, SERVER, RADIO,
/// DISH, GATHER, SCATTER, PEER and CHANNEL. None of the stable API is one.
///
/// libzmq locks such a socket in every call, and lets go of the lock while it waits. A message is one
/// frame, so no call of another thread can come into the middle of it.
///
/// While threads use such a socket, none of them should poll it: the wake-ups that a polling thread has not
/// come to yet are counted by an eventfd, but where libzmq has none, as on systems other than Linux, some
/// hundred of them make it abort the process.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot be shared between threads",
    label = "used by one thread at a time only",
    note = "move the socket to the thread that uses it (it is `Send`) and open one for each thread from a clone of the context, which is shared freely"
)]
pub trait ThreadSafe: SocketType {}

macro_rules! socket_types {
    ($($(#[$doc:meta])* $name:ident, $constant:ident, $c_name:literal: $($marker:ident),*;)*) => {$(
        $(#[$doc])*
        #[doc(alias = $c_name)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name;

        #[doc = concat!("The socket type [`", stringify!($name), "`], as a value.")]
        #[doc(alias = $c_name)]
        pub const $constant: $name = $name;

        impl sealed::Sealed for $name {}
        impl SocketType for $name {
            const KIND: Option<SocketKind> = Some(SocketKind::$name);
        }
        $(impl $marker for $name {})*
    )*};
}

#[cfg(feature = "draft")]
mod draft;
mod kind;
mod stable;

#[cfg(feature = "draft")]
pub use draft::*;
pub use kind::SocketKind;
pub use stable::*;

/// A socket whose type is known at run time only: every rule is checked then.
///
/// It is what [`Context::socket_of`](crate::Context::socket_of) and
/// [`Socket::into_any`](crate::Socket::into_any) give. It is used by one thread at a time, whatever it
/// is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Any;

impl sealed::Sealed for Any {}
impl SocketType for Any {
    const KIND: Option<SocketKind> = None;
}
impl CanSend for Any {}
impl CanReceive for Any {}
impl ReceivesFrames for Any {}
impl SingleFrame for Any {}
impl CanSubscribe for Any {}
impl GivesUpConnections for Any {}
impl HasRoutingId for Any {}
impl KeepsLatest for Any {}
impl NamesPeers for Any {}
impl IsRouter for Any {}
impl IsRequester for Any {}
impl ProbesRouters for Any {}
impl IsPublisher for Any {}
impl IsXPub for Any {}
impl FiltersTopics for Any {}
impl IsStream for Any {}
impl SpeaksZmtp for Any {}
