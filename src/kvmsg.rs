//! Key-value messages of five frames, for the last two models of the clone pattern.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::time::SystemTime;

use zmq::{CanReceive, CanSend, Multipart, Router, Socket};

use crate::kvsimple::{self, Malformed};

/// What a clone server or client knows: the last message of each key.
pub type KvMap = HashMap<Vec<u8>, KvMsg>;

/// Tells an update from all others.
pub type Uuid = [u8; 16];

/// A key, the number of the update that set it, what tells the update from others, properties and a
/// value: `[key][sequence][uuid][properties][body]`. The sequence is eight bytes in network order,
/// the uuid 16 bytes or none, and each property a line `name=value`. An empty body means that the
/// key is gone. Its text, for tracing, is that of the guide's dump.
///
/// ```
/// use zguide::kvmsg::{self, KvMap, KvMsg};
///
/// let context = zmq::Context::new()?;
/// let (output, input) = context.pipe()?;
///
/// let mut kvmsg = KvMsg::new(2, "key", "body");
/// kvmsg.uuid = Some(kvmsg::uuid());
/// kvmsg.set_property("owner", "Joe").expect("no = and no line end");
/// kvmsg.send(&output)?;
/// let received = KvMsg::recv(&input)?.expect("five frames");
/// assert_eq!(received, kvmsg);
/// assert_eq!(received.property("owner"), Some("Joe"));
/// assert_eq!(received.to_string(), "[seq:2][key:key][size:4] [owner=Joe;]626F6479");
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KvMsg {
    /// What it is about.
    pub key: Vec<u8>,
    /// The number of the update.
    pub sequence: i64,
    /// Tells the update from others.
    pub uuid: Option<Uuid>,
    /// Lines `name=value`.
    properties: Vec<String>,
    /// The value.
    pub body: Vec<u8>,
}

impl KvMsg {
    /// Makes a message without uuid and properties.
    pub fn new(sequence: i64, key: impl Into<Vec<u8>>, body: impl Into<Vec<u8>>) -> KvMsg {
        KvMsg {
            key: key.into(),
            sequence,
            body: body.into(),
            ..KvMsg::default()
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

    /// A property's value, if it is set.
    pub fn property(&self, name: &str) -> Option<&str> {
        let mut lines = self.properties.iter();
        lines.find_map(|line| value_of(line, name))
    }

    /// Sets a property, in place of the value it had.
    ///
    /// # Errors
    /// A name with `=` or a line end, a value with a line end.
    pub fn set_property(
        &mut self,
        name: &str,
        value: impl fmt::Display,
    ) -> Result<(), InvalidProperty> {
        let value = value.to_string();
        if name.contains(['=', '\n']) || value.contains('\n') {
            return Err(InvalidProperty);
        }
        self.put(name, &value);
        Ok(())
    }

    fn put(&mut self, name: &str, value: &str) {
        self.properties
            .retain(|line| value_of(line, name).is_none());
        self.properties.push(format!("{name}={value}"));
    }

    /// The property `ttl`, unless it is 0 or no number: how long the value lives, in seconds, in
    /// an update; when it ends, in milliseconds of [`clock`], in what a server has stored.
    pub fn ttl(&self) -> Option<i64> {
        self.property("ttl")?.parse().ok().filter(|&ttl| ttl != 0)
    }

    /// Turns a [`ttl`](KvMsg::ttl) from now on into the time when it ends.
    pub fn start_ttl(&mut self) {
        if let Some(ttl) = self.ttl() {
            self.set_ttl(clock().saturating_add(ttl.saturating_mul(1000)));
        }
    }

    /// Sets the property `ttl`.
    pub fn set_ttl(&mut self, ttl: i64) {
        self.put("ttl", &ttl.to_string());
    }

    fn ended_by(&self, end: &str) -> String {
        self.properties
            .iter()
            .flat_map(|line| [line, end])
            .collect()
    }

    /// Puts it into a map, in place of the one that was there. Without a body, it takes that one
    /// away.
    pub fn store(self, map: &mut KvMap) {
        if self.body.is_empty() {
            map.remove(&self.key);
        } else {
            map.insert(self.key.clone(), self);
        }
    }
}

impl From<&KvMsg> for Multipart {
    fn from(kvmsg: &KvMsg) -> Multipart {
        let number = kvmsg.sequence.to_be_bytes();
        let uuid = kvmsg.uuid.as_ref().map_or(&[][..], |uuid| uuid);
        let lines = kvmsg.ended_by("\n");
        Multipart::from([&kvmsg.key[..], &number, uuid, lines.as_bytes(), &kvmsg.body])
    }
}

impl TryFrom<Multipart> for KvMsg {
    type Error = Malformed;

    fn try_from(message: Multipart) -> Result<KvMsg, Malformed> {
        parse(&message).ok_or(Malformed(message))
    }
}

fn parse(message: &Multipart) -> Option<KvMsg> {
    let [key, number, uuid, lines, body] = &message[..] else {
        return None;
    };
    let mut kvmsg = KvMsg::new(kvsimple::sequence(number)?, &key[..], &body[..]);
    if !uuid.is_empty() {
        kvmsg.uuid = Some(uuid[..].try_into().ok()?);
    }
    let lines = lines.as_str().ok()?.split('\n');
    let lines = lines.filter(|line| !line.is_empty());
    kvmsg.properties = lines.map(str::to_owned).collect();
    Some(kvmsg)
}

fn value_of<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.strip_prefix(name)?.strip_prefix('=')
}

impl fmt::Display for KvMsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: String = self
            .properties
            .iter()
            .flat_map(|line| [line, ";"])
            .collect();
        let properties = Some(format!("[{lines}]")).filter(|_| !lines.is_empty());
        let properties = properties.unwrap_or_default();
        kvsimple::dump(f, self.sequence, &self.key, &properties, &self.body)
    }
}

