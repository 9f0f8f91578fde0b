//! Broker peering, part 1, the flow of state: each broker tells its peers how many workers are free,
//! here a random number. Run `peering1 DC1 DC2 DC3`, `peering1 DC2 DC1 DC3`, `peering1 DC3 DC1 DC2`,
//! each in a terminal of its own, and in the same directory.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    // First its own name, then those of its peers.
    let names: Vec<String> = env::args().skip(1).collect();
    let [name, peers @ ..] = &names[..] else {
        println!("syntax: peering1 me {{you}}...");
        return Ok(ExitCode::FAILURE);
    };
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, name, peers))?;
    Ok(ExitCode::SUCCESS)
}

fn run(context: &zmq::Context, name: &str, peers: &[String]) -> zmq::Result<()> {
    println!("I: preparing broker at {name}...");

    // Binds the backend of the state, and connects its frontend to all peers.
    let statebe = context.socket(zmq::PUB)?;
    statebe.bind(&format!("ipc://{name}-state.ipc"))?;
    let statefe = context.socket(zmq::SUB)?;
    statefe.subscribe("")?;
    for peer in peers {
        println!("I: connecting to state backend at '{peer}'");
        statefe.connect(&format!("ipc://{peer}-state.ipc"))?;
    }

    loop {
        // A second in which nothing comes is the heartbeat.
        let [state] = zmq::poll([statefe.poll_in()], Some(Duration::from_secs(1)))?;
        if state.is_readable() {
            // [peer][number]
            if let [peer, available, ..] = &statefe.recv_multipart()?[..] {
                println!("{peer} - {available} workers free");
            }
        } else {
            // A random number stands for the free workers.
            let available = fastrand::u32(..10).to_string();
            statebe.send_multipart([name, &available])?;
        }
    }
}
