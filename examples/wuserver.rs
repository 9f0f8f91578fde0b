//! Weather update server: a PUB socket at tcp://*:5556 with random updates, for `wuclient`.

use std::error::Error;
use std::time::Duration;

use zguide::{Interrupt, random};

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(publish(&context))?)
}

fn publish(context: &zmq::Context) -> zmq::Result<()> {
    // A subscriber that stands still does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let publisher = context.socket(zmq::PUB)?;
    publisher.bind("tcp://*:5556")?;

    loop {
        // Values that will fool the boss.
        let zipcode = random::within(100_000);
        let temperature = random::within(215) - 80;
        let relhumidity = random::within(50) + 10;

        // Goes to those who subscribed to the zip code.
        publisher.send(format!("{zipcode:05} {temperature} {relhumidity}"))?;
    }
}
