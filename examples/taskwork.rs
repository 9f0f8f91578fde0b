//! Task worker: takes tasks from the `taskvent` at tcp://localhost:5557 and sends their results to
//! the `tasksink` at tcp://localhost:5558.

use std::error::Error;
use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(work(&context))?)
}

fn work(context: &zmq::Context) -> zmq::Result<()> {
    // A sink that never came does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;

    // Tasks come from here.
    let receiver = context.socket(zmq::PULL)?;
    receiver.connect("tcp://localhost:5557")?;

    // Results go here.
    let sender = context.socket(zmq::PUSH)?;
    sender.connect("tcp://localhost:5558")?;

    loop {
        let task = receiver.recv_multipart()?.pop_front().unwrap_or_default();
        // It is only there to be looked at.
        print!("{task}.");
        let _ = io::stdout().flush();

        // The task is a number of milliseconds, which pass as if there were work.
        let work: Option<u16> = task.as_str().ok().and_then(|text| text.parse().ok());
        thread::sleep(Duration::from_millis(work.unwrap_or(0).into()));

        sender.send("")?;
    }
}
