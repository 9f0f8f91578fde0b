//! What every socket has, whatever its type: the handle, the state of its receiving side, and the
//! context, which goes last.

use std::collections::VecDeque;
use std::ffi::{CString, c_void};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libc::c_int;

use super::Socket;
use super::connect_as::PeerNames;
use super::endpoint;
use super::forked;
use super::options;
use super::request::Turn;
use super::shared::{Bits, Flag, Mark};
use super::types::{PAIR, Pair, SocketKind};
use crate::context::{Context, Inproc, OpenSocket, check_descriptors, inproc};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::socket::{Flags, MonitorGate, RawSocket};
use crate::library::Capability;
use crate::message::Message;
use crate::monitor;
use crate::multipart::Multipart;

/// What stands in the way of simply asking libzmq for the next message: a set of bits, so that
/// the usual case is one comparison with zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hitch(u8);

impl Hitch {
    const NONE: Hitch = Hitch(0);
    /// A message was begun and not read to its end.
    const HALF_READ: Hitch = Hitch(1);
    /// Whole messages were taken out of libzmq early.
    const PARKED: Hitch = Hitch(2);
    /// A REQ waits for the reply to a request that was never sent.
    const REQUEST_LOST: Hitch = Hitch(4);

    fn has(self, bit: Hitch) -> bool {
        self.0 & bit.0 != 0
    }
}

pub(crate) struct Core {
    // The order of the fields is the order of their drop: the socket before its context.
    pub(super) raw: RawSocket,
    hitch: Bits,
    kind: SocketKind,
    /// C closes it, and has it back when this value goes.
    borrowed: bool,
    /// Whether an inproc endpoint was ever bound, to be struck off at the end.
    binds_inproc: Flag,
    /// Whether it was bound or connected, well or not.
    attached: Flag,
    /// The last poll that had the socket among its items.
    polled: Mark,
    pub(super) turn: Turn,
    pub(super) names: PeerNames,
    parked: Mutex<VecDeque<Multipart>>,
    context: Context,
}

/// A socket whose type libzmq locks is shared as it stands, so whatever lies beside the handle must
/// bear that: it does not compile otherwise.
const _: fn(&Core) = |core| {
    fn shareable<S: Sync>(_: &S) {}
    let Core {
        raw: _,
        hitch,
        kind,
        borrowed,
        binds_inproc,
        attached,
        polled,
        turn,
        names,
        parked,
        context,
    } = core;
    shareable(hitch);
    shareable(kind);
    shareable(borrowed);
    shareable(binds_inproc);
    shareable(attached);
    shareable(polled);
    shareable(turn);
    shareable(names);
    shareable(parked);
    shareable(context);
};

impl Core {
    pub(super) fn new(raw: RawSocket, socket: OpenSocket, context: Context) -> Core {
        let borrowed = !raw.is_owned();
        if !borrowed {
            context.ending().socket_opened(raw.as_ptr().addr(), socket);
        }
        Core {
            raw,
            hitch: Bits::default(),
            kind: socket.kind,
            borrowed,
            binds_inproc: Flag::default(),
            attached: Flag::default(),
            polled: Mark::default(),
            turn: Turn::default(),
            names: PeerNames::default(),
            parked: Mutex::default(),
            context,
        }
    }

    #[inline]
    pub(crate) fn kind(&self) -> SocketKind {
        self.kind
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) fn raw(&self) -> &RawSocket {
        &self.raw
    }

    pub(crate) fn check_fork(&self, call: &'static str) -> Result<()> {
        if self.raw.is_inherited() {
            Err(forked(call))
        } else {
            Ok(())
        }
    }

    // ---- endpoints ---------------------------------------------------------------------------

    pub(super) fn bind(&self, endpoint: &str) -> Result<()> {
        const CALL: &str = "zmq_bind";
        self.check_fork(CALL)?;
        let text = endpoint::checked(CALL, endpoint)?;
        endpoint::check_zap(endpoint, self.kind)?;
        endpoint::check_multicast(CALL, endpoint)?;
        endpoint::check_transport(CALL, endpoint, self.kind)?;
        endpoint::check_draft(CALL, endpoint, self.kind)?;
        options::check_web(self, CALL, endpoint)?;
        self.names.check_plain(CALL, self.kind, endpoint)?;
        self.will_have_peers();
        let fail = |errno| {
            let error = endpoint_error(CALL, endpoint, errno);
            if errno == Errno(libc::EAGAIN) && self.raw.had_monitor() {
                // Telling the monitor overwrites the errno.
                return error.because("why is in the monitor's BindFailed event");
            }
            error
        };
        let Some(name) = endpoint::inproc_name(&text) else {
            if endpoint::resolves(endpoint) {
                // One is enough, but connections take some, too.
                check_descriptors(CALL, 4).map_err(|error| error.on(endpoint))?;
            }
            self.raw.bind(&text).map_err(fail)?;
            self.names.went_plain();
            return Ok(());
        };
        self.context.with_inproc(|inproc, _| {
            if endpoint == endpoint::ZAP {
                inproc.check_authenticator().map_err(|reason| {
                    Error::own(CALL, ErrorKind::InvalidState)
                        .on(endpoint)
                        .because(reason)
                })?;
            }
            self.raw.bind(&text).map_err(fail)?;
            self.names.went_plain();
            inproc.bound(name, self.id());
            self.binds_inproc.set(true);
            Ok(())
        })
    }

