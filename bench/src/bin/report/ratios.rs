//! Streams and trips of every side, beside C.

use std::fmt::Write as _;

use zmq_bench::Outcome;

use crate::charts::{self, Line};
use crate::figures::{beside_first, in_turn, median, span, spread};
use crate::run::{Part, Run};
use crate::sides::{Cell, Kind, Side};

const TRANSPORTS: [&str; 3] = ["tcp", "ipc", "inproc"];
/// Ahead is who takes less than this part of the other's time.
const AHEAD: f64 = 0.95;

/// By cell and side, what the rounds gave: C's time, the others' ratio to it.
pub type Figures = Vec<Vec<Vec<f64>>>;

/// A row for each cell: C's time, and how many times that each other side takes. On the first CPU only
/// if `pinned`, with pictures.
pub fn table(run: &Run, trip: bool, pinned: bool) -> Outcome<Part> {
    let cells = cells(trip, pinned, run.quick);
    let figures = measured(run, &run.sides, &cells, pinned)?;
    let mut text = String::from(if pinned {
        "No thread wakes up another CPU here: these are the firm figures.\n\n"
    } else {
        "Who sleeps and who runs free is luck, above all with small messages: take the spread for \
         what it is.\n\n"
    });
    if pinned {
        text.push_str(&pictures(run, trip, &cells, &figures)?);
    }
    text.push_str(&rows(&run.sides, &cells, &figures)?);
    let ranges = (1..run.sides.len())
        .map(|index| span(figures.iter().filter_map(|row| median(&row[index]))))
        .collect();
    let findings = vec![compared(run, &cells, &figures)];
    Ok(Part {
        text,
        ranges,
        findings,
    })
}

/// The same rows for any sides, of which the first is what the others are compared with.
pub fn rows_of(run: &Run, sides: &[Side], cells: &[Cell], pinned: bool) -> Outcome<String> {
    rows(sides, cells, &measured(run, sides, cells, pinned)?)
}

/// A row for each cell.
pub fn rows(sides: &[Side], cells: &[Cell], figures: &Figures) -> Outcome<String> {
    let mut text = format!("| transport | size | {}, ns |", sides[0].name);
    for side in &sides[1..] {
        write!(text, " {} |", side.name)?;
    }
    writeln!(text, "\n|{}", "---|".repeat(sides.len() + 2))?;
    for (cell, row) in cells.iter().zip(figures) {
        write!(text, "| {} | {} |", cell.transport, cell.shape())?;
        for (index, ratios) in row.iter().enumerate() {
            let digits = if index == 0 { 0 } else { 2 };
            write!(text, " {} |", spread(ratios, digits))?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// Pictures need sizes; on all CPUs fewer rows tell what there is to tell.
fn cells(trip: bool, pinned: bool, quick: bool) -> Vec<Cell> {
    const ALL: [(usize, usize); 9] = [
        (1, 1),
        (30, 1),
        (256, 1),
        (1 << 10, 1),
        (8 << 10, 1),
        (64 << 10, 1),
        (1 << 20, 1),
        (30, 3),
        (1 << 10, 3),
    ];
    const SOME: [(usize, usize); 4] = [(30, 1), (1 << 10, 1), (64 << 10, 1), (30, 3)];
    let shapes: &[(usize, usize)] = if pinned && !quick { &ALL } else { &SOME };
    let mut cells = Vec::new();
    for transport in TRANSPORTS {
        for &(size, frames) in shapes {
            let count: u64 = match (trip, size) {
                (_, 500_000..) => 200,
                (true, _) => 2_000,
                (false, 30_000..) => 3_000,
                (false, 5_000..) => 10_000,
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
    cells
}

/// Runs every side in turn.
pub fn measured(run: &Run, sides: &[Side], cells: &[Cell], pinned: bool) -> Outcome<Figures> {
    let mut figures = vec![vec![Vec::new(); sides.len()]; cells.len()];
    for round in 0..run.rounds {
        for (cell, row) in cells.iter().zip(&mut figures) {
            let (transport, shape) = (cell.transport, cell.shape());
            run.say(format_args!(
                "round {} of {}: {transport}, {shape}",
                round + 1,
                run.rounds
            ));
            let times = in_turn(
                round,
                sides.len(),
                |side| Ok(sides[side].run(*cell, pinned)),
            )?;
            beside_first(&times, row);
        }
    }
    Ok(figures)
}

/// Draws a picture for each transport beside the page, and gives what shows them there.
fn pictures(run: &Run, trip: bool, cells: &[Cell], figures: &Figures) -> Outcome<String> {
    let mut text = String::new();
    let Some(folder) = run.out.as_ref().map(|page| page.with_extension("")) else {
        return Ok(text);
    };
    let (what, who) = if trip {
        ("trips", "Round trips, REQ to REP")
    } else {
        ("streams", "Streams, PUSH to PULL")
    };
    for transport in TRANSPORTS {
        let shown: Vec<(&Cell, &Vec<Vec<f64>>)> = cells
            .iter()
            .zip(figures)
            .filter(|(cell, _)| cell.transport == transport && cell.frames == 1)
            .collect();
        let lines = run
            .sides
            .iter()
            .enumerate()
            .skip(1)
            .map(|(index, side)| Line {
                name: side.name.clone(),
                kind: side.kind,
                points: shown
                    .iter()
                    .filter_map(|(cell, row)| Some((cell.size as f64, median(&row[index])?)))
                    .collect(),
            });
        let file = format!("{what}-{transport}.svg");
        let title = format!("{who}, over {transport}, on one CPU");
        charts::draw(&folder.join(&file), &title, &lines.collect::<Vec<_>>())?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        writeln!(text, "![{title}: time to C's by size]({name}/{file})\n")?;
    }
    Ok(text)
}

/// How the fastest side of ours does beside the rivals, and where which of them is faster.
fn compared(run: &Run, cells: &[Cell], figures: &Figures) -> String {
    let fastest = |row: &[Vec<f64>], kind| {
        let sides = run.sides.iter().zip(row);
        let medians = sides.filter_map(|(side, figures)| Some((side.kind, median(figures)?)));
        let of_kind = medians.filter(|(whose, _)| *whose == kind);
        of_kind.map(|(_, median)| median).reduce(f64::min)
    };
    let (mut ahead, mut behind, mut faster) = (0, 0, vec![Vec::new(); run.sides.len()]);
    for (cell, row) in cells.iter().zip(figures) {
        let (Some(ours), Some(theirs)) = (fastest(row, Kind::Ours), fastest(row, Kind::Rival))
        else {
            continue;
        };
        ahead += usize::from(ours < AHEAD * theirs);
        behind += usize::from(theirs < AHEAD * ours);
        for ((side, figures), faster) in run.sides.iter().zip(row).zip(&mut faster) {
            match median(figures) {
                Some(theirs) if side.kind == Kind::Rival && theirs < AHEAD * ours => {
                    let (transport, shape) = (cell.transport, cell.shape());
                    faster.push(format!(
                        "{transport} {shape} ({theirs:.2} beside {ours:.2})"
                    ));
                }
                _ => {}
            }
        }
    }
    let mut text = format!(
        "of {} rows, the fastest side of ours is ahead of all other crates by 5 % or more in {ahead}, and \
         behind one of them in {behind}.",
        cells.len()
    );
    for (side, faster) in run.sides.iter().zip(faster) {
        if !faster.is_empty() {
            text.push_str(&format!(
                " Ahead of ours is {} at {}.",
                side.name,
                faster.join(", ")
            ));
        }
    }
    text
}
