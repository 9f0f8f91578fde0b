//! What this program measures by itself, C and `zmq` in turn: polls, sockets and memory.

use std::fmt::Write as _;
use std::time::Instant;
use std::{env, fs};

use zmq::SocketKind;
use zmq_bench::{Ours, Outcome, Peer, Polled, Polling, Twin};

use crate::figures::{beside_first, in_turn, spread};
use crate::run::{Part, Run};
use crate::sides::{command, printed};

const MANY: usize = 1000;

/// [`opened`], for one of the sides.
type Opening = fn(&str, usize) -> Outcome<f64>;

pub fn polls(run: &Run) -> Outcome<Part> {
    let mut text = String::from("| sockets | C, ns | zmq::poll | Poller |\n|---|---|---|---|\n");
    for sockets in [1, 10, 100, MANY] {
        let polled = Polled::new(sockets)?;
        let polls = scale(run) * 20_000 / sockets;
        let row = turns(
            run,
            &mut Polling::ALL.map(|polling| {
                let polled = &polled;
                move || -> Outcome<f64> {
                    let found = polled.with(polling, |poll| {
                        let start = Instant::now();
                        poll(polls).map(|_| start.elapsed())
                    })??;
                    Ok(found.as_nanos() as f64 / polls as f64)
                }
            }),
        )?;
        writeln!(text, "| {sockets} | {row}")?;
    }
    Ok(Part::from(text))
}

pub fn life(run: &Run) -> Outcome<Part> {
    let mut text = String::from("| transport | C, ns | zmq |\n|---|---|---|\n");
    for endpoint in ["inproc://sockets", "tcp://127.0.0.1:*"] {
        let sockets = scale(run) * 50;
        let sides: [Opening; 2] = [opened::<Twin>, opened::<Ours>];
        let row = turns(run, &mut sides.map(|side| move || side(endpoint, sockets)))?;
        let transport = endpoint.split(':').next().unwrap_or(endpoint);
        writeln!(text, "| {transport} | {row}")?;
    }
    Ok(Part::from(text))
}

pub fn memory(run: &Run) -> Outcome<Part> {
    let row = turns(run, &mut ["C", "zmq"].map(|side| move || grown(side)))?;
    Ok(Part::from(format!(
        "Of {MANY} PUSH, in a process of its own.\n\n| C, KiB | zmq |\n|---|---|\n| {row}\n"
    )))
}

fn scale(run: &Run) -> usize {
    if run.quick { 1 } else { 5 }
}

/// Runs the sides in turn, and gives the cells of a row: the first's figure, the others' ratio to it.
fn turns<F: FnMut() -> Outcome<f64>, const N: usize>(
    run: &Run,
    sides: &mut [F; N],
) -> Outcome<String> {
    let mut figures = [const { Vec::new() }; N];
    for round in 0..run.rounds {
        let times = in_turn(round, N, |side| sides[side]().map(Some))?;
        beside_first(&times, &mut figures);
    }
    let mut row = String::new();
    for (index, figures) in figures.iter().enumerate() {
        write!(
            row,
            "{} | ",
            spread(figures, if index == 0 { 0 } else { 2 })
        )?;
    }
    Ok(row.trim_end().to_owned())
}

fn opened<P: Peer>(endpoint: &str, sockets: usize) -> Outcome<f64> {
    // Of its own: libzmq takes its time to be done with those that are closed, and a context has room for
    // so many.
    let context = zmq::Context::new()?;
    let bound = Ours::open(&context, SocketKind::Pull, 0)?;
    let endpoint = bound.bind(endpoint)?;
    let start = Instant::now();
    for _ in 0..sockets {
        P::open(&context, SocketKind::Push, 0)?.connect(&endpoint)?;
    }
    Ok(start.elapsed().as_nanos() as f64 / sockets as f64)
}

/// KiB by which a process of its own has grown.
fn grown(side: &str) -> Outcome<f64> {
    let mut program = command(&env::current_exe()?, false);
    printed(program.args(["--memory", side])).ok_or_else(|| format!("{side} failed").into())
}

/// That process: opens the sockets, and prints by how many KiB it has grown.
pub fn grow(side: &str) -> Outcome {
    match side {
        "C" => many::<Twin>(),
        _ => many::<Ours>(),
    }
}

fn many<P: Peer>() -> Outcome {
    let context = zmq::Context::new()?;
    context.set_max_sockets(2 * MANY as u32)?;
    let mut sockets = Vec::with_capacity(MANY);
    // The first starts the context's threads.
    sockets.push(P::open(&context, SocketKind::Push, 1000)?);
    let before = resident()?;
    for _ in 0..MANY {
        sockets.push(P::open(&context, SocketKind::Push, 1000)?);
    }
    println!("{}", resident()? - before);
    Ok(())
}

/// KiB of this process in memory.
fn resident() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size = line.and_then(|line| line.split_whitespace().next());
    Ok(size.ok_or("no VmRSS")?.parse()?)
}
