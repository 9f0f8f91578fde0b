//! Synchronized subscriber: a SUB socket connected to the `syncpub` at tcp://localhost:5561 that
//! reports to its tcp://localhost:5562 first, and counts the updates.

use std::thread;
use std::time::Duration;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;

    // First, the socket that hears the publisher.
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect("tcp://localhost:5561")?;
    subscriber.subscribe("")?;

    // The subscription travels on its own, and nothing says when it has arrived.
    thread::sleep(Duration::from_secs(1));

    // Second, the report.
    let syncclient = context.socket(zmq::REQ)?;
    syncclient.connect("tcp://localhost:5562")?;
    syncclient.send("")?;
    syncclient.recv()?;

    // Third, the updates.
    let mut update_nbr = 0;
    while subscriber.recv()? != "END" {
        update_nbr += 1;
    }
    println!("Received {update_nbr} updates");
    Ok(())
}
