//! Queues that are full.

use zmq::{Context, ErrorKind, Pull, Push, Socket};

use crate::parameters::parameter;
use crate::peer::patient;
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "full-queues",
    promise: "Over inproc a send is refused, with the message, exactly when both high-water marks \
              are full; what has been received makes room in steps of half of them. Over tcp the \
              memory of sender and receiver stays within the marks.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("largest-mark", "1000", "20"),
    parameter("rounds", "200", "3"),
    parameter("tcp-sends", "1000000", "20000"),
];

fn run(values: &Values, figures: &mut Figures) -> Result {
    let largest: u32 = values.get("largest-mark")?;
    let rounds: u64 = values.get("rounds")?;
    let (mut fillings, mut taken, mut in_part) = (0_u64, 0, 0);
    for (sndhwm, rcvhwm) in [
        (1, 1),
        (1, largest),
        (largest, 1),
        (largest / 2, largest / 3),
        (largest, largest),
    ] {
        for parts in [1, 3] {
            let (push, pull) = pipeline("inproc://full", sndhwm, rcvhwm)?;
            let full = u64::from(sndhwm + rcvhwm);
            for round in 0..rounds {
                let filled = fill(&push, parts)?;
                // The receiver reports what it has taken whenever it is half of the marks.
                let least = if round == 0 { full } else { full / 2 + 1 };
                ensure!(
                    least <= filled && filled <= full,
                    "{filled} messages fit {sndhwm} and {rcvhwm}"
                );
                drain(&pull, filled, parts)?;
                // libzmq looks for reports once in a millisecond, or when it is polled.
                let [writable] = zmq::poll([push.poll_out()], Some(LONG))?;
                ensure!(writable.is_writable(), "no room after all was taken");
                fillings += 1;
                taken += filled;
                in_part += u64::from(filled < full);
            }
        }
    }
    figures.note("fillings", fillings);
    figures.note("messages", taken);
    figures.note("before all was reported", in_part);
    over_tcp(values.get("tcp-sends")?, figures)
}

fn pipeline(endpoint: &str, sndhwm: u32, rcvhwm: u32) -> Result<(Socket<Push>, Socket<Pull>)> {
    let context = Context::new()?;
    let pull = patient(context.socket(zmq::PULL)?)?;
    let push = patient(context.socket(zmq::PUSH)?)?;
    push.set_sndhwm(sndhwm)?;
    pull.set_rcvhwm(rcvhwm)?;
    pull.bind(endpoint)?;
    push.connect(&pull.last_endpoint()?)?;
    Ok((push, pull))
}

fn numbered(number: u64, parts: usize) -> Vec<String> {
    (0..parts).map(|part| format!("{number}.{part}")).collect()
}

/// Sends until a message is refused; how many were not.
fn fill(push: &Socket<Push>, parts: usize) -> Result<u64> {
    for number in 0.. {
        let Err(refused) = push.try_send_multipart(numbered(number, parts)) else {
            continue;
        };
        ensure!(refused.kind() == ErrorKind::WouldBlock, "{}", refused.error);
        ensure!(
            refused.message == numbered(number, parts),
            "{number} came back as {:?}",
            refused.message
        );
        return Ok(number);
    }
    Err("no limit".into())
}

fn drain(pull: &Socket<Pull>, count: u64, parts: usize) -> Result {
    for number in 0..count {
        let message = pull.recv_multipart()?;
        ensure!(
            message == numbered(number, parts),
            "{message:?} instead of {number}"
        );
    }
    ensure!(pull.try_recv_multipart()?.is_none(), "one too many");
    Ok(())
}

/// A receiver that does not receive: what is refused costs nothing, what is taken has room.
fn over_tcp(sends: u64, figures: &mut Figures) -> Result {
    const MARK: u32 = 100;
    const SIZE: u64 = 64 << 10;
    let (push, pull) = pipeline("tcp://127.0.0.1:*", MARK, MARK)?;
    let before = system::resident()?;
    let body = vec![7; SIZE as usize];
    let mut taken = 0;
    for _ in 0..sends {
        match push.try_send(&body) {
            Ok(()) => taken += 1,
            Err(refused) if refused.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(refused) => return Err(refused.into()),
        }
    }
    let grown = system::resident()?.saturating_sub(before);
    let marks = 2 * u64::from(MARK) * SIZE / 1024;
    // Beside the queues: a message in the hands of each I/O thread's decoder and encoder, and the
    // allocator's rounding.
    ensure!(
        grown < marks + marks / 2,
        "{grown} KiB for marks of {marks} KiB"
    );
    for _ in 0..taken {
        ensure!(pull.recv()?.len() == body.len(), "another message");
    }
    figures.note("sends over tcp to a receiver that sleeps", sends);
    figures.note("taken and received later", taken);
    figures.note("memory of both queues", format!("{grown} KiB"));
    figures.note("the marks allow", format!("{marks} KiB"));
    Ok(())
}
