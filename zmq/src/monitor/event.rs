//! What libzmq says about connections: the bits of a mask, the events, and how they are told.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};
use std::time::Duration;

use libc::c_int;

use super::CALL;
use super::code::{AuthStatus, ProtocolError};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;

/// Which events a [`Monitor`](super::Monitor) is told of: a set of bits.
///
/// [`ALL`](MonitorEvents::ALL) includes [`BIND_FAILED`](MonitorEvents::BIND_FAILED), which has a
/// cost, and what a later libzmq adds: name the events to have a sequence that stays the same.
///
/// ```
/// use zmq::MonitorEvents;
///
/// let events = MonitorEvents::CONNECTED | MonitorEvents::DISCONNECTED;
/// assert!(events.contains(MonitorEvents::CONNECTED));
/// assert!(!events.contains(MonitorEvents::ACCEPTED));
/// assert!(MonitorEvents::ALL.contains(events));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MonitorEvents(u16);

/// A row per event: the doc, its name here and in C.
macro_rules! monitor_events {
    ($($(#[$doc:meta])* $name:ident = $constant:ident $alias:literal;)*) => {
        impl MonitorEvents {
            $(
                $(#[$doc])*
                #[doc(alias = $alias)]
                pub const $name: MonitorEvents = MonitorEvents(zmq_sys::$constant as u16);
            )*
        }

        const NAMES: &[(MonitorEvents, &str)] =
            &[$((MonitorEvents::$name, stringify!($name)),)*];
    };
}

monitor_events! {
    /// [`EventKind::Connected`].
    CONNECTED = ZMQ_EVENT_CONNECTED "ZMQ_EVENT_CONNECTED";
    /// [`EventKind::ConnectDelayed`].
    CONNECT_DELAYED = ZMQ_EVENT_CONNECT_DELAYED "ZMQ_EVENT_CONNECT_DELAYED";
    /// [`EventKind::ConnectRetried`].
    CONNECT_RETRIED = ZMQ_EVENT_CONNECT_RETRIED "ZMQ_EVENT_CONNECT_RETRIED";
    /// [`EventKind::Listening`].
    LISTENING = ZMQ_EVENT_LISTENING "ZMQ_EVENT_LISTENING";
    /// [`EventKind::BindFailed`]. While it is asked for, libzmq loses the errno of a failed bind:
    /// [`Socket::bind`](crate::Socket::bind) then gives an error of kind
    /// [`WouldBlock`](ErrorKind::WouldBlock), and the event alone says why. Leave it out to have it
    /// from `bind`.
    BIND_FAILED = ZMQ_EVENT_BIND_FAILED "ZMQ_EVENT_BIND_FAILED";
    /// [`EventKind::Accepted`].
    ACCEPTED = ZMQ_EVENT_ACCEPTED "ZMQ_EVENT_ACCEPTED";
    /// [`EventKind::AcceptFailed`].
    ACCEPT_FAILED = ZMQ_EVENT_ACCEPT_FAILED "ZMQ_EVENT_ACCEPT_FAILED";
    /// [`EventKind::Closed`].
    CLOSED = ZMQ_EVENT_CLOSED "ZMQ_EVENT_CLOSED";
    /// [`EventKind::CloseFailed`].
    CLOSE_FAILED = ZMQ_EVENT_CLOSE_FAILED "ZMQ_EVENT_CLOSE_FAILED";
    /// [`EventKind::Disconnected`].
    DISCONNECTED = ZMQ_EVENT_DISCONNECTED "ZMQ_EVENT_DISCONNECTED";
    /// [`EventKind::MonitorStopped`]. The end is noticed whether or not this is asked for.
    MONITOR_STOPPED = ZMQ_EVENT_MONITOR_STOPPED "ZMQ_EVENT_MONITOR_STOPPED";
    /// [`EventKind::HandshakeFailedNoDetail`].
    HANDSHAKE_FAILED_NO_DETAIL = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL "ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL";
    /// [`EventKind::HandshakeSucceeded`].
    HANDSHAKE_SUCCEEDED = ZMQ_EVENT_HANDSHAKE_SUCCEEDED "ZMQ_EVENT_HANDSHAKE_SUCCEEDED";
    /// [`EventKind::HandshakeFailedProtocol`].
    HANDSHAKE_FAILED_PROTOCOL = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL "ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL";
    /// [`EventKind::HandshakeFailedAuth`].
    HANDSHAKE_FAILED_AUTH = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH "ZMQ_EVENT_HANDSHAKE_FAILED_AUTH";
}

impl MonitorEvents {
    /// Every event, also those that a later libzmq adds.
    #[doc(alias = "ZMQ_EVENT_ALL")]
    pub const ALL: MonitorEvents = MonitorEvents(zmq_sys::ZMQ_EVENT_ALL as u16);

    /// The set of these bits, for events that have no name here.
    pub const fn from_bits(bits: u16) -> MonitorEvents {
        MonitorEvents(bits)
    }

    /// The bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether all of `events` are in the set.
    pub const fn contains(self, events: MonitorEvents) -> bool {
        self.0 & events.0 == events.0
    }
}

impl BitOr for MonitorEvents {
    type Output = MonitorEvents;

    fn bitor(self, other: MonitorEvents) -> MonitorEvents {
        MonitorEvents(self.0 | other.0)
    }
}

impl BitOrAssign for MonitorEvents {
    fn bitor_assign(&mut self, other: MonitorEvents) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for MonitorEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = f.debug_set();
        let mut rest = self.0;
        for (event, name) in NAMES {
            if self.contains(*event) {
                set.entry(&format_args!("{name}"));
                rest &= !event.0;
            }
        }
        if rest != 0 {
            set.entry(&format_args!("{rest:#x}"));
        }
        set.finish()
    }
}

/// Something that happened to a connection of the monitored socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Where: the endpoint of the socket that was bound, or that it connects to. Empty for
    /// [`MonitorStopped`](EventKind::MonitorStopped).
    pub endpoint: String,
}

/// What happened.
///
/// A file descriptor is a number to tell connections apart, as libzmq tells it: by the time the
/// event is read it may be closed, and even be the number of something else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The connection to a peer is made; the handshake follows.
    #[doc(alias = "ZMQ_EVENT_CONNECTED")]
    #[non_exhaustive]
    Connected {
        /// The connection's file descriptor.
        fd: i32,
    },
    /// The connection is not made at once, as is usual, but being waited for.
    #[doc(alias = "ZMQ_EVENT_CONNECT_DELAYED")]
    ConnectDelayed,
    /// The connection could not be made and will be tried again.
    #[doc(alias = "ZMQ_EVENT_CONNECT_RETRIED")]
    #[non_exhaustive]
    ConnectRetried {
        /// How long from now. It is worked out anew each time.
        interval: Duration,
    },
    /// The socket is bound and listens.
    #[doc(alias = "ZMQ_EVENT_LISTENING")]
    #[non_exhaustive]
    Listening {
        /// The listener's file descriptor.
        fd: i32,
    },
    /// The socket could not be bound; see [`MonitorEvents::BIND_FAILED`].
    #[doc(alias = "ZMQ_EVENT_BIND_FAILED")]
    #[non_exhaustive]
    BindFailed {
        /// Why; its [`call`](Error::call) is `"bind"`.
        error: Error,
    },
    /// A peer's connection was accepted; the handshake follows.
    #[doc(alias = "ZMQ_EVENT_ACCEPTED")]
    #[non_exhaustive]
    Accepted {
        /// The connection's file descriptor.
        fd: i32,
    },
    /// A peer's connection could not be accepted.
    #[doc(alias = "ZMQ_EVENT_ACCEPT_FAILED")]
    #[non_exhaustive]
    AcceptFailed {
        /// Why; its [`call`](Error::call) is `"accept"`.
        error: Error,
    },
    /// A listener, or a connection that was never made, is closed.
    #[doc(alias = "ZMQ_EVENT_CLOSED")]
    #[non_exhaustive]
    Closed {
        /// The file descriptor it had.
        fd: i32,
    },
    /// A listener could not be closed, over ipc only.
    #[doc(alias = "ZMQ_EVENT_CLOSE_FAILED")]
    #[non_exhaustive]
    CloseFailed {
        /// Why; its [`call`](Error::call) is `"close"`.
        error: Error,
    },
    /// A connection broke, or its peer has gone.
    #[doc(alias = "ZMQ_EVENT_DISCONNECTED")]
    #[non_exhaustive]
    Disconnected {
        /// The connection's file descriptor.
        fd: i32,
    },
    /// The last event: the socket was closed, or the context has ended.
    #[doc(alias = "ZMQ_EVENT_MONITOR_STOPPED")]
    MonitorStopped,
    /// The handshake failed, mostly because the connection broke.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL")]
    #[non_exhaustive]
    HandshakeFailedNoDetail {
        /// Why; its [`call`](Error::call) is `"handshake"`.
        error: Error,
    },
    /// The peers understand each other; messages follow.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_SUCCEEDED")]
    HandshakeSucceeded,
    /// The handshake failed: the peer, or the authenticator, does not keep to the protocol.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL")]
    #[non_exhaustive]
    HandshakeFailedProtocol {
        /// Which rule was broken.
        error: ProtocolError,
    },
    /// The handshake failed: the authenticator did not let the peer in.
    #[doc(alias = "ZMQ_EVENT_HANDSHAKE_FAILED_AUTH")]
    #[non_exhaustive]
    HandshakeFailedAuth {
        /// What the authenticator answered.
        status: AuthStatus,
    },
    /// An event that this crate has no name for.
    #[non_exhaustive]
    Unknown {
        /// Its number, one bit of the mask.
        number: u16,
        /// Its value.
        value: u32,
    },
}

