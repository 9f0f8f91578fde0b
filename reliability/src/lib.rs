//! Faults and load: scenarios that say what `zmq` survives, each with its figures.
//!
//! A [`Scenario`] has parameters with two sets of values, a long one for the page
//! `docs/reliability.md` and a short one for the tests, and runs in a process of its own, so that an
//! abort or a hang is its failure and nobody else's. The program of this package is all of these
//! processes: what the user starts, the scenario, and the peers that it kills.

mod figures;
mod parameters;
pub mod peer;
pub mod report;
mod scenario;
pub mod scenarios;
pub mod system;

use std::fmt;
use std::time::Duration;

pub use figures::Figures;
pub use parameters::{Parameter, Values};
pub use scenario::{Scenario, Size, Verdict};

/// Long enough for anything that is going to happen, on a busy machine, too.
pub const LONG: Duration = Duration::from_secs(30);

/// Why a scenario failed: a promise was broken, or a call that should not have failed did.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The result of what can fail in a scenario.
pub type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// This machine does not allow the scenario. Not a failure, and not to be passed over in silence.
#[derive(Debug)]
pub struct Skip(pub String);

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Skip {}

/// Ends the function with a failure unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!($($text)+).into());
        }
    };
}
