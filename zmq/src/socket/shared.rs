//! Cells of a socket that threads may share.
//!
//! Loads and stores are relaxed: on a socket that is not shared they are what a `Cell`'s are, and on
//! one that is, nothing but the value itself depends on them.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A truth value.
#[derive(Default)]
pub(super) struct Flag(AtomicBool);

impl Flag {
    #[inline]
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set(&self, value: bool) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// The number of whatever looked at the socket last.
#[derive(Default)]
pub(super) struct Mark(AtomicU64);

impl Mark {
    /// Whether it is marked with this number already; it is afterwards.
    #[inline]
    pub(super) fn is_set(&self, number: u64) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        self.0.store(number, Ordering::Relaxed);
        last == number
    }
}

/// A set of bits.
#[derive(Default)]
pub(super) struct Bits(AtomicU8);

impl Bits {
    #[inline]
    pub(super) fn get(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set(&self, value: u8) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Puts bits in and takes bits out, without losing those of others. Where nothing changes it is
    /// a load.
    #[inline]
    pub(super) fn put(&self, bits: u8, set: bool) {
        if (self.get() & bits == bits) == set {
            return;
        }
        if set {
            self.0.fetch_or(bits, Ordering::Relaxed);
        } else {
            self.0.fetch_and(!bits, Ordering::Relaxed);
        }
    }
}

/// A moment, or none.
#[derive(Default)]
pub(super) struct Moment(Mutex<Option<Instant>>);

impl Moment {
    pub(super) fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, moment: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
}
