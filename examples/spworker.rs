//! Simple Pirate worker: a REQ socket that tells spqueue at tcp://localhost:5556 that it is free, and
//! echoes requests. After three of them it is sometimes slow and sometimes crashes.
//!
//! `spworker [FAULTS [WORK-MS]]`: a word for each request, such as `ok,overload,crash`.

use std::env;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zguide::faults::{Fault, Faults};

const WORKER_READY: &[u8] = b"\x01";

fn run(context: &zmq::Context, mut faults: Faults, work: Duration) -> zmq::Result<()> {
    let worker = context.socket(zmq::REQ)?;
    worker.set_linger(Some(Duration::from_secs(1)))?; // without a queue nobody takes it

    // An address that can be read.
    let identity = format!("{:04X}-{:04X}", fastrand::u16(..), fastrand::u16(..));
    worker.set_routing_id(&identity)?;
    worker.connect("tcp://localhost:5556")?;

    // Tells the queue that it is free.
    println!("I: ({identity}) worker ready");
    worker.send(WORKER_READY)?;

    loop {
        let message = worker.recv_multipart()?;
        match faults.draw() {
            Fault::None => {}
            Fault::Crash => {
                println!("I: ({identity}) simulating a crash");
                return Ok(());
            }
            Fault::Overload => {
                println!("I: ({identity}) simulating CPU overload");
                thread::sleep(Duration::from_secs(3));
            }
        }
        println!("I: ({identity}) normal reply");
        thread::sleep(work); // stands for heavy work
        // With the client's address in front, as it came.
        worker.send_multipart(message)?;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let work = env::args().nth(2).and_then(|text| text.parse().ok());
    let work = Duration::from_millis(work.unwrap_or(1000));

    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, Faults::new(5, env::args().nth(1)), work))?;
    Ok(())
}
