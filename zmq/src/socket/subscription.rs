//! Subscriptions as values: what an XPUB receives and an XSUB sends.

use super::Socket;
use super::receive::CALL;
use super::send;
use super::types::{IsXPub, SocketKind, SocketType};
use crate::error::{Error, ErrorKind, RecvError, Result};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::library;
use crate::message::Message;
use crate::multipart::Multipart;
use crate::payload::sealed::{Part as _, PartList};

/// The beginning or the end of a subscription, with its topic.
///
/// Between XSUB and XPUB it is a message of one frame: a byte 1 (or 0 at the end), and the topic.
/// A topic is any bytes, also none at all, which asks for everything.
///
/// ```
/// use zmq::Subscription;
///
/// let context = zmq::Context::new()?;
/// let publisher = context.socket(zmq::XPUB)?;
/// publisher.bind("inproc://news")?;
/// let subscriber = context.socket(zmq::SUB)?;
/// subscriber.connect("inproc://news")?;
/// subscriber.subscribe("A")?;
///
/// let subscription = publisher.recv_subscription()?;
/// assert_eq!(subscription, Subscription::Subscribe("A".into()));
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subscription {
    /// Asks for the messages whose first frame begins with the topic.
    Subscribe(Vec<u8>),
    /// Takes one such subscription back.
    Unsubscribe(Vec<u8>),
}

impl Subscription {
    const SUBSCRIBE: u8 = 1;
    const UNSUBSCRIBE: u8 = 0;

    /// The most bytes of a topic that a SUB or XSUB asks for: 1024.
    ///
    /// libzmq keeps what it asks for as a tree with a level for each byte and goes down by recursion, so that
    /// a topic of some ten thousand bytes overflows the stack and ends the process. Whoever wants more
    /// asks for the first 1024 bytes, and compares the rest when messages come. An XPUB takes any topic,
    /// and a proxy passes no longer ones on. Before libzmq 4.3.5, topics of 246 to 255 bytes are refused,
    /// too: they break the connection, again and again.
    pub const MAX_TOPIC: usize = 1024;

    /// The subscription that a message is, if it is one: for a proxy that looks at what it passes
    /// on.
    ///
    /// It is one that came alone, as an XPUB receives it: a frame that
    /// [has more after it](Message::more) is part of a message of several, and no subscription.
    ///
    /// ```
    /// use zmq::{Message, Subscription};
    ///
    /// let end = Subscription::of(&Message::from(b"\0A"));
    /// assert_eq!(end, Some(Subscription::Unsubscribe("A".into())));
    /// assert_eq!(Subscription::of(&Message::from("A")), None);
    /// ```
    pub fn of(message: &Message) -> Option<Subscription> {
        if message.more() {
            return None;
        }
        match message.split_first()? {
            (&Subscription::SUBSCRIBE, topic) => Some(Subscription::Subscribe(topic.into())),
            (&Subscription::UNSUBSCRIBE, topic) => Some(Subscription::Unsubscribe(topic.into())),
            _ => None,
        }
    }

    /// The topic.
    pub fn topic(&self) -> &[u8] {
        match self {
            Subscription::Subscribe(topic) | Subscription::Unsubscribe(topic) => topic,
        }
    }

    /// The topic, and the rest dropped.
    pub fn into_topic(self) -> Vec<u8> {
        match self {
            Subscription::Subscribe(topic) | Subscription::Unsubscribe(topic) => topic,
        }
    }

    /// Whether it is the beginning of a subscription, and not its end.
    pub fn is_subscribe(&self) -> bool {
        matches!(self, Subscription::Subscribe(_))
    }

    fn frame(&self) -> Message {
        let (first, topic) = match self {
            Subscription::Subscribe(topic) => (Subscription::SUBSCRIBE, topic),
            Subscription::Unsubscribe(topic) => (Subscription::UNSUBSCRIBE, topic),
        };
        frame(first, topic)
    }
}

fn frame(first: u8, topic: &[u8]) -> Message {
    let mut bytes = Vec::with_capacity(topic.len() + 1);
    bytes.push(first);
    bytes.extend_from_slice(topic);
    bytes.into()
}

/// The frame that an XSUB sends.
impl From<Subscription> for Message {
    fn from(subscription: Subscription) -> Message {
        subscription.frame()
    }
}

