//! The types of the stable API.

use super::*;

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
        CanSend, CanReceive, ReceivesFrames, SingleFrame, HasRoutingId, IsRequester, ProbesRouters, SpeaksZmtp, GivesUpConnections;

    /// Replier: receives a request, then sends its reply, in turns.
    ///
    /// | | |
    /// |---|---|
    /// | peers | REQ, DEALER |
    /// | direction | receive, send, receive, send, … |
    /// | out, in | to the peer that asked last; fair queue |
    /// | when the peer is gone | the reply is dropped, without a word |
    ///
    /// libzmq can also drop the reply to one client because another sent something that is no request
    /// (it has no delimiter) and left: a client that has to be answered repeats its request. A ROUTER
    /// has no such fault.
    Rep, REP, "ZMQ_REP": CanSend, CanReceive, ReceivesFrames, SingleFrame, HasRoutingId, SpeaksZmtp;

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
        CanSend, CanReceive, ReceivesFrames, SingleFrame, HasRoutingId, ProbesRouters, KeepsLatest, SpeaksZmtp, GivesUpConnections;

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
    Pub, PUB, "ZMQ_PUB": CanSend, ReceivesFrames, SingleFrame, IsPublisher, FiltersTopics, SpeaksZmtp, GivesUpConnections;

    /// Subscriber: receives what its subscriptions ask for, and before the first one nothing.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUB, XPUB |
    /// | direction | receives only |
    /// | in | fair queue |
    Sub, SUB, "ZMQ_SUB":
        CanReceive, ReceivesFrames, SingleFrame, CanSubscribe, KeepsLatest, FiltersTopics, SpeaksZmtp;

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
        CanSend, CanReceive, ReceivesFrames, SingleFrame, IsPublisher, IsXPub, FiltersTopics, SpeaksZmtp, GivesUpConnections;

    /// Subscriber that sends its subscriptions: a byte 1 (or 0 at the end) and the topic, as
    /// [`subscribe`](crate::Socket::subscribe) or a [`Subscription`](crate::Subscription).
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUB, XPUB |
    /// | direction | receives messages, sends subscriptions |
    /// | in | fair queue |
    XSub, XSUB, "ZMQ_XSUB":
        CanSend, CanReceive, ReceivesFrames, SingleFrame, CanSubscribe, KeepsLatest, SpeaksZmtp;

    /// Start or middle of a pipeline: sends each message to one of the peers.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PULL |
    /// | direction | sends only |
    /// | out | round robin |
    /// | when no peer takes it | sending waits, or gives `WouldBlock` |
    Push, PUSH, "ZMQ_PUSH": CanSend, ReceivesFrames, SingleFrame, SpeaksZmtp, GivesUpConnections;

    /// Middle or end of a pipeline.
    ///
    /// | | |
    /// |---|---|
    /// | peers | PUSH |
    /// | direction | receives only |
    /// | in | fair queue |
    Pull, PULL, "ZMQ_PULL": CanReceive, ReceivesFrames, SingleFrame, KeepsLatest, SpeaksZmtp, GivesUpConnections;

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
    Pair, PAIR, "ZMQ_PAIR":
        CanSend, CanReceive, ReceivesFrames, SingleFrame, KeepsLatest, SpeaksZmtp, GivesUpConnections;

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
    Stream, STREAM, "ZMQ_STREAM": CanSend, CanReceive, IsStream, NamesPeers, GivesUpConnections;
}
