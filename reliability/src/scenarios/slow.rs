//! Subscribers that are too slow.

use std::time::{Duration, Instant};

use zmq::{Context, ErrorKind, Sub};

use crate::parameters::parameter;
use crate::peer::{endpoint, patient};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "slow-subscribers",
    promise: "A subscriber that sleeps never blocks its publisher and costs no more than its marks: \
              what it misses is dropped, the rest comes in order. With ZMQ_XPUB_NODROP nothing is \
              dropped: the send is refused.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("transports", "inproc,tcp,ipc", "inproc,tcp,ipc"),
    parameter("messages", "1000000", "10000"),
];

const MARK: u32 = 100;
const SIZE: usize = 1024;

fn run(values: &Values, figures: &mut Figures) -> Result {
    let messages = values.get("messages")?;
    let mut slowest = Duration::ZERO;
    for transport in values.list("transports")? {
        let (received, longest, grown) = dropping(transport, messages)?;
        slowest = slowest.max(longest);
        figures.note(format!("{transport}: sent"), messages);
        figures.note("dropped", messages - received);
        figures.note("memory", format!("{grown} KiB"));
        let (taken, refused) = not_dropping(transport, messages)?;
        figures.note("with NODROP taken", taken);
        figures.note("refused", refused);
        figures.note("dropped", 0);
    }
    figures.note(
        "longest send",
        format!("{:.1} ms", slowest.as_secs_f64() * 1e3),
    );
    Ok(())
}

/// A publisher and a subscriber that it has heard of, and where they meet.
fn subscribed(transport: &str, nodrop: bool) -> Result<(zmq::Socket<zmq::XPub>, zmq::Socket<Sub>)> {
    let folder = tempfile::tempdir()?;
    let context = Context::new()?;
    let publisher = patient(context.socket(zmq::XPUB)?)?;
    publisher.set_xpub_nodrop(nodrop)?;
    publisher.set_sndhwm(MARK)?;
    // What the kernel holds is kept small.
    publisher.set_sndbuf(Some(64 << 10))?;
    publisher.bind(&endpoint(transport, folder.path()))?;
    let subscriber = patient(context.socket(zmq::SUB)?)?;
    subscriber.set_rcvhwm(MARK)?;
    subscriber.set_rcvbuf(Some(64 << 10))?;
    subscriber.connect(&publisher.last_endpoint()?)?;
    subscriber.subscribe("")?;
    ensure!(
        publisher.recv_subscription()?.is_subscribe(),
        "a subscription came"
    );
    Ok((publisher, subscriber))
}

fn message(number: u64) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.resize(SIZE, number as u8);
    bytes
}

/// Receives one; its number.
fn number(bytes: &[u8]) -> Result<u64> {
    let head = bytes.first_chunk().ok_or("a number")?;
    let number = u64::from_le_bytes(*head);
    ensure!(bytes == message(number), "{number} is damaged");
    Ok(number)
}

/// What was received of the messages, the longest send, and what memory grew by, in KiB.
fn dropping(transport: &str, messages: u64) -> Result<(u64, Duration, u64)> {
    let (publisher, subscriber) = subscribed(transport, false)?;
    let before = system::resident()?;
    let mut longest = Duration::ZERO;
    for number in 0..messages {
        let start = Instant::now();
        publisher.send(message(number))?;
        longest = longest.max(start.elapsed());
    }
    let grown = system::resident()?.saturating_sub(before);
    // The marks are 200 KiB; the kernel's buffers are not the process's.
    ensure!(grown < 4096, "the publisher grew by {grown} KiB");
    // The subscriber wakes up, and receives until it hears what is sent from now on.
    let (mut received, mut next, mut last) = (0, messages, None);
    let deadline = Instant::now() + LONG;
    loop {
        ensure!(Instant::now() < deadline, "nothing comes any more");
        publisher.send(message(next))?;
        next += 1;
        let Some(came) = subscriber.try_recv()? else {
            continue;
        };
        let came = number(&came)?;
        ensure!(last < Some(came), "{came} came after {last:?}");
        if came >= messages {
            break;
        }
        last = Some(came);
        received += 1;
    }
    ensure!(received < messages, "a mark dropped nothing");
    Ok((received, longest, grown))
}

/// How many were taken, and how many were refused.
fn not_dropping(transport: &str, messages: u64) -> Result<(u64, u64)> {
    let (publisher, subscriber) = subscribed(transport, true)?;
    let (mut taken, mut refused) = (0, 0);
    for next in 0..messages {
        match publisher.try_send(zmq::Message::from(message(taken))) {
            Ok(()) => taken += 1,
            Err(back) if back.kind() == ErrorKind::WouldBlock => {
                ensure!(
                    back.message == message(taken)[..],
                    "{next} came back as another"
                );
                refused += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    ensure!(refused > 0, "nothing was refused");
    for expected in 0..taken {
        let came = number(&subscriber.recv()?)?;
        ensure!(came == expected, "{came} came instead of {expected}");
    }
    // There is room again.
    publisher.send(message(taken))?;
    ensure!(number(&subscriber.recv()?)? == taken, "another one came");
    Ok((taken, refused))
}
