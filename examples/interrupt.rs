//! Shows how to handle Ctrl-C: a REP socket at tcp://*:5555 that answers until SIGINT or SIGTERM,
//! and then leaves cleanly. Runs with `hwclient`.

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let mut server = context.socket(zmq::REP)?;
    server.bind("tcp://*:5555")?;

    // From now on a signal shuts the context down, which ends the waiting below.
    let interrupt = Interrupt::watch(&context)?;

    loop {
        match server.next_request() {
            Ok(request) => {
                println!("W: recv");
                request.reply("World")?;
            }
            Err(_) if interrupt.came() => {
                println!("W: interrupt received, killing server...");
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }

    // Whatever there is to close or to save is done here.
    println!("W: cleaning up");
    Ok(())
}
