//! How the page begins: what came out, how it was measured, and of what.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use zmq_bench::Outcome;

use crate::run::Run;

/// `ranges` are those of a section's title.
pub fn page(run: &Run, ranges: &[(&str, Vec<String>)], findings: &[String]) -> Outcome<String> {
    let (major, minor, patch) = zmq::version();
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8(rustc.stdout)?;
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let mut page = String::from("# Performance\n\n");
    if !ranges.is_empty() {
        page.push_str(
            "Time to that of C, which is 1: from the least to the most of the medians of a section's \
             rows. These are kinds of messages that no program has in equal parts; the rows tell more.\n\n| |",
        );
        for (title, _) in ranges {
            write!(page, " {title} |")?;
        }
        writeln!(page, "\n|---|{}", "---|".repeat(ranges.len()))?;
        for (index, side) in run.sides[1..].iter().enumerate() {
            write!(page, "| {} |", side.name)?;
            for (_, ranges) in ranges {
                write!(page, " {} |", ranges[index])?;
            }
            page.push('\n');
        }
        page.push('\n');
    }
    for finding in findings {
        writeln!(page, "- {finding}")?;
    }
    write!(
        page,
        "\n## How it was measured\n\n\
         Every figure here comes from one run of\n\n\
         ```sh\n\
         cargo run -p zmq-bench --release --bin report -- --rounds {}{}{} --out docs/performance.md\n\
         ```\n\n\
         on {cores} CPUs ({cpu}), with libzmq {major}.{minor}.{patch}, {}, optimised for release with \
         fat LTO. Each side runs both ends in one process; the clock runs from the first message that \
         has come to the last. A ratio is a side's time by C's in the same round: below 1 is faster \
         than C. The tables have the median of {} rounds [least-most].\n\n\
         C is `zmq_msg_send` of a message made of borrowed bytes, and `zmq_msg_recv` into one that is \
         used again. \"-\" is what a side does not have, or failed at. The pictures show medians.\n\n",
        run.rounds,
        if run.quick { " --quick" } else { "" },
        if run.build_cost { " --build-cost" } else { "" },
        rustc.split(" (").next().unwrap_or_default().trim(),
        run.rounds,
    )?;
    for side in &run.sides {
        writeln!(page, "- {}: {}", side.name, side.about)?;
    }
    for rival in &run.missing {
        writeln!(page, "- not built: {rival}")?;
    }
    Ok(page)
}
