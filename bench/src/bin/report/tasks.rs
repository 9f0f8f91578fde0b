//! What waiting in tasks costs, beside C on threads, and how much of it is the runtime's.

use std::fmt::Write as _;

use zmq_bench::Outcome;

use crate::figures::median;
use crate::ratios::{Figures, measured, rows};
use crate::run::{Part, Run};
use crate::sides::{Cell, Side, ours};

/// Streams and trips of C's two threads, and of two tasks on one thread or two.
pub fn table(run: &Run) -> Outcome<Part> {
    let program = ours("rival")?;
    let side = |name, word| Side::ours(name, "", &program, &[word, "buffers"], None);
    let sides = [
        side("C", "C"),
        side("by hand, one thread", "by-hand-1"),
        side("zmq::tokio, one thread", "tokio-1"),
        side("by hand", "by-hand"),
        side("zmq::tokio", "tokio"),
        side("zmq::async_io", "async-io"),
    ];
    let mut text = String::from(
        "All send borrowed bytes and receive into a buffer; C, and what stands on async-io, on two \
         threads, tokio's tasks on one or on two. By hand is a loop over `zmq_send`, `zmq_recv` and \
         tokio's `AsyncFd`, without errors, without cancellation, for one direction: what the runtime and \
         libzmq's descriptor take by themselves.\n\n",
    );
    let mut findings = Vec::new();
    for (title, trip) in [("Streams", false), ("Trips", true)] {
        let cells = cells(trip, run.quick);
        let figures = measured(run, &sides, &cells, true)?;
        write!(text, "{title}:\n\n{}\n", rows(&sides, &cells, &figures)?)?;
        findings.push(found(title, &sides, &cells, &figures));
    }
    Ok(Part {
        text: text.trim_end().to_owned() + "\n",
        ranges: Vec::new(),
        findings,
    })
}

fn cells(trip: bool, quick: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for transport in ["tcp", "inproc"] {
        for size in [30, 1 << 10] {
            let count = if trip { 20_000 } else { 300_000 };
            cells.push(Cell {
                trip,
                transport,
                size,
                frames: 1,
                count: if quick { count / 10 } else { count },
            });
        }
    }
    cells
}

/// The first row in words.
fn found(title: &str, sides: &[Side], cells: &[Cell], figures: &Figures) -> String {
    let (cell, row) = (&cells[0], &figures[0]);
    let told: Vec<String> = sides[1..]
        .iter()
        .zip(&row[1..])
        .filter_map(|(side, ratios)| Some(format!("{} {:.2}", side.name, median(ratios)?)))
        .collect();
    format!(
        "{title} of {} over {}, of C's time: {}.",
        cell.shape(),
        cell.transport,
        told.join(", ")
    )
}
