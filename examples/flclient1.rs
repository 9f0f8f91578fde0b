//! Freelance client, model 1: asks flserver1 over a REQ, a single endpoint up to three times, or each
//! of several once.

use std::time::Duration;

use zmq::{Context, Message, Multipart};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_RETRIES: usize = 3; // before it gives up

fn try_request(
    context: &Context,
    endpoint: &str,
    request: Message,
) -> zmq::Result<Option<Multipart>> {
    println!("I: trying echo service at {endpoint}...");
    let client = context.socket(zmq::REQ)?;
    client.set_linger(Some(Duration::ZERO))?;
    client.connect(endpoint)?;

    client.send(request)?;
    let [reply] = zmq::poll([client.poll_in()], Some(REQUEST_TIMEOUT))?;
    if !reply.is_readable() {
        return Ok(None);
    }
    client.recv_multipart().map(Some)
}

fn main() -> zmq::Result<()> {
    let context = Context::new()?;
    let mut request = Message::from("Hello world");
    let mut reply = None;

    let endpoints: Vec<String> = std::env::args().skip(1).collect();
    if endpoints.is_empty() {
        println!("I: syntax: flclient1 <endpoint> ...");
    } else if let [endpoint] = endpoints.as_slice() {
        // A single one is asked again.
        for _ in 0..MAX_RETRIES {
            reply = try_request(&context, endpoint, request.share())?;
            if reply.is_some() {
                break;
            }
            println!("W: no response from {endpoint}, retrying...");
        }
    } else {
        // Several are asked in turn, each once.
        for endpoint in &endpoints {
            reply = try_request(&context, endpoint, request.share())?;
            if reply.is_some() {
                break;
            }
            println!("W: no response from {endpoint}");
        }
    }
    if reply.is_some() {
        println!("Service is running OK");
    }
    Ok(())
}
