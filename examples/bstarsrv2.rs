//! Binary Star server on the reactor of `zguide::bstar`: what bstarsrv does, as an echo service and
//! a few calls. Run it with -p and with -b, and bstarcli. A second argument is the heartbeat in
//! milliseconds.

use std::error::Error;
use std::time::Duration;

use zguide::Interrupt;
use zguide::bstar::{BStar, Links, StarReactor, State};
use zmq::{Router, Socket};

/// Echo service.
fn echo<'a>(
    _: &mut StarReactor<'a, ()>,
    socket: &'a Socket<Router>,
    _: &mut (),
) -> zmq::Result<()> {
    let message = socket.recv_multipart()?;
    Ok(socket.send_multipart(message)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let voter = context.socket(zmq::ROUTER)?;
    let (state, links) = match std::env::args().nth(1).as_deref() {
        Some("-p") => {
            println!("I: Primary active, waiting for backup (passive)");
            voter.bind("tcp://*:5001")?;
            let links = Links::open(&context, "tcp://*:5003", "tcp://localhost:5004")?;
            (State::Primary, links)
        }
        Some("-b") => {
            println!("I: Backup passive, waiting for primary (active)");
            voter.bind("tcp://*:5002")?;
            let links = Links::open(&context, "tcp://*:5004", "tcp://localhost:5003")?;
            (State::Backup, links)
        }
        _ => {
            println!("Usage: bstarsrv2 {{ -p | -b }}");
            return Ok(());
        }
    };
    let heartbeat = std::env::args().nth(2).map_or(Ok(1000), |ms| ms.parse())?;

    let interrupt = Interrupt::watch(&context)?;
    let mut bstar = BStar::new(state, &links, ())?;
    bstar.set_heartbeat(Duration::from_millis(heartbeat))?;
    bstar.voter(&voter, echo);
    Ok(interrupt.ends(bstar.start().map(drop))?)
}
