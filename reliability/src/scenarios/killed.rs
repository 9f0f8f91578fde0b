//! Servers that are killed while a client has requests out.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use zmq::Context;

use super::client::{answer_to, ask, requester};
use crate::parameters::parameter;
use crate::peer::{Peer, bind_again, end_with_parent, endpoint, tell};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "killed-servers",
    promise: "A REQ with ZMQ_REQ_RELAXED and ZMQ_REQ_CORRELATE that repeats its request gets the \
              answer to each one, exactly once, however often the server is killed with SIGKILL.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("transports", "tcp,ipc", "tcp,ipc"),
    parameter("kills", "100", "4"),
];

/// After this long the request is sent again.
const RETRY: Duration = Duration::from_millis(200);

fn run(values: &Values, figures: &mut Figures) -> Result {
    let (mut kills, mut total) = (0, Told::default());
    for transport in values.list("transports")? {
        let each = values.get("kills")?;
        total.add(&of_transport(transport, each)?);
        kills += each;
    }
    figures.note("kills", kills);
    figures.note("requests answered", total.answered);
    figures.note("sent again", total.repeated);
    figures.note("done twice by a server", total.done_twice);
    figures.note("lost", 0);
    figures.note("answered twice or wrongly", 0);
    figures.note(
        "longest wait",
        format!("{:.1} s", total.longest.as_secs_f64()),
    );
    Ok(())
}

#[derive(Default)]
struct Told {
    answered: u64,
    repeated: u64,
    done_twice: u64,
    longest: Duration,
}

impl Told {
    fn add(&mut self, other: &Told) {
        self.answered += other.answered;
        self.repeated += other.repeated;
        self.done_twice += other.done_twice;
        self.longest = self.longest.max(other.longest);
    }
}

fn of_transport(transport: &str, kills: u64) -> Result<Told> {
    let folder = tempfile::tempdir()?;
    let journal = folder.path().join("journal");
    let journal = journal.to_str().ok_or("a path in UTF-8")?;
    let endpoint = endpoint(transport, folder.path());
    let mut server = Peer::start("replier", &[&endpoint, journal])?;
    let endpoint = server.expect_line()?;
    let (answered, enough) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut told = thread::scope(|scope| -> Result<Told> {
        let client = scope.spawn(|| ask_all(&endpoint, &answered, &enough));
        let killing = (|| -> Result {
            for _ in 0..kills {
                // In the middle of the work, at a moment that is a different one each time.
                let goal = answered.load(Ordering::Relaxed) + fastrand::u64(1..50);
                let deadline = Instant::now() + LONG;
                while answered.load(Ordering::Relaxed) < goal && !client.is_finished() {
                    ensure!(Instant::now() < deadline, "no answer from a new server");
                    thread::sleep(Duration::from_micros(fastrand::u64(50..500)));
                }
                server.kill()?;
                server = Peer::start("replier", &[&endpoint, journal])?;
            }
            Ok(())
        })();
        enough.store(true, Ordering::Relaxed);
        let told = client.join().map_err(|_| "the client panicked")?;
        killing.and(told)
    })?;
    drop(server);
    // What the servers did, of which each request is a line.
    let mut done: HashMap<u64, u64> = HashMap::new();
    for line in fs::read_to_string(journal)?.lines() {
        *done.entry(line.parse()?).or_default() += 1;
    }
    let undone = (0..told.answered).filter(|id| !done.contains_key(id));
    ensure!(undone.count() == 0, "a request was answered and not done");
    told.done_twice = done.values().filter(|times| **times > 1).count() as u64;
    Ok(told)
}

/// Asks one thing after the other, each until it is answered.
fn ask_all(endpoint: &str, answered: &AtomicU64, enough: &AtomicBool) -> Result<Told> {
    let context = Context::new()?;
    let client = requester(&context, RETRY)?;
    client.set_reconnect_ivl(Duration::from_millis(10))?;
    client.connect(endpoint)?;
    let mut told = Told::default();
    // One more after the last kill.
    let mut last = false;
    while !last {
        last = enough.load(Ordering::Relaxed);
        let start = Instant::now();
        told.repeated += ask(&client, told.answered)?;
        told.longest = told.longest.max(start.elapsed());
        told.answered += 1;
        answered.store(told.answered, Ordering::Relaxed);
    }
    Ok(told)
}

/// A server: notes each request in a journal, then answers it.
pub(super) fn replier(arguments: &[String]) -> Result {
    let [endpoint, journal] = arguments else {
        return Err("replier ENDPOINT JOURNAL".into());
    };
    end_with_parent();
    let mut journal = File::options().append(true).create(true).open(journal)?;
    let context = Context::new()?;
    let mut server = context.socket(zmq::REP)?;
    bind_again(&server, endpoint)?;
    tell(server.last_endpoint()?)?;
    loop {
        let request = server.next_request()?;
        let id = std::str::from_utf8(&request.message()[0])?.to_owned();
        // In one call, so that the kill leaves no half of a line.
        journal.write_all(format!("{id}\n").as_bytes())?;
        request.reply(answer_to(&id))?;
    }
}
