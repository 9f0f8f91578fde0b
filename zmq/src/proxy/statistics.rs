//! What went through a proxy.

use crate::multipart::Multipart;
use crate::socket::Passed;

/// What a [`Proxy`](crate::Proxy) has passed on, and what it could not: sums from its beginning.
///
/// The eight counters of `zmq_proxy_steerable(3)` are the `frames` and `bytes` of
/// `frontend.received`, `frontend.sent`, `backend.received` and `backend.sent`: C counts frames.
///
/// What was received on one side is, without exception, sent on the other,
/// [undeliverable](ProxyStatistics::undeliverable) or [dropped](ProxyStatistics::dropped).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProxyStatistics {
    /// What came from and went to the frontend.
    pub frontend: ProxyTraffic,
    /// What came from and went to the backend.
    pub backend: ProxyTraffic,
    /// Messages thrown away because no peer could ever take them: for a ROUTER without a routing id
    /// or, with [`set_router_mandatory`](crate::Socket::set_router_mandatory), for a peer that is
    /// not there. Without that option libzmq drops the latter itself, and they count as sent. Also
    /// subscriptions that are too long for an XSUB ([`MAX_TOPIC`](crate::Subscription::MAX_TOPIC)).
    pub undeliverable: ProxyCount,
    /// Messages of several frames whose peer went away while they were handed over.
    pub dropped: ProxyCount,
    /// Copies sent to the capture socket.
    pub captured: ProxyCount,
    /// Copies that the capture socket could not be given: its peer went away while they were
    /// handed over.
    pub capture_dropped: ProxyCount,
}

impl ProxyStatistics {
    /// What was received of the messages that go forth, or back.
    #[inline]
    pub(super) fn received(&mut self, forth: bool) -> &mut ProxyCount {
        if forth {
            &mut self.frontend.received
        } else {
            &mut self.backend.received
        }
    }

    /// What was sent of them.
    #[inline]
    pub(super) fn sent(&mut self, forth: bool) -> &mut ProxyCount {
        if forth {
            &mut self.backend.sent
        } else {
            &mut self.frontend.sent
        }
    }
}

/// What went through one side of a [`Proxy`](crate::Proxy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProxyTraffic {
    /// What came from the peers of this side.
    pub received: ProxyCount,
    /// What libzmq took for them.
    pub sent: ProxyCount,
}

/// A number of messages, and what they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProxyCount {
    /// Whole messages.
    pub messages: u64,
    /// Their frames.
    pub frames: u64,
    /// The bytes in their frames.
    pub bytes: u64,
}

impl ProxyCount {
    /// One message, of so many bytes.
    #[inline]
    pub(super) fn of(message: &Multipart, bytes: usize) -> ProxyCount {
        ProxyCount {
            messages: 1,
            frames: message.len() as u64,
            bytes: bytes as u64,
        }
    }

    /// Several messages.
    #[inline]
    pub(super) fn of_run(run: &Passed) -> ProxyCount {
        ProxyCount {
            messages: run.messages as u64,
            frames: run.frames as u64,
            bytes: run.bytes as u64,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, other: ProxyCount) {
        self.messages += other.messages;
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}