    /// Says that peers may come from now on, in libzmq's own time.
    pub(super) fn will_have_peers(&self) {
        self.attached.set(true);
    }

    /// Whether this poll of this thread has met the socket before.
    #[inline]
    pub(crate) fn is_marked(&self, poll: u64) -> bool {
        self.polled.is_set(poll)
    }

    pub(crate) fn may_have_peers(&self) -> bool {
        self.attached.get()
    }

    pub(super) fn unbind(&self, endpoint: &str) -> Result<()> {
        const CALL: &str = "zmq_unbind";
        self.check_fork(CALL)?;
        let text = endpoint::checked(CALL, endpoint)?;
        self.park(CALL)?;
        let fail = |errno| Error::from_errno(CALL, errno).on(endpoint);
        let Some(name) = endpoint::inproc_name(&text) else {
            return self.raw.unbind(&text).map_err(fail);
        };
        self.context.with_inproc(|inproc, _| {
            // For libzmq it is one call with `disconnect`.
            self.check_departure(CALL, inproc, name)?;
            self.raw.unbind(&text).map_err(fail)?;
            inproc.unbound(name);
            Ok(())
        })
    }

    fn check_departure(&self, call: &'static str, inproc: &Inproc, name: &str) -> Result<()> {
        inproc.check_departure(name, self.id()).map_err(|reason| {
            Error::own(call, ErrorKind::InvalidState)
                .on(format_args!("inproc://{name}"))
                .because(reason)
        })
    }

    /// Connects, whatever the peer is called.
    pub(super) fn connect_now(&self, endpoint: &str) -> Result<()> {
        const CALL: &str = "zmq_connect";
        let text = endpoint::checked(CALL, endpoint)?;
        endpoint::check_multicast(CALL, endpoint)?;
        endpoint::check_transport(CALL, endpoint, self.kind)?;
        endpoint::check_draft(CALL, endpoint, self.kind)?;
        options::check_web(self, CALL, endpoint)?;
        self.will_have_peers();
        match endpoint::inproc_name(&text) {
            None => {
                self.check_asker(CALL, endpoint)?;
                let fail = |errno| endpoint_error(CALL, endpoint, errno);
                self.raw.connect(&text).map_err(fail)
            }
            Some(name) => self.context.with_inproc(|inproc, context| {
                let takes_ids = matches!(self.kind, SocketKind::Router | SocketKind::Rep);
                let waiter = takes_ids.then(|| self.id());
                inproc.connect(context, name, waiter, || self.raw.connect(&text))
            }),
        }
    }

    pub(super) fn disconnect(&self, endpoint: &str) -> Result<()> {
        const CALL: &str = "zmq_disconnect";
        self.check_fork(CALL)?;
        let text = endpoint::checked(CALL, endpoint)?;
        self.park(CALL)?;
        let fail = |errno| Error::from_errno(CALL, errno).on(endpoint);
        let Some(name) = endpoint::inproc_name(&text) else {
            return self.raw.disconnect(&text).map_err(fail);
        };
        self.context.with_inproc(|inproc, _| {
            self.check_departure(CALL, inproc, name)?;
            self.raw.disconnect(&text).map_err(fail)
        })
    }

    /// A socket that asks the authenticator about those it connects to has none in its context.
    fn check_asker(&self, call: &'static str, endpoint: &str) -> Result<()> {
        // Where it cannot be told, the context has ended, and connecting will say so.
        if !options::asks(self).unwrap_or(false) {
            return Ok(());
        }
        self.context
            .with_inproc(|inproc, _| inproc.asker_connects())
            .map_err(|reason| {
                Error::own(call, ErrorKind::InvalidState)
                    .on(endpoint)
                    .because(reason)
            })
    }

    // ---- the monitor -------------------------------------------------------------------------

