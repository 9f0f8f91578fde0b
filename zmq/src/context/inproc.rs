//! Inproc connections that wait for their bind.
//!
//! `zmq_ctx_term` gives each of them a socket of its own to connect to, and aborts the process
//! when it cannot open one: all sockets in use, no descriptor left. So before a context ends,
//! those endpoints are bound here, all on one socket that was opened in good time.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::context::RawContext;
use crate::ffi::socket::RawSocket;
use crate::socket::SocketKind;

/// A name that no other socket has, and that nobody could connect to first by guessing it.
pub(crate) fn unguessable(purpose: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!(
        "zmq.{purpose}.{}.{:016x}",
        COUNT.fetch_add(1, Ordering::Relaxed),
        RandomState::new().build_hasher().finish()
    )
}

/// Where libzmq asks for authentication (RFC 27).
const AUTHENTICATOR: &str = "zeromq.zap.01";

#[derive(Debug, Default)]
pub(crate) struct Inproc {
    /// Names that sockets of this crate have bound, and which socket.
    bound: HashMap<String, usize>,
    /// Names that were connected to before anybody bound them, and by which of the sockets that must
    /// not give up such a connection.
    awaited: HashMap<String, HashSet<usize>>,
    /// Binds what is awaited to the end. A ROUTER, since it takes any number of peers.
    undertaker: Option<RawSocket>,
    /// The context is somebody else's.
    foreign: bool,
    ended: bool,
    /// Whether a socket connected that asks the authenticator, whom there was none of.
    asker_connected: bool,
}

impl Inproc {
    /// Of a borrowed context. `keeper` is a socket that does nothing but stay open, so that the
    /// owner's `zmq_ctx_term` waits until this crate has let go of the context.
    ///
    /// The names that wait are left to the owner: binding them here would take its own connections
    /// away, and the messages that wait for a bind still to come.
    pub(super) fn foreign(keeper: RawSocket) -> Inproc {
        Inproc {
            undertaker: Some(keeper),
            foreign: true,
            ..Inproc::default()
        }
    }

    /// Connects, so that the context can end whether or not the name is ever bound. `waiter` is a
    /// socket that [`check_departure`](Inproc::check_departure) is for.
    pub(crate) fn connect(
        &mut self,
        context: &RawContext,
        name: &str,
        waiter: Option<usize>,
        connect: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<()> {
        let fail =
            |errno| Error::from_errno("zmq_connect", errno).on(format_args!("inproc://{name}"));
        if self.ended {
            return Err(Error::own("zmq_connect", ErrorKind::Terminated)
                .on(format_args!("inproc://{name}")));
        }
        let awaits = !self.bound.contains_key(name);
        if awaits && !self.foreign && self.undertaker.is_none() {
            let undertaker = context.socket(SocketKind::Router.to_raw()).map_err(fail)?;
            undertaker.set(zmq_sys::ZMQ_LINGER, 0).map_err(fail)?;
            self.undertaker = Some(undertaker);
        }
        connect().map_err(fail)?;
        if awaits {
            let waiters = self.awaited.entry(name.to_owned()).or_default();
            waiters.extend(waiter);
        }
        Ok(())
    }

    pub(crate) fn bound(&mut self, name: &str, socket: usize) {
        self.awaited.remove(name);
        self.bound.insert(name.to_owned(), socket);
    }

    pub(crate) fn unbound(&mut self, name: &str) {
        self.bound.remove(name);
    }

    /// Whether the socket's connection to the name, if it has one, can be given up.
    ///
    /// libzmq keeps one that waits for its bind, also when it was given up, and then writes the binder's
    /// routing id to it, which aborts the process (`written` in pipe.cpp). Only a ROUTER and a REP want
    /// that id.
    pub(crate) fn check_departure(&self, name: &str, socket: usize) -> Result<(), &'static str> {
        match self.awaited.get(name) {
            Some(waiters) if waiters.contains(&socket) => Err(
                "nobody has bound it yet, and libzmq would abort the process when somebody does",
            ),
            _ => Ok(()),
        }
    }

    /// Notes that a socket connects, over tcp or the like, that asks the authenticator about whom it
    /// finds there.
    ///
    /// libzmq aborts the process when an answer comes late: when the peer has gone meanwhile and
    /// the socket has connected again (`_mechanism != NULL` in stream_engine_base.cpp), or when the
    /// authenticator is just closing. So a context has such a socket or an authenticator. A socket
    /// that binds has no such fault: it begins anew with each connection.
    pub(crate) fn asker_connects(&mut self) -> Result<(), &'static str> {
        if self.bound.contains_key(AUTHENTICATOR) {
            return Err("a socket that asks the context's authenticator has to bind");
        }
        self.asker_connected = true;
        Ok(())
    }

    /// Whether an authenticator may be bound.
    pub(crate) fn check_authenticator(&self) -> Result<(), &'static str> {
        if self.asker_connected {
            return Err("a socket of the context has connected that would ask it");
        }
        Ok(())
    }

    /// The socket is about to be closed, and with it whatever it had bound.
    pub(crate) fn closing(&mut self, socket: usize) {
        self.bound.retain(|_, binder| *binder != socket);
    }

    /// Binds what is still awaited. Nothing can be awaited any more afterwards.
    pub(super) fn end(&mut self) {
        self.ended = true;
        let Some(undertaker) = &self.undertaker else {
            return;
        };
        if self.foreign {
            return;
        }
        for (name, _) in self.awaited.drain() {
            if let Ok(endpoint) = CString::new(format!("inproc://{name}")) {
                // Somebody outside this crate may have bound it: then nothing waits.
                let _ = undertaker.bind(&endpoint);
            }
        }
    }

    /// Whether the end of the context has begun.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Ends, and closes the socket of its own.
    pub(super) fn close(mut self) {
        self.end();
    }
}
