//! Message queuing broker: the `rrbroker` with the proxy that is built in, for `rrclient` at
//! tcp://*:5559 and `rrworker` at tcp://*:5560.

use std::error::Error;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(queue(&context))?)
}

fn queue(context: &zmq::Context) -> zmq::Result<()> {
    // A worker that stands still does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;

    // The socket that faces clients.
    let frontend = context.socket(zmq::ROUTER)?;
    frontend.bind("tcp://*:5559")?;

    // The socket that faces services.
    let backend = context.socket(zmq::DEALER)?;
    backend.bind("tcp://*:5560")?;

    // Was the device QUEUE. It ends only with an error.
    zmq::proxy(&frontend, &backend)?;
    Ok(())
}
