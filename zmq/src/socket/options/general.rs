//! Options that every socket has, whatever it talks over: queues, waits and its own nature.

use std::time::Duration;

use libc::c_int;

use super::SET;
use super::codec::*;
use crate::error::{Error, ErrorKind, Result};
use crate::socket::{Core, Socket, SocketType};

/// A high-water mark. libzmq tells a new one to the other end of every pipe, also of one that has
/// freed it already (`pipe_t::send_hwms_to_peer`), so it is set before there are any.
struct Mark;

impl Read for Mark {
    type Value = u32;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<u32> {
        Count::read(core, name, option)
    }
}

impl Write for Mark {
    type Given<'a> = u32;

    fn write(core: &Core, name: &'static str, option: c_int, value: u32) -> Result<()> {
        if core.may_have_peers() {
            return Err(Error::own(SET, ErrorKind::InvalidState)
                .on(format_args!("{name} = {value}"))
                .because("to be set before the first bind or connect"));
        }
        Count::write(core, name, option, value)
    }
}

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
    /// Default 1000. Over inproc the sum of both sides' marks counts. To be set before the first
    /// `bind` or `connect`, afterwards it is an error of kind
    /// [`InvalidState`](crate::ErrorKind::InvalidState): libzmq would tell the other end of every
    /// connection, also of one that is gone, and crash the process.
    #[doc(alias = "ZMQ_HWM")]
    rw rcvhwm, set_rcvhwm: u32 as Mark = ZMQ_RCVHWM "ZMQ_RCVHWM";

    /// The high-water mark: the most messages queued per peer on the way out; 0 is no limit.
    /// Default 1000. What happens beyond it depends on the socket type. To be set before the first
    /// `bind` or `connect`, as [`set_rcvhwm`](Socket::set_rcvhwm).
    #[doc(alias = "ZMQ_HWM")]
    rw sndhwm, set_sndhwm: u32 as Mark = ZMQ_SNDHWM "ZMQ_SNDHWM";

    /// How long a receive waits: `None`, the default, without end; zero not at all. At once.
    rw rcvtimeo, set_rcvtimeo: Option<Duration> as OptionalMillis = ZMQ_RCVTIMEO "ZMQ_RCVTIMEO";

    /// How long a send waits: `None`, the default, without end; zero not at all. At once.
    ro sndtimeo: Option<Duration> as OptionalMillis = ZMQ_SNDTIMEO "ZMQ_SNDTIMEO";

    /// Whether the socket may be used by several threads at once. It is so for the draft types
    /// that need no message of several parts, and for no other. Since libzmq 4.2.
    ro thread_safe: bool as Flag = ZMQ_THREAD_SAFE "ZMQ_THREAD_SAFE";
}
