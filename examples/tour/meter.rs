//! Counts what arrives.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the messages of one run flow: twelve runs stay well below ten seconds.
pub const RUN: Duration = Duration::from_millis(450);

/// The count of one run, shared by its threads.
#[derive(Debug)]
pub struct Meter {
    start: Instant,
    messages: AtomicU64,
    bytes: AtomicU64,
}

/// What a meter shows.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub messages: u64,
    pub bytes: u64,
    pub elapsed: Duration,
}

impl Meter {
    pub fn start() -> Meter {
        Meter {
            start: Instant::now(),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Whether the run is to go on.
    pub fn goes_on(&self) -> bool {
        self.start.elapsed() < RUN
    }

    /// Messages have arrived where they were to go.
    pub fn add(&self, messages: u64, bytes: usize) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn read(&self) -> Reading {
        Reading {
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            elapsed: self.start.elapsed(),
        }
    }
}

impl Reading {
    pub fn messages_per_second(&self) -> f64 {
        self.messages as f64 / self.elapsed.as_secs_f64()
    }

    pub fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.elapsed.as_secs_f64()
    }
}
