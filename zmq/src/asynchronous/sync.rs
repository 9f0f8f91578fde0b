//! What wake.rs is built of; its model in `loom/` has the same of loom's.

pub(super) use std::sync::atomic::{AtomicU8, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};

use std::sync::PoisonError;

/// Nothing that is locked here is left half changed by a panic.
pub(super) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
