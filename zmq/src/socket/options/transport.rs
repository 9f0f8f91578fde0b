//! Options of connections: tcp, ipc, multicast and VMCI.

use std::time::Duration;

use libc::c_int;

use super::SET;
use super::codec::*;
use super::text::*;
use crate::error::{Error, ErrorKind, Result};
use crate::socket::{Core, GivesUpConnections, Socket, SocketType, SpeaksZmtp};

/// `ZMQ_IMMEDIATE`, where the type is known at run time only. A broken connection is given up with
/// what came over it, of which these types may hold the first part (`fq_t`, as with F4).
struct Immediate;

impl Read for Immediate {
    type Value = bool;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<bool> {
        Flag::read(core, name, option)
    }
}

impl Write for Immediate {
    type Given<'a> = bool;

    fn write(core: &Core, name: &'static str, option: c_int, value: bool) -> Result<()> {
        if value && core.kind().reads_ahead() {
            return Err(Error::own(SET, ErrorKind::NotSupported)
                .on(format_args!("{name} = 1 on a {}", core.kind()))
                .because("libzmq aborts the process when a connection breaks after a poll"));
        }
        Flag::write(core, name, option, value)
    }
}

socket_options! {
    /// The most connections that wait to be accepted. Default 100. From the next `bind`.
    rw backlog, set_backlog: u32 as Count = ZMQ_BACKLOG "ZMQ_BACKLOG";

    /// How long a connection attempt may take; zero, the default, leaves it to the system. From
    /// the next `connect`.
    rw connect_timeout, set_connect_timeout: Duration as Millis = ZMQ_CONNECT_TIMEOUT "ZMQ_CONNECT_TIMEOUT";

    /// Whether messages wait only for connections that are made. Default false: they are queued
    /// for a peer that is still to be reached. What was queued for a connection that breaks is
    /// lost, and so is what came over it and was not received yet: a peer that replies and leaves
    /// may not be heard. From the next `connect`.
    ///
    /// SUB, XSUB, REP and ROUTER do not have it: when a connection breaks after a poll has seen a message
    /// of several parts, libzmq aborts the process. On a PULL, DEALER or REQ the same can happen where
    /// the connection breaks while such a message is being received, in a window of microseconds at
    /// every hundredth part.
    #[doc(alias = "ZMQ_DELAY_ATTACH_ON_CONNECT")]
    rw immediate, set_immediate: bool as Immediate = ZMQ_IMMEDIATE "ZMQ_IMMEDIATE" for GivesUpConnections;

    /// Whether IPv6 is used besides IPv4. Default false, or what the context says. From the next
    /// `bind` or `connect`.
    rw ipv6, set_ipv6: bool as Flag = ZMQ_IPV6 "ZMQ_IPV6";

    /// The system's receive buffer in bytes; `None`, the default, is the system's choice. From the
    /// next `bind` or `connect`.
    rw rcvbuf, set_rcvbuf: Option<u32> as OptionalCount = ZMQ_RCVBUF "ZMQ_RCVBUF";

    /// The system's send buffer in bytes; `None`, the default, is the system's choice. From the
    /// next `bind` or `connect`.
    rw sndbuf, set_sndbuf: Option<u32> as OptionalCount = ZMQ_SNDBUF "ZMQ_SNDBUF";

    /// How long libzmq waits before it connects anew to a peer that is gone; it varies the time a
    /// little. Default 100 ms. From the next `bind` or `connect`.
    ///
    /// Zero, which stands for no reconnection as -1 does in C, is refused: where nobody
    /// reconnects, a peer that goes away can make libzmq abort the process.
    rw reconnect_ivl, set_reconnect_ivl: Option<Duration>, Duration as ReconnectInterval = ZMQ_RECONNECT_IVL "ZMQ_RECONNECT_IVL";

    /// The time up to which [`reconnect_ivl`](Socket::reconnect_ivl) doubles with each attempt;
    /// zero, the default, lets it be, and so does a shorter time than that. From the next `bind`
    /// or `connect`.
    rw reconnect_ivl_max, set_reconnect_ivl_max: Duration as Millis = ZMQ_RECONNECT_IVL_MAX "ZMQ_RECONNECT_IVL_MAX";

    /// How long the handshake of a new connection may take; zero is without end. Default 30
    /// seconds. From the next `bind` or `connect`. Since libzmq 4.1.
    rw handshake_ivl, set_handshake_ivl: Duration as Millis = ZMQ_HANDSHAKE_IVL "ZMQ_HANDSHAKE_IVL" for SpeaksZmtp;

    /// The time between the PINGs that tell a dead connection from a silent one; zero, the default,
    /// is none. From the next `bind` or `connect`. Since libzmq 4.2.
    rw heartbeat_ivl, set_heartbeat_ivl: Duration as Millis = ZMQ_HEARTBEAT_IVL "ZMQ_HEARTBEAT_IVL" for SpeaksZmtp;

    /// How long the peer is asked to keep a connection on which nothing comes; zero, the default,
    /// does not ask. Tenths of a second, at most 6553.5 seconds: a part of one counts as a whole.
    /// Without [`heartbeat_ivl`](Socket::heartbeat_ivl) it has no effect. From the next `bind` or
    /// `connect`. Since libzmq 4.2.
    rw heartbeat_ttl, set_heartbeat_ttl: Duration as Deciseconds = ZMQ_HEARTBEAT_TTL "ZMQ_HEARTBEAT_TTL" for SpeaksZmtp;

    /// How long a connection lives on without an answer to a PING; `None`, the default, is as long
    /// as [`heartbeat_ivl`](Socket::heartbeat_ivl), and once set cannot be had back. From the next
    /// `bind` or `connect`. Since libzmq 4.2.
    ///
    /// A receiver whose queue is full ([`rcvhwm`](Socket::rcvhwm)) takes in nothing, so not the
    /// answers either: full for longer than this, it drops a peer that is alive, and **what was on its
    /// way is lost**. Give it more time than the receiver may pause.
    rw heartbeat_timeout, set_heartbeat_timeout: Option<Duration>, Duration as MillisOnceSet = ZMQ_HEARTBEAT_TIMEOUT "ZMQ_HEARTBEAT_TIMEOUT" for SpeaksZmtp;

    /// Whether TCP probes connections that are silent (`SO_KEEPALIVE`); `None`, the default, is the
    /// system's choice. From the next `bind` or `connect`.
    rw tcp_keepalive, set_tcp_keepalive: Option<bool> as OptionalFlag = ZMQ_TCP_KEEPALIVE "ZMQ_TCP_KEEPALIVE";

    /// How many probes without an answer end a connection (`TCP_KEEPCNT`); `None`, the default, is
    /// the system's choice. Read only when [`tcp_keepalive`](Socket::tcp_keepalive) is set, and a
    /// number that the system refuses makes connections fail. From the next `bind` or `connect`.
    rw tcp_keepalive_cnt, set_tcp_keepalive_cnt: Option<u32> as OptionalCount = ZMQ_TCP_KEEPALIVE_CNT "ZMQ_TCP_KEEPALIVE_CNT";

    /// How long a connection is silent before it is probed (`TCP_KEEPIDLE`), in whole seconds: a
    /// part of one counts as a whole. `None`, the default, is the system's choice. Read only when
    /// [`tcp_keepalive`](Socket::tcp_keepalive) is set, and a time that the system refuses makes
    /// connections fail. From the next `bind` or `connect`.
    rw tcp_keepalive_idle, set_tcp_keepalive_idle: Option<Duration> as OptionalSeconds = ZMQ_TCP_KEEPALIVE_IDLE "ZMQ_TCP_KEEPALIVE_IDLE";

    /// The time between probes (`TCP_KEEPINTVL`), in whole seconds: a part of one counts as a
    /// whole. `None`, the default, is the system's choice. Read only when
    /// [`tcp_keepalive`](Socket::tcp_keepalive) is set, and a time that the system refuses makes
    /// connections fail. From the next `bind` or `connect`.
    rw tcp_keepalive_intvl, set_tcp_keepalive_intvl: Option<Duration> as OptionalSeconds = ZMQ_TCP_KEEPALIVE_INTVL "ZMQ_TCP_KEEPALIVE_INTVL";

    /// How long TCP waits for what it sent to be acknowledged before the connection is given up
    /// (`TCP_USER_TIMEOUT`); zero, the default, is the system's choice. From the next `bind` or
    /// `connect`. Since libzmq 4.2.
    rw tcp_maxrt, set_tcp_maxrt: Duration as Millis = ZMQ_TCP_MAXRT "ZMQ_TCP_MAXRT";

    /// The type-of-service byte of IP packets. Default 0. From the next `bind` or `connect`. Since
    /// libzmq 4.1.
    rw tos, set_tos: u8 as Byte = ZMQ_TOS "ZMQ_TOS";

    /// The network interface or VRF that connections are bound to; `None`, the default, is any. It
    /// needs the capability `CAP_NET_RAW`, and once set cannot be taken back. tcp and udp on
    /// Linux. From the next `bind` or `connect`. Since libzmq 4.3.
    rw bindtodevice, set_bindtodevice: Option<String>, &str as OptionalText = ZMQ_BINDTODEVICE "ZMQ_BINDTODEVICE";

    /// The greatest rate of a multicast transport, in kilobits per second, not 0. Default 100. The
    /// multicast options are for C code: [`bind`](Socket::bind) and `connect` refuse such endpoints.
    /// From the next `bind` or `connect`.
    rw rate, set_rate: u32 as Count = ZMQ_RATE "ZMQ_RATE";

    /// How long a multicast receiver can be away before what it missed is lost; what it may ask
    /// for is kept in memory. Default 10 seconds. From the next `bind` or `connect`.
    rw recovery_ivl, set_recovery_ivl: Duration as Millis = ZMQ_RECOVERY_IVL "ZMQ_RECOVERY_IVL";

    /// How many networks a multicast packet crosses, not 0. Default 1: it stays in the local one.
    /// From the next `bind` or `connect`.
    rw multicast_hops, set_multicast_hops: u32 as Count = ZMQ_MULTICAST_HOPS "ZMQ_MULTICAST_HOPS";

    /// The most bytes of a multicast packet, not 0. Default 1500. From the next `bind` or
    /// `connect`. Since libzmq 4.2.
    rw multicast_maxtpdu, set_multicast_maxtpdu: u32 as Count = ZMQ_MULTICAST_MAXTPDU "ZMQ_MULTICAST_MAXTPDU";

    /// The buffer of a VMCI connection in bytes; the default is the system's. From the next `bind`
    /// or `connect`. Since libzmq 4.2, where it was built with VMCI.
    wo set_vmci_buffer_size: u64 as Long = ZMQ_VMCI_BUFFER_SIZE "ZMQ_VMCI_BUFFER_SIZE";

    /// The smallest buffer of a VMCI connection in bytes; the default is the system's. From the
    /// next `bind` or `connect`. Since libzmq 4.2, where it was built with VMCI.
    wo set_vmci_buffer_min_size: u64 as Long = ZMQ_VMCI_BUFFER_MIN_SIZE "ZMQ_VMCI_BUFFER_MIN_SIZE";

    /// The largest buffer of a VMCI connection in bytes; the default is the system's. From the
    /// next `bind` or `connect`. Since libzmq 4.2, where it was built with VMCI.
    wo set_vmci_buffer_max_size: u64 as Long = ZMQ_VMCI_BUFFER_MAX_SIZE "ZMQ_VMCI_BUFFER_MAX_SIZE";

    /// How long a VMCI connection attempt may take; `None`, the default, leaves it to the system.
    /// From the next `connect`. Since libzmq 4.2, where it was built with VMCI.
    wo set_vmci_connect_timeout: Option<Duration> as OptionalMillis = ZMQ_VMCI_CONNECT_TIMEOUT "ZMQ_VMCI_CONNECT_TIMEOUT";
}
