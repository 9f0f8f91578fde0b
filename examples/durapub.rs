//! Publisher for a subscriber that comes and goes: when the `durasub` has reported at its PULL
//! socket at tcp://*:5564, its PUB socket at tcp://*:5565 sends an update each second: `durapub
//! [milliseconds]`.
//!
//! libzmq 2 kept updates for a subscriber with an identity while it was away. Since libzmq 3 a PUB
//! drops what nobody hears at that moment, so the subscriber misses them.

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

    // Updates go out here.
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5565")?;

    sync.recv_multipart()?;

    for update_nbr in 0..10 {
        publisher.send(format!("Update {update_nbr}"))?;
        thread::sleep(Duration::from_millis(pause));
    }
    publisher.send("END")?;
    Ok(())
}
