//! What was measured, as a table and for other programs.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::pair::Transport;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Test {
    Throughput,
    Latency,
}

/// A rate, or a time, with its unit.
#[derive(Debug, Clone, Copy)]
pub enum Rate {
    Throughput { messages: f64, megabits: f64 },
    Latency { microseconds: f64 },
}

impl Test {
    /// What `count` messages or round trips in that time come to.
    pub fn rate(self, size: usize, count: u64, time: Duration) -> Rate {
        let (count, seconds) = (count as f64, time.as_secs_f64().max(1e-9));
        match self {
            Test::Throughput => Rate::Throughput {
                messages: count / seconds,
                megabits: count * size as f64 * 8.0 / 1e6 / seconds,
            },
            // There and back is twice the way.
            Test::Latency => Rate::Latency {
                microseconds: seconds * 1e6 / (2.0 * count),
            },
        }
    }

    /// The one number of a rate that is compared.
    fn figure(self, size: usize, count: u64, time: Duration) -> f64 {
        match self.rate(size, count, time) {
            Rate::Throughput { messages, .. } => messages,
            Rate::Latency { microseconds } => microseconds,
        }
    }

    /// What that number is.
    pub fn unit(self) -> &'static str {
        match self {
            Test::Throughput => "messages/s",
            Test::Latency => "µs one way",
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rate::Throughput { messages, megabits } => write!(
                f,
                "mean throughput: {messages:.0} [msg/s]\nmean throughput: {megabits:.3} [Mb/s]"
            ),
            Rate::Latency { microseconds } => {
                write!(f, "average latency: {microseconds:.3} [us]")
            }
        }
    }
}

/// The runs of one transport and size.
#[derive(Debug)]
pub struct Row {
    pub transport: Transport,
    pub size: usize,
    times: Vec<Duration>,
}

impl Row {
    pub fn new(transport: Transport, size: usize) -> Row {
        Row {
            transport,
            size,
            times: Vec::new(),
        }
    }

    pub fn add(&mut self, time: Duration) {
        self.times.push(time);
    }
}

/// A row in numbers.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Figure {
    pub transport: Transport,
    pub size: usize,
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub test: Test,
    pub unit: &'static str,
    libzmq: String,
    count: u64,
    io_threads: u32,
    pub rows: Vec<Figure>,
}

impl Figures {
    pub fn new(test: Test, count: u64, io_threads: u32, rows: Vec<Row>) -> Figures {
        let (major, minor, patch) = zmq::version();
        let figure = |row: Row| {
            let mut figures: Vec<f64> = row
                .times
                .iter()
                .map(|time| test.figure(row.size, count, *time))
                .collect();
            figures.sort_by(f64::total_cmp);
            Figure {
                transport: row.transport,
                size: row.size,
                median: figures[figures.len() / 2],
                least: figures[0],
                most: figures[figures.len() - 1],
            }
        };
        Figures {
            test,
            unit: test.unit(),
            libzmq: format!("{major}.{minor}.{patch}"),
            count,
            io_threads,
            rows: rows.into_iter().map(figure).collect(),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures {
            unit,
            libzmq,
            count,
            io_threads,
            ..
        } = self;
        writeln!(
            f,
            "libzmq {libzmq}, {count} a run, {io_threads} I/O threads; {unit}"
        )?;
        writeln!(
            f,
            "{:<11}{:>9}{:>14}{:>14}{:>14}",
            "transport", "bytes", "median", "least", "most"
        )?;
        let digits = match self.test {
            Test::Throughput => 0,
            Test::Latency => 2,
        };
        for row in &self.rows {
            writeln!(
                f,
                "{:<11}{:>9}{:>14.digits$}{:>14.digits$}{:>14.digits$}",
                row.transport, row.size, row.median, row.least, row.most
            )?;
        }
        Ok(())
    }
}
