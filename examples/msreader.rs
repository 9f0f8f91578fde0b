//! Reads from several sockets without waiting, and sleeps when there is nothing: tasks of the
//! `taskvent` at tcp://localhost:5557 first, then the weather of zip code 10001 from the `wuserver`
//! at tcp://localhost:5556.

use std::error::Error;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(read(&context))?)
}

fn read(context: &zmq::Context) -> zmq::Result<()> {
    // Tasks come from here.
    let receiver = context.socket(zmq::PULL)?;
    receiver.connect("tcp://localhost:5557")?;

    // And weather updates from here.
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect("tcp://localhost:5556")?;
    subscriber.subscribe("10001 ")?;

    let mut message = [0; 256];
    loop {
        while let Some(_task) = receiver.try_recv_into(&mut message)? {
            // Here the task would be done.
        }
        while let Some(_update) = subscriber.try_recv_into(&mut message)? {
            // Here the update would be looked at.
        }
        // Nothing there: a millisecond passes before anybody is asked again.
        thread::sleep(Duration::from_millis(1));
    }
}
