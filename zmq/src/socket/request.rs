//! REQ: a request, then its reply.
//!
//! libzmq loses count of the turns when the peer goes away in the wrong moment (`req_t::xsend`):
//!
//! * The peer goes between the delimiter, which libzmq sends first, and the request itself. The
//!   send succeeds, the reply is refused as out of turn (`EFSM`), and the next request would go
//!   without its delimiter, so that no REP answers it. Here that `EFSM` becomes
//!   [`ErrorKind::Dropped`], and the next request is preceded by a delimiter of ours.
//! * The peer goes between two parts. The rest has to be swallowed, and then libzmq waits for the
//!   reply to a request that was never sent. Here a receive says `Dropped` at once, and the next
//!   send lifts the turn with ZMQ_REQ_RELAXED.

use std::fmt;
use std::time::{Duration, Instant};

use libc::c_int;

use super::send::{CALL, Fault};
use super::shared::{Bits, Flag, Moment};
use super::types::{IsRequester, Req, SocketKind, SocketType};
use super::{Core, Socket};
use crate::error::{Error, ErrorKind, RecvError, Result, SendError};
use crate::ffi::Errno;
use crate::ffi::socket::Flags;
use crate::message::Message;
use crate::multipart::Multipart;
use crate::payload::sealed::PartList;
use crate::payload::{Parts, Payload};
use crate::poll::PollItem;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Idle,
    /// A request was sent, as far as libzmq says.
    Sent,
    /// libzmq's next request lacks its delimiter.
    Broken,
    /// The reply has come, and nothing is known to have happened since.
    Replied,
    /// Nothing has: its peer is there, and has room, since strictly one request is on its way at a time.
    Certain,
}

/// A [`Step`]; the first is that of zero.
#[derive(Default)]
struct StepCell(Bits);

impl StepCell {
    #[inline]
    fn get(&self) -> Step {
        match self.0.get() {
            0 => Step::Idle,
            1 => Step::Sent,
            2 => Step::Broken,
            3 => Step::Replied,
            _ => Step::Certain,
        }
    }

    #[inline]
    fn set(&self, step: Step) {
        self.0.set(step as u8);
    }
}

/// Whose turn it is on a REQ; other types never look at it.
#[derive(Default)]
pub(super) struct Turn {
    step: StepCell,
    relaxed: Flag,
    correlate: Flag,
    /// `sndtimeo` is zero: every send is one that does not wait.
    hasty: Flag,
    /// When the turn was found broken.
    broken_at: Moment,
}

/// libzmq drops what other peers reply until it has let go of the one that went away, which takes
/// a few exchanges between threads and cannot be observed.
const PARTING: Duration = Duration::from_millis(20);

impl Turn {
    /// A reply has come.
    #[inline]
    pub(super) fn replied(&self) {
        self.step.set(Step::Replied);
    }

    /// The request was lost between its delimiter and its end.
    pub(super) fn broke(&self) {
        self.step.set(Step::Broken);
        self.broken_at.set(Some(Instant::now()));
    }

    #[inline]
    pub(super) fn is_broken(&self) -> bool {
        self.step.get() == Step::Broken
    }

    pub(super) fn set_hasty(&self, hasty: bool) {
        self.hasty.set(hasty);
    }
}

impl Core {
    /// Sends a request, and knows afterwards whose turn it is.
    pub(super) fn send_request<L: PartList>(
        &self,
        frames: &mut L,
        flags: Flags,
    ) -> Result<(), Fault> {
        self.drain_half_read();
        if self.turn.step.get() == Step::Sent && !self.is_request_lost() {
            self.finish_turn()?;
        }
        let begun = self.turn.is_broken() && self.mend_delimiter(flags)?;
        let lost = self.is_request_lost();
        let relax = lost && !self.turn.relaxed.get();
        if relax {
            self.raw
                .set(zmq_sys::ZMQ_REQ_RELAXED, 1)
                .map_err(Fault::refused)?;
        }
        self.set_request_lost(false); // it can be lost again
        let sent = if begun {
            self.send_rest(frames, 0)
        } else if !flags.waits() || self.turn.hasty.get() {
            self.send_request_now(frames)
        } else {
            self.send_parts(frames, flags)
        };
        if lost && matches!(sent, Err(Fault::Refused(_))) {
            // libzmq may not have come to look whose turn it is.
            self.set_request_lost(true);
        }
        if relax {
            // Fails only when the context has ended, which every later call will say.
            let _ = self.raw.set(zmq_sys::ZMQ_REQ_RELAXED, 0);
        }
        if sent.is_ok() {
            self.turn.step.set(Step::Sent);
        }
        sent
    }

