//! Options of the draft API, which a libzmq built without it refuses, mostly.

use libc::c_int;

use super::codec::*;
use super::text::*;
use super::{refused, set_bytes};
use crate::error::Result;
use crate::socket::{
    CountsTopics, HearsHiccups, HearsPartings, IsRouter, IsXSub, PassesSubscriptions, Socket,
    SocketType,
};

/// Of which peers a ROUTER is told (`ZMQ_ROUTER_NOTIFY`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RouterNotify {
    /// Those that come.
    #[doc(alias = "ZMQ_NOTIFY_CONNECT")]
    pub connect: bool,
    /// Those that go.
    #[doc(alias = "ZMQ_NOTIFY_DISCONNECT")]
    pub disconnect: bool,
}

fn bit(bit: c_int, set: bool) -> c_int {
    if set { bit } else { 0 }
}

impl Codec for RouterNotify {
    type Raw = c_int;
    type Value = RouterNotify;

    fn encode(value: RouterNotify) -> Result<c_int, &'static str> {
        Ok(bit(zmq_sys::ZMQ_NOTIFY_CONNECT, value.connect)
            | bit(zmq_sys::ZMQ_NOTIFY_DISCONNECT, value.disconnect))
    }

    fn decode(raw: c_int) -> RouterNotify {
        RouterNotify {
            connect: raw & zmq_sys::ZMQ_NOTIFY_CONNECT != 0,
            disconnect: raw & zmq_sys::ZMQ_NOTIFY_DISCONNECT != 0,
        }
    }
}

/// `SO_PRIORITY` as anybody may set it.
struct Priority;

impl Codec for Priority {
    type Raw = c_int;
    type Value = u32;

    fn encode(value: u32) -> Result<c_int, &'static str> {
        if value > 6 {
            return Err("above 6 it takes a privilege, without which libzmq aborts the process");
        }
        Count::encode(value)
    }

    fn decode(raw: c_int) -> u32 {
        Count::decode(raw)
    }
}

/// How much is read at once. The head of a frame has up to 8 bytes; where one does not fit, libzmq takes
/// what it read it into for part of the buffer, and writes behind both.
struct ReadBatch;

impl Codec for ReadBatch {
    type Raw = c_int;
    type Value = u32;

    fn encode(value: u32) -> Result<c_int, &'static str> {
        if value <= 8 {
            return Err("below 9 libzmq overruns a buffer");
        }
        Count::encode(value)
    }

    fn decode(raw: c_int) -> u32 {
        Count::decode(raw)
    }
}

