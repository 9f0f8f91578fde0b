//! Freelance server, model 2: answers flclient2's `[sequence][body]` with `[sequence]["OK"]`, at the
//! endpoint given.

use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(endpoint) = std::env::args().nth(1) else {
        println!("I: syntax: flserver2 <endpoint>");
        return Ok(());
    };
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let mut server = context.socket(zmq::REP)?;
    server.bind(&endpoint)?;
    let interrupt = Interrupt::watch(&context)?;

    println!("I: service is ready at {endpoint}");
    let result = serve(&mut server);
    if interrupt.came() {
        println!("W: interrupted");
    }
    Ok(interrupt.ends(result)?)
}

fn serve(server: &mut zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    loop {
        let mut request = server.next_request()?;
        match request.take().into_array() {
            Ok([sequence, _body]) => request.reply_multipart((sequence, "OK"))?,
            // It is answered with an empty frame, for a REP has to answer.
            Err(error) => println!("E: wrong client: {error}"),
        }
    }
}
