//! What the sections share: the sides and how often they run; and what a section gives.

use std::path::PathBuf;
use std::time::Instant;

use zmq_bench::Outcome;

use crate::sides::{self, Side};

/// One run of this program.
pub struct Run {
    /// C first.
    pub sides: Vec<Side>,
    /// The rivals that are not among them, and why.
    pub missing: Vec<String>,
    pub rounds: usize,
    pub quick: bool,
    pub build_cost: bool,
    /// Where the page goes, and its pictures beside it.
    pub out: Option<PathBuf>,
    start: Instant,
}

/// What a section has to say.
#[derive(Debug)]
pub struct Part {
    /// What stands below its title.
    pub text: String,
    /// For the summary: what the sides' medians range over, without C's.
    pub ranges: Vec<String>,
    /// What else of it belongs to the summary, where its title stands before each.
    pub findings: Vec<String>,
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part {
            text,
            ranges: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl Run {
    pub fn new(rounds: usize, quick: bool, build_cost: bool, out: Option<PathBuf>) -> Outcome<Run> {
        let start = Instant::now();
        let (sides, missing) = sides::built()?;
        Ok(Run {
            sides,
            missing,
            rounds: rounds.max(1),
            quick,
            build_cost,
            out,
            start,
        })
    }

    /// Tells whoever waits what comes next. Whole lines, as it may be a file that is watched.
    pub fn say(&self, what: impl std::fmt::Display) {
        let seconds = self.start.elapsed().as_secs();
        eprintln!("[{:02}:{:02}] {what}", seconds / 60, seconds % 60);
    }
}
