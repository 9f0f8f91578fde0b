//! Request-reply broker: each `rrclient` connects to its ROUTER at tcp://*:5559, each `rrworker` to
//! its DEALER at tcp://*:5560, and it hands messages from one to the other.

use std::error::Error;
use std::time::Duration;

use zguide::Interrupt;
use zmq::{CanSend, ErrorKind, Multipart, Socket};

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(broke(&context))?)
}

fn broke(context: &zmq::Context) -> zmq::Result<()> {
    // A worker that stands still does not hold up the end.
    context.set_linger(Some(Duration::from_secs(1)))?;
    let frontend = context.socket(zmq::ROUTER)?;
    let backend = context.socket(zmq::DEALER)?;
    frontend.bind("tcp://*:5559")?;
    backend.bind("tcp://*:5560")?;

    // Messages go on as they are, with all their frames.
    loop {
        let [request, reply] = zmq::poll([frontend.poll_in(), backend.poll_in()], None)?;
        if request.is_readable() {
            pass_on(frontend.recv_multipart()?, &backend)?;
        }
        if reply.is_readable() {
            pass_on(backend.recv_multipart()?, &frontend)?;
        }
    }
}

/// No peer can end the broker: a reply without an address, or a request whose worker went away
/// meanwhile, is dropped.
fn pass_on<T: CanSend>(message: Multipart, to: &Socket<T>) -> zmq::Result<()> {
    match to.send_multipart(message) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Dropped) => {
            eprintln!("W: {error}");
            Ok(())
        }
        sent => Ok(sent?),
    }
}