    /// A request is out. Strictly its reply comes first; with ZMQ_REQ_RELAXED it is given up.
    fn finish_turn(&self) -> Result<(), Fault> {
        if !self.turn.relaxed.get() {
            return Err(Fault::Refused(
                Error::own(CALL, ErrorKind::InvalidState)
                    .because("the reply to the last request comes first"),
            ));
        }
        // libzmq would drop the reply as well. That it refuses to receive tells a broken turn.
        let mut part = Message::new();
        match self.receive_next(&mut part) {
            Err(Errno(zmq_sys::EFSM)) => self.turn.broke(),
            Ok(_) => while part.more() && self.receive_next(&mut part).is_ok() {},
            Err(_) => {}
        }
        Ok(())
    }

    /// Sends the delimiter, which libzmq has forgotten, so that the message has begun.
    #[cold]
    fn mend_delimiter(&self, flags: Flags) -> Result<bool, Fault> {
        if self.turn.correlate.get() {
            return Err(Fault::Refused(
                Error::own(CALL, ErrorKind::InvalidState).because(
                    "the last request broke off and its correlation id is lost; open a new socket",
                ),
            ));
        }
        self.await_parting(flags)?;
        self.raw
            .send_bytes(&[], flags.more(true))
            .map_err(Fault::refused)?;
        self.turn.step.set(Step::Idle);
        Ok(true)
    }

    /// Gives libzmq time to let go of the peer that went away.
    fn await_parting(&self, flags: Flags) -> Result<(), Fault> {
        while let Some(broken_at) = self.turn.broken_at.get() {
            // Reading the events processes the peer's farewell.
            let _: c_int = self.raw.get(zmq_sys::ZMQ_EVENTS).map_err(Fault::refused)?;
            if broken_at.elapsed() > PARTING {
                self.turn.broken_at.set(None);
            } else if !flags.waits() || self.turn.hasty.get() {
                return Err(Fault::refused(Errno(libc::EAGAIN)));
            } else {
                std::thread::sleep(PARTING / 10);
            }
        }
        Ok(())
    }

    /// Whether the next request waits for that, and so for nothing that libzmq would tell.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn awaits_parting(&self) -> bool {
        self.turn.is_broken() && self.turn.broken_at.get().is_some()
    }

    /// Sends without waiting. `ZMQ_DONTWAIT` leaves open whether the delimiter went out, so it is
    /// used only when there is no room at all.
    fn send_request_now<L: PartList>(&self, frames: &mut L) -> Result<(), Fault> {
        let refused = Fault::refused;
        if self.turn.step.get() != Step::Certain {
            let events: c_int = self.raw.get(zmq_sys::ZMQ_EVENTS).map_err(refused)?;
            if events & zmq_sys::ZMQ_POLLOUT == 0 {
                return Err(refused(Errno(libc::EAGAIN)));
            }
        }
        let patience: c_int = self.raw.get(zmq_sys::ZMQ_SNDTIMEO).map_err(refused)?;
        self.raw.set(zmq_sys::ZMQ_SNDTIMEO, 1).map_err(refused)?;
        let sent = self.send_parts(frames, Flags::BLOCK);
        // Fails only when the context has ended, which every later call will say.
        let _ = self.raw.set(zmq_sys::ZMQ_SNDTIMEO, patience);
        if self.turn.step.get() == Step::Certain {
            self.turn.step.set(Step::Idle);
        }
        sent
    }

    /// Says whether nothing has happened since the last receive. If that was a reply, the next request
    /// need not ask for room, which is a system call.
    #[inline]
    pub(crate) fn set_unchanged(&self, unchanged: bool) {
        if matches!(self.turn.step.get(), Step::Replied | Step::Certain) {
            let certain = unchanged && !self.turn.relaxed.get();
            let step = if certain { Step::Certain } else { Step::Idle };
            self.turn.step.set(step);
        }
    }

    /// What a receive error means on a REQ.
    #[cold]
    pub(super) fn request_error(&self, call: &'static str, errno: Errno) -> Error {
        if errno == Errno(zmq_sys::EFSM)
            && self.kind() == SocketKind::Req
            && self.turn.step.get() == Step::Sent
        {
            self.turn.broke();
            return Error::own(call, ErrorKind::Dropped)
                .because("the request was not sent; send it again");
        }
        Error::from_errno(call, errno)
    }

    /// Whether the next request goes without asking for room.
    #[cfg(test)]
    pub(crate) fn is_certain_of_room(&self) -> bool {
        self.turn.step.get() == Step::Certain
    }

    /// Whether a request is out, as far as is known.
    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    pub(crate) fn awaits_reply(&self) -> bool {
        self.turn.step.get() == Step::Sent
    }

    /// Whether writability would tell that the request of a REQ was dropped: strictly there is
    /// none between a request and its reply.
    #[inline]
    pub(crate) fn awaits_reply_strictly(&self) -> bool {
        self.kind() == SocketKind::Req
            && self.turn.step.get() == Step::Sent
            && !self.turn.relaxed.get()
    }
}