/// A property that would be read as another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidProperty;

impl fmt::Display for InvalidProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property is one line, and its name has no =")
    }
}

impl Error for InvalidProperty {}

/// Makes a uuid out of random bits.
pub fn uuid() -> Uuid {
    let mut bytes = fastrand::u128(..).to_be_bytes();
    // The version and variant of a random one (RFC 9562).
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// The time of day in milliseconds since 1970.
pub fn clock() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_on(kvmsg: &KvMsg) -> KvMsg {
        let context = zmq::Context::new().unwrap();
        let (output, input) = context.pipe().unwrap();
        kvmsg.send(&output).unwrap();
        KvMsg::recv(&input).unwrap().unwrap()
    }

    #[test]
    fn what_is_sent_is_received() {
        let mut kvmsg = KvMsg::new(2, "key", "body");
        assert_eq!(passed_on(&kvmsg), kvmsg);
        kvmsg.uuid = Some(uuid());
        kvmsg.set_property("prop1", "value1").unwrap();
        kvmsg.set_property("prop2", "value1").unwrap();
        kvmsg.set_property("prop2", "value2").unwrap();
        let received = passed_on(&kvmsg);
        assert_eq!(received, kvmsg);
        assert_eq!(received.property("prop1"), Some("value1"));
        assert_eq!(received.property("prop2"), Some("value2"));
        assert_eq!(received.property("prop"), None);
    }

    #[test]
    fn the_frames_are_those_of_the_guide() {
        let mut kvmsg = KvMsg::new(1, "key", "body");
        kvmsg.set_property("ttl", 7).unwrap();
        kvmsg.set_property("empty", "").unwrap();
        let number = [0, 0, 0, 0, 0, 0, 0, 1];
        let frames = [&b"key"[..], &number, b"", b"ttl=7\nempty=\n", b"body"];
        assert_eq!(Multipart::from(&kvmsg), frames);
    }

    #[test]
    fn what_has_another_shape_is_given_back() {
        let number = &[0; 8][..];
        for frames in [
            vec![&b""[..]],
            vec![b"key", number, b"", b""],
            vec![b"key", &number[1..], b"", b"", b"body"],
            vec![b"key", number, b"uuid", b"", b"body"],
            vec![b"key", number, b"", b"\xff=\n", b"body"],
            vec![b"key", number, b"", b"", b"body", b""],
        ] {
            let message: Multipart = frames.iter().copied().collect();
            let Malformed(back) = KvMsg::try_from(message).unwrap_err();
            assert_eq!(back, frames);
        }
    }

    #[test]
    fn a_property_that_would_be_another_one_is_refused() {
        let mut kvmsg = KvMsg::default();
        for (name, value) in [("a=b", "c"), ("a\nb", "c"), ("a", "b\nc=d")] {
            assert_eq!(kvmsg.set_property(name, value), Err(InvalidProperty));
        }
        kvmsg.set_property("a", "b=c").unwrap();
        assert_eq!(passed_on(&kvmsg).property("a"), Some("b=c"));
    }

    #[test]
    fn a_ttl_starts_only_where_there_is_one() {
        for (value, lives) in [("0", false), ("soon", false), ("2", true)] {
            let mut kvmsg = KvMsg::default();
            kvmsg.set_property("ttl", value).unwrap();
            let before = clock();
            kvmsg.start_ttl();
            let end = kvmsg.ttl();
            assert_eq!(end.is_some_and(|end| end >= before + 2000), lives);
        }
        let mut kvmsg = KvMsg::default();
        kvmsg.start_ttl();
        assert_eq!(kvmsg.ttl(), None);
        kvmsg.set_property("ttl", i64::MAX).unwrap();
        kvmsg.start_ttl();
        assert_eq!(kvmsg.ttl(), Some(i64::MAX));
    }

    #[test]
    fn a_message_without_body_takes_its_key_out_of_a_map() {
        let mut map = KvMap::new();
        KvMsg::new(1, "key", "body").store(&mut map);
        KvMsg::new(2, "other", "").store(&mut map);
        assert_eq!(map.len(), 1);
        KvMsg::new(3, "key", "").store(&mut map);
        assert!(map.is_empty());
    }

    #[test]
    fn uuids_differ() {
        assert_ne!(uuid(), uuid());
    }
}
