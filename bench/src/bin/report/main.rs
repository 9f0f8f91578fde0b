//! Measures what `zmq` costs beside C and the other crates, and writes it as a page.
//!
//! `cargo run -p zmq-bench --release --bin report -- [--rounds N] [--quick] [--out FILE]`
//!
//! It builds the crates of `rivals/` that it can. In each round every side runs once after the other,
//! and is compared with C in that round; the page has the median of the rounds, and the least and most.

mod alone;
mod sides;

use std::fmt::Write as _;
use std::process::Command;
use std::{env, fs};

use zmq_bench::Outcome;

use sides::{Cell, Side};

fn main() -> Outcome {
    let (mut rounds, mut quick, mut out) = (5, false, None);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match &*word {
            "--rounds" => rounds = words.next().ok_or("--rounds N")?.parse()?,
            "--quick" => quick = true,
            "--out" => out = Some(words.next().ok_or("--out FILE")?),
            "--memory" => return alone::memory(&words.next().ok_or("--memory SIDE")?),
            _ => return Err("usage: report [--rounds N] [--quick] [--out FILE]".into()),
        }
    }
    let rounds: usize = usize::max(rounds, 1);
    let (sides, missing) = sides::built()?;
    let mut page = head(&sides, &missing, rounds, quick)?;
    for (pinned, title, about) in [
        (
            true,
            "On one CPU",
            "No thread wakes up another CPU here: these are the firm figures.",
        ),
        (
            false,
            "On all CPUs",
            "Who sleeps and who runs free is luck, above all with small messages: take the spread \
             for what it is.",
        ),
    ] {
        for trip in [false, true] {
            let what = if trip {
                "round trips, REQ to REP"
            } else {
                "streams, PUSH to PULL"
            };
            writeln!(page, "\n## {title}: {what}\n\n{about}\n")?;
            page.push_str(&table(&sides, &cells(trip, quick), rounds, pinned)?);
        }
    }
    page.push_str(&alone::page(rounds, quick)?);
    print!("{page}");
    if let Some(path) = out {
        fs::write(path, page)?;
    }
    Ok(())
}

fn cells(trip: bool, quick: bool) -> Vec<Cell> {
    const SIZES: [usize; 5] = [1, 30, 1 << 10, 64 << 10, 1 << 20];
    let transports: &[&str] = if quick {
        &["tcp", "inproc"]
    } else {
        &["tcp", "ipc", "inproc"]
    };
    let sizes: &[usize] = if quick { &[30, 64 << 10] } else { &SIZES };
    let mut cells = Vec::new();
    for &transport in transports {
        for &size in sizes {
            for frames in [1, 3] {
                let count: u64 = match (trip, size) {
                    (_, 500_000..) => 200,
                    (true, _) => 2_000,
                    (false, 30_000..) => 3_000,
                    (false, _) => 100_000,
                };
                cells.push(Cell {
                    trip,
                    transport,
                    size,
                    frames,
                    count: if quick { count / 5 } else { count },
                });
            }
        }
    }
    cells
}

/// A row for each cell: C's time, and how many times that each other side takes.
fn table(sides: &[Side], cells: &[Cell], rounds: usize, pinned: bool) -> Outcome<String> {
    // By cell and side, what the rounds gave: C's time, the others' ratio to it.
    let mut figures = vec![vec![Vec::new(); sides.len()]; cells.len()];
    for round in 0..rounds {
        for (cell, row) in cells.iter().zip(&mut figures) {
            let mut times = vec![None; sides.len()];
            // Each round begins with another side: nobody is always the one that comes first.
            for turn in 0..sides.len() {
                let index = (round + turn) % sides.len();
                times[index] = sides[index].run(*cell, pinned);
            }
            let c = times[0].ok_or_else(|| format!("C has failed at {cell:?}"))?;
            for (index, (time, ratios)) in times.iter().zip(row).enumerate() {
                ratios.extend(time.map(|time| if index == 0 { time } else { time / c }));
            }
        }
    }
    let mut text = String::from("| transport | bytes | frames | C, ns |");
    for side in &sides[1..] {
        write!(text, " {} |", side.name)?;
    }
    writeln!(text, "\n|{}", "---|".repeat(sides.len() + 3))?;
    for (cell, row) in cells.iter().zip(&mut figures) {
        let Cell {
            transport,
            size,
            frames,
            ..
        } = cell;
        write!(text, "| {transport} | {size} | {frames} |")?;
        for (index, ratios) in row.iter_mut().enumerate() {
            write!(
                text,
                " {} |",
                spread(ratios, if index == 0 { 0 } else { 2 })
            )?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// The median, and between brackets the least and most.
fn spread(values: &mut [f64], digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    match &*values {
        [] => "-".to_owned(),
        [one] => format!("{one:.digits$}"),
        [least, .., most] => format!(
            "{:.digits$} [{least:.digits$}-{most:.digits$}]",
            values[values.len() / 2]
        ),
    }
}

fn head(sides: &[Side], missing: &[String], rounds: usize, quick: bool) -> Outcome<String> {
    let (major, minor, patch) = zmq::version();
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8(rustc.stdout)?;
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let mut page = format!(
        "# Performance\n\n\
         Every figure here comes from one run of\n\n\
         ```sh\n\
         cargo run -p zmq-bench --release --bin report -- --rounds {rounds}{} --out docs/performance.md\n\
         ```\n\n\
         on {cores} CPUs ({cpu}), with libzmq {major}.{minor}.{patch}, {}, optimised for release with \
         fat LTO. Each side runs both ends in one process; the clock runs from the first message that \
         has come to the last. A ratio is a side's time by C's in the same round: below 1 is faster \
         than C. The tables have the median of {rounds} rounds [least-most].\n\n\
         C is `zmq_msg_send` of a message made of borrowed bytes, and `zmq_msg_recv` into one that is \
         used again. \"-\" is what a side does not have, or failed at.\n\n\
         Instructions per message, which depend on no machine's mood, are counted by \
         `cargo run -p zmq-bench --release --bin instructions`.\n\n",
        if quick { " --quick" } else { "" },
        rustc.split(" (").next().unwrap_or_default().trim(),
    );
    for side in sides {
        writeln!(page, "- {}: {}", side.name, side.about)?;
    }
    for rival in missing {
        writeln!(page, "- not built: {rival}")?;
    }
    Ok(page)
}
