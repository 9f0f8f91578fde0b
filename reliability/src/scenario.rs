//! A scenario, and how it is run in a process of its own.

use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::{Figures, LONG, Parameter, Result, Skip, Values, peer};

/// The first argument of the program when it is to be a scenario.
pub(crate) const SCENARIO: &str = "scenario";

/// One row of the page.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// What it is called on the command line and in the tests.
    pub name: &'static str,
    /// What it shows, in a sentence for the page.
    pub promise: &'static str,
    /// What it can be told.
    pub parameters: &'static [Parameter],
    /// What it does.
    pub body: fn(&Values, &mut Figures) -> Result,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Which values the parameters have that nothing is said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Those for the page.
    Long,
    /// Those for the tests.
    Short,
}

/// How a scenario ended.
#[derive(Debug)]
pub enum Verdict {
    /// The promise held.
    Kept(Figures),
    /// This machine does not allow it, for that reason.
    Skipped(String),
    /// It did not hold, or the process died or hung.
    Broken(String),
}

impl Scenario {
    /// The values of a run: those given, the others by size.
    pub fn values(&self, size: Size, given: &Values) -> Result<Values> {
        if let Some((unknown, _)) = given
            .iter()
            .find(|(name, _)| self.parameters.iter().all(|known| known.name != *name))
        {
            return Err(format!("{} has no parameter {unknown}", self.name).into());
        }
        Ok(Values::new(self.parameters.iter().map(|parameter| {
            let usual = match size {
                Size::Long => parameter.long,
                Size::Short => parameter.short,
            };
            let value = given.text(parameter.name).unwrap_or(usual);
            (parameter.name.to_owned(), value.to_owned())
        })))
    }

    /// Runs the scenario in a process of its own, which is this program.
    pub fn run(&self, program: &Path, size: Size, given: &Values) -> Result<Verdict> {
        let patience = match size {
            Size::Long => Duration::from_secs(2 * 3600),
            Size::Short => 4 * LONG,
        };
        let values = self.values(size, given)?;
        let mut child = Command::new(program)
            .args([SCENARIO, self.name])
            .args(values.settings())
            .stdin(Stdio::piped()) // kept open: it ends with its parent
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("stdout is a pipe")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut figures = Figures::default();
        let mut end = None;
        loop {
            match lines.recv_timeout(patience) {
                Ok(line) => match line.split('\t').collect::<Vec<_>>()[..] {
                    ["figure", name, value] => figures.note(name, value),
                    ["skipped", reason] => end = Some(Verdict::Skipped(reason.to_owned())),
                    ["broken", reason] => end = Some(Verdict::Broken(reason.to_owned())),
                    _ => end = Some(Verdict::Broken(format!("it printed {line:?}"))),
                },
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    child.kill()?;
                    end = Some(Verdict::Broken(format!("it hung; it had {figures}")));
                    break;
                }
            }
        }
        let status = child.wait()?;
        Ok(match end {
            Some(end) => end,
            None if status.success() => Verdict::Kept(figures),
            None => Verdict::Broken(format!("it ended with {status}; it had {figures}")),
        })
    }

    /// Is the process of the scenario: prints the figures and how it ended.
    pub(crate) fn perform(&self, values: &Values) -> i32 {
        peer::end_with_parent();
        let mut figures = Figures::default();
        let result = (self.body)(values, &mut figures);
        for (name, value) in figures.iter() {
            println!("figure\t{name}\t{value}");
        }
        match result {
            Ok(()) => 0,
            Err(error) => {
                let kind = if error.is::<Skip>() {
                    "skipped"
                } else {
                    "broken"
                };
                println!("{kind}\t{}", error.to_string().replace(['\t', '\n'], " "));
                1
            }
        }
    }
}
