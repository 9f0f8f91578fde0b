//! Key-value messages of three frames, for the first four models of the clone pattern.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use zmq::{CanReceive, CanSend, Message, Multipart, Router, Socket};

/// What a clone server or client knows: the last message of each key.
pub type KvMap = HashMap<Vec<u8>, KvMsg>;

/// A key, the number of the update that set it, and its value: `[key][sequence][body]`, the
/// sequence as eight bytes in network order. Its text, for tracing, is that of the guide's dump.
///
/// ```
/// use zguide::kvsimple::{KvMap, KvMsg};
///
/// let context = zmq::Context::new()?;
/// let (output, input) = context.pipe()?;
/// let mut kvmap = KvMap::new();
///
/// let kvmsg = KvMsg::new(1, "key", "body");
/// kvmsg.send(&output)?;
/// kvmsg.store(&mut kvmap);
/// let received = KvMsg::recv(&input)?.expect("three frames");
/// assert_eq!(received, kvmap[&b"key"[..]]);
/// assert_eq!(received.to_string(), "[seq:1][key:key][size:4] 626F6479");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KvMsg {
    /// What it is about.
    pub key: Vec<u8>,
    /// The number of the update.
    pub sequence: i64,
    /// The value.
    pub body: Vec<u8>,
}

impl KvMsg {
    /// Makes a message.
    pub fn new(sequence: i64, key: impl Into<Vec<u8>>, body: impl Into<Vec<u8>>) -> KvMsg {
        KvMsg {
            key: key.into(),
            sequence,
            body: body.into(),
        }
    }

    /// Receives a message, waiting for it. One of another shape is given back as it came.
    ///
    /// # Errors
    /// As [`Socket::recv_multipart`].
    pub fn recv<T: CanReceive>(socket: &Socket<T>) -> zmq::Result<Result<KvMsg, Malformed>> {
        Ok(KvMsg::try_from(socket.recv_multipart()?))
    }

    /// Sends a copy.
    ///
    /// # Errors
    /// As [`Socket::send_multipart`].
    pub fn send<T: CanSend>(&self, socket: &Socket<T>) -> zmq::Result<()> {
        Ok(socket.send_multipart(Multipart::from(self))?)
    }

    /// Sends a copy to one peer of a ROUTER.
    ///
    /// # Errors
    /// As [`Socket::send_multipart`].
    pub fn send_to(&self, router: &Socket<Router>, peer: &[u8]) -> zmq::Result<()> {
        let mut message = Multipart::from(self);
        message.push_front(peer);
        Ok(router.send_multipart(message)?)
    }

    /// Puts it into a map, in place of the one that was there.
    pub fn store(self, map: &mut KvMap) {
        map.insert(self.key.clone(), self);
    }
}

impl From<&KvMsg> for Multipart {
    fn from(kvmsg: &KvMsg) -> Multipart {
        let number = kvmsg.sequence.to_be_bytes();
        Multipart::from([&kvmsg.key[..], &number, &kvmsg.body])
    }
}

impl TryFrom<Multipart> for KvMsg {
    type Error = Malformed;

    fn try_from(message: Multipart) -> Result<KvMsg, Malformed> {
        if let [key, number, body] = &message[..] {
            if let Some(sequence) = sequence(number) {
                return Ok(KvMsg::new(sequence, &key[..], &body[..]));
            }
        }
        Err(Malformed(message))
    }
}

impl fmt::Display for KvMsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        dump(f, self.sequence, &self.key, "", &self.body)
    }
}

/// A message that is no key-value message of the expected kind, as it was received.
#[derive(Debug)]
pub struct Malformed(pub Multipart);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (frames, bytes) = (self.0.len(), self.0.byte_len());
        write!(f, "no key-value message: {frames} frames, {bytes} bytes")
    }
}

impl Error for Malformed {}

/// The number in a frame of eight bytes.
pub(crate) fn sequence(frame: &Message) -> Option<i64> {
    let bytes = <[u8; 8]>::try_from(&frame[..]).ok()?;
    Some(i64::from_be_bytes(bytes))
}

pub(crate) fn dump(
    f: &mut fmt::Formatter<'_>,
    sequence: i64,
    key: &[u8],
    properties: &str,
    body: &[u8],
) -> fmt::Result {
    let (key, size) = (String::from_utf8_lossy(key), body.len());
    write!(f, "[seq:{sequence}][key:{key}][size:{size}] {properties}")?;
    body.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        let context = zmq::Context::new().unwrap();
        let (output, input) = context.pipe().unwrap();
        for kvmsg in [
            KvMsg::new(1, "key", "body"),
            KvMsg::new(-1, [0, 255], ""),
            KvMsg::new(i64::MAX, "", [0; 100_000]),
        ] {
            kvmsg.send(&output).unwrap();
            assert_eq!(KvMsg::recv(&input).unwrap().unwrap(), kvmsg);
        }
    }

    #[test]
    fn the_number_is_in_network_order() {
        let context = zmq::Context::new().unwrap();
        let (output, input) = context.pipe().unwrap();
        KvMsg::new(0x0102, "key", "body").send(&output).unwrap();
        let frames = input.recv_multipart().unwrap();
        assert_eq!(frames, [&b"key"[..], &[0, 0, 0, 0, 0, 0, 1, 2], b"body"]);
    }

    #[test]
    fn what_has_another_shape_is_given_back() {
        let number = &[0; 8][..];
        for frames in [
            vec![&b""[..]],
            vec![b"key", number],
            vec![b"key", &number[1..], b"body"],
            vec![b"key", number, b"body", b""],
        ] {
            let message: Multipart = frames.iter().copied().collect();
            let Malformed(back) = KvMsg::try_from(message).unwrap_err();
            assert_eq!(back, frames);
        }
    }

    #[test]
    fn a_map_keeps_the_last_message_of_a_key() {
        let mut map = KvMap::new();
        KvMsg::new(1, "key", "old").store(&mut map);
        KvMsg::new(2, "key", "new").store(&mut map);
        assert_eq!(map.len(), 1);
        assert_eq!(map[&b"key"[..]].body, b"new");
    }
}
