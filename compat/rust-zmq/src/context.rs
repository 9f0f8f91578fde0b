//! Contexts.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::{Error, Result};
use crate::socket::Socket;
use crate::types::SocketType;

/// What sockets are opened in. Clones are handles of the same one.
///
/// Sockets keep their context. It ends with the last handle and socket, and waits then for what
/// sockets still send.
#[derive(Clone)]
pub struct Context {
    pub(crate) shared: Arc<Shared>,
}

/// What the handles and the sockets of a context have in common.
pub(crate) struct Shared {
    /// The relays of monitors, which end when their sockets have.
    relays: Mutex<Vec<JoinHandle<()>>>,
    /// Whether the safe crate has a hold of it, too, or of a socket: the relays may then have to wait for
    /// what lives longer than this.
    is_lent: AtomicBool,
    /// Whether it only stands in for the context of a socket of C's.
    stands_in: bool,
    /// Goes after the relays.
    inner: Result<safe::Context>,
}

impl Shared {
    fn new(stands_in: bool) -> Shared {
        Shared {
            relays: Mutex::default(),
            is_lent: AtomicBool::new(false),
            stands_in,
            inner: safe::Context::new().map_err(Error::from),
        }
    }

    /// One to keep the books of a socket in whose context is not known.
    pub(crate) fn stand_in() -> Shared {
        Shared::new(true)
    }

    pub(crate) fn stands_in(&self) -> bool {
        self.stands_in
    }

    pub(crate) fn live(&self) -> Result<&safe::Context> {
        self.inner.as_ref().map_err(|error| *error)
    }

    pub(crate) fn lend(&self) {
        self.is_lent.store(true, Ordering::Relaxed);
    }

    pub(crate) fn keep_relay(&self, relay: JoinHandle<()>) {
        let mut relays = self.relays.lock().unwrap_or_else(PoisonError::into_inner);
        relays.retain(|relay| !relay.is_finished());
        relays.push(relay);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if thread::panicking() || *self.is_lent.get_mut() {
            // They end by themselves, and the last holder ends the context.
            return;
        }
        let relays = self.relays.get_mut();
        for relay in relays.unwrap_or_else(PoisonError::into_inner).drain(..) {
            // The last holder of the context is to be this thread, so that whoever drops the last
            // handle waits for what is still being sent. No code of the caller's runs on a relay.
            let _ = relay.join();
        }
    }
}

impl Context {
    /// A new context. Where libzmq has none, its sockets say why.
    pub fn new() -> Context {
        Context {
            shared: Arc::new(Shared::new(false)),
        }
    }

    /// How many I/O threads it has.
    ///
    /// # Errors
    /// `ETERM`.
    pub fn get_io_threads(&self) -> Result<i32> {
        let threads = self.shared.live()?.io_threads()?;
        Ok(i32::try_from(threads).unwrap_or(i32::MAX))
    }

    /// Sets the number of I/O threads. After the first socket it has no effect.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_io_threads(&self, value: i32) -> Result<()> {
        let threads = u32::try_from(value).map_err(|_| Error::EINVAL)?;
        match self.shared.live()?.set_io_threads(threads) {
            // libzmq notes it down and never looks at it.
            Err(error) if error.kind() == safe::ErrorKind::InvalidState => Ok(()),
            result => Ok(result?),
        }
    }

    /// Opens a socket.
    ///
    /// # Errors
    /// `EMFILE`, `ETERM`.
    pub fn socket(&self, socket_type: SocketType) -> Result<Socket> {
        let inner = self.shared.live()?.socket_of(socket_type.kind())?;
        Ok(Socket::new(inner, Arc::clone(&self.shared)))
    }

    /// The same context for the safe crate, for programs that move on: its sockets and those of this one
    /// meet over inproc.
    ///
    /// # Errors
    /// Why there is none.
    pub fn to_safe(&self) -> Result<safe::Context> {
        let context = self.shared.live()?.clone();
        self.shared.lend();
        Ok(context)
    }

    /// Ends whatever waits on the context's sockets, with `ETERM`. The context itself ends with its
    /// last handle and socket.
    ///
    /// # Errors
    /// None that is known.
    pub fn destroy(&mut self) -> Result<()> {
        Ok(self.shared.live()?.shutdown()?)
    }
}

impl Default for Context {
    fn default() -> Context {
        Context::new()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

// As rust-zmq's is: a panic leaves nothing behind here that is half done.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}
