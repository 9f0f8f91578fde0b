//! What is ready.

use std::fmt;

use libc::c_short;

pub(super) const IN: c_short = zmq_sys::ZMQ_POLLIN as c_short;
pub(super) const OUT: c_short = zmq_sys::ZMQ_POLLOUT as c_short;
pub(super) const ERR: c_short = zmq_sys::ZMQ_POLLERR as c_short;
const PRI: c_short = zmq_sys::ZMQ_POLLPRI as c_short;

/// What an item is ready for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PollEvents(pub(super) c_short);

impl PollEvents {
    /// A message, or bytes, can be received (`ZMQ_POLLIN`).
    pub const READABLE: PollEvents = PollEvents(IN);
    /// There is room to send (`ZMQ_POLLOUT`).
    pub const WRITABLE: PollEvents = PollEvents(OUT);
    /// The file descriptor has an error (`ZMQ_POLLERR`).
    #[doc(alias = "ZMQ_POLLERR")]
    pub const ERROR: PollEvents = PollEvents(ERR);
    /// The file descriptor has urgent data (`ZMQ_POLLPRI`).
    #[doc(alias = "ZMQ_POLLPRI")]
    pub const PRIORITY: PollEvents = PollEvents(PRI);

    /// The bits of `zmq_pollitem_t`'s `events` and `revents`.
    pub fn to_raw(self) -> c_short {
        self.0
    }

    /// What the bits of `zmq_pollitem_t`'s `events` or `revents` say; others are left out.
    pub fn from_raw(bits: c_short) -> PollEvents {
        PollEvents(bits & (IN | OUT | ERR | PRI))
    }

    pub(crate) fn or_readable(self, readable: bool) -> PollEvents {
        if readable {
            self | PollEvents::READABLE
        } else {
            self
        }
    }

    /// Whether a message, or bytes, can be received.
    pub fn is_readable(self) -> bool {
        self.0 & IN != 0
    }

    /// Whether there is room to send.
    pub fn is_writable(self) -> bool {
        self.0 & OUT != 0
    }

    /// Whether the file descriptor has an error.
    pub fn is_error(self) -> bool {
        self.0 & ERR != 0
    }

    /// Whether the file descriptor has urgent data.
    pub fn is_priority(self) -> bool {
        self.0 & PRI != 0
    }

    /// Whether nothing happened.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::BitOr for PollEvents {
    type Output = PollEvents;

    fn bitor(self, other: PollEvents) -> PollEvents {
        PollEvents(self.0 | other.0)
    }
}

impl fmt::Debug for PollEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = f.debug_set();
        for (bit, name) in [
            (IN, "READABLE"),
            (OUT, "WRITABLE"),
            (ERR, "ERROR"),
            (PRI, "PRIORITY"),
        ] {
            if self.0 & bit != 0 {
                set.entry(&format_args!("{name}"));
            }
        }
        set.finish()
    }
}