impl EventKind {
    fn of(number: u16, value: u32) -> EventKind {
        // libzmq widens an int.
        let int = value as c_int;
        let error = |call| Error::from_errno(call, Errno(int));
        match MonitorEvents(number) {
            MonitorEvents::CONNECTED => EventKind::Connected { fd: int },
            MonitorEvents::CONNECT_DELAYED => EventKind::ConnectDelayed,
            MonitorEvents::CONNECT_RETRIED => EventKind::ConnectRetried {
                interval: Duration::from_millis(value.into()),
            },
            MonitorEvents::LISTENING => EventKind::Listening { fd: int },
            MonitorEvents::BIND_FAILED => EventKind::BindFailed {
                error: error("bind"),
            },
            MonitorEvents::ACCEPTED => EventKind::Accepted { fd: int },
            MonitorEvents::ACCEPT_FAILED => EventKind::AcceptFailed {
                error: error("accept"),
            },
            MonitorEvents::CLOSED => EventKind::Closed { fd: int },
            MonitorEvents::CLOSE_FAILED => EventKind::CloseFailed {
                error: error("close"),
            },
            MonitorEvents::DISCONNECTED => EventKind::Disconnected { fd: int },
            MonitorEvents::MONITOR_STOPPED => EventKind::MonitorStopped,
            MonitorEvents::HANDSHAKE_FAILED_NO_DETAIL => EventKind::HandshakeFailedNoDetail {
                error: error("handshake"),
            },
            MonitorEvents::HANDSHAKE_SUCCEEDED => EventKind::HandshakeSucceeded,
            MonitorEvents::HANDSHAKE_FAILED_PROTOCOL => EventKind::HandshakeFailedProtocol {
                error: ProtocolError::of(value),
            },
            MonitorEvents::HANDSHAKE_FAILED_AUTH => EventKind::HandshakeFailedAuth {
                status: AuthStatus::of(value),
            },
            MonitorEvents(number) => EventKind::Unknown { number, value },
        }
    }
}