impl<T: SocketType> Socket<T> {
    /// Lets a new request be sent before the reply to the last has come (`ZMQ_REQ_RELAXED`).
    /// Default false. At once.
    ///
    /// The former request is given up. Combine it with
    /// [`set_req_correlate`](Socket::set_req_correlate), so that a late reply is not taken for the
    /// new one's.
    #[doc(alias = "ZMQ_REQ_RELAXED")]
    pub fn set_req_relaxed(&self, relaxed: bool) -> Result<()>
    where
        T: IsRequester,
    {
        self.set_option(
            "ZMQ_REQ_RELAXED",
            zmq_sys::ZMQ_REQ_RELAXED,
            c_int::from(relaxed),
        )?;
        self.core.turn.relaxed.set(relaxed);
        Ok(())
    }

    /// Puts a number before every request, and takes only replies with the same
    /// (`ZMQ_REQ_CORRELATE`). Default false. From the next request.
    #[doc(alias = "ZMQ_REQ_CORRELATE")]
    pub fn set_req_correlate(&self, correlate: bool) -> Result<()>
    where
        T: IsRequester,
    {
        self.set_option(
            "ZMQ_REQ_CORRELATE",
            zmq_sys::ZMQ_REQ_CORRELATE,
            c_int::from(correlate),
        )?;
        self.core.turn.correlate.set(correlate);
        Ok(())
    }
}

impl Socket<Req> {
    /// Sends a request; what is returned is its reply to come.
    ///
    /// While the reply is pending the socket is borrowed, so a second request does not compile.
    ///
    /// # Errors
    /// As [`send`](Socket::send).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let mut client = context.socket(zmq::REQ)?;
    /// let mut server = context.socket(zmq::REP)?;
    /// server.bind("inproc://turns")?;
    /// client.connect("inproc://turns")?;
    ///
    /// let pending = client.request("Hello")?;
    /// let request = server.next_request()?;
    /// assert_eq!(request[0], "Hello");
    /// request.reply("World")?;
    /// assert_eq!(pending.recv()?, "World");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn request<P: Payload>(
        &mut self,
        frame: P,
    ) -> Result<PendingReply<'_>, SendError<P::Refused>> {
        self.send(frame)?;
        Ok(PendingReply { socket: self })
    }

    /// Sends a request of several frames.
    ///
    /// # Errors
    /// As [`send_multipart`](Socket::send_multipart).
    pub fn request_multipart<L: Parts>(
        &mut self,
        frames: L,
    ) -> Result<PendingReply<'_>, SendError<L::Refused>> {
        self.send_multipart(frames)?;
        Ok(PendingReply { socket: self })
    }
}

/// The reply to a request that was sent: see [`Socket::request`].
///
/// Dropped without receiving, it leaves the socket waiting for that reply: receive it with
/// [`Socket::recv`], set [`set_req_relaxed`](Socket::set_req_relaxed) before, or open a new socket.
#[must_use = "the next request needs this one's reply first"]
pub struct PendingReply<'s> {
    socket: &'s mut Socket<Req>,
}

impl PendingReply<'_> {
    /// Receives the reply, of one frame, waiting for it.
    ///
    /// # Errors
    /// As [`Socket::recv`]. After `WouldBlock` or `Interrupted` the reply is still to come, and
    /// [`Socket::recv`] receives it. [`Dropped`](ErrorKind::Dropped): the peer went away before it
    /// got the request; send it again.
    pub fn recv(self) -> Result<Message, RecvError> {
        self.socket.recv()
    }

    /// Receives the reply, of any number of frames, waiting for it.
    ///
    /// # Errors
    /// As [`recv`](PendingReply::recv).
    pub fn recv_multipart(self) -> Result<Multipart> {
        self.socket.recv_multipart()
    }

    /// Receives the reply, of `N` frames, waiting for it.
    ///
    /// # Errors
    /// As [`recv`](PendingReply::recv).
    pub fn recv_array<const N: usize>(self) -> Result<[Message; N], RecvError> {
        self.socket.recv_array()
    }

    /// Receives the reply if it is there, and gives the guard back if it is not.
    ///
    /// # Errors
    /// As [`recv`](PendingReply::recv).
    pub fn try_recv_multipart(self) -> Result<Result<Multipart, Self>> {
        Ok(self.socket.try_recv_multipart()?.ok_or(self))
    }

    /// An item for [`poll`](crate::poll()) that is readable when the reply is there.
    pub fn poll_in(&self) -> PollItem<'_> {
        self.socket.poll_in()
    }
}

impl fmt::Debug for PendingReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingReply")
            .field("socket", self.socket)
            .finish()
    }
}

