//! As `durapub`, with a high-water mark: no more than one update waits for each `durasub` at
//! tcp://*:5565, which reports at tcp://*:5564: `durapub2 [milliseconds]`.
//!
//! libzmq 2 swapped what was above the mark to disk. Since libzmq 3 there is no swap, and a PUB
//! drops it. What the system's own buffers hold does not count.

use std::env;
use std::error::Error;
use std::thread;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let pause = env::args()
        .nth(1)
        .map_or(Ok(1000), |millis| millis.parse())?;
    let context = zmq::Context::new()?;

    // The subscriber says here when it is ready.
    let sync = context.socket(zmq::PULL)?;
    sync.bind("tcp://*:5564")?;

    // Updates go out here. A slow subscriber costs no more than this.
    let publisher = context.socket(zmq::PUB)?;
    publisher.set_sndhwm(1)?;
    publisher.bind("tcp://*:5565")?;

    sync.recv_multipart()?;

    for update_nbr in 0..10 {
        publisher.send(format!("Update {update_nbr}"))?;
        thread::sleep(Duration::from_millis(pause));
    }
    publisher.send("END")?;
    Ok(())
}
