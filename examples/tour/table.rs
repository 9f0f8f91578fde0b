//! The table at the end.

use std::fmt;

use indicatif::HumanCount;

use crate::crew::Failure;
use crate::meter::Reading;
use crate::patterns::Pattern;
use crate::site::Transport;

/// One run and how it ended.
pub type Row = (&'static Pattern, Transport, Result<Reading, Failure>);

/// The runs as a table.
#[derive(Debug)]
pub struct Table<'r>(pub &'r [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = "─".repeat(66);
        line(
            f,
            "Pattern",
            "Transport",
            ["Messages", "Messages/s", "MB/s"],
        )?;
        writeln!(f, "{rule}")?;
        let mut last = None;
        for (pattern, transport, result) in self.0 {
            // The name stands once for its group.
            let name = if last == Some(pattern.name) {
                ""
            } else {
                pattern.name
            };
            last = Some(pattern.name);
            match result {
                Ok(reading) => {
                    let messages = HumanCount(reading.messages).to_string();
                    let rate = HumanCount(reading.messages_per_second() as u64).to_string();
                    let bytes = format!("{:.1}", reading.megabytes_per_second());
                    let cells = [&*messages, &*rate, &*bytes];
                    line(f, name, &transport.to_string(), cells)?;
                }
                Err(_) => line(f, name, &transport.to_string(), ["failed", "", ""])?,
            }
        }
        writeln!(f, "{rule}")
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    pattern: &str,
    transport: &str,
    [messages, rate, bytes]: [&str; 3],
) -> fmt::Result {
    writeln!(
        f,
        "{pattern:<15}{transport:<11}{messages:>14}{rate:>15}{bytes:>11}"
    )
}
