//! Measures throughput and latency, in the manner of libzmq's own perf tools.
//!
//! `cargo run --release --example perf -- thr`, or `lat`, measures both sides in one process, over
//! tcp, ipc and inproc, and prints a table; `--json FILE` and `--chart FILE.svg` keep the figures.
//! `local-thr`, `remote-thr`, `local-lat` and `remote-lat` are one side each, with the arguments of
//! the C programs of those names, and talk to them, too.

mod chart;
mod figures;
mod pair;
mod sides;

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use zmq::Context;

use figures::{Figures, Row, Test};
use pair::Transport;

/// What fails here ends the program, so it need only be said.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Throughput and latency over libzmq.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Throughput, PUSH to PULL, both sides in this process.
    Thr(Both),
    /// Latency, REQ to REP, both sides in this process.
    Lat(Both),
    /// Binds a PULL, and says at what rate messages come.
    LocalThr(Side),
    /// Connects a PUSH, and sends messages.
    RemoteThr(Side),
    /// Binds a REP, and sends every message back.
    LocalLat(Side),
    /// Connects a REQ, and says how long a message is on its way.
    RemoteLat(Side),
}

#[derive(Debug, Args)]
struct Side {
    /// Where to bind or connect, such as tcp://127.0.0.1:5555.
    endpoint: String,
    /// Bytes of a message.
    size: usize,
    /// Messages, or round trips.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// I/O threads of the context.
    #[arg(long, default_value_t = 1)]
    io_threads: u32,
}

#[derive(Debug, Args)]
struct Both {
    /// The ways to measure.
    #[arg(long, value_delimiter = ',', default_value = "tcp,ipc,inproc")]
    transports: Vec<Transport>,
    /// Bytes of a message.
    #[arg(long, value_delimiter = ',', default_value = "1,30,1024,65536")]
    sizes: Vec<usize>,
    /// Messages, or round trips, of one run.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Runs of each kind; the median is told, and the least and most.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// I/O threads of the context.
    #[arg(long, default_value_t = 1)]
    io_threads: u32,
    /// Writes the figures to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws the figures into this SVG file.
    #[arg(long)]
    chart: Option<PathBuf>,
}

fn main() -> Outcome {
    match Cli::parse().command {
        Command::Thr(both) => measure(Test::Throughput, &both),
        Command::Lat(both) => measure(Test::Latency, &both),
        Command::LocalThr(side) => {
            let pull = side.context()?.socket(zmq::PULL)?;
            pull.bind(&side.endpoint)?;
            let time = sides::receive(&pull, side.size, side.count)?;
            println!("message size: {} [B]", side.size);
            println!("message count: {}", side.count);
            println!("{}", Test::Throughput.rate(side.size, side.count, time));
            Ok(())
        }
        Command::RemoteThr(side) => {
            let push = side.context()?.socket(zmq::PUSH)?;
            push.connect(&side.endpoint)?;
            sides::send(&push, side.size, side.count)
        }
        Command::LocalLat(side) => {
            let rep = side.context()?.socket(zmq::REP)?;
            rep.bind(&side.endpoint)?;
            sides::answer(&rep, side.size, side.count)
        }
        Command::RemoteLat(side) => {
            let req = side.context()?.socket(zmq::REQ)?;
            req.connect(&side.endpoint)?;
            let time = sides::ask(&req, side.size, side.count)?;
            println!("message size: {} [B]", side.size);
            println!("roundtrip count: {}", side.count);
            println!("{}", Test::Latency.rate(side.size, side.count, time));
            Ok(())
        }
    }
}

impl Side {
    fn context(&self) -> zmq::Result<Context> {
        let context = Context::new()?;
        context.set_io_threads(self.io_threads)?;
        Ok(context)
    }
}

fn measure(test: Test, both: &Both) -> Outcome {
    let cells = both.transports.len() * both.sizes.len();
    let bar = ProgressBar::new(cells as u64 * both.runs).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len} runs  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut rows = Vec::with_capacity(cells);
    for &transport in &both.transports {
        for &size in &both.sizes {
            rows.push(Row::new(transport, size));
        }
    }
    // Round by round, so that a slow moment of the machine meets all rows alike.
    for _ in 0..both.runs {
        for row in &mut rows {
            bar.set_message(format!("{} {} B", row.transport, row.size));
            let context = Context::new()?;
            context.set_io_threads(both.io_threads)?;
            row.add(pair::run(
                test,
                &context,
                row.transport,
                row.size,
                both.count,
            )?);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();

    let figures = Figures::new(test, both.count, both.io_threads, rows);
    print!("{figures}");
    if let Some(path) = &both.json {
        serde_json::to_writer_pretty(File::create(path)?, &figures)?;
    }
    if let Some(path) = &both.chart {
        chart::draw(&figures, path)?;
    }
    Ok(())
}
