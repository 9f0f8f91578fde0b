//! Socket options: one table, a row each.

use std::fmt;
use std::time::Duration;

use libc::c_int;

use super::Socket;
use super::types::{CanSubscribe, HasRoutingId, IsRouter, SocketType};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::socket::OptionValue;
use crate::poll::PollEvents;

const SET: &str = "zmq_setsockopt";
const GET: &str = "zmq_getsockopt";

/// How an option's value stands in C and in Rust.
trait Codec {
    type Raw: OptionValue + fmt::Display;
    type Value;

    /// The rule that the value breaks, if it has no C form.
    fn encode(value: Self::Value) -> Result<Self::Raw, &'static str>;
    fn decode(raw: Self::Raw) -> Self::Value;
}

/// An `int` that is 0 or 1.
struct Flag;

impl Codec for Flag {
    type Raw = c_int;
    type Value = bool;

    fn encode(value: bool) -> Result<c_int, &'static str> {
        Ok(c_int::from(value))
    }

    fn decode(raw: c_int) -> bool {
        raw != 0
    }
}

/// An `int` that counts.
struct Count;

impl Codec for Count {
    type Raw = c_int;
    type Value = u32;

    fn encode(value: u32) -> Result<c_int, &'static str> {
        c_int::try_from(value).map_err(|_| "more than a C int holds")
    }

    fn decode(raw: c_int) -> u32 {
        u32::try_from(raw).unwrap_or(0)
    }
}

/// An `int` that counts, or -1.
struct OptionalCount;

impl Codec for OptionalCount {
    type Raw = c_int;
    type Value = Option<u32>;

    fn encode(value: Option<u32>) -> Result<c_int, &'static str> {
        value.map_or(Ok(-1), Count::encode)
    }

    fn decode(raw: c_int) -> Option<u32> {
        u32::try_from(raw).ok()
    }
}

/// An `int64_t` that counts, or -1.
struct OptionalLong;

impl Codec for OptionalLong {
    type Raw = i64;
    type Value = Option<u64>;

    fn encode(value: Option<u64>) -> Result<i64, &'static str> {
        value.map_or(Ok(-1), |value| {
            i64::try_from(value).map_err(|_| "more than an int64_t holds")
        })
    }

    fn decode(raw: i64) -> Option<u64> {
        u64::try_from(raw).ok()
    }
}

/// A `uint64_t` of bits.
struct Mask;

impl Codec for Mask {
    type Raw = u64;
    type Value = u64;

    fn encode(value: u64) -> Result<u64, &'static str> {
        Ok(value)
    }

    fn decode(raw: u64) -> u64 {
        raw
    }
}

/// Milliseconds. A part of one counts as a whole, so that a short time is never none.
struct Millis;

impl Codec for Millis {
    type Raw = c_int;
    type Value = Duration;

    fn encode(value: Duration) -> Result<c_int, &'static str> {
        c_int::try_from(value.as_nanos().div_ceil(1_000_000))
            .map_err(|_| "more milliseconds than a C int holds")
    }

    fn decode(raw: c_int) -> Duration {
        Duration::from_millis(u64::try_from(raw).unwrap_or(0))
    }
}

/// Milliseconds, or -1.
struct OptionalMillis;

impl Codec for OptionalMillis {
    type Raw = c_int;
    type Value = Option<Duration>;

    fn encode(value: Option<Duration>) -> Result<c_int, &'static str> {
        value.map_or(Ok(-1), Millis::encode)
    }

    fn decode(raw: c_int) -> Option<Duration> {
        u64::try_from(raw).ok().map(Duration::from_millis)
    }
}

