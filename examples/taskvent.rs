//! Task ventilator: a PUSH socket at tcp://*:5557 that hands a batch of tasks to each `taskwork` in
//! turn, once Enter is pressed. The `tasksink` at tcp://localhost:5558 gets the results:
//! `taskvent [tasks]`.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};

fn main() -> Result<(), Box<dyn Error>> {
    let tasks: u32 = env::args().nth(1).map_or(Ok(100), |count| count.parse())?;
    let context = zmq::Context::new()?;

    // The socket for the tasks.
    let sender = context.socket(zmq::PUSH)?;
    sender.bind("tcp://*:5557")?;

    // And the one that tells the sink when a batch begins.
    let sink = context.socket(zmq::PUSH)?;
    sink.connect("tcp://localhost:5558")?;

    print!("Press Enter when the workers are ready: ");
    io::stdout().flush()?;
    io::stdin().read_line(&mut String::new())?;
    println!("Sending tasks to workers...");

    // The sink's clock runs from here.
    sink.send("0")?;

    let mut total_msec = 0;
    for _ in 0..tasks {
        // A task takes 1 to 100 milliseconds.
        let workload = fastrand::u64(1..=100);
        total_msec += workload;
        sender.send(workload.to_string())?;
    }
    println!("Total expected cost: {total_msec} msec");

    // Closing the sockets waits until everything is delivered; there is no need to sleep.
    Ok(())
}
