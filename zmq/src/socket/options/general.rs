//! Options that every socket has, whatever it talks over: queues, waits and its own nature.

use std::time::Duration;

use super::codec::*;
use crate::error::Result;
use crate::socket::{Socket, SocketType};

socket_options! {
    /// The I/O threads that serve this socket's connections, as bits; 0, the default, is any.
    /// From the next `bind` or `connect`.
    rw affinity, set_affinity: u64 as Long = ZMQ_AFFINITY "ZMQ_AFFINITY";

    /// How long messages not sent yet are kept after the socket is closed, and the end of its
    /// context waits for them.
    ///
    /// `None`, the default, is without end: a program whose peer never comes waits at its end for
    /// ever. Zero drops them at once. SUB and XSUB begin with zero (subscriptions are messages, too,
    /// and a SUB with a linger waits with them for publishers), and every socket does when the
    /// context is [not blocky](crate::Context::set_blocky). At once, but no longer after the
    /// context was shut down.
    rw linger, set_linger: Option<Duration> as OptionalMillis = ZMQ_LINGER "ZMQ_LINGER";

    /// The most bytes of a received message; a peer that sends more is disconnected. `None`, the
    /// default, is no limit. From the next `bind` or `connect`.
    ro maxmsgsize: Option<u64> as OptionalLong = ZMQ_MAXMSGSIZE "ZMQ_MAXMSGSIZE";

    /// The high-water mark: the most messages queued per peer on the way in; 0 is no limit.
    /// Default 1000. At once for the connections there are; for others from the next `bind` or
    /// `connect`. Over inproc the sum of both sides' marks counts.
    #[doc(alias = "ZMQ_HWM")]
    rw rcvhwm, set_rcvhwm: u32 as Count = ZMQ_RCVHWM "ZMQ_RCVHWM";

    /// The high-water mark: the most messages queued per peer on the way out; 0 is no limit.
    /// Default 1000. At once for the connections there are; for others from the next `bind` or
    /// `connect`. What happens beyond it depends on the socket type.
    #[doc(alias = "ZMQ_HWM")]
    rw sndhwm, set_sndhwm: u32 as Count = ZMQ_SNDHWM "ZMQ_SNDHWM";

    /// How long a receive waits: `None`, the default, without end; zero not at all. At once.
    rw rcvtimeo, set_rcvtimeo: Option<Duration> as OptionalMillis = ZMQ_RCVTIMEO "ZMQ_RCVTIMEO";

    /// How long a send waits: `None`, the default, without end; zero not at all. At once.
    ro sndtimeo: Option<Duration> as OptionalMillis = ZMQ_SNDTIMEO "ZMQ_SNDTIMEO";

    /// Whether the socket may be used by several threads at once. It is so for the draft types
    /// that need no message of several parts, and for no other. Since libzmq 4.2.
    ro thread_safe: bool as Flag = ZMQ_THREAD_SAFE "ZMQ_THREAD_SAFE";
}
