//! A plain PUSH whose receiver is killed: what ZeroMQ loses by design, counted.

use std::fs::{self, File};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind};

use crate::parameters::parameter;
use crate::peer::{Peer, bind_again, end_with_parent, endpoint, patient, tell};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "killed-receivers",
    promise: "A PUSH loses what is in flight to a receiver that is killed, and nothing says so; what \
              does arrive is whole, in order and not twice.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("transports", "tcp,ipc", "tcp,ipc"),
    parameter("kills", "100", "4"),
];

const END: &str = "end";

fn run(values: &Values, figures: &mut Figures) -> Result {
    let (mut kills, mut sent, mut arrived) = (0, 0, 0);
    for transport in values.list("transports")? {
        let each = values.get("kills")?;
        let (more_sent, more_arrived) = of_transport(transport, each)?;
        sent += more_sent;
        arrived += more_arrived;
        kills += each;
    }
    figures.note("kills", kills);
    figures.note("sent", sent);
    figures.note("arrived", arrived);
    figures.note("lost", sent - arrived);
    figures.note("lost with each kill", (sent - arrived) / kills.max(1));
    figures.note("twice, torn or out of order", 0);
    Ok(())
}

/// What was sent, and what has arrived.
fn of_transport(transport: &str, kills: u64) -> Result<(u64, u64)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("journal");
    let journal = path.to_str().ok_or("a path in UTF-8")?;
    let mut receiver = Peer::start("puller", &[&endpoint(transport, folder.path()), journal])?;
    let endpoint = receiver.expect_line()?;
    let (enough, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let sent = thread::scope(|scope| -> Result<u64> {
        let sender = scope.spawn(|| push(&endpoint, &enough, &over));
        let killing = (|| -> Result {
            for _ in 0..kills {
                let goal = fs::metadata(&path)?.len() + fastrand::u64(1..50_000);
                let deadline = Instant::now() + LONG;
                while fs::metadata(&path)?.len() < goal && !sender.is_finished() {
                    ensure!(Instant::now() < deadline, "nothing comes to a new receiver");
                    thread::sleep(Duration::from_micros(fastrand::u64(50..500)));
                }
                receiver.kill()?;
                receiver = Peer::start("puller", &[&endpoint, journal])?;
                receiver.expect_line()?;
            }
            Ok(())
        })();
        enough.store(true, Ordering::Relaxed);
        // The sender goes on telling the last receiver the end, which then ends.
        let ended = receiver.good_end();
        over.store(true, Ordering::Relaxed);
        let sent = sender.join().map_err(|_| "the sender panicked")?;
        killing.and(ended.map(drop)).and(sent)
    })?;
    let mut last = None;
    let mut arrived = 0;
    for line in fs::read_to_string(journal)?.lines() {
        let id: u64 = line.parse()?;
        ensure!(last < Some(id), "{id} came after {last:?}");
        ensure!(id < sent, "{id} came and was not sent");
        last = Some(id);
        arrived += 1;
    }
    Ok((sent, arrived))
}

/// Sends until there were enough kills, then the end until it is over.
fn push(endpoint: &str, enough: &AtomicBool, over: &AtomicBool) -> Result<u64> {
    let context = Context::new()?;
    let sender = patient(context.socket(zmq::PUSH)?)?;
    sender.set_reconnect_ivl(Duration::from_millis(10))?;
    sender.connect(endpoint)?;
    let mut sent = 0;
    while !enough.load(Ordering::Relaxed) {
        // Waits at the high-water mark, also while no receiver is there.
        sender.send_multipart([sent.to_string(), payload(sent)])?;
        sent += 1;
    }
    while !over.load(Ordering::Relaxed) {
        // Again and again, as the first may be lost with a receiver that was just killed.
        match sender.try_send(END) {
            Err(refused) if refused.kind() != ErrorKind::WouldBlock => return Err(refused.into()),
            _ => thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(sent)
}

/// Some hundred bytes that tell whose they are.
fn payload(id: u64) -> String {
    format!("{id:x}").repeat(64)
}

/// A receiver: notes each message in a journal, until the end comes.
pub(super) fn puller(arguments: &[String]) -> Result {
    let [endpoint, journal] = arguments else {
        return Err("puller ENDPOINT JOURNAL".into());
    };
    end_with_parent();
    let mut journal = File::options().append(true).create(true).open(journal)?;
    let context = Context::new()?;
    let receiver = context.socket(zmq::PULL)?;
    bind_again(&receiver, endpoint)?;
    tell(receiver.last_endpoint()?)?;
    loop {
        let message = receiver.recv_multipart()?;
        if message == [END] {
            return Ok(());
        }
        let [id, body] = message
            .into_array()
            .map_err(|torn| format!("torn: {torn:?}"))?;
        let id = std::str::from_utf8(&id)?.parse()?;
        ensure!(body == *payload(id), "{id} came with {body}");
        // In one call, so that the kill leaves no half of a line.
        journal.write_all(format!("{id}\n").as_bytes())?;
    }
}
