//! Publisher with envelopes: a PUB socket at tcp://*:5563 that sends each second a message for A
//! and one for B, for `psenvsub`.

use std::error::Error;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(publish(&context))?)
}

fn publish(context: &zmq::Context) -> zmq::Result<()> {
    // A subscriber that stands still does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5563")?;

    loop {
        // Each message is an envelope, which subscriptions are compared with, and a content.
        publisher.send_more("A").send("We don't want to see this")?;
        publisher.send_more("B").send("We would like to see this")?;
        thread::sleep(Duration::from_secs(1));
    }
}
