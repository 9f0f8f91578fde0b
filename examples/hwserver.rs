//! Hello World server: a REP socket at tcp://*:5555 that answers every request with "World".

use std::error::Error;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(serve(&context))?)
}

fn serve(context: &zmq::Context) -> zmq::Result<()> {
    // The socket that clients talk to.
    let mut responder = context.socket(zmq::REP)?;
    responder.bind("tcp://*:5555")?;

    loop {
        // Takes a request of any shape, so that no client's message can end the server.
        let request = responder.next_request()?;
        println!("Received Hello");

        // Stands for some work.
        thread::sleep(Duration::from_secs(1));

        request.reply("World")?;
    }
}
