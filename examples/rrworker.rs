//! Request-reply worker: a REP socket connected to the `rrbroker` or `msgqueue` at
//! tcp://localhost:5560 that answers every request with "World".

use std::error::Error;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(work(&context))?)
}

fn work(context: &zmq::Context) -> zmq::Result<()> {
    // A broker that has gone with a reply still to be sent does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;

    // The socket that talks to clients, through the broker.
    let mut responder = context.socket(zmq::REP)?;
    responder.connect("tcp://localhost:5560")?;

    loop {
        let mut request = responder.next_request()?;
        let string = request.take().pop_front().unwrap_or_default();
        println!("Received request: [{string}]");

        // Stands for some work.
        thread::sleep(Duration::from_secs(1));

        request.reply("World")?;
    }
}