impl<T: SocketType> Socket<T> {
    /// Receives the next subscription, waiting for it.
    ///
    /// By default it is the first subscription and the last end of one of each topic, whoever the
    /// subscriber: see [`set_xpub_verbose`](Socket::set_xpub_verbose) and
    /// [`set_xpub_verboser`](Socket::set_xpub_verboser). A subscriber that goes away ends its
    /// subscriptions.
    ///
    /// # Errors
    /// [`UnexpectedMessage`](ErrorKind::UnexpectedMessage) if what came is a message that a user
    /// of an XSUB sent upstream; the error holds it, whole. Otherwise as
    /// [`recv`](Socket::recv); [`NotSupported`](ErrorKind::NotSupported) on a
    /// [`Socket<Any>`](super::Any) of another type.
    ///
    /// # What libzmq can tear
    /// It takes every frame that begins with a byte 0 or 1 for a subscription, also in the middle
    /// of a message that an XSUB's user sends upstream. If it is nothing new, as a repeated
    /// subscription, the frame is gone: the rest then comes glued to what follows, under
    /// `UnexpectedMessage`, or ends as [`Truncated`](ErrorKind::Truncated). With
    /// `set_only_first_subscribe` of the feature `draft` it looks at first frames alone.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (publisher, upstream) = (context.socket(zmq::XPUB)?, context.socket(zmq::XSUB)?);
    /// publisher.bind("inproc://up")?;
    /// upstream.connect("inproc://up")?;
    /// upstream.send("no subscription")?;
    /// let error = publisher.recv_subscription().unwrap_err();
    /// assert_eq!(error.kind(), zmq::ErrorKind::UnexpectedMessage);
    /// assert_eq!(error.into_multipart().unwrap(), ["no subscription"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_msg_recv")]
    pub fn recv_subscription(&self) -> Result<Subscription, RecvError>
    where
        T: IsXPub,
    {
        self.check_xpub()?;
        let mut message = Multipart::new();
        self.frames_into(&mut message, Flags::BLOCK)?;
        subscription(message)
    }

    /// Receives the next subscription if there is one.
    ///
    /// # Errors
    /// As [`recv_subscription`](Socket::recv_subscription), without `WouldBlock`.
    pub fn try_recv_subscription(&self) -> Result<Option<Subscription>, RecvError>
    where
        T: IsXPub,
    {
        self.check_xpub()?;
        let mut message = Multipart::new();
        match self.frames_into(&mut message, Flags::DONTWAIT) {
            Ok(()) => subscription(message).map(Some),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A message of another type of socket could look like a subscription.
    fn check_xpub(&self) -> Result<()> {
        if self.kind() == SocketKind::XPub {
            return Ok(());
        }
        Err(Error::own(CALL, ErrorKind::NotSupported)
            .on(self.kind())
            .because("only an XPUB receives subscriptions"))
    }
}

fn subscription(message: Multipart) -> Result<Subscription, RecvError> {
    match &message[..] {
        [only] => Subscription::of(only).ok_or_else(|| RecvError::unexpected(CALL, message)),
        _ => Err(RecvError::unexpected(CALL, message)),
    }
}

/// Refuses a topic that libzmq cannot bear.
pub(super) fn check_topic(call: &'static str, topic: &[u8]) -> Result<()> {
    let reason = if topic.len() > Subscription::MAX_TOPIC {
        "a topic has at most 1024 bytes, because a long one overflows libzmq's stack"
    } else if matches!(topic.len(), 246..=255) && library::version() < (4, 3, 5) {
        // Their length is written in a form that it does not announce.
        "libzmq before 4.3.5 breaks the connection with a topic of 246 to 255 bytes"
    } else {
        return Ok(());
    };
    Err(Error::own(call, ErrorKind::InvalidInput)
        .on(format_args!("a topic of {} bytes", topic.len()))
        .because(reason))
}

impl super::Core {
    /// Refuses what an XSUB would take for a subscription with such a topic. It looks at every part,
    /// because libzmq does.
    #[cold]
    pub(super) fn check_topics<L: PartList>(&self, frames: &L) -> Result<()> {
        for index in 0..frames.count() {
            if let [
                Subscription::SUBSCRIBE | Subscription::UNSUBSCRIBE,
                topic @ ..,
            ] = frames.bytes(index)
            {
                check_topic(send::CALL, topic)?;
            }
        }
        Ok(())
    }

    /// Subscribes or unsubscribes an XSUB. It does not wait, because an XSUB never does: a
    /// publisher whose queue is full misses it, as it misses that of a SUB.
    pub(super) fn send_subscription(&self, subscribe: bool, topic: &[u8]) -> Result<()> {
        self.check_fork(send::CALL)?;
        check_topic(send::CALL, topic)?;
        let first = if subscribe {
            Subscription::SUBSCRIBE
        } else {
            Subscription::UNSUBSCRIBE
        };
        let mut message = frame(first, topic);
        loop {
            match message.send(&self.raw, Flags::DONTWAIT) {
                Ok(()) => break,
                Err(Errno(libc::EINTR)) if !self.raw.is_inherited() => {}
                Err(errno) => return Err(Error::from_errno(send::CALL, errno)),
            }
        }
        message.sent();
        Ok(())
    }
}
