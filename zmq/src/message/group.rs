//! Where a message of the draft types comes from or goes to: a peer's number, a group.

use std::ffi::CStr;
use std::fmt;
use std::num::NonZeroU32;

use super::Message;
use crate::error::{Error, ErrorKind, Result};

/// The number by which a SERVER or PEER knows a peer, as long as the connection lives
/// (`zmq_msg_routing_id(3)`).
///
/// It comes with each message received there, and from
/// [`connect_peer`](crate::Socket::connect_peer). To another socket it means nothing.
#[doc(alias = "zmq_msg_routing_id")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutingId(NonZeroU32);

impl RoutingId {
    /// The id with this number, which C code may have told.
    pub fn new(id: NonZeroU32) -> RoutingId {
        RoutingId(id)
    }

    /// The number.
    pub fn get(self) -> NonZeroU32 {
        self.0
    }
}

impl fmt::Display for RoutingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a group, as libzmq can keep it inside a message.
///
/// For one of more than 14 bytes it makes a block, of which it does not count the references when a
/// message goes to several peers: each of them frees it (`dist_t::distribute`, libzmq 4.3.5).
pub(crate) struct Group {
    /// Up to the first NUL.
    name: [u8; Group::LONGEST + 1],
}

impl Group {
    pub(crate) const LONGEST: usize = 14;

    pub(crate) fn new(call: &'static str, name: &[u8]) -> Result<Group> {
        let refuse = |reason| {
            Err(Error::own(call, ErrorKind::InvalidInput)
                .on(name.escape_ascii())
                .because(reason))
        };
        if name.is_empty() || name.contains(&0) {
            return refuse("a group has a name, without a NUL");
        }
        let mut terminated = [0; Group::LONGEST + 1];
        match terminated[..Group::LONGEST].get_mut(..name.len()) {
            Some(place) => place.copy_from_slice(name),
            None => return refuse("libzmq frees a name of more than 14 bytes more than once"),
        }
        Ok(Group { name: terminated })
    }

    pub(crate) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.name).expect("the last byte is a NUL")
    }
}

impl Message {
    /// The peer that the message came from, if a SERVER or PEER received it
    /// (`zmq_msg_routing_id(3)`).
    ///
    /// ```
    /// assert_eq!(zmq::Message::from("Hello").routing_id(), None);
    /// ```
    #[doc(alias = "zmq_msg_routing_id")]
    pub fn routing_id(&self) -> Option<RoutingId> {
        NonZeroU32::new(self.raw.routing_id()).map(RoutingId)
    }

    /// The group that the message was sent to, if a DISH received it and the name is UTF-8
    /// (`zmq_msg_group(3)`).
    ///
    /// ```
    /// assert_eq!(zmq::Message::from("Hello").group(), None);
    /// ```
    #[doc(alias = "zmq_msg_group")]
    pub fn group(&self) -> Option<&str> {
        std::str::from_utf8(self.group_bytes()?).ok()
    }

    /// The same group as bytes.
    pub fn group_bytes(&self) -> Option<&[u8]> {
        let group = self.raw.group().to_bytes();
        (!group.is_empty()).then_some(group)
    }

    pub(crate) fn set_routing_id(&mut self, id: RoutingId) {
        self.raw.set_routing_id(id.get());
    }

    pub(crate) fn set_group(&mut self, group: &Group) {
        if self.raw.set_group(group).is_err() {
            // It has one that cannot be replaced; a copy has none.
            *self = Message::copied(self);
            let set = self.raw.set_group(group);
            debug_assert!(set.is_ok(), "a new message has no group");
        }
    }
}
