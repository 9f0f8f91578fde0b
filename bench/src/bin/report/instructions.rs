//! The instructions of a message, counted by the program that is there for it.

use std::fmt::Write as _;
use std::process::Command;

use zmq_bench::Outcome;

use crate::figures::span;
use crate::run::{Part, Run};
use crate::sides;

/// Forms of messages whose ratios belong to the summary.
const MESSAGES: [&str; 3] = ["buffers", "message-reused", "message-fresh"];
const PARTS: [&str; 2] = ["three-messages", "three-buffers"];
const TASKS: [&str; 2] = ["async-buffers", "async-message-fresh"];

pub fn table(run: &Run) -> Outcome<Part> {
    let program = sides::ours("instructions")?;
    let mut instructions = Command::new(program);
    if run.quick {
        instructions.args(["buffers", "30"]);
    }
    let output = instructions.output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Ok(Part::from(format!("Not counted: {}\n", reason.trim())));
    }
    let mut text = String::from(
        "Instructions (`Ir`) and allocations of a message that is sent and received over inproc, counted \
         by callgrind, libzmq's own among them: no other load on the machine changes them. A trip is a \
         request and its reply. Polls are those of so many sockets, proxies what they alone do.\n\n\
         | form | bytes | C, Ir | zmq, Ir | ratio | C, allocations | zmq |\n|---|---|---|---|---|---|---|\n",
    );
    let mut ratios = Vec::new();
    for line in std::str::from_utf8(&output.stdout)?.lines() {
        // A figure that misses its goal has a word more.
        let words: Vec<&str> = line.split_whitespace().collect();
        let [
            form,
            size,
            c,
            ours,
            ratio,
            _goal,
            c_allocations,
            our_allocations,
            ..,
        ] = words[..]
        else {
            continue;
        };
        let Ok(number) = ratio.parse::<f64>() else {
            continue;
        };
        ratios.push((form.to_owned(), number));
        writeln!(
            text,
            "| {form} | {size} | {c} | {ours} | {ratio} | {c_allocations} | {our_allocations} |"
        )?;
    }
    let of = |forms: &[&str]| {
        let found = ratios.iter().filter(|(form, _)| forms.contains(&&**form));
        span(found.map(|(_, ratio)| *ratio))
    };
    let findings = vec![format!(
        "of C's, a message of one part {}, of three parts {}, in tasks {}.",
        of(&MESSAGES),
        of(&PARTS),
        of(&TASKS),
    )];
    Ok(Part {
        findings,
        ..Part::from(text)
    })
}
