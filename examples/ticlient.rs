//! Titanic client: leaves a request for the service echo with titanic, and comes back for the reply
//! until it is there. It needs mdbroker at tcp://localhost:5555, titanic, and sometime an mdworker.
//!
//! `ticlient [-v] [PAUSE-MS]`: with `-v` it prints every message; between two questions it waits 5
//! seconds.

use std::env;
use std::time::Duration;

use zguide::Interrupt;
use zguide::mdcliapi::Client;
use zmq::Multipart;

/// Calls a service of titanic and gives what follows the 200, or nothing if the code is another.
fn service_call(
    session: &mut Client,
    service: &str,
    request: impl Into<Multipart>,
) -> Result<Option<Multipart>, Box<dyn std::error::Error>> {
    let reply = session.send(service, request)?;
    let mut reply = reply.ok_or("no reply from the broker")?;
    match reply.pop_front().unwrap_or_default().as_str() {
        Ok("200") => Ok(Some(reply)),
        Ok(code @ ("400" | "500")) => {
            let whose = if code == "400" { "client" } else { "server" };
            println!("E: {whose} fatal error, aborting");
            Err(format!("{service} answers {code}").into())
        }
        _ => Ok(None),
    }
}

fn run(context: &zmq::Context) -> Result<(), Box<dyn std::error::Error>> {
    let verbose = env::args().any(|argument| argument == "-v");
    let pause = env::args().skip(1).find_map(|text| text.parse().ok());
    let pause = Duration::from_millis(pause.unwrap_or(5000));
    let mut session = Client::connect(context, "tcp://localhost:5555", verbose)?;
    // Nothing ever comes here, so that waiting for it is a sleep that ends with the context.
    let never = context.socket(zmq::PULL)?;

    // Leaves the request with titanic.
    let reply = service_call(&mut session, "titanic.request", ["echo", "Hello world"])?;
    let uuid = reply.and_then(|mut reply| reply.pop_front());
    let mut uuid = uuid.ok_or("titanic gave the request no name")?;
    println!("I: request UUID: {uuid}");

    // Asks for the reply until it is there.
    let mut wait = Duration::from_millis(100);
    loop {
        zmq::poll([never.poll_in()], Some(wait))?;
        if let Some(reply) = service_call(&mut session, "titanic.reply", [uuid.share()])? {
            println!(
                "Reply: {}",
                reply
                    .last()
                    .map(|frame| frame.to_string())
                    .unwrap_or_default()
            );
            // And lets titanic forget all of it.
            service_call(&mut session, "titanic.close", [uuid])?;
            return Ok(());
        }
        println!("I: no reply yet, trying again...");
        wait = pause;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    run(&context).or_else(|error| if interrupt.came() { Ok(()) } else { Err(error) })
}
