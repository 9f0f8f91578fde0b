//! Asks mdbroker at tcp://localhost:5555 whether the service echo has workers: 200 with an mdworker,
//! 404 without.
//!
//! `mmiecho [-v]`: with `-v` it prints every message.

use zguide::Interrupt;
use zguide::mdcliapi::Client;

fn run(context: &zmq::Context) -> zmq::Result<()> {
    let verbose = std::env::args().any(|argument| argument == "-v");
    let mut session = Client::connect(context, "tcp://localhost:5555", verbose)?;

    // The service that answers, and the one it is asked about.
    match session.send("mmi.service", ["echo"])? {
        Some(reply) => println!("Lookup echo service: {}", reply[0]),
        None => println!("E: no response from broker, make sure it's running"),
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context))?;
    Ok(())
}