impl Event {
    /// Reads an event in libzmq's version 1: a `uint16_t` and a `uint32_t`, then the endpoint.
    pub(crate) fn decode<F: AsRef<[u8]>>(frames: &[F]) -> Result<Event> {
        let [first, endpoint] = frames else {
            return Err(
                malformed("an event has two frames").on(format_args!("{} frames", frames.len()))
            );
        };
        let &[e0, e1, v0, v1, v2, v3] = first.as_ref() else {
            return Err(malformed("an event's first frame has 6 bytes")
                .on(format_args!("{} bytes", first.as_ref().len())));
        };
        let number = u16::from_ne_bytes([e0, e1]);
        let value = u32::from_ne_bytes([v0, v1, v2, v3]);
        Ok(Event {
            kind: EventKind::of(number, value),
            endpoint: String::from_utf8_lossy(endpoint.as_ref()).into_owned(),
        })
    }
}

#[cold]
fn malformed(reason: &'static str) -> Error {
    Error::own(CALL, ErrorKind::Other(libc::EBADMSG)).because(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u16, value: u32) -> Vec<u8> {
        [&number.to_ne_bytes()[..], &value.to_ne_bytes()].concat()
    }

    fn kind(number: i32, value: u32) -> EventKind {
        let number = u16::try_from(number).unwrap();
        let event = Event::decode(&[frame(number, value), b"tcp://h:1".to_vec()]).unwrap();
        assert_eq!(event.endpoint, "tcp://h:1");
        event.kind
    }

    #[test]
    fn every_event_of_c_has_its_kind_and_value() {
        let errno = |call| Error::from_errno(call, Errno(libc::EACCES));
        let value = libc::EACCES as u32;
        for (number, expected) in [
            (
                zmq_sys::ZMQ_EVENT_CONNECTED,
                EventKind::Connected { fd: 13 },
            ),
            (
                zmq_sys::ZMQ_EVENT_CONNECT_DELAYED,
                EventKind::ConnectDelayed,
            ),
            (
                zmq_sys::ZMQ_EVENT_CONNECT_RETRIED,
                EventKind::ConnectRetried {
                    interval: Duration::from_millis(13),
                },
            ),
            (
                zmq_sys::ZMQ_EVENT_LISTENING,
                EventKind::Listening { fd: 13 },
            ),
            (
                zmq_sys::ZMQ_EVENT_BIND_FAILED,
                EventKind::BindFailed {
                    error: errno("bind"),
                },
            ),
            (zmq_sys::ZMQ_EVENT_ACCEPTED, EventKind::Accepted { fd: 13 }),
            (
                zmq_sys::ZMQ_EVENT_ACCEPT_FAILED,
                EventKind::AcceptFailed {
                    error: errno("accept"),
                },
            ),
            (zmq_sys::ZMQ_EVENT_CLOSED, EventKind::Closed { fd: 13 }),
            (
                zmq_sys::ZMQ_EVENT_CLOSE_FAILED,
                EventKind::CloseFailed {
                    error: errno("close"),
                },
            ),
            (
                zmq_sys::ZMQ_EVENT_DISCONNECTED,
                EventKind::Disconnected { fd: 13 },
            ),
            (
                zmq_sys::ZMQ_EVENT_MONITOR_STOPPED,
                EventKind::MonitorStopped,
            ),
            (
                zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                EventKind::HandshakeFailedNoDetail {
                    error: errno("handshake"),
                },
            ),
            (
                zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
                EventKind::HandshakeSucceeded,
            ),
        ] {
            assert_eq!(kind(number, value), expected);
        }
    }

    #[test]
    fn every_status_of_the_authenticator_is_told_and_others_are_kept() {
        for (code, status) in [
            (300, AuthStatus::Temporary),
            (400, AuthStatus::Denied),
            (500, AuthStatus::InternalError),
            (299, AuthStatus::Other(299)),
        ] {
            assert_eq!(
                kind(zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, code),
                EventKind::HandshakeFailedAuth { status }
            );
            assert_eq!(status.code(), code);
        }
    }

    #[test]
    fn protocol_errors_keep_their_codes() {
        let named = (0..=0x18)
            .map(|code| 0x1000_0000 + code)
            .chain([0x1100_0001, 0x1100_0002])
            .chain(0x2000_0000..=0x2000_0005)
            .chain([0x3000_0000])
            .map(ProtocolError::of)
            .filter(|error| !matches!(error, ProtocolError::Other(_)));
        assert_eq!(named.count(), 21);
        for code in [0x1000_0013, 0x1100_0002, 0x2000_0005, 0x3000_0000, 7] {
            assert_eq!(ProtocolError::of(code).code(), code);
        }
        assert_eq!(
            kind(zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x1100_0002),
            EventKind::HandshakeFailedProtocol {
                error: ProtocolError::ZmtpMechanismMismatch
            }
        );
        assert_eq!(ProtocolError::of(7), ProtocolError::Other(7));
    }

    #[test]
    fn unknown_numbers_are_kept() {
        for number in [0, 0x8000, 0x8001, 3] {
            assert_eq!(
                EventKind::of(number, u32::MAX),
                EventKind::Unknown {
                    number,
                    value: u32::MAX
                }
            );
        }
    }

    #[test]
    fn malformed_frames_are_errors() {
        let good = frame(1, 2);
        let none: [&[u8]; 0] = [];
        assert!(Event::decode(&none).is_err());
        assert!(Event::decode(&[&good]).is_err());
        assert!(Event::decode(&[&good, &good, &good]).is_err());
        for length in [0, 1, 2, 5, 7, 100] {
            let error = Event::decode(&[vec![1; length], Vec::new()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Other(libc::EBADMSG));
            assert_eq!(error.subject(), Some(&*format!("{length} bytes")));
        }
    }

    #[test]
    fn an_endpoint_that_is_no_text_does_not_cost_the_event() {
        let event = Event::decode(&[frame(0x1000, 0), vec![b'x', 0xff]]).unwrap();
        assert_eq!(event.kind, EventKind::HandshakeSucceeded);
        assert_eq!(event.endpoint, "x\u{fffd}");
    }

    #[test]
    fn a_mask_shows_its_names() {
        let mask = MonitorEvents::CONNECTED | MonitorEvents::from_bits(0x8000);
        assert_eq!(format!("{mask:?}"), "{CONNECTED, 0x8000}");
        assert_eq!(NAMES.len(), 15);
    }
}
