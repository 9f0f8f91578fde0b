//! Lazy Pirate server: a REP socket at tcp://*:5555 that echoes requests, but after three of them it
//! is sometimes slow and sometimes crashes. Its client is lpclient.
//!
//! `lpserver [FAULTS [WORK-MS]]`: a word for each request, such as `ok,overload,crash`.

use std::env;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zguide::faults::{Fault, Faults};

fn run(context: &zmq::Context, mut faults: Faults, work: Duration) -> zmq::Result<()> {
    let server = context.socket(zmq::REP)?;
    server.bind("tcp://*:5555")?;

    loop {
        let request = server.recv_multipart()?;
        match faults.draw() {
            Fault::None => {}
            Fault::Crash => {
                println!("I: simulating a crash");
                return Ok(());
            }
            Fault::Overload => {
                println!("I: simulating CPU overload");
                thread::sleep(Duration::from_secs(2));
            }
        }
        println!("I: normal request ({})", request[0]);
        thread::sleep(work); // stands for heavy work
        server.send_multipart(request)?;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let work = env::args().nth(2).and_then(|text| text.parse().ok());
    let work = Duration::from_millis(work.unwrap_or(1000));

    let context = zmq::Context::new()?;
    // At the end nothing waits for a client that takes no replies.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, Faults::new(3, env::args().nth(1)), work))?;
    Ok(())
}
