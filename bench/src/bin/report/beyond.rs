//! What an application gains beyond C on the libzmq that was found: by another build of libzmq, other batch
//! sizes, more I/O threads. C would gain the same; its first column has none of that.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use zmq_bench::Outcome;

use crate::ratios::rows_of;
use crate::run::{Part, Run};
use crate::sides::{Cell, Side, bundled, ours};

/// A way of building the bundled libzmq, and this program with it.
struct Build {
    name: &'static str,
    /// Of its own, as its environment is.
    folder: &'static str,
    about: &'static str,
    features: &'static str,
    environment: &'static [(&'static str, &'static str)],
}

const RELEASE: Build = Build {
    name: "bundled",
    folder: "bundled",
    about: "the feature `vendored`, and nothing else",
    features: "vendored",
    environment: &[],
};

const FOR_THIS_CPU: Build = Build {
    name: "bundled, this CPU",
    folder: "bundled-cpu",
    about: "C++ with `-march=native`, Rust with `-C target-cpu=native`",
    features: "vendored",
    environment: &[
        ("CXXFLAGS", "-march=native"),
        ("RUSTFLAGS", "-Ctarget-cpu=native"),
    ],
};

const ACROSS_LANGUAGES: Build = Build {
    name: "bundled, one LTO",
    folder: "bundled-lto",
    about: "C++ by clang with `-flto=full`, Rust with `-C linker-plugin-lto`, optimised as one",
    features: "vendored",
    // Of the same kind as the profile's fat LTO: the linker does not look across thin and full.
    environment: &[
        ("CC", "clang"),
        ("CXX", "clang++"),
        ("CFLAGS", "-flto=full"),
        ("CXXFLAGS", "-flto=full"),
        ("RUSTFLAGS", "-Clinker-plugin-lto"),
    ],
};

const DRAFTS: Build = Build {
    name: "bundled",
    folder: "bundled-draft",
    about: "the features `vendored` and `draft`, with libzmq's batches of 8 KiB",
    features: "vendored,draft",
    environment: &[],
};

/// What every side here does with its messages.
const FORM: &str = "message-reused";

/// Streams and trips on the bundled libzmq, built in several ways.
pub fn builds(run: &Run) -> Outcome<Part> {
    let mut text = String::from(
        "All sides send messages made of borrowed bytes, and receive into one that is used again, on one \
         CPU. C and zmq are on the libzmq of the other tables.\n\n",
    );
    let found = ours("rival")?;
    let mut sides = vec![
        side("C", "the libzmq that was found", &found, &["C", FORM]),
        side("zmq", "the libzmq that was found", &found, &["zmq", FORM]),
    ];
    for build in [RELEASE, FOR_THIS_CPU, ACROSS_LANGUAGES] {
        match build.rival(run) {
            Ok(program) => sides.push(side(build.name, build.about, &program, &["zmq", FORM])),
            Err(error) => writeln!(text, "- not built: {}: {error}", build.name)?,
        }
    }
    list(&mut text, &sides[2..])?;
    for trip in [false, true] {
        text.push_str(if trip {
            "\nTrips:\n\n"
        } else {
            "\nStreams:\n\n"
        });
        let cells: Vec<_> = [("tcp", 30), ("tcp", 64 << 10), ("inproc", 30)]
            .into_iter()
            .map(|(transport, size)| cell(run, trip, transport, size))
            .collect();
        text.push_str(&rows_of(run, &sides, &cells, true)?);
    }
    Ok(Part::from(text))
}

/// Streams over tcp with larger batches, a draft option of libzmq.
pub fn batches(run: &Run) -> Outcome<Part> {
    let mut text = String::from(
        "`ZMQ_IN_BATCH_SIZE` and `ZMQ_OUT_BATCH_SIZE` at both ends, over tcp, on one CPU. C is on the libzmq \
         of the other tables.\n\n",
    );
    let rival = match DRAFTS.rival(run) {
        Ok(rival) => rival,
        Err(error) => return Ok(Part::from(format!("Not built: {error}\n"))),
    };
    let bundled = |name, about, words: &[&'static str]| side(name, about, &rival, words);
    let sides = [
        side(
            "C",
            "the libzmq that was found",
            &ours("rival")?,
            &["C", FORM],
        ),
        bundled(DRAFTS.name, DRAFTS.about, &["zmq", FORM]),
        bundled(
            "32 KiB",
            "the same, batches of 32 KiB",
            &["zmq", FORM, "batch-size=32768"],
        ),
        bundled(
            "64 KiB",
            "the same, batches of 64 KiB",
            &["zmq", FORM, "batch-size=65536"],
        ),
        bundled(
            "256 KiB",
            "the same, batches of 256 KiB",
            &["zmq", FORM, "batch-size=262144"],
        ),
    ];
    list(&mut text, &sides[1..])?;
    text.push('\n');
    let cells = [30, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10]
        .map(|size| cell(run, false, "tcp", size));
    text.push_str(&rows_of(run, &sides, &cells, true)?);
    Ok(Part::from(text))
}

/// Streams over tcp with several I/O threads, over one connection and over eight.
pub fn io_threads(run: &Run) -> Outcome<Part> {
    let mut text = String::from(
        "Over tcp, on all CPUs. Both ends of each connection are served by the I/O threads of one context: \
         one is libzmq's default. Apart: two I/O threads, one for the side that binds and one for those \
         that connect (`ZMQ_AFFINITY`); shared: two, of which all connections have the first.\n",
    );
    let program = ours("rival")?;
    for (about, connections) in [
        ("One connection", ""),
        ("Eight connections", "connections=8"),
    ] {
        let side = |name, words: &[&'static str]| {
            let words = [words, &[connections]].concat();
            side(name, "", &program, &words)
        };
        let sides = [
            side("C", &["C", FORM]),
            side("zmq", &["zmq", FORM]),
            side("two threads", &["zmq", FORM, "io-threads=2"]),
            side("four threads", &["zmq", FORM, "io-threads=4"]),
            side("apart", &["zmq", FORM, "io-threads=2", "affinity=1,2"]),
            side("shared", &["zmq", FORM, "io-threads=2", "affinity=1,1"]),
        ];
        let cells = [30, 1 << 10, 64 << 10].map(|size| cell(run, false, "tcp", size));
        write!(text, "\n{about}:\n\n")?;
        text.push_str(&rows_of(run, &sides, &cells, false)?);
    }
    Ok(Part::from(text))
}

impl Build {
    /// The program of our sides, built so.
    fn rival(&self, run: &Run) -> Outcome<PathBuf> {
        run.say(format_args!("building {}", self.name));
        bundled(self.folder, self.features, self.environment)
    }
}

fn side(name: &str, about: &str, program: &Path, words: &[&'static str]) -> Side {
    Side::ours(name, about, program, words, None)
}

fn list(text: &mut String, sides: &[Side]) -> Outcome {
    for side in sides {
        writeln!(text, "- {}: {}", side.name, side.about)?;
    }
    Ok(())
}

fn cell(run: &Run, trip: bool, transport: &'static str, size: usize) -> Cell {
    let count: u64 = match (trip, size) {
        (true, _) => 2_000,
        (false, 100_000..) => 1_000,
        (false, 30_000..) => 3_000,
        (false, 10_000..) => 10_000,
        (false, 1_000..) => 50_000,
        (false, _) => 100_000,
    };
    Cell {
        trip,
        transport,
        size,
        frames: 1,
        count: if run.quick { count / 5 } else { count },
    }
}
