//! Shows how far the tour is: bars on a terminal, lines elsewhere.

use std::cell::RefCell;
use std::io::IsTerminal as _;

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::meter::{RUN, Reading};
use crate::site::Transport;

/// The progress of the whole tour, on standard error.
#[derive(Debug)]
pub struct Progress {
    bars: Option<Bars>,
}

#[derive(Debug)]
struct Bars {
    screen: MultiProgress,
    total: ProgressBar,
    /// One for each run. A bar that is dropped could no longer be cleared.
    runs: RefCell<Vec<ProgressBar>>,
}

impl Progress {
    pub fn new(jobs: usize) -> Progress {
        let bars = std::io::stderr().is_terminal().then(|| {
            let screen = MultiProgress::new();
            let total = ProgressBar::new(jobs as u64)
                .with_style(style("  {bar:22.green/black.bright}  {pos} of {len} runs"));
            Bars {
                total: screen.add(total),
                screen,
                runs: RefCell::default(),
            }
        });
        Progress { bars }
    }

    /// Begins a run.
    pub fn job(&self, pattern: &str, transport: Transport) -> Job<'_> {
        let title = format!("{pattern:<13}  {transport:<6}");
        let bar = self.bars.as_ref().map(|bars| {
            let bar = ProgressBar::new(RUN.as_millis() as u64)
                .with_style(style("  {bar:22.cyan/black.bright}  {prefix}  {msg}"))
                .with_prefix(title.clone());
            let bar = bars.screen.insert_before(&bars.total, bar);
            bars.runs.borrow_mut().push(bar.clone());
            (bar, &bars.total)
        });
        Job { title, bar }
    }

    /// Makes room for the table.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            // A terminal that does not let itself be cleared still shows the table below.
            let _ = bars.screen.clear();
            bars.screen.set_draw_target(ProgressDrawTarget::hidden());
        }
    }
}

/// The progress of one run.
#[derive(Debug)]
pub struct Job<'p> {
    title: String,
    /// Its own bar and that of the tour.
    bar: Option<(ProgressBar, &'p ProgressBar)>,
}

impl Job<'_> {
    pub fn show(&self, reading: &Reading) {
        if let Some((bar, _)) = &self.bar {
            bar.set_position(reading.elapsed.min(RUN).as_millis() as u64);
            bar.set_message(format!("{} messages", HumanCount(reading.messages)));
        }
    }

    pub fn finish<E>(&self, result: &Result<Reading, E>) {
        let outcome = match result {
            Ok(reading) => format!("{} messages", HumanCount(reading.messages)),
            Err(_) => "failed".to_owned(),
        };
        let Some((bar, total)) = &self.bar else {
            eprintln!("{}  {outcome}", self.title);
            return;
        };
        if result.is_ok() {
            bar.finish_with_message(outcome);
        } else {
            bar.abandon_with_message(outcome);
        }
        total.inc(1);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸━")
}