/// Rows of `rw getter, setter`, `ro getter` or `wo setter`, then `: type as codec = option "name"`
/// (rustdoc takes only a literal for an alias), and the marker of the socket types that have the
/// option, if not all do. What the row says in its docs is said once: at the getter, or if there is
/// none at the setter.
macro_rules! socket_options {
    () => {};
    ($(#[$doc:meta])* rw $get:ident, $set:ident: $value:ty as $codec:ident = $option:ident $name:literal $(for $marker:ident)?; $($rest:tt)*) => {
        socket_options! { @get [$(#[$doc])*] $get: $value as $codec = $option $name [$($marker)?] }
        socket_options! { @set [
            #[doc = concat!("Sets [`", stringify!($get), "`](Socket::", stringify!($get), ").")]
            #[doc = concat!("\n\nSource: `", $name, "` in `zmq_setsockopt(3)`.")]
        ] $set: $value as $codec = $option $name [$($marker)?] }
        socket_options! { $($rest)* }
    };
    ($(#[$doc:meta])* ro $get:ident: $value:ty as $codec:ident = $option:ident $name:literal $(for $marker:ident)?; $($rest:tt)*) => {
        socket_options! { @get [$(#[$doc])*] $get: $value as $codec = $option $name [$($marker)?] }
        socket_options! { $($rest)* }
    };
    ($(#[$doc:meta])* wo $set:ident: $value:ty as $codec:ident = $option:ident $name:literal $(for $marker:ident)?; $($rest:tt)*) => {
        socket_options! { @set [$(#[$doc])*] $set: $value as $codec = $option $name [$($marker)?] }
        socket_options! { $($rest)* }
    };
    (@get [$($doc:tt)*] $get:ident: $value:ty as $codec:ident = $option:ident $name:literal [$($marker:ident)?]) => {
        impl<T: SocketType> Socket<T> {
            $($doc)*
            #[doc(alias = $name)]
            ///
            /// # Errors
            /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
            pub fn $get(&self) -> Result<$value> $(where T: $marker)? {
                Ok($codec::decode(self.option($name, zmq_sys::$option)?))
            }
        }
    };
    (@set [$($doc:tt)*] $set:ident: $value:ty as $codec:ident = $option:ident $name:literal [$($marker:ident)?]) => {
        impl<T: SocketType> Socket<T> {
            $($doc)*
            #[doc(alias = $name)]
            ///
            /// # Errors
            /// [`InvalidInput`](ErrorKind::InvalidInput) for a value that the option cannot have,
            /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
            pub fn $set(&self, value: $value) -> Result<()> $(where T: $marker)? {
                let raw = $codec::encode(value).map_err(|reason| {
                    Error::own(SET, ErrorKind::InvalidInput).on($name).because(reason)
                })?;
                self.set_option($name, zmq_sys::$option, raw)
            }
        }
    };
}

socket_options! {
    /// The I/O threads that serve this socket's connections, as bits; 0, the default, is any.
    /// From the next `bind` or `connect`.
    rw affinity, set_affinity: u64 as Mask = ZMQ_AFFINITY "ZMQ_AFFINITY";

    /// The most connections that wait to be accepted. Default 100. From the next `bind`.
    rw backlog, set_backlog: u32 as Count = ZMQ_BACKLOG "ZMQ_BACKLOG";

    /// How long a connection attempt may take; zero, the default, leaves it to the system. From
    /// the next `connect`.
    rw connect_timeout, set_connect_timeout: Duration as Millis = ZMQ_CONNECT_TIMEOUT "ZMQ_CONNECT_TIMEOUT";

    /// Whether messages wait only for connections that are made. Default false: they are queued
    /// for a peer that is still to be reached. What was queued for a connection that breaks is
    /// lost. From the next `connect`.
    #[doc(alias = "ZMQ_DELAY_ATTACH_ON_CONNECT")]
    rw immediate, set_immediate: bool as Flag = ZMQ_IMMEDIATE "ZMQ_IMMEDIATE";

    /// Whether IPv6 is used besides IPv4. Default false, or what the context says. From the next
    /// `bind` or `connect`.
    rw ipv6, set_ipv6: bool as Flag = ZMQ_IPV6 "ZMQ_IPV6";

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
    rw maxmsgsize, set_maxmsgsize: Option<u64> as OptionalLong = ZMQ_MAXMSGSIZE "ZMQ_MAXMSGSIZE";

    /// The system's receive buffer in bytes; `None`, the default, is the system's choice. From the
    /// next `bind` or `connect`.
    rw rcvbuf, set_rcvbuf: Option<u32> as OptionalCount = ZMQ_RCVBUF "ZMQ_RCVBUF";

    /// The system's send buffer in bytes; `None`, the default, is the system's choice. From the
    /// next `bind` or `connect`.
    rw sndbuf, set_sndbuf: Option<u32> as OptionalCount = ZMQ_SNDBUF "ZMQ_SNDBUF";

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

    /// Makes a message to an unknown peer an error of kind
    /// [`HostUnreachable`](ErrorKind::HostUnreachable), and waits when a peer is full. Default
    /// false: such messages are dropped without a word. At once.
    ///
    /// Source: `ZMQ_ROUTER_MANDATORY` in `zmq_setsockopt(3)`.
    #[doc(alias = "ZMQ_FAIL_UNROUTABLE")]
    #[doc(alias = "ZMQ_ROUTER_BEHAVIOR")]
    wo set_router_mandatory: bool as Flag = ZMQ_ROUTER_MANDATORY "ZMQ_ROUTER_MANDATORY" for IsRouter;
}

impl<T: SocketType> Socket<T> {
    fn option<V: OptionValue>(&self, name: &'static str, option: c_int) -> Result<V> {
        self.core().check_fork(GET)?;
        self.core()
            .raw()
            .get(option)
            .map_err(|errno| Error::from_errno(GET, errno).on(name))
    }

    pub(super) fn set_option<V>(&self, name: &'static str, option: c_int, value: V) -> Result<()>
    where
        V: OptionValue + fmt::Display,
    {
        self.core().check_fork(SET)?;
        self.core()
            .raw()
            .set(option, value)
            .map_err(|errno| Error::from_errno(SET, errno).on(format_args!("{name} = {value}")))
    }

    fn set_bytes(&self, name: &'static str, option: c_int, value: &[u8]) -> Result<()> {
        self.core().check_fork(SET)?;
        self.core().raw().set_bytes(option, value).map_err(|errno| {
            Error::from_errno(SET, errno).on(format_args!("{name} = {}", value.escape_ascii()))
        })
    }

    /// Sets [`sndtimeo`](Socket::sndtimeo).
    ///
    /// Source: `ZMQ_SNDTIMEO` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for more milliseconds than a C int holds,
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_SNDTIMEO")]
    pub fn set_sndtimeo(&self, value: Option<Duration>) -> Result<()> {
        let raw = OptionalMillis::encode(value).map_err(|reason| {
            Error::own(SET, ErrorKind::InvalidInput)
                .on("ZMQ_SNDTIMEO")
                .because(reason)
        })?;
        self.set_option("ZMQ_SNDTIMEO", zmq_sys::ZMQ_SNDTIMEO, raw)?;
        self.core().turn.set_hasty(raw == 0);
        Ok(())
    }

    /// The endpoint last bound or connected to, with its wildcards filled in; empty before the
    /// first.
    ///
    /// Source: `ZMQ_LAST_ENDPOINT` in `zmq_getsockopt(3)`.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_LAST_ENDPOINT")]
    pub fn last_endpoint(&self) -> Result<String> {
        let mut buffer = [0; 1024];
        let bytes =
            self.bytes_option("ZMQ_LAST_ENDPOINT", zmq_sys::ZMQ_LAST_ENDPOINT, &mut buffer)?;
        let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn bytes_option<'b>(
        &self,
        name: &'static str,
        option: c_int,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8]> {
        self.core().check_fork(GET)?;
        let length = self
            .core()
            .raw()
            .get_bytes(option, buffer)
            .map_err(|errno| Error::from_errno(GET, errno).on(name))?;
        Ok(&buffer[..length])
    }

    /// What the socket could do now without waiting.
    ///
    /// Source: `ZMQ_EVENTS` in `zmq_getsockopt(3)`.
    ///
    /// # Errors
    /// [`Interrupted`](ErrorKind::Interrupted), [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_EVENTS")]
    pub fn events(&self) -> Result<PollEvents> {
        self.core().drain_half_read();
        let events: c_int = self.option("ZMQ_EVENTS", zmq_sys::ZMQ_EVENTS)?;
        let parked = self.core().is_readable_now();
        Ok(PollEvents::of_bits(events as libc::c_short).or_readable(parked))
    }

    /// The routing id that peers know this socket by; empty if none was set.
    ///
    /// Source: `ZMQ_ROUTING_ID` in `zmq_getsockopt(3)`.
    ///
    /// # Errors
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_ROUTING_ID")]
    #[doc(alias = "ZMQ_IDENTITY")]
    pub fn routing_id(&self) -> Result<Vec<u8>>
    where
        T: HasRoutingId,
    {
        let mut buffer = [0; 256];
        self.bytes_option("ZMQ_ROUTING_ID", zmq_sys::ZMQ_ROUTING_ID, &mut buffer)
            .map(<[u8]>::to_vec)
    }

    /// Sets the routing id that a ROUTER knows this socket by, 1 to 255 bytes that do not begin
    /// with a zero. From the next `bind` or `connect`.
    ///
    /// Source: `ZMQ_ROUTING_ID` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput), [`Terminated`](ErrorKind::Terminated),
    /// [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::DEALER)?;
    /// socket.set_routing_id("client-7")?;
    /// assert_eq!(socket.routing_id()?, b"client-7");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_ROUTING_ID")]
    #[doc(alias = "ZMQ_IDENTITY")]
    pub fn set_routing_id(&self, id: impl AsRef<[u8]>) -> Result<()>
    where
        T: HasRoutingId,
    {
        let id = id.as_ref();
        let refuse = |reason| {
            Err(Error::own(SET, ErrorKind::InvalidInput)
                .on(format_args!("ZMQ_ROUTING_ID = {}", id.escape_ascii()))
                .because(reason))
        };
        if id.is_empty() || id.len() > 255 {
            return refuse("a routing id has 1 to 255 bytes");
        }
        if id[0] == 0 {
            return refuse("ids that begin with a zero are those libzmq makes");
        }
        self.set_bytes("ZMQ_ROUTING_ID", zmq_sys::ZMQ_ROUTING_ID, id)
    }

    /// Receives messages whose first frame begins with `topic`; the empty topic is all of them.
    ///
    /// Subscriptions add up, and the same one twice takes two
    /// [`unsubscribe`](Socket::unsubscribe)s. They reach a publisher after the connection is made:
    /// what it sends before is not received. Source: `ZMQ_SUBSCRIBE` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) on a [`Socket<Any>`](super::Any) of another type,
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_SUBSCRIBE")]
    pub fn subscribe(&self, topic: impl AsRef<[u8]>) -> Result<()>
    where
        T: CanSubscribe,
    {
        self.set_bytes("ZMQ_SUBSCRIBE", zmq_sys::ZMQ_SUBSCRIBE, topic.as_ref())
    }

    /// Takes one [`subscribe`](Socket::subscribe) back.
    ///
    /// Source: `ZMQ_UNSUBSCRIBE` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// As [`subscribe`](Socket::subscribe).
    #[doc(alias = "ZMQ_UNSUBSCRIBE")]
    pub fn unsubscribe(&self, topic: impl AsRef<[u8]>) -> Result<()>
    where
        T: CanSubscribe,
    {
        self.set_bytes("ZMQ_UNSUBSCRIBE", zmq_sys::ZMQ_UNSUBSCRIBE, topic.as_ref())
    }
}
