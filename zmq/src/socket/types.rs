//! The socket types, and what each of them can do.
//!
//! A rule is a marker trait, and a method asks for the marker in its `where` clause, so that a
//! call which libzmq would refuse at run time does not compile and rustc says why in words.

use std::fmt;

use libc::c_int;

pub use super::options::{GssapiNameType, Mechanism};
#[cfg(feature = "draft")]
pub use super::options::{ReconnectStop, RouterNotify};

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

/// Sockets on which one bare frame is a message: all but ROUTER and STREAM, whose first frame is
/// the peer's routing id.
#[diagnostic::on_unimplemented(
    message = "one bare frame is not a message on a `{Self}` socket",
    label = "the first frame of every message here is the peer's routing id",
    note = "use `send_multipart`, `send_more(id).send(body)` or `send_to(id, body)` to send, and `recv_multipart` or `recv_array` to receive"
)]
pub trait SingleFrame: SocketType {}

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

/// Sockets that send to subscribers: PUB and XPUB.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket has no subscribers",
    label = "only PUB and XPUB sockets have this"
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

/// Sockets that greet their peers: DEALER and ROUTER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket does not greet its peers",
    label = "only DEALER and ROUTER sockets have this"
)]
pub trait SaysHello: SocketType {}

/// Sockets that send to peers in turn, and take replies from any: DEALER.
#[cfg(feature = "draft")]
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket is not told of hiccups",
    label = "only DEALER sockets have this"
)]
pub trait IsDealer: SocketType {}

/// Sockets that send a request and receive its reply: REQ.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket makes no requests",
    label = "only REQ sockets have this"
)]
pub trait IsRequester: SocketType {}

/// Types whose sockets may be used by several threads at once. None of the stable API is.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot be shared between threads",
    label = "used by one thread at a time only",
    note = "move the socket to the thread that uses it (it is `Send`) and open one for each thread from a clone of the context, which is shared freely"
)]
pub trait ThreadSafe: SocketType {}

/// A type of socket as a value.
///
/// The draft types are named here and refused where libzmq or this build lacks them.
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

