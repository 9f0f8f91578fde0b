//! Reads from several sockets with a poll: tasks of the `taskvent` at tcp://localhost:5557, and the
//! weather of zip code 10001 from the `wuserver` at tcp://localhost:5556.

use std::error::Error;

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

    // One message of each that has any, and then both are asked again.
    let mut message = [0; 256];
    loop {
        let [task, update] = zmq::poll([receiver.poll_in(), subscriber.poll_in()], None)?;
        if task.is_readable() {
            receiver.recv_into(&mut message)?;
            // Here the task would be done.
        }
        if update.is_readable() {
            subscriber.recv_into(&mut message)?;
            // Here the update would be looked at.
        }
    }
}
