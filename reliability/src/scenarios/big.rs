//! Big messages.

use std::thread;
use std::time::Instant;

use zmq::{Context, Message, MessageBuf};

use crate::parameters::parameter;
use crate::peer::{endpoint, patient};
use crate::{Figures, Parameter, Result, Scenario, Values, ensure, system};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "big-messages",
    promise: "A message of 1 GiB over tcp and ipc, and of more than 2 GiB over inproc, arrives \
              whole: every byte is compared.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("tcp", "1073741824", "16777216"),
    parameter("ipc", "1073741824", "16777216"),
    parameter("inproc", "2147483658", "16777226"),
];

/// Sequence of bytes that does not repeat within a message, eight at a time.
fn pattern(seed: u64) -> impl Iterator<Item = [u8; 8]> {
    (seed..).map(|word| word.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
}

fn filled(size: usize, seed: u64) -> Result<MessageBuf> {
    let mut message = MessageBuf::try_zeroed(size)?;
    for (chunk, word) in message.chunks_mut(8).zip(pattern(seed)) {
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    Ok(message)
}

/// The first byte that is not as it was filled.
fn damage(message: &Message, seed: u64) -> Option<usize> {
    let wrong = |(chunk, word): (&[u8], [u8; 8])| chunk != &word[..chunk.len()];
    let chunk = message.chunks(8).zip(pattern(seed)).position(wrong)?;
    Some(8 * chunk)
}

fn run(values: &Values, figures: &mut Figures) -> Result {
    for (seed, transport) in ["tcp", "ipc", "inproc"].into_iter().enumerate() {
        let (size, seed): (usize, _) = (values.get(transport)?, seed as u64 + 1);
        let folder = tempfile::tempdir()?;
        let context = Context::new()?;
        let receiver = patient(context.socket(zmq::PULL)?)?;
        receiver.set_rcvtimeo(None)?; // the watchdog is patient enough
        receiver.bind(&endpoint(transport, folder.path()))?;
        let sender = patient(context.socket(zmq::PUSH)?)?;
        sender.connect(&receiver.last_endpoint()?)?;
        let message = filled(size, seed)?;
        let start = Instant::now();
        let (received, small) = thread::scope(|scope| -> Result<_> {
            let receiver =
                scope.spawn(move || -> Result<_> { Ok((receiver.recv()?, receiver.recv()?)) });
            sender.send(message)?;
            // What comes behind it is a message of its own.
            sender.send("small")?;
            receiver.join().map_err(|_| "the receiver panicked")?
        })?;
        let time = start.elapsed().as_secs_f64();
        ensure!(received.len() == size, "{} of {size} bytes", received.len());
        if let Some(place) = damage(&received, seed) {
            return Err(format!("{transport}: damaged at byte {place}").into());
        }
        ensure!(small == "small", "{small} came behind it");
        figures.note(format!("bytes over {transport}"), size);
        figures.note("in", format!("{time:.1} s"));
    }
    figures.note("most memory", format!("{} KiB", system::peak_resident()?));
    Ok(())
}
