//! What the sections share: the sides, how often they run, and how their figures are told.

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
    /// Where the page goes, and its pictures beside it.
    pub out: Option<PathBuf>,
    start: Instant,
}

/// What a section has to say.
#[derive(Debug)]
pub struct Part {
    /// What stands below its title.
    pub text: String,
    /// What of it belongs to the summary, a sentence or two each.
    pub findings: Vec<String>,
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part {
            text,
            findings: Vec::new(),
        }
    }
}

impl Run {
    pub fn new(rounds: usize, quick: bool, out: Option<PathBuf>) -> Outcome<Run> {
        let start = Instant::now();
        let (sides, missing) = sides::built()?;
        Ok(Run {
            sides,
            missing,
            rounds: rounds.max(1),
            quick,
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

/// The median, and between brackets the least and most.
pub fn spread(values: &[f64], digits: usize) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match &*sorted {
        [] => "-".to_owned(),
        [one] => format!("{one:.digits$}"),
        [least, .., most] => format!(
            "{:.digits$} [{least:.digits$}-{most:.digits$}]",
            sorted[sorted.len() / 2]
        ),
    }
}
