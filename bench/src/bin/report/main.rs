//! Measures what `zmq` costs beside C and the other crates, and writes it as a page.
//!
//! `cargo run -p zmq-bench --release --bin report -- [--rounds N] [--quick] [--only SECTION] [--out FILE]`
//!
//! It builds the crates of `rivals/` that it can. In each round every side runs once after the other,
//! and is compared with C in that round; the page has the median of the rounds, and the least and most.
//! `--only` restricts it to the sections whose title begins so.

mod alone;
mod head;
mod ratios;
mod run;
mod sides;

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
    ("Polls, of which one socket is ready", alone::polls),
    ("A socket that is opened, connected and closed", alone::life),
    ("Memory of sockets that are open", alone::memory),
    ("A message of 1 MiB over inproc", alone::handed_over),
];

const USAGE: &str = "usage: report [--rounds N] [--quick] [--only SECTION] [--out FILE]";

fn main() -> Outcome {
    let (mut rounds, mut quick, mut only, mut out) = (5, false, String::new(), None);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(USAGE);
        match &*word {
            "--rounds" => rounds = value()?.parse()?,
            "--quick" => quick = true,
            "--only" => only = value()?,
            "--out" => out = Some(value()?.into()),
            "--memory" => return alone::grow(&value()?),
            _ => return Err(USAGE.into()),
        }
    }
    let run = Run::new(rounds, quick, out)?;
    let (mut body, mut findings) = (String::new(), Vec::new());
    for (title, section) in SECTIONS {
        if title.starts_with(&*only) {
            run.say(title);
            let part = section(&run)?;
            body.push_str(&format!("\n## {title}\n\n{}", part.text));
            findings.extend(part.findings);
        }
    }
    let page = head::page(&run, &findings)? + &body;
    print!("{page}");
    if let Some(path) = &run.out {
        fs::write(path, page)?;
    }
    Ok(())
}
