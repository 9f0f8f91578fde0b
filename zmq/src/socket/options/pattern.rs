//! Options of single socket types: ROUTER and its kin, publishers and subscribers, STREAM.

use super::codec::*;
use super::text::*;
use crate::error::Result;
use crate::socket::{
    FiltersTopics, IsPublisher, IsRouter, IsStream, IsXPub, ProbesRouters, Socket, SocketType,
};

socket_options! {
    /// Makes a message to an unknown peer an error of kind
    /// [`HostUnreachable`](crate::ErrorKind::HostUnreachable), and waits when a peer is full.
    /// Default false: such messages are dropped without a word. At once.
    #[doc(alias = "ZMQ_FAIL_UNROUTABLE")]
    #[doc(alias = "ZMQ_ROUTER_BEHAVIOR")]
    wo set_router_mandatory: bool as Flag = ZMQ_ROUTER_MANDATORY "ZMQ_ROUTER_MANDATORY" for IsRouter;

    /// Gives a peer that comes with a routing id already in use the place of the one that has it,
    /// whose messages not received yet are dropped. Default false: the newcomer is refused. At
    /// once. Since libzmq 4.1.
    ///
    /// Any peer can then take the place of any other: it is for peers that are trusted.
    wo set_router_handover: bool as Flag = ZMQ_ROUTER_HANDOVER "ZMQ_ROUTER_HANDOVER" for IsRouter;

    /// Sends an empty message, which nobody wrote, on each new connection, so that a ROUTER at the
    /// other end learns of it. Default false. At once.
    ///
    /// Only for sockets that talk to a ROUTER: others do not expect that message.
    wo set_probe_router: bool as Flag = ZMQ_PROBE_ROUTER "ZMQ_PROBE_ROUTER" for ProbesRouters;

    /// Receives every subscription, and not only the first one of a topic. Default false. It also
    /// undoes [`set_xpub_verboser`](Socket::set_xpub_verboser). At once.
    wo set_xpub_verbose: bool as Flag = ZMQ_XPUB_VERBOSE "ZMQ_XPUB_VERBOSE" for IsXPub;

    /// Receives every subscription and every end of one, and not only the first and the last one
    /// of a topic. Default false. It also sets or undoes
    /// [`set_xpub_verbose`](Socket::set_xpub_verbose). At once. Since libzmq 4.2.
    wo set_xpub_verboser: bool as Flag = ZMQ_XPUB_VERBOSER "ZMQ_XPUB_VERBOSER" for IsXPub;

    /// Makes a send wait, or fail with [`WouldBlock`](crate::ErrorKind::WouldBlock), when a
    /// subscriber is full. Default false: that subscriber loses the message. At once. Since libzmq
    /// 4.1.
    wo set_xpub_nodrop: bool as Flag = ZMQ_XPUB_NODROP "ZMQ_XPUB_NODROP" for IsPublisher;

    /// A message that is sent to each new subscriber if its first subscription, made before it
    /// connects, asks for it; it goes out when the XPUB receives that subscription. Empty, the
    /// default, is none. For subscribers yet to come. Since libzmq 4.2.
    wo set_xpub_welcome_msg: &[u8] as Bytes = ZMQ_XPUB_WELCOME_MSG "ZMQ_XPUB_WELCOME_MSG" for IsXPub;

    /// Turns filtering round: what a subscription asks for is what does not come. Default false.
    /// Publishers and the SUBs connected to them need the same value; an XSUB does not filter.
    /// From the next `bind` or `connect`. Since libzmq 4.2.
    rw invert_matching, set_invert_matching: bool as Flag = ZMQ_INVERT_MATCHING "ZMQ_INVERT_MATCHING" for FiltersTopics;

    /// Receives an empty message of each peer that comes or goes. Default true. From the next
    /// `bind` or `connect`. Since libzmq 4.2.
    wo set_stream_notify: bool as Flag = ZMQ_STREAM_NOTIFY "ZMQ_STREAM_NOTIFY" for IsStream;
}