    /// Starts telling `events`; gives what stops it, and the socket that receives them.
    ///
    /// Without a reader, libzmq waits for one at the first event, in the middle of a bind or on an
    /// I/O thread, and so it does for one that is full. So the reader connects first, takes any
    /// number, and closes last.
    #[track_caller]
    pub(super) fn monitor(&self, events: u16) -> Result<(Arc<MonitorGate>, Socket<Pair>)> {
        const CALL: &str = monitor::CALL;
        self.check_fork(CALL)?;
        if self.borrowed {
            // Whoever stops it later would touch a socket that C may have closed.
            return Err(Error::own(CALL, ErrorKind::InvalidState)
                .on(self.kind)
                .because("the socket is borrowed; its owner monitors it"));
        }
        let reader = self.context.socket(PAIR)?;
        reader.set_rcvhwm(0)?;
        reader.set_linger(Some(std::time::Duration::ZERO))?;
        // Whoever guessed the name could connect first, and take the events away.
        let name = inproc::unguessable("monitor");
        let endpoint = CString::new(format!("inproc://{name}")).expect("has no NUL");
        let gate = self.raw.monitor(|| {
            self.context.with_inproc(|inproc, context| {
                // It is bound before the lock is let go, so that nothing is awaited.
                inproc.bound(&name, self.id());
                let started = inproc
                    .connect(context, &name, None, || {
                        reader.core().raw.connect(&endpoint)
                    })
                    .and_then(|()| {
                        self.raw
                            .start_monitor(&endpoint, events)
                            .map_err(|errno| Error::from_errno(CALL, errno))
                    });
                inproc.unbound(&name);
                if started.is_err() {
                    // The reader itself takes up what waits for the name: a context cannot end
                    // before somebody does, and another socket may not be had.
                    let _ = reader.core().raw.bind(&endpoint);
                }
                started
            })
        });
        match gate {
            None => Err(Error::own(CALL, ErrorKind::InvalidState)
                .on(self.kind)
                .because("the socket has a monitor already")),
            Some(gate) => Ok((gate?, reader)),
        }
    }

    /// Whether messages may stay queued after the close. Where it cannot be asked they may: the
    /// context has ended.
    fn may_linger(&self) -> bool {
        self.kind.sends()
            && self.may_have_peers()
            && !self.raw.is_inherited()
            && self.raw.get::<c_int>(zmq_sys::ZMQ_LINGER) != Ok(0)
    }

    /// Tells this socket from the others of its context.
    fn id(&self) -> usize {
        self.raw.as_ptr().addr()
    }

    // ---- the state of the receiving side -----------------------------------------------------

    /// Whether a receive can go straight to libzmq.
    #[inline]
    pub(crate) fn is_clear(&self) -> bool {
        self.hitch() == Hitch::NONE && !self.raw.is_inherited()
    }

    /// Whether whole messages wait here and not in libzmq, or a receive would fail at once.
    pub(crate) fn is_readable_now(&self) -> bool {
        let hitch = self.hitch();
        hitch.has(Hitch::PARKED) || hitch.has(Hitch::REQUEST_LOST)
    }

    /// Whether a message waits here that its receiver has not seen.
    pub(super) fn has_parked(&self) -> bool {
        self.hitch().has(Hitch::PARKED)
    }

    #[inline]
    fn hitch(&self) -> Hitch {
        Hitch(self.hitch.get())
    }