socket_types! {
    /// Requester: sends one request, then receives its reply, in turns.
    ///
    /// | | |
    /// |---|---|
    /// | peers | REP, ROUTER |
    /// | direction | send, receive, send, receive, … |
    /// | out, in | round robin over the peers; the reply of the last one asked |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    /// | on the wire | `[empty][body…]`; the empty delimiter is added and taken off |
    Req, REQ, "ZMQ_REQ":
        CanSend, CanReceive, SingleFrame, HasRoutingId, IsRequester, ProbesRouters, SpeaksZmtp;

    /// Replier: receives a request, then sends its reply, in turns.
    ///
    /// | | |
    /// |---|---|
    /// | peers | REQ, DEALER |
    /// | direction | receive, send, receive, send, … |
    /// | out, in | to the peer that asked last; fair queue |
    /// | when the peer is gone | the reply is dropped, without a word |
    Rep, REP, "ZMQ_REP": CanSend, CanReceive, SingleFrame, HasRoutingId, SpeaksZmtp;

    /// Dealer: a REQ without turns and without the delimiter.
    ///
    /// | | |
    /// |---|---|
    /// | peers | ROUTER, REP, DEALER |
    /// | direction | any |
    /// | out, in | round robin; fair queue |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    ///
    /// To a REP it sends `[empty][body…]`, as a REQ does.
    #[doc(alias = "ZMQ_XREQ")]
    Dealer, DEALER, "ZMQ_DEALER":
        CanSend, CanReceive, SingleFrame, HasRoutingId, ProbesRouters, KeepsLatest, SpeaksZmtp;

    /// Router: talks to each peer by its routing id, the first part of every message.
    ///
    /// | | |
    /// |---|---|
    /// | peers | DEALER, REQ, ROUTER |
    /// | direction | any |
    /// | out, in | to the peer named by the first part; fair queue |
    /// | when that peer is unknown or full | the message is dropped, without a word; `set_router_mandatory(true)` makes it an error |
    /// | received | `[routing id][body…]`, from a REQ `[routing id][empty][body…]` |
    #[doc(alias = "ZMQ_XREP")]
    Router, ROUTER, "ZMQ_ROUTER":
        CanSend, CanReceive, HasRoutingId, IsRouter, NamesPeers, ProbesRouters, SpeaksZmtp;

    /// Publisher: sends to every subscriber whose topic the first part begins with.
    ///
    /// | | |
    /// |---|---|
    /// | peers | SUB, XSUB |
    /// | direction | sends only |
    /// | out | to all that subscribed |
    /// | when a subscriber is full | that subscriber loses the message |
    Pub, PUB, "ZMQ_PUB": CanSend, SingleFrame, IsPublisher, FiltersTopics, SpeaksZmtp;

    /// Subscriber: receives what its subscriptions ask for, and before the first one nothing.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUB, XPUB |
    /// | direction | receives only |
    /// | in | fair queue |
    Sub, SUB, "ZMQ_SUB":
        CanReceive, SingleFrame, CanSubscribe, KeepsLatest, FiltersTopics, SpeaksZmtp;

    /// Publisher that receives the subscriptions: a byte 1 (or 0 at the end) and the topic, which
    /// [`recv_subscription`](crate::Socket::recv_subscription) tells apart.
    ///
    /// | | |
    /// |---|---|
    /// | peers | SUB, XSUB |
    /// | direction | sends messages, receives subscriptions |
    /// | out | to all that subscribed |
    /// | when a subscriber is full | that subscriber loses the message |
    XPub, XPUB, "ZMQ_XPUB":
        CanSend, CanReceive, SingleFrame, IsPublisher, IsXPub, FiltersTopics, SpeaksZmtp;

    /// Subscriber that sends its subscriptions: a byte 1 (or 0 at the end) and the topic, as
    /// [`subscribe`](crate::Socket::subscribe) or a [`Subscription`](crate::Subscription).
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUB, XPUB |
    /// | direction | receives messages, sends subscriptions |
    /// | in | fair queue |
    XSub, XSUB, "ZMQ_XSUB":
        CanSend, CanReceive, SingleFrame, CanSubscribe, KeepsLatest, SpeaksZmtp;

    /// Start or middle of a pipeline: sends each message to one of the peers.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PULL |
    /// | direction | sends only |
    /// | out | round robin |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    Push, PUSH, "ZMQ_PUSH": CanSend, SingleFrame, SpeaksZmtp;

    /// Middle or end of a pipeline.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUSH |
    /// | direction | receives only |
    /// | in | fair queue |
    Pull, PULL, "ZMQ_PULL": CanReceive, SingleFrame, KeepsLatest, SpeaksZmtp;

    /// One of exactly two, meant for threads over inproc.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PAIR, one |
    /// | direction | any |
    /// | when the peer is full or absent | sending waits, or gives `WouldBlock` |
    ///
    /// A PAIR lets go of a peer that has gone only when it receives to the end of what that peer
    /// had sent; until then it takes no other. One that only sends should
    /// [`try_recv`](crate::Socket::try_recv) now and then.
    Pair, PAIR, "ZMQ_PAIR": CanSend, CanReceive, SingleFrame, KeepsLatest, SpeaksZmtp;

    /// Talks to plain TCP peers: `[routing id][bytes]`, always two parts, both ways.
    ///
    /// An empty second part says, when received, that a peer came or went, and closes the
    /// connection when sent, once the socket is used again.
    ///
    /// | | |
    /// |---|---|
    /// | peers | any TCP program |
    /// | direction | any |
    /// | out, in | to the peer named by the first part; fair queue |
    /// | when that peer is unknown | `HostUnreachable`; when it is full `WouldBlock` |
    Stream, STREAM, "ZMQ_STREAM": CanSend, CanReceive, IsStream, NamesPeers;
}

/// A socket whose type is known at run time only: every rule is checked then.
///
/// It is what [`Context::socket_of`](crate::Context::socket_of) and
/// [`Socket::into_any`](crate::Socket::into_any) give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Any;

impl sealed::Sealed for Any {}
impl SocketType for Any {
    const KIND: Option<SocketKind> = None;
}
impl CanSend for Any {}
impl CanReceive for Any {}
impl SingleFrame for Any {}
impl CanSubscribe for Any {}
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

/// The markers of draft options.
#[cfg(feature = "draft")]
mod draft {
    use super::*;

    impl PassesSubscriptions for XPub {}
    impl PassesSubscriptions for XSub {}
    impl PassesSubscriptions for Any {}
    impl IsXSub for XSub {}
    impl IsXSub for Any {}
    impl CountsTopics for Pub {}
    impl CountsTopics for XPub {}
    impl CountsTopics for Sub {}
    impl CountsTopics for XSub {}
    impl CountsTopics for Any {}
    impl SaysHello for Dealer {}
    impl SaysHello for Router {}
    impl SaysHello for Any {}
    impl IsDealer for Dealer {}
    impl IsDealer for Any {}
}
