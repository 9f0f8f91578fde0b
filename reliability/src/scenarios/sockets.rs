//! Many sockets, at once and one after the other.

use std::thread;
use std::time::{Duration, Instant};

use zmq::Context;

use crate::parameters::parameter;
use crate::peer::{endpoint, open_in_turn, patient};
use crate::{Figures, LONG, Parameter, Result, Scenario, Skip, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "many-sockets",
    promise: "Ten thousand sockets are open at once, and as many connections are made one after the \
              other; afterwards no descriptor is left.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("at-once", "10000", "300"),
    parameter("in-turn", "10000", "100"),
    parameter("transports", "inproc,ipc,tcp", "inproc,ipc,tcp"),
];

fn run(values: &Values, figures: &mut Figures) -> Result {
    // What the process opens once, such as libzmq's source of randomness.
    drop(patient(Context::new()?.socket(zmq::PAIR)?)?);
    let start = settled(u64::MAX)?;

    let at_once: u32 = values.get("at-once")?;
    let limit = system::raise_descriptor_limit()?;
    if limit < u64::from(at_once) + 100 {
        return Err(Skip(format!(
            "{limit} descriptors are too few for {at_once} sockets"
        ))
        .into());
    }
    let context = Context::new()?;
    context.set_max_sockets(at_once)?;
    let sockets = (0..at_once)
        .map(|_| context.socket(zmq::DEALER))
        .collect::<zmq::Result<Vec<_>>>()?;
    let most = system::descriptors()?;
    let refused = context.socket(zmq::DEALER).expect_err("the most are open");
    ensure!(
        refused.kind() == zmq::ErrorKind::TooManyOpen,
        "{refused} instead of a refusal"
    );
    drop(sockets);
    // There is room for as many again, once libzmq has let go of them.
    settled(start + 10)?;
    drop(patient(context.socket(zmq::DEALER)?)?);
    context.terminate()?;
    let end = settled(start)?;
    ensure!(end == start, "{start} descriptors before, {end} after");
    figures.note("sockets at once", at_once);
    figures.note("descriptors then", most);

    let folder = tempfile::tempdir()?;
    let rounds: u64 = values.get("in-turn")?;
    let transports = values.list("transports")?;
    let context = Context::new()?;
    for transport in &transports {
        for round in 0..rounds {
            let receiver = open_in_turn(&context, zmq::PULL)?;
            // A name is free again only when libzmq has let go of the socket.
            match *transport {
                "inproc" => receiver.bind(&format!("inproc://{round}"))?,
                _ => receiver.bind(&endpoint(transport, folder.path()))?,
            }
            let sender = open_in_turn(&context, zmq::PUSH)?;
            sender.connect(&receiver.last_endpoint()?)?;
            sender.send("one")?;
            ensure!(receiver.recv()? == "one", "another message");
        }
    }
    context.terminate()?;
    let end = settled(start)?;
    ensure!(end == start, "{start} descriptors before, {end} after");
    figures.note(
        "connections one after the other",
        rounds * transports.len() as u64,
    );
    figures.note("descriptors before", start);
    figures.note("after", end);
    Ok(())
}

/// The number of descriptors, once it is no more than `wanted`: libzmq closes on a thread of its
/// own.
fn settled(wanted: u64) -> Result<u64> {
    let deadline = Instant::now() + LONG;
    loop {
        let open = system::descriptors()?;
        if open <= wanted || Instant::now() > deadline {
            return Ok(open);
        }
        thread::sleep(Duration::from_millis(1));
    }
}