    fn parked(&self) -> MutexGuard<'_, VecDeque<Multipart>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_half_read(&self, half: bool) {
        self.hitch.put(Hitch::HALF_READ.0, half);
    }

    pub(super) fn set_request_lost(&self, lost: bool) {
        self.hitch.put(Hitch::REQUEST_LOST.0, lost);
    }

    pub(super) fn is_request_lost(&self) -> bool {
        self.hitch().has(Hitch::REQUEST_LOST)
    }

    /// Clears the way for a receive: drops the rest of a message that was left half read, and
    /// gives the message that was taken out early, if there is one.
    #[cold]
    pub(super) fn settle(&self, call: &'static str) -> Result<Option<Multipart>> {
        self.check_fork(call)?;
        self.drain_half_read();
        if self.is_request_lost() {
            return Err(Error::own(call, ErrorKind::Dropped)
                .because("the request was not sent; send it again"));
        }
        let mut parked = self.parked();
        let next = parked.pop_front();
        if parked.is_empty() {
            self.hitch.put(Hitch::PARKED.0, false);
        }
        Ok(next)
    }

    /// Makes `message` the next one to be received: the one that was received last, given back.
    pub(crate) fn put_back(&self, message: Multipart) {
        self.parked().push_front(message);
        self.hitch.put(Hitch::PARKED.0, true);
    }

    /// Drops the rest of a message that was left half read, which never waits: libzmq delivers
    /// messages whole.
    #[inline]
    pub(crate) fn drain_half_read(&self) {
        if self.hitch().has(Hitch::HALF_READ) {
            self.drain();
        }
    }

    #[cold]
    fn drain(&self) {
        let mut part = Message::new();
        // On ETERM the rest stays, and so does the mark: the close will drop it.
        while self.receive_next(&mut part).is_ok() {
            if !part.more() {
                self.set_half_read(false);
                return;
            }
        }
    }

    /// Receives a part after the first, without waiting; a signal makes no difference. Gives its
    /// length.
    #[inline]
    pub(super) fn receive_next(&self, part: &mut Message) -> Result<usize, Errno> {
        loop {
            match self.raw.receive(part.raw_mut(), Flags::DONTWAIT) {
                Err(Errno(libc::EINTR)) if !self.raw.is_inherited() => {}
                result => return result,
            }
        }
    }

    /// Takes the message that libzmq may already have begun to hand out.
    ///
    /// To tell whether a message is there, SUB, XSUB, ROUTER and REP read its first part. If its
    /// pipe is closed then, libzmq aborts the process at the next receive (`!_more` in fq.cpp,
    /// libzmq issues 2163 and 3663). So before an endpoint goes, that message is taken whole.
    fn park(&self, call: &'static str) -> Result<()> {
        self.set_unchanged(false);
        self.drain_half_read();
        if !self.kind.reads_ahead() {
            // The others are at risk only in the middle of a message.
            return Ok(());
        }
        if self.borrowed {
            return Err(Error::own(call, ErrorKind::InvalidState)
                .on(self.kind)
                .because("a message would have to wait here, and C would never get it"));
        }
        let mut part = Message::new();
        if self.receive_next(&mut part).is_err() {
            return Ok(());
        }
        let mut message = Multipart::from(part);
        if self.rest_into(&mut message).is_err() {
            return Ok(()); // the context has ended
        }
        self.parked().push_back(message);
        self.hitch.put(Hitch::PARKED.0, true);
        Ok(())
    }

    /// Takes note of what C may have done with the socket, and of the ZMQ_SNDTIMEO it has set.
    pub(crate) fn comes_from_c(&self, sndtimeo: c_int) {
        self.turn.set_hasty(sndtimeo == 0);
        // It may be bound, so that peers choose routing ids.
        self.names.went_plain();
        self.will_have_peers();
    }

    // ---- handing it over ---------------------------------------------------------------------

    /// Leaves nothing here that the next user of the C socket would miss, or says what there is.
    pub(crate) fn clean(&self, call: &'static str) -> Result<()> {
        self.check_fork(call)?;
        self.drain_half_read();
        let refused = |reason| {
            let error = Error::own(call, ErrorKind::InvalidState);
            Err(error.on(self.kind).because(reason))
        };
        let hitch = self.hitch();
        if hitch.has(Hitch::HALF_READ) {
            return Err(Error::own(call, ErrorKind::Terminated).on(self.kind));
        }
        if hitch.has(Hitch::PARKED) {
            return refused("a message waits here: receive it first");
        }
        if hitch.has(Hitch::REQUEST_LOST) || self.turn.is_broken() {
            return refused("its request was not sent: send it again first");
        }
        Ok(())
    }

    /// Gives up the socket, which must be clean, and its context: dropping the context here could
    /// wait for the very socket that is given up.
    pub(crate) fn give_up(mut self) -> (*mut c_void, Context) {
        self.raw.disown();
        (self.raw.as_ptr(), self.context.clone())
    }
}

/// An error of libzmq about an endpoint, whose transport it may lack.
#[cold]
fn endpoint_error(call: &'static str, endpoint: &str, errno: Errno) -> Error {
    let error = Error::from_errno(call, errno).on(endpoint);
    match Capability::of_transport(endpoint) {
        Some(capability) if error.kind() == ErrorKind::ProtocolNotSupported => {
            error.without(capability)
        }
        _ => error,
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if self.borrowed && !self.raw.is_inherited() {
            self.drain_half_read();
        }
        if self.binds_inproc.get() && !self.raw.is_inherited() {
            self.context
                .with_inproc(|inproc, _| inproc.closing(self.id()));
        }
        if !self.borrowed {
            let lingers = self.may_linger();
            self.context.ending().socket_closed(self.id(), lingers);
        }
    }
}
