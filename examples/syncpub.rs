//! Synchronized publisher: a PUB socket at tcp://*:5561 that begins when ten `syncsub` have
//! reported at its REP socket at tcp://*:5562: `syncpub [subscribers] [updates]`.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let expected: u32 = env::args().nth(1).map_or(Ok(10), |count| count.parse())?;
    let updates: u32 = env::args()
        .nth(2)
        .map_or(Ok(1_000_000), |count| count.parse())?;
    let context = zmq::Context::new()?;

    // The socket that talks to subscribers, with room for all updates: none is dropped.
    let publisher = context.socket(zmq::PUB)?;
    publisher.set_sndhwm(updates.saturating_add(100_000))?;
    publisher.bind("tcp://*:5561")?;

    // The socket where they report.
    let mut syncservice = context.socket(zmq::REP)?;
    syncservice.bind("tcp://*:5562")?;

    println!("Waiting for subscribers");
    for _ in 0..expected {
        syncservice.next_request()?.reply("")?;
    }

    // They all get exactly so many updates, and an end.
    println!("Broadcasting messages");
    for _ in 0..updates {
        publisher.send("Rhubarb")?;
    }
    publisher.send("END")?;
    Ok(())
}
