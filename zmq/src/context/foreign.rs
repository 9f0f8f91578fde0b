//! Contexts that come from C, and contexts that go there.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex, PoisonError};

use super::ending::Ending;
use super::{Context, Inner, Inproc, prepare, start};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::context::RawContext;
use crate::ffi::fork;
use crate::ffi::schedule::Schedule;
use crate::raw::Refused;
use crate::socket::SocketKind;

impl Context {
    /// A context that is terminated here from now on.
    pub(crate) fn adopted(raw: RawContext) -> Result<Context> {
        prepare()?;
        let max_sockets = socket_slots(&raw)?;
        Ok(Context::foreign(raw, false, max_sockets, Inproc::default()))
    }

    /// A context that its owner terminates.
    pub(crate) fn borrowed(raw: RawContext) -> Result<Context> {
        prepare()?;
        let slots = socket_slots(&raw)?;
        let fail = |errno| Error::from_errno("zmq_socket", errno).on("a borrowed context");
        // It may be the context's first one.
        start::check(&raw, &Schedule::default(), "a borrowed context")?;
        // Of a type that sends and receives nothing by itself.
        let keeper = raw.socket(SocketKind::Pair.to_raw()).map_err(fail)?;
        // One slot is the keeper's. Another stays free: `zmq_ctx_term` aborts the process when it
        // needs one, for an inproc connection that nobody has bound, and there is none.
        let max_sockets = slots.saturating_sub(2);
        Ok(Context::foreign(
            raw,
            true,
            max_sockets,
            Inproc::foreign(keeper),
        ))
    }

    fn foreign(raw: RawContext, borrowed: bool, max_sockets: u32, inproc: Inproc) -> Context {
        Context {
            inner: Arc::new(Inner {
                raw: Some(raw),
                generation: fork::generation(),
                borrowed,
                // It may have sockets already.
                started: AtomicBool::new(true),
                running: AtomicBool::new(borrowed), // then it has its keeper
                max_sockets: AtomicU32::new(max_sockets),
                linger: Mutex::default(),
                schedule: Mutex::default(),
                reserved: 0,
                inproc: Mutex::new(inproc),
                ending: Arc::<Ending>::default(),
            }),
        }
    }

    /// Gives the context up: whoever gets the pointer terminates it with `zmq_ctx_term(3)`.
    ///
    /// Sockets that C has opened in it stay open. Inproc connections whose name nobody has bound
    /// are C's affair from then on: see [`raw`](crate::raw#what-c-must-not-do).
    ///
    /// # Errors
    /// The context itself, with an error of kind [`InvalidState`](ErrorKind::InvalidState) while
    /// it has another handle or a [`Socket`](crate::Socket), after
    /// [`shutdown`](Context::shutdown), or if it is [borrowed](Context::borrow_raw);
    /// [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PULL)?;
    /// let context = context.into_raw().unwrap_err().into_value(); // the socket holds it, too
    /// drop(socket);
    /// let pointer = context.into_raw()?;
    /// // … `pointer` goes to C, or comes back:
    /// // SAFETY: given up above, and nobody else has it.
    /// let context = unsafe { zmq::Context::from_raw(pointer) }?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[must_use = "the context is never terminated if the pointer is lost"]
    pub fn into_raw(mut self) -> Result<*mut c_void, Refused<Context>> {
        match self.give_up() {
            Ok(raw) => Ok(raw.as_ptr()),
            Err(error) => Err(Refused::new(error, self)),
        }
    }

    /// Takes the pointer out, after which this handle can only be dropped.
    fn give_up(&mut self) -> Result<RawContext> {
        const CALL: &str = "into_raw";
        self.raw(CALL, "")?;
        let refused = |reason| Error::own(CALL, ErrorKind::InvalidState).because(reason);
        if self.inner.borrowed {
            return Err(refused("the context is borrowed; its owner has it"));
        }
        let Some(inner) = Arc::get_mut(&mut self.inner) else {
            return Err(refused("it has other handles, or sockets"));
        };
        let inproc = inner
            .inproc
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if inproc.has_ended() {
            // Somebody may wait for the end, which would never come.
            return Err(refused("it was shut down"));
        }
        // Closes the socket of our own, and binds nothing: C may do so later.
        drop(std::mem::take(inproc));
        Ok(inner.raw.take().expect("only here and by `drop`"))
    }
}

/// The number of sockets that can be open at once. It also tells whether this is a context.
fn socket_slots(raw: &RawContext) -> Result<u32> {
    raw.get(zmq_sys::ZMQ_MAX_SOCKETS)
        .map(i32::unsigned_abs)
        .map_err(|errno| Error::from_errno("zmq_ctx_get", errno).on("a foreign context"))
}
