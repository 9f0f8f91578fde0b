//! Freelance server, model 1: echoes what flclient1 sends to the endpoint given.

use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(endpoint) = std::env::args().nth(1) else {
        println!("I: syntax: flserver1 <endpoint>");
        return Ok(());
    };
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let mut server = context.socket(zmq::REP)?;
    server.bind(&endpoint)?;
    let interrupt = Interrupt::watch(&context)?;

    println!("I: echo service is ready at {endpoint}");
    let result = echo(&mut server);
    if interrupt.came() {
        println!("W: interrupted");
    }
    Ok(interrupt.ends(result)?)
}

fn echo(server: &mut zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    loop {
        let mut request = server.next_request()?;
        let message = request.take();
        request.reply_multipart(message)?;
    }
}
