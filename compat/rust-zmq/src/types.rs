//! Numbers of libzmq's that have names.

use safe::{MonitorEvents, SocketKind};

/// Do not wait: a flag of sends and receives.
pub static DONTWAIT: i32 = zmq_sys::ZMQ_DONTWAIT as i32;

/// More parts of the message follow: a flag of sends.
pub static SNDMORE: i32 = zmq_sys::ZMQ_SNDMORE as i32;

macro_rules! socket_types {
    ($($name:ident $kind:ident),* $(,)?) => {
        /// The type of a socket.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SocketType {
            $(
                #[doc = concat!("A ", stringify!($name), " socket.")]
                $name,
            )*
        }

        impl SocketType {
            pub(crate) fn kind(self) -> SocketKind {
                match self {
                    $(SocketType::$name => SocketKind::$kind,)*
                }
            }

            pub(crate) fn of(kind: SocketKind) -> Option<SocketType> {
                match kind {
                    $(SocketKind::$kind => Some(SocketType::$name),)*
                    _ => None,
                }
            }
        }
    };
}

socket_types! {
    PAIR Pair, PUB Pub, SUB Sub, REQ Req, REP Rep, DEALER Dealer, ROUTER Router, PULL Pull, PUSH Push,
    XPUB XPub, XSUB XSub, STREAM Stream,
}

macro_rules! events {
    ($($name:ident = $event:ident;)*) => {
        /// An event of a [monitored](crate::Socket::monitor) socket.
        #[allow(non_camel_case_types, reason = "the names are those of C")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum SocketEvent {
            $(
                #[doc = concat!("`ZMQ_EVENT_", stringify!($name), "`.")]
                $name = MonitorEvents::$event.bits() as isize,
            )*
            /// All events there are.
            ALL = zmq_sys::ZMQ_EVENT_ALL as isize,
            /// A number that is no event here, which rust-zmq panics at.
            UNKNOWN = 0,
        }

        impl SocketEvent {
            /// The number of the event.
            pub fn to_raw(self) -> u16 {
                self as u16
            }

            /// The event with this number.
            pub fn from_raw(raw: u16) -> SocketEvent {
                let known = [$(SocketEvent::$name,)* SocketEvent::ALL];
                let found = known.into_iter().find(|event| event.to_raw() == raw);
                found.unwrap_or(SocketEvent::UNKNOWN)
            }
        }
    };
}

events! {
    CONNECTED = CONNECTED;
    CONNECT_DELAYED = CONNECT_DELAYED;
    CONNECT_RETRIED = CONNECT_RETRIED;
    LISTENING = LISTENING;
    BIND_FAILED = BIND_FAILED;
    ACCEPTED = ACCEPTED;
    ACCEPT_FAILED = ACCEPT_FAILED;
    CLOSED = CLOSED;
    CLOSE_FAILED = CLOSE_FAILED;
    DISCONNECTED = DISCONNECTED;
    MONITOR_STOPPED = MONITOR_STOPPED;
    HANDSHAKE_FAILED_NO_DETAIL = HANDSHAKE_FAILED_NO_DETAIL;
    HANDSHAKE_SUCCEEDED = HANDSHAKE_SUCCEEDED;
    HANDSHAKE_FAILED_PROTOCOL = HANDSHAKE_FAILED_PROTOCOL;
    HANDSHAKE_FAILED_AUTH = HANDSHAKE_FAILED_AUTH;
}

/// The security of a socket's connections.
#[allow(non_camel_case_types, reason = "the names are those of C")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// None.
    ZMQ_NULL,
    /// A name and a password in clear text.
    ZMQ_PLAIN,
    /// Elliptic curves.
    ZMQ_CURVE,
    /// Kerberos.
    ZMQ_GSSAPI,
}
