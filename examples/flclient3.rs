//! Freelance client, model 3: asks flserver3 at the ports 5555, 5556 and 5557, through the agent of
//! `zguide::flcliapi`, which finds those that are alive. An argument says how many requests, else
//! they are 10000.

use std::error::Error;
use std::time::Instant;

use zguide::flcliapi::FreelanceClient;

fn main() -> Result<(), Box<dyn Error>> {
    let requests: u32 = std::env::args().nth(1).map_or(Ok(10000), |n| n.parse())?;
    let context = zmq::Context::new()?;
    let mut client = FreelanceClient::new(&context)?;
    client.connect("tcp://localhost:5555")?;
    client.connect("tcp://localhost:5556")?;
    client.connect("tcp://localhost:5557")?;

    let start = Instant::now();
    for _ in 0..requests {
        if client.request(["random name"])?.is_none() {
            println!("E: name service not available, aborting");
            break;
        }
    }
    let cost = start.elapsed() / requests.max(1);
    println!("Average round trip cost: {} usec", cost.as_micros());
    Ok(())
}
