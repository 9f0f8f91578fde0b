//! Streams and trips of every side, beside C.

use std::fmt::Write as _;

use zmq_bench::Outcome;

use crate::run::{Part, Run, spread};
use crate::sides::Cell;

const SIZES: [usize; 5] = [1, 30, 1 << 10, 64 << 10, 1 << 20];

/// A row for each cell: C's time, and how many times that each other side takes. On the first CPU only
/// if `pinned`.
pub fn table(run: &Run, trip: bool, pinned: bool) -> Outcome<Part> {
    let cells = cells(trip, run.quick);
    let figures = measured(run, &cells, pinned)?;
    let mut text = String::from(if pinned {
        "No thread wakes up another CPU here: these are the firm figures.\n\n"
    } else {
        "Who sleeps and who runs free is luck, above all with small messages: take the spread for \
         what it is.\n\n"
    });
    text.push_str("| transport | bytes | frames | C, ns |");
    for side in &run.sides[1..] {
        write!(text, " {} |", side.name)?;
    }
    writeln!(text, "\n|{}", "---|".repeat(run.sides.len() + 3))?;
    for (cell, row) in cells.iter().zip(&figures) {
        let Cell {
            transport,
            size,
            frames,
            ..
        } = cell;
        write!(text, "| {transport} | {size} | {frames} |")?;
        for (index, ratios) in row.iter().enumerate() {
            write!(
                text,
                " {} |",
                spread(ratios, if index == 0 { 0 } else { 2 })
            )?;
        }
        text.push('\n');
    }
    Ok(Part::from(text))
}

fn cells(trip: bool, quick: bool) -> Vec<Cell> {
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

/// By cell and side, what the rounds gave: C's time, the others' ratio to it.
fn measured(run: &Run, cells: &[Cell], pinned: bool) -> Outcome<Vec<Vec<Vec<f64>>>> {
    let sides = &run.sides;
    let mut figures = vec![vec![Vec::new(); sides.len()]; cells.len()];
    for round in 0..run.rounds {
        for (cell, row) in cells.iter().zip(&mut figures) {
            run.say(format_args!(
                "round {} of {}: {cell}",
                round + 1,
                run.rounds
            ));
            let mut times = vec![None; sides.len()];
            // Each round begins with another side: nobody is always the one that comes first.
            for turn in 0..sides.len() {
                let index = (round + turn) % sides.len();
                times[index] = sides[index].run(*cell, pinned);
            }
            let c = times[0].ok_or_else(|| format!("C has failed: {cell}"))?;
            for (index, (time, ratios)) in times.iter().zip(row).enumerate() {
                ratios.extend(time.map(|time| if index == 0 { time } else { time / c }));
            }
        }
    }
    Ok(figures)
}
