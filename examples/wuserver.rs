//! Weather update server: a PUB socket at tcp://*:5556 with random updates, for `wuclient`.

use std::error::Error;
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
    publisher.bind("tcp://*:5556")?;

    loop {
        // Values that will fool the boss.
        let zipcode = fastrand::i32(0..100_000);
        let temperature = fastrand::i32(-80..135);
        let relhumidity = fastrand::i32(10..60);

        // Goes to those who subscribed to the zip code.
        publisher.send(format!("{zipcode:05} {temperature} {relhumidity}"))?;
    }
}
