//! Socket options: tables of a row each, by subject, and below them what is irregular.
//!
//! What is left out, and why, stands in ARCHITECTURE.md, "Not offered".

#[macro_use]
mod table;

mod codec;
#[cfg(feature = "draft")]
mod draft;
mod general;
mod pattern;
mod security;
mod text;
mod transport;

use std::fmt;
use std::time::Duration;

use libc::c_int;

use self::codec::{Codec, OptionalLong, OptionalMillis, Write};
use self::text::Bytes;
use super::subscription::check_topic;
use super::types::{CanSubscribe, HasRoutingId, SocketKind, SocketType};
use super::{Core, Socket};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::socket::OptionValue;
use crate::library::Capability;
use crate::poll::PollEvents;

#[cfg(feature = "draft")]
pub use self::draft::RouterNotify;
pub(crate) use self::security::ask_no_handler;
pub use self::security::{GssapiNameType, Mechanism};
pub(super) use self::security::{asks, check_web};

const SET: &str = "zmq_setsockopt";
const GET: &str = "zmq_getsockopt";

/// Milliseconds as libzmq takes them, -1 for `None`; or the rule that is broken.
pub(crate) fn encode_millis(value: Option<Duration>) -> Result<c_int, &'static str> {
    OptionalMillis::encode(value)
}

pub(crate) fn decode_millis(raw: c_int) -> Option<Duration> {
    OptionalMillis::decode(raw)
}

/// An error of a value that never reached libzmq.
fn refused(subject: impl fmt::Display, reason: &'static str) -> Error {
    Error::own(SET, ErrorKind::InvalidInput)
        .on(subject)
        .because(reason)
}

/// An error of libzmq about the option `name`, which it may lack.
#[cold]
fn failed(call: &'static str, name: &str, errno: Errno) -> Error {
    let error = Error::from_errno(call, errno);
    match Capability::of_option(name) {
        Some(capability) if errno == Errno(libc::EINVAL) => error.without(capability),
        _ => error,
    }
}

fn get<V: OptionValue>(core: &Core, name: &'static str, option: c_int) -> Result<V> {
    core.check_fork(GET)?;
    core.raw()
        .get(option)
        .map_err(|errno| failed(GET, name, errno).on(name))
}

fn set<V>(core: &Core, name: &'static str, option: c_int, value: V) -> Result<()>
where
    V: OptionValue + fmt::Display,
{
    core.check_fork(SET)?;
    core.raw()
        .set(option, value)
        .map_err(|errno| failed(SET, name, errno).on(format_args!("{name} = {value}")))
}

fn get_bytes<'b>(
    core: &Core,
    name: &'static str,
    option: c_int,
    buffer: &'b mut [u8],
) -> Result<&'b [u8]> {
    core.check_fork(GET)?;
    let length = core
        .raw()
        .get_bytes(option, buffer)
        .map_err(|errno| failed(GET, name, errno).on(name))?;
    Ok(&buffer[..length])
}

fn set_bytes(
    core: &Core,
    name: &'static str,
    option: c_int,
    value: &[u8],
    shown: impl fmt::Display,
) -> Result<()> {
    core.check_fork(SET)?;
    core.raw()
        .set_bytes(option, value)
        .map_err(|errno| failed(SET, name, errno).on(shown))
}

impl<T: SocketType> Socket<T> {
    pub(super) fn set_option<V>(&self, name: &'static str, option: c_int, value: V) -> Result<()>
    where
        V: OptionValue + fmt::Display,
    {
        set(self.core(), name, option, value)
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
        let raw = encode_millis(value).map_err(|reason| refused("ZMQ_SNDTIMEO", reason))?;
        self.set_option("ZMQ_SNDTIMEO", zmq_sys::ZMQ_SNDTIMEO, raw)?;
        self.core().turn.set_hasty(raw == 0);
        Ok(())
    }

    /// Sets [`maxmsgsize`](Socket::maxmsgsize).
    ///
    /// Source: `ZMQ_MAXMSGSIZE` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for more than an `i64` holds, and on a RADIO, which
    /// needs the limit it has; [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_MAXMSGSIZE")]
    pub fn set_maxmsgsize(&self, value: Option<u64>) -> Result<()> {
        if self.kind() == SocketKind::Radio {
            return Err(refused(
                "ZMQ_MAXMSGSIZE",
                "a RADIO's peers could abort the process",
            ));
        }
        OptionalLong::write(
            self.core(),
            "ZMQ_MAXMSGSIZE",
            zmq_sys::ZMQ_MAXMSGSIZE,
            value,
        )
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
        let bytes = get_bytes(
            self.core(),
            "ZMQ_LAST_ENDPOINT",
            zmq_sys::ZMQ_LAST_ENDPOINT,
            &mut buffer,
        )?;
        let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        Ok(String::from_utf8_lossy(text).into_owned())
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
        let events: c_int = get(self.core(), "ZMQ_EVENTS", zmq_sys::ZMQ_EVENTS)?;
        let parked = self.core().is_readable_now();
        Ok(PollEvents::from_raw(events as libc::c_short).or_readable(parked))
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
        get_bytes(
            self.core(),
            "ZMQ_ROUTING_ID",
            zmq_sys::ZMQ_ROUTING_ID,
            &mut buffer,
        )
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
            Err(refused(
                format_args!("ZMQ_ROUTING_ID = {}", id.escape_ascii()),
                reason,
            ))
        };
        if id.is_empty() || id.len() > 255 {
            return refuse("a routing id has 1 to 255 bytes");
        }
        if id[0] == 0 {
            return refuse("ids that begin with a zero are those libzmq makes");
        }
        Bytes::write(self.core(), "ZMQ_ROUTING_ID", zmq_sys::ZMQ_ROUTING_ID, id)
    }

    /// Receives messages whose first frame begins with `topic`; the empty topic is all of them.
    ///
    /// Subscriptions add up, and the same one twice takes two
    /// [`unsubscribe`](Socket::unsubscribe)s. They reach a publisher after the connection is made:
    /// what it sends before is not received. It never waits. An XSUB sends a
    /// [`Subscription`](super::Subscription), which is the same; in both, a publisher for which more
    /// than [`sndhwm`](Socket::sndhwm) of them are queued learns of it only when it connects again.
    ///
    /// Source: `ZMQ_SUBSCRIBE` in `zmq_setsockopt(3)`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a topic above
    /// [`MAX_TOPIC`](super::Subscription::MAX_TOPIC), and on a [`Socket<Any>`](super::Any) of another type,
    /// [`Terminated`](ErrorKind::Terminated), [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_SUBSCRIBE")]
    pub fn subscribe(&self, topic: impl AsRef<[u8]>) -> Result<()>
    where
        T: CanSubscribe,
    {
        if self.kind() == SocketKind::XSub {
            return self.core().send_subscription(true, topic.as_ref());
        }
        check_topic(SET, topic.as_ref())?;
        Bytes::write(
            self.core(),
            "ZMQ_SUBSCRIBE",
            zmq_sys::ZMQ_SUBSCRIBE,
            topic.as_ref(),
        )
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
        if self.kind() == SocketKind::XSub {
            return self.core().send_subscription(false, topic.as_ref());
        }
        check_topic(SET, topic.as_ref())?;
        Bytes::write(
            self.core(),
            "ZMQ_UNSUBSCRIBE",
            zmq_sys::ZMQ_UNSUBSCRIBE,
            topic.as_ref(),
        )
    }
}
