//! Majordomo worker: offers the service echo to mdbroker at tcp://localhost:5555.
//!
//! `mdworker [-v] [HEARTBEAT-MS]`: with `-v` it prints every message.

use std::env;
use std::time::Duration;

use zguide::Interrupt;
use zguide::mdwrkapi::Worker;

fn run(context: &zmq::Context) -> zmq::Result<()> {
    let verbose = env::args().any(|argument| argument == "-v");
    let mut session = Worker::connect(context, "tcp://localhost:5555", "echo", verbose)?;
    if let Some(heartbeat) = env::args().skip(1).find_map(|text| text.parse().ok()) {
        session.set_heartbeat(Duration::from_millis(heartbeat));
        session.set_reconnect(Duration::from_millis(heartbeat));
    }
    loop {
        let mut request = session.next_request()?;
        let echo = request.take();
        request.reply(echo)?;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context))?;
    println!("W: interrupt received, killing worker...");
    Ok(())
}
