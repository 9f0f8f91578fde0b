//! Hello World in tasks, both sides: `async_hello server [endpoint]` answers every request with "World"
//! until Ctrl-C, and `async_hello client [endpoint] [requests]` asks. The endpoints are
//! tcp://*:5555 and tcp://localhost:5555.

use std::env;
use std::error::Error;

use tokio::signal;
use zmq::tokio::Socket;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["server"] => server("tcp://*:5555").await,
        ["server", endpoint] => server(endpoint).await,
        ["client"] => client("tcp://localhost:5555", 10).await,
        ["client", endpoint] => client(endpoint, 10).await,
        ["client", endpoint, requests] => client(endpoint, requests.parse()?).await,
        _ => Err("usage: async_hello server|client [endpoint] [requests]".into()),
    }
}

async fn server(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let responder = context.socket(zmq::REP)?;
    responder.bind(endpoint)?;
    println!("Listening at {}", responder.last_endpoint()?);

    // From here on, the task waits where the thread would.
    let mut responder = Socket::new(responder)?;
    loop {
        tokio::select! {
            request = responder.next_request() => request?.reply("World")?,
            _ = signal::ctrl_c() => break,
        }
        println!("Received Hello");
    }
    // Waits until the last reply has left.
    responder.close().await;
    Ok(())
}

async fn client(endpoint: &str, requests: u32) -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    let requester = context.socket(zmq::REQ)?;
    requester.connect(endpoint)?;

    let mut requester = Socket::new(requester)?;
    for request_nbr in 0..requests {
        println!("Sending Hello {request_nbr}...");
        let mut reply = requester.request("Hello").await?;
        println!("Received {} {request_nbr}", reply.recv().await?);
    }
    Ok(())
}