socket_options! {
    /// Whether local tcp connections take the fast path of Windows. Default false. From the next
    /// `bind` or `connect`. Draft since libzmq 4.2.
    rw loopback_fastpath, set_loopback_fastpath: bool as Flag = ZMQ_LOOPBACK_FASTPATH "ZMQ_LOOPBACK_FASTPATH";

    /// Whether udp multicast comes back to the machine that sent it. Default true. From the next
    /// `bind` or `connect`. Draft since libzmq 4.3.
    rw multicast_loop, set_multicast_loop: bool as Flag = ZMQ_MULTICAST_LOOP "ZMQ_MULTICAST_LOOP";

    /// Of which peers an empty message, after their routing id, tells. Default none. From the next
    /// `bind` or `connect`. Draft since libzmq 4.3.
    rw router_notify, set_router_notify: RouterNotify as RouterNotify = ZMQ_ROUTER_NOTIFY "ZMQ_ROUTER_NOTIFY" for IsRouter;

    /// The most bytes read from a connection at once, at least 9. Default 8192. From the next `bind` or
    /// `connect`. Draft since libzmq 4.3.2.
    rw in_batch_size, set_in_batch_size: u32 as ReadBatch = ZMQ_IN_BATCH_SIZE "ZMQ_IN_BATCH_SIZE";

    /// The most bytes written to a connection at once, not 0. Default 8192. From the next `bind`
    /// or `connect`. Draft since libzmq 4.3.2.
    rw out_batch_size, set_out_batch_size: u32 as Count = ZMQ_OUT_BATCH_SIZE "ZMQ_OUT_BATCH_SIZE";

    /// The secret key of a wss server, as PEM; there is none by default. From the next `bind`.
    /// Draft since libzmq 4.3.3, where it was built with WSS.
    wo set_wss_key_pem: &str as Pem = ZMQ_WSS_KEY_PEM "ZMQ_WSS_KEY_PEM";

    /// The certificate of a wss server, as PEM; there is none by default. From the next `bind`.
    /// Draft since libzmq 4.3.3, where it was built with WSS.
    wo set_wss_cert_pem: &str as Pem = ZMQ_WSS_CERT_PEM "ZMQ_WSS_CERT_PEM";

    /// The certificates that wss trusts, as PEM; there are none by default. From the next `bind`
    /// or `connect`. Draft since libzmq 4.3.3, where it was built with WSS.
    wo set_wss_trust_pem: &str as Pem = ZMQ_WSS_TRUST_PEM "ZMQ_WSS_TRUST_PEM";

    /// The host name that the server of a wss connection has to prove; there is none by default.
    /// From the next `connect`. Draft since libzmq 4.3.3, where it was built with WSS.
    wo set_wss_hostname: &str as Text = ZMQ_WSS_HOSTNAME "ZMQ_WSS_HOSTNAME";

    /// Whether wss trusts the certificates that the system trusts. Default false. From the next
    /// `bind` or `connect`. Draft since libzmq 4.3.3, where it was built with WSS.
    wo set_wss_trust_system: bool as Flag = ZMQ_WSS_TRUST_SYSTEM "ZMQ_WSS_TRUST_SYSTEM";

    /// Whether only the first part of a message can be a subscription. Default false. At once.
    /// Draft since libzmq 4.3.3.
    wo set_only_first_subscribe: bool as Flag = ZMQ_ONLY_FIRST_SUBSCRIBE "ZMQ_ONLY_FIRST_SUBSCRIBE" for PassesSubscriptions;

    /// A message received here from each peer that goes; empty, the default, is none. From the
    /// next `bind` or `connect`. Draft since libzmq 4.3.3.
    wo set_disconnect_msg: &[u8] as Bytes = ZMQ_DISCONNECT_MSG "ZMQ_DISCONNECT_MSG" for HearsPartings;

    /// The priority that the system gives this socket's packets (`SO_PRIORITY`), 0, the default, to
    /// 6. Linux. From the next `bind` or `connect`. Draft since libzmq 4.3.4.
    rw priority, set_priority: u32 as Priority = ZMQ_PRIORITY "ZMQ_PRIORITY";

    /// Whether the system polls the network device instead of waiting for it (`SO_BUSY_POLL`).
    /// Default false. From the next `bind` or `connect`. Draft since libzmq 4.3.5.
    wo set_busy_poll: bool as Flag = ZMQ_BUSY_POLL "ZMQ_BUSY_POLL";

    /// A message received here when a connection breaks and is made anew; empty, the default, is
    /// none. From the next `connect`. Draft since libzmq 4.3.5.
    wo set_hiccup_msg: &[u8] as Bytes = ZMQ_HICCUP_MSG "ZMQ_HICCUP_MSG" for HearsHiccups;

    /// Sends every end of a subscription on, and not only the last one of a topic. Default false.
    /// At once. Draft since libzmq 4.3.5.
    wo set_xsub_verbose_unsubscribe: bool as Flag = ZMQ_XSUB_VERBOSE_UNSUBSCRIBE "ZMQ_XSUB_VERBOSE_UNSUBSCRIBE" for IsXSub;

    /// How many topics are subscribed to here. Draft since libzmq 4.3.5.
    ro topics_count: u32 as Count = ZMQ_TOPICS_COUNT "ZMQ_TOPICS_COUNT" for CountsTopics;

    /// How NORM governs its rate, by number (`ZMQ_NORM_FIXED`, `ZMQ_NORM_CC`, …). Default 1. From
    /// the next `bind` or `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    #[doc(alias = "ZMQ_NORM_FIXED")]
    #[doc(alias = "ZMQ_NORM_CC")]
    #[doc(alias = "ZMQ_NORM_CCL")]
    #[doc(alias = "ZMQ_NORM_CCE")]
    #[doc(alias = "ZMQ_NORM_CCE_ECNONLY")]
    rw norm_mode, set_norm_mode: u32 as Count = ZMQ_NORM_MODE "ZMQ_NORM_MODE";

    /// Whether a NORM receiver asks the sender alone for what it missed. Default false. From the
    /// next `bind` or `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_unicast_nack, set_norm_unicast_nack: bool as Flag = ZMQ_NORM_UNICAST_NACK "ZMQ_NORM_UNICAST_NACK";

    /// The buffer of NORM in kilobytes, not 0. Default 2048. From the next `bind` or `connect`.
    /// Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_buffer_size, set_norm_buffer_size: u32 as Count = ZMQ_NORM_BUFFER_SIZE "ZMQ_NORM_BUFFER_SIZE";

    /// The most bytes in a segment of NORM, not 0. Default 1400. From the next `bind` or
    /// `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_segment_size, set_norm_segment_size: u32 as Count = ZMQ_NORM_SEGMENT_SIZE "ZMQ_NORM_SEGMENT_SIZE";

    /// The segments in a block of NORM, 1 to 255. Default 16. From the next `bind` or `connect`.
    /// Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_block_size, set_norm_block_size: u32 as Count = ZMQ_NORM_BLOCK_SIZE "ZMQ_NORM_BLOCK_SIZE";

    /// The parity segments that NORM makes for a block, up to 254. Default 4. From the next `bind`
    /// or `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_num_parity, set_norm_num_parity: u32 as Count = ZMQ_NORM_NUM_PARITY "ZMQ_NORM_NUM_PARITY";

    /// The parity segments that NORM sends unasked with a block, up to 254. Default 0. From the
    /// next `bind` or `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_num_autoparity, set_norm_num_autoparity: u32 as Count = ZMQ_NORM_NUM_AUTOPARITY "ZMQ_NORM_NUM_AUTOPARITY";

    /// Whether NORM sends messages as streams that drop what is old. Default false. From the next
    /// `bind` or `connect`. Draft since libzmq 4.3.5, where it was built with NORM.
    rw norm_push, set_norm_push: bool as Flag = ZMQ_NORM_PUSH "ZMQ_NORM_PUSH";
}

impl<T: SocketType> Socket<T> {
    /// Adds a property that peers find at each message of this socket (`Message::property`), by a
    /// name that begins with `X-`. From the next `bind` or `connect`. Draft since libzmq 4.2.
    ///
    /// Source: `ZMQ_METADATA` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), [`Terminated`](crate::ErrorKind::Terminated),
    /// [`Forked`](crate::ErrorKind::Forked).
    #[doc(alias = "ZMQ_METADATA")]
    pub fn set_metadata(&self, name: &str, value: &str) -> Result<()> {
        let shown = format!("ZMQ_METADATA = {name}:{value}");
        if name.contains([':', '\0']) || value.contains('\0') {
            return Err(refused(shown, "a colon in the name, or a NUL"));
        }
        let property = format!("{name}:{value}");
        set_bytes(
            self.core(),
            "ZMQ_METADATA",
            zmq_sys::ZMQ_METADATA,
            property.as_bytes(),
            shown,
        )
    }
}
