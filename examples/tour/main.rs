//! A tour of libzmq: four messaging patterns over three transports, each for half a second, with
//! live progress and a table of rates at the end.
//!
//! `cargo run --release --example tour`

mod crew;
mod meter;
mod patterns;
mod progress;
mod site;
mod table;

use std::fmt;

use zmq::Capability;

use crew::Failure;
use patterns::PATTERNS;
use progress::Progress;
use site::Transport;

fn main() -> Result<(), Failures> {
    println!("{}\n", library());

    let transports = transports();
    let progress = Progress::new(PATTERNS.len() * transports.len());
    let mut rows = Vec::new();
    for pattern in PATTERNS {
        for &transport in &transports {
            rows.push((pattern, transport, crew::run(pattern, transport, &progress)));
        }
    }
    progress.finish();

    print!("{}", table::Table(&rows));
    println!(
        "A request and its reply are two messages; MB/s counts frames' bytes, 10^6 to the MB."
    );
    let failures: Vec<_> = rows.into_iter().filter_map(|(.., row)| row.err()).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failures(failures))
    }
}

/// The libzmq that runs, and where the build found it.
fn library() -> String {
    let (major, minor, patch) = zmq::version();
    let (found_by, header) = (zmq_sys::FOUND_BY, zmq_sys::HEADER_VERSION);
    format!("libzmq {major}.{minor}.{patch}, found by {found_by} (header {header})")
}

/// The transports of the tour that this libzmq has.
fn transports() -> Vec<Transport> {
    let mut transports = vec![Transport::Tcp, Transport::Ipc, Transport::Inproc];
    if !zmq::has(Capability::Ipc) {
        println!("This libzmq has no ipc transport, which is left out.");
        transports.retain(|transport| *transport != Transport::Ipc);
    }
    transports
}

/// What went wrong, if anything did.
struct Failures(Vec<Failure>);

/// As `main` shows it.
impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|failure| write!(f, "\n  {failure}"))
    }
}
