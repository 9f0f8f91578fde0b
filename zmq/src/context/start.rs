//! What libzmq needs when a context starts, tried before: where it is not there, libzmq aborts the
//! process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::context::RawContext;
#[cfg(unix)]
use crate::ffi::schedule::NoSignals;
use crate::ffi::schedule::Schedule;

/// What a thread or a socket opens to be told of something: a pair of sockets, where libzmq was built
/// without eventfd.
#[cfg(unix)]
const TOLD: usize = 2;

/// What a thread of libzmq opens: that, and something to wait with.
#[cfg(unix)]
const PER_THREAD: usize = TOLD + 1;

/// An error unless so many descriptors could be opened now.
#[cfg(unix)]
pub(crate) fn check_descriptors(call: &'static str, count: usize) -> Result<()> {
    use std::os::unix::net::UnixDatagram;

    let mut held = Vec::new();
    for _ in 0..count {
        // Any failure but these two is not about the number.
        match UnixDatagram::unbound().map_err(|error| error.raw_os_error()) {
            Ok(socket) => held.push(socket),
            Err(Some(libc::EMFILE | libc::ENFILE)) => {
                return Err(Error::own(call, ErrorKind::TooManyOpen)
                    .because("libzmq needs more file descriptors, and aborts without them"));
            }
            Err(_) => break,
        }
    }
    Ok(())
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub(crate) fn check_descriptors(_: &'static str, _: usize) -> Result<()> {
    Ok(())
}

impl Context {
    pub(super) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        let schedule = self.inner.schedule.lock();
        schedule.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries what the first socket of a context makes libzmq do: a thread for the end of sockets and the I/O
/// threads, with their descriptors, running as they are told to.
pub(super) fn check(
    context: &RawContext,
    schedule: &Schedule,
    subject: impl fmt::Display,
) -> Result<()> {
    const CALL: &str = "zmq_socket";
    let io_threads = context
        .get(zmq_sys::ZMQ_IO_THREADS)
        .map_err(|errno| Error::from_errno("zmq_ctx_get", errno).on("ZMQ_IO_THREADS"))?;
    let threads = io_threads.unsigned_abs() as usize + 1;
    #[cfg(unix)]
    check_descriptors(
        CALL,
        threads.saturating_mul(PER_THREAD).saturating_add(TOLD),
    )
    .map_err(|error| error.on(&subject))?;
    #[cfg(unix)]
    let _quiet = NoSignals::new();
    let gate = Mutex::new(());
    // None ends before all have begun.
    let held = gate.lock();
    thread::scope(|scope| {
        let mut tried = Vec::new();
        for _ in 0..threads {
            let attempt = || {
                let applied = schedule.apply();
                drop(gate.lock());
                applied
            };
            let started = thread::Builder::new().spawn_scoped(scope, attempt);
            tried.push(started.map_err(|error| {
                let errno = error.raw_os_error().unwrap_or(libc::EAGAIN);
                Error::own(CALL, ErrorKind::Other(errno))
                    .on(&subject)
                    .because("the system starts no more threads")
            })?);
        }
        drop(held);
        for thread in tried {
            // A thread that panicked has found no fault.
            if let Ok(Err((option, errno))) = thread.join() {
                return Err(Error::from_errno("zmq_ctx_set", errno)
                    .on(option)
                    .because("the system does not let libzmq's threads run so"));
            }
        }
        Ok(())
    })
}
