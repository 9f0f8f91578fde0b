//! What libzmq knows about a received message beyond its bytes.

use std::ffi::CStr;

use super::Message;

/// The longest name a property can have (ZMTP 3.1: one byte of length).
const LONGEST_NAME: usize = 255;

impl Message {
    /// A property of the connection that the message came over (`zmq_msg_gets(3)`).
    ///
    /// libzmq gives `Socket-Type`, `Routing-Id` and `Peer-Address`, after an authentication
    /// `User-Id` and what the ZAP handler added, and metadata of the peer under names with `X-`.
    /// Messages over inproc have none of them. `None` also if the value is not UTF-8: see
    /// [`property_bytes`](Message::property_bytes).
    #[doc(alias = "zmq_msg_gets")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_ROUTING_ID")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_SOCKET_TYPE")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_USER_ID")]
    #[doc(alias = "ZMQ_MSG_PROPERTY_PEER_ADDRESS")]
    pub fn property(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.property_bytes(name)?).ok()
    }

    /// The same property as bytes.
    pub fn property_bytes(&self, name: &str) -> Option<&[u8]> {
        self.metadata(name).or_else(|| {
            // On the wire the property has its old name, and libzmq (4.3.5 at least) keeps that.
            let old = (name == "Routing-Id").then_some("Identity")?;
            self.metadata(old)
        })
    }

    fn metadata(&self, name: &str) -> Option<&[u8]> {
        let mut terminated = [0; LONGEST_NAME + 1];
        terminated[..LONGEST_NAME]
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        let name = CStr::from_bytes_with_nul(&terminated[..=name.len()]).ok()?;
        self.raw.gets(name).map(CStr::to_bytes)
    }

    /// The peer's IP address, for messages over tcp.
    pub fn peer_address(&self) -> Option<&str> {
        self.property("Peer-Address")
    }

    /// The peer's socket type, such as `"REQ"`.
    pub fn peer_socket_type(&self) -> Option<&str> {
        self.property("Socket-Type")
    }

    /// The user that the connection was authenticated as.
    pub fn user_id(&self) -> Option<&str> {
        self.property("User-Id")
    }

    /// Whether the bytes are known to be shared with another message, or constant
    /// (`ZMQ_SHARED`). libzmq never takes it back, and does not say it of every shared message.
    #[doc(alias = "zmq_msg_get")]
    #[doc(alias = "ZMQ_SHARED")]
    pub fn is_shared(&self) -> bool {
        self.raw.get(zmq_sys::ZMQ_SHARED) == Ok(1)
    }

    /// The descriptor of the connection the message came over (`ZMQ_SRCFD`, tcp only), as a plain
    /// number: it may have been closed, and reused, since.
    #[doc(alias = "ZMQ_SRCFD")]
    pub fn source_fd(&self) -> Option<i32> {
        self.raw.get(zmq_sys::ZMQ_SRCFD).ok()
    }
}
