//! Memory that does not grow with the number of messages.

use zmq::{Context, Message};

use crate::parameters::parameter;
use crate::peer::{Peer, end_with_parent, endpoint, patient, tell};
use crate::{Figures, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "flat-memory",
    promise: "From the first million messages to the tenth the memory of the process grows by less \
              than 1 MiB, over each transport, one frame and several.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("transports", "inproc,ipc,tcp", "inproc,ipc,tcp"),
    parameter("first", "1000000", "20000"),
    parameter("last", "10000000", "200000"),
];

const MOST_KIB: u64 = 1024;

/// So many are on the way at most.
const BATCH: u64 = 100;

fn run(values: &Values, figures: &mut Figures) -> Result {
    let (first, last) = (values.text("first")?, values.text("last")?);
    for transport in values.list("transports")? {
        // Alone in its process.
        let mut peer = Peer::start("flow", &[transport, first, last])?;
        let before: u64 = peer.expect_line()?.parse()?;
        let after: u64 = peer.expect_line()?.parse()?;
        peer.good_end()?;
        let grown = after.saturating_sub(before);
        ensure!(
            grown < MOST_KIB,
            "{transport}: {before} KiB at {first} messages, {after} KiB at {last}"
        );
        figures.note(format!("{transport}: at {first}"), format!("{before} KiB"));
        figures.note(format!("at {last}"), format!("{after} KiB"));
    }
    Ok(())
}

/// Sends and receives, and tells its memory at the first count and at the last.
pub(super) fn flow(arguments: &[String]) -> Result {
    let [transport, first, last] = arguments else {
        return Err("flow TRANSPORT FIRST LAST".into());
    };
    end_with_parent();
    let folder = tempfile::tempdir()?;
    let context = Context::new()?;
    let receiver = patient(context.socket(zmq::PULL)?)?;
    receiver.bind(&endpoint(transport, folder.path()))?;
    let sender = patient(context.socket(zmq::PUSH)?)?;
    sender.connect(&receiver.last_endpoint()?)?;
    let (first, last): (u64, u64) = (first.parse()?, last.parse()?);
    let mut sent = 0;
    for goal in [first, last] {
        while sent < goal {
            for number in sent..sent + BATCH {
                // Every kind of message: copied, handed over, of several frames.
                match number % 3 {
                    0 => sender.send(&[1; 256][..])?,
                    1 => sender.send(vec![1; 256])?,
                    _ => sender.send_multipart([Message::from("head"), vec![1; 256].into()])?,
                }
            }
            for number in sent..sent + BATCH {
                let message = receiver.recv_multipart()?;
                let parts = if number % 3 == 2 { 2 } else { 1 };
                ensure!(message.len() == parts, "{number} is torn");
            }
            sent += BATCH;
        }
        tell(system::resident()?)?;
    }
    Ok(())
}
