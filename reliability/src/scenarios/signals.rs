//! Signals that interrupt every call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use zmq::{Context, Dealer, Error, ErrorKind, EventKind, MonitorEvents, Multipart, Socket};

use crate::parameters::parameter;
use crate::peer::{endpoint, patient};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "signals",
    promise: "Under a timer that interrupts the process all the time, calls end with `Interrupted` \
              and can be repeated: no message is lost, doubled or torn, and sockets and contexts \
              come and go as ever.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("transports", "inproc,ipc,tcp", "inproc,ipc,tcp"),
    parameter("messages", "300000", "1000"),
    parameter("lives", "3000", "10"),
    parameter("interval-us", "50", "50"),
];

/// So many are on the way at most.
const WINDOW: u64 = 10;

static INTERRUPTED: AtomicU64 = AtomicU64::new(0);

fn run(values: &Values, figures: &mut Figures) -> Result {
    let messages: u64 = values.get("messages")?;
    let lives: u64 = values.get("lives")?;
    let transports = values.list("transports")?;
    system::storm(Duration::from_micros(values.get("interval-us")?))?;
    for transport in &transports {
        exchange(transport, messages)?;
        for _ in 0..lives {
            live(transport)?;
        }
    }
    system::storm(Duration::ZERO)?;
    let interrupted = INTERRUPTED.load(Ordering::Relaxed);
    ensure!(interrupted > 0, "no call was interrupted");
    let exchanged = messages * transports.len() as u64;
    figures.note("messages there and back", exchanged);
    figures.note(
        "contexts and their sockets",
        lives * transports.len() as u64,
    );
    figures.note("signals", system::alarms());
    figures.note("calls interrupted", interrupted);
    figures.note("lost, twice or torn", 0);
    Ok(())
}

/// Repeats a call that is interrupted.
fn patiently<R, E: Into<Error>>(mut call: impl FnMut() -> Result<R, E>) -> Result<R> {
    loop {
        match call().map_err(Into::into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                INTERRUPTED.fetch_add(1, Ordering::Relaxed);
            }
            result => return Ok(result?),
        }
    }
}

/// The same for a message, which comes back.
fn send(socket: &Socket<Dealer>, mut message: Multipart) -> Result {
    let parts = message.len();
    while let Err(refused) = socket.send_multipart(message) {
        ensure!(
            refused.kind() == ErrorKind::Interrupted,
            "{}",
            refused.error
        );
        INTERRUPTED.fetch_add(1, Ordering::Relaxed);
        message = refused.message;
        ensure!(message.len() == parts, "another message came back");
    }
    Ok(())
}

/// One to eight frames that tell whose they are.
fn numbered(number: u64) -> Multipart {
    (0..=number % 8)
        .map(|part| format!("{number}.{part}"))
        .collect()
}

/// Sends messages to an echo and compares what comes back.
fn exchange(transport: &str, messages: u64) -> Result {
    let folder = tempfile::tempdir()?;
    let context = patiently(Context::new)?;
    let here = patient(patiently(|| context.socket(zmq::DEALER))?)?;
    let there = patient(patiently(|| context.socket(zmq::DEALER))?)?;
    let place = endpoint(transport, folder.path());
    patiently(|| there.bind(&place))?;
    let place = there.last_endpoint()?;
    patiently(|| here.connect(&place))?;
    thread::scope(|scope| {
        let echo = scope.spawn(move || -> Result {
            for number in 0..messages {
                let message = patiently(|| there.recv_multipart())?;
                ensure!(message == numbered(number), "{message:?} for {number}");
                send(&there, message)?;
            }
            // It must not go before the last answer has arrived.
            patiently(|| there.recv_multipart())?;
            Ok(())
        });
        let (mut sent, mut message) = (0, Multipart::new());
        for number in 0..messages {
            while sent < messages && sent < number + WINDOW {
                send(&here, numbered(sent))?;
                sent += 1;
            }
            patiently(|| here.recv_multipart_into(&mut message))?;
            ensure!(message == numbered(number), "{message:?} for {number}");
        }
        send(&here, Multipart::from(["end"]))?;
        ensure!(here.try_recv_multipart()?.is_none(), "one too many");
        echo.join().map_err(|_| "the echo panicked")?
    })
}

/// A context from beginning to end.
fn live(transport: &str) -> Result {
    let folder = tempfile::tempdir()?;
    let context = patiently(Context::new)?;
    let server = patient(patiently(|| context.socket(zmq::REP))?)?;
    let client = patient(patiently(|| context.socket(zmq::REQ))?)?;
    let monitor = patiently(|| server.monitor(MonitorEvents::ACCEPTED))?;
    let place = endpoint(transport, folder.path());
    patiently(|| server.bind(&place))?;
    let place = server.last_endpoint()?;
    patiently(|| client.connect(&place))?;
    patiently(|| client.send("question"))?;
    let [ready] = patiently(|| zmq::poll([server.poll_in()], Some(LONG)))?;
    ensure!(ready.is_readable(), "no question");
    ensure!(patiently(|| server.recv())? == "question", "another one");
    patiently(|| server.send("answer"))?;
    ensure!(patiently(|| client.recv())? == "answer", "another one");
    if transport != "inproc" {
        let event = patiently(|| monitor.recv())?;
        let accepted = matches!(event.kind, EventKind::Accepted { .. });
        ensure!(accepted, "{event:?} instead of a connection");
    }
    drop((server, client, monitor));
    // A signal ends its wait no more than it does a receive's; it is repeated inside.
    Ok(context.terminate()?)
}
