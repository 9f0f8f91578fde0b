//! Task sink that stops the workers: as `tasksink`, and when the batch is done its PUB socket at
//! tcp://*:5559 tells each `taskwork2` to leave: `tasksink2 [tasks]`.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let tasks: u32 = env::args().nth(1).map_or(Ok(100), |count| count.parse())?;
    let context = zmq::Context::new()?;
    let receiver = context.socket(zmq::PULL)?;
    receiver.bind("tcp://*:5558")?;

    // The socket that controls the workers.
    let controller = context.socket(zmq::PUB)?;
    controller.bind("tcp://*:5559")?;

    // The first message says that a batch begins. What any of them holds does not matter.
    receiver.recv_multipart()?;
    let start_time = Instant::now();

    for task_nbr in 0..tasks {
        receiver.recv_multipart()?;
        print!("{}", if task_nbr % 10 == 0 { ":" } else { "." });
        io::stdout().flush()?;
    }
    let elapsed = start_time.elapsed().as_millis();
    println!("Total elapsed time: {elapsed} msec");

    // Closing the socket waits until the workers have it; there is no need to sleep.
    controller.send("KILL")?;
    Ok(())
}
