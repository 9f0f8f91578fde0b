//! Weather proxy: passes the updates of a `wuserver` on to each `wuclient` of another network, and
//! their subscriptions back: `wuproxy [endpoint of the server] [endpoint to bind]`. What stands
//! there by default is only an example.

use std::env;
use std::error::Error;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(forward(&context))?)
}

fn forward(context: &zmq::Context) -> zmq::Result<()> {
    let argument = |nth, default: &str| env::args().nth(nth).unwrap_or_else(|| default.into());
    // A subscriber that stands still does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;

    // Where the weather server is.
    let frontend = context.socket(zmq::XSUB)?;
    frontend.connect(&argument(1, "tcp://192.168.55.210:5556"))?;

    // Where the public may subscribe.
    let backend = context.socket(zmq::XPUB)?;
    backend.bind(&argument(2, "tcp://10.1.1.0:8100"))?;

    // Was the device FORWARDER. It ends only with an error.
    zmq::proxy(&frontend, &backend)?;
    Ok(())
}
