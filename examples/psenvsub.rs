//! Subscriber with envelopes: a SUB socket connected to the `psenvpub` at tcp://localhost:5563 that
//! takes only what is for B.

use std::error::Error;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(read(&context))?)
}

fn read(context: &zmq::Context) -> zmq::Result<()> {
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect("tcp://localhost:5563")?;
    subscriber.subscribe("B")?;

    loop {
        // The envelope with the address, and the contents.
        match subscriber.recv_array() {
            Ok([address, contents]) => println!("[{address}] {contents}"),
            Err(error) if error.kind() == zmq::ErrorKind::PartCount => eprintln!("W: {error}"),
            Err(error) => return Err(error.into()),
        }
    }
}
