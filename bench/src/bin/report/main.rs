//! Measures what `zmq` costs beside C and the other crates, and writes it as a page.
//!
//! `cargo run -p zmq-bench --release --bin report -- [--rounds N] [--quick] [--build-cost]
//! [--only SECTION] [--out FILE]`
//!
//! It builds the crates of `rivals/` that it can. In each round every side runs once after the other,
//! and is compared with C in that round; the page has the median of the rounds, and the least and most.
//! Pictures go into a folder of the page's name. `--quick` is for trying this out. `--build-cost` builds
//! the crates anew, for minutes, and tells what that takes. `--only` restricts the page to the sections
//! whose title begins so.

mod alone;
mod beyond;
mod charts;
mod cost;
mod fan_in;
mod figures;
mod handed;
mod head;
mod instructions;
mod ratios;
mod run;
mod sides;
mod tasks;

use std::{env, fs};

use zmq_bench::Outcome;

use run::{Part, Run};

/// A section of the page.
type Section = fn(&Run) -> Outcome<Part>;

/// The page, in its order, under these titles.
const SECTIONS: &[(&str, Section)] = &[
    ("Streams on one CPU", |run| ratios::table(run, false, true)),
    ("Trips on one CPU", |run| ratios::table(run, true, true)),
    ("Streams on all CPUs", |run| {
        ratios::table(run, false, false)
    }),
    ("Trips on all CPUs", |run| ratios::table(run, true, false)),
    ("Tasks on one CPU", tasks::table),
    ("Many senders to one receiver", fan_in::table),
    ("Large buffers, handed over and copied", handed::table),
    ("Instructions", instructions::table),
    ("Polls, of which one socket is ready", alone::polls),
    ("A socket that is opened, connected and closed", alone::life),
    ("Memory of sockets that are open", alone::memory),
    ("Beyond C: builds of libzmq", beyond::builds),
    ("Beyond C: batch sizes", beyond::batches),
    ("Beyond C: I/O threads", beyond::io_threads),
    ("Building", cost::table),
];

const USAGE: &str =
    "usage: report [--rounds N] [--quick] [--build-cost] [--only SECTION] [--out FILE]";

fn main() -> Outcome {
    let (mut rounds, mut quick, mut build_cost, mut only, mut out) =
        (5, false, false, String::new(), None);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(USAGE);
        match &*word {
            "--rounds" => rounds = value()?.parse()?,
            "--quick" => quick = true,
            "--build-cost" => build_cost = true,
            "--only" => only = value()?,
            "--out" => out = Some(value()?.into()),
            "--fan-in" => return fan_in::measure(&words.collect::<Vec<_>>()),
            "--memory" => return alone::grow(&value()?),
            _ => return Err(USAGE.into()),
        }
    }
    let run = Run::new(rounds, quick, build_cost, out)?;
    let (mut body, mut ranges, mut findings) = (String::new(), Vec::new(), Vec::new());
    let mut failed = None;
    for (title, section) in SECTIONS {
        if title.starts_with(&*only) {
            run.say(title);
            let part = match section(&run) {
                Ok(part) => part,
                Err(error) => {
                    // What the others have measured took long.
                    run.say(format_args!("failed: {error}"));
                    body.push_str(&format!("\n## {title}\n\nFailed: {error}\n"));
                    failed = Some(error);
                    continue;
                }
            };
            // Nothing, if it was not asked for.
            if !part.text.is_empty() {
                body.push_str(&format!("\n## {title}\n\n{}", part.text));
            }
            if !part.ranges.is_empty() {
                ranges.push((*title, part.ranges));
            }
            findings.extend(
                part.findings
                    .iter()
                    .map(|found| format!("**{title}**: {found}")),
            );
        }
    }
    let page = head::page(&run, &ranges, &findings)? + &body;
    print!("{page}");
    if let Some(path) = &run.out {
        fs::write(path, page)?;
    }
    failed.map_or(Ok(()), Err)
}
