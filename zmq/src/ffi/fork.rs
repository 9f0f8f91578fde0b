//! Notices that this process is a child made by `fork`.
//!
//! A context does not survive a fork: its I/O threads stay behind in the parent, receiving gives
//! `EINTR` for ever and `zmq_ctx_term` does too. `getpid` for every call would be a system call,
//! so a handler in the child changes a number, and whoever made a context compares that number.

use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of forks between the first process that used this crate and this one.
#[inline]
pub(crate) fn generation() -> u32 {
    // A child has one thread and the handler ran in it: nothing to order against.
    GENERATION.load(Ordering::Relaxed)
}

#[cfg(unix)]
extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Installs the handler, once for the life of the process.
pub(crate) fn watch() {
    #[cfg(unix)]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            // SAFETY: `in_child` is async-signal-safe (one atomic addition), is never unloaded
            // before the process ends, and unwinds never. A failure (no memory) leaves forks
            // unnoticed, which is what C has.
            let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        });
    }
}