/// Whether a receive has to keep the turns of a REQ.
pub(super) const fn may_be_req<T: SocketType>() -> bool {
    matches!(T::KIND, None | Some(SocketKind::Req))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, REP, REQ, Rep};

    fn connected() -> (Socket<Req>, Socket<Rep>) {
        let context = Context::new().unwrap();
        let (client, server) = (context.socket(REQ).unwrap(), context.socket(REP).unwrap());
        server.bind("inproc://turns").unwrap();
        client.connect("inproc://turns").unwrap();
        (client, server)
    }

    /// The last request breaks off at that moment; at one to come, its peer never parts.
    fn breaks(client: &Socket<Req>, at: Instant) {
        client.core.turn.broke();
        assert!(client.core.turn.broken_at.get().is_some());
        client.core.turn.broken_at.set(Some(at));
    }

    #[test]
    fn a_request_does_not_go_before_the_peer_of_the_broken_one_has_parted() {
        let (client, server) = connected();
        let never = Instant::now() + Duration::from_secs(3600);
        breaks(&client, never);
        for _ in 0..2 {
            let refused = client.try_send("now").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        }
        client.set_sndtimeo(Some(Duration::ZERO)).unwrap();
        let refused = client.send("in no time").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);

        client.set_sndtimeo(None).unwrap();
        let now = Instant::now();
        breaks(&client, now);
        client.send("in time").unwrap();
        assert!(now.elapsed() > PARTING);
        // libzmq knows nothing of the break, so that there are two delimiters.
        assert_eq!(server.recv_multipart().unwrap(), ["", "in time"]);
    }

    #[test]
    fn a_req_that_could_send_instead_of_receiving_is_ready_to_say_so() {
        let (client, _server) = connected();
        // libzmq knows nothing of a request: so it is when that was lost.
        client.core.turn.step.set(Step::Sent);
        let now = Some(Duration::ZERO);
        let [lost] = crate::poll([client.poll_in()], now).unwrap();
        assert!(lost.is_readable() && !lost.is_writable());
        let [lost] = crate::poll([client.poll_in_out()], now).unwrap();
        assert!(lost.is_readable() && lost.is_writable());
        let [sends] = crate::poll([client.poll_out()], now).unwrap();
        assert!(!sends.is_readable() && sends.is_writable());
        let error = client.recv().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Dropped);
    }

    #[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
    #[test]
    fn a_task_knows_what_a_req_waits_for() {
        let (client, server) = connected();
        let waits = || (client.core.awaits_parting(), client.core.awaits_reply());
        assert_eq!(waits(), (false, false));
        client.send("request").unwrap();
        assert_eq!(waits(), (false, true));
        server.recv().unwrap();
        server.send("reply").unwrap();
        client.recv().unwrap();
        assert_eq!(waits(), (false, false));
        breaks(&client, Instant::now());
        assert_eq!(waits(), (true, false));
        assert!(client.core.await_parting(Flags::BLOCK).is_ok());
        assert_eq!(waits(), (false, false));
        assert!(client.core.turn.is_broken());
    }

    fn replied() -> (Socket<Req>, Socket<Rep>) {
        let (client, server) = connected();
        client.send("request").unwrap();
        server.recv().unwrap();
        server.send("reply").unwrap();
        client.recv().unwrap();
        (client, server)
    }

    #[test]
    fn only_a_reply_that_nothing_has_followed_makes_certain_of_room() {
        let certain = |client: &Socket<Req>, unchanged| {
            client.core.set_unchanged(unchanged);
            client.core.is_certain_of_room()
        };
        let (client, server) = connected();
        assert!(!certain(&client, true));
        client.send("request").unwrap();
        assert!(!certain(&client, true));
        server.recv().unwrap();
        server.send("reply").unwrap();
        client.recv().unwrap();
        assert!(certain(&client, true));
        assert!(!certain(&client, false));
        assert!(!certain(&client, true)); // whatever happened has happened

        let (client, _server) = replied();
        client.set_req_relaxed(true).unwrap(); // which lets many requests out
        assert!(!certain(&client, true));

        let (client, _server) = replied();
        client.disconnect("inproc://turns").unwrap();
        assert!(!certain(&client, true));
    }

    #[test]
    fn a_request_that_is_certain_of_room_goes_out_and_comes_back_where_there_is_none() {
        let (client, server) = replied();
        client.core.set_unchanged(true);
        client.try_send("next").unwrap();
        assert_eq!(server.recv().unwrap(), "next");
        assert!(!client.core.is_certain_of_room());

        let (client, server) = replied();
        client.core.set_unchanged(true);
        drop(server);
        while client.events().unwrap().is_writable() {
            std::thread::yield_now();
        }
        let refused = client.try_send(Message::from("kept")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        assert_eq!(refused.message, "kept");
        assert!(!client.core.is_certain_of_room());
    }
}
