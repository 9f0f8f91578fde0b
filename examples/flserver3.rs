//! Freelance server, model 3: a ROUTER for flclient3, at tcp://*:5555 or the port given. Its routing
//! id is the endpoint that clients connect to, so that they can address it. With -v as first
//! argument it prints all messages.

use std::time::Duration;

use zguide::{Interrupt, print};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let verbose = arguments.next_if_eq("-v").is_some();
    let port: u16 = arguments.next().map_or(Ok(5555), |port| port.parse())?;

    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let bind_endpoint = format!("tcp://*:{port}");
    let connect_endpoint = format!("tcp://localhost:{port}");
    let server = context.socket(zmq::ROUTER)?;
    server.set_routing_id(connect_endpoint.as_bytes())?;
    server.bind(&bind_endpoint)?;
    let interrupt = Interrupt::watch(&context)?;

    println!("I: service is ready at {bind_endpoint}");
    let result = serve(&server, verbose);
    if interrupt.came() {
        println!("W: interrupted");
    }
    Ok(interrupt.ends(result)?)
}

fn serve(server: &zmq::Socket<zmq::Router>, verbose: bool) -> zmq::Result<()> {
    loop {
        // [client]["PING"] or [client][sequence][body…]
        let mut request = server.recv_multipart()?;
        if verbose {
            print::dump(&request);
        }
        let (address, control) = (request.pop_front(), request.pop_front());
        let (Some(address), Some(control)) = (address, control) else {
            continue; // libzmq gives both, whatever a client sends
        };
        let mut reply = zmq::Multipart::from(address);
        if control == "PING" {
            reply.push_back("PONG");
        } else {
            reply.push_back(control);
            reply.push_back("OK");
        }
        if verbose {
            print::dump(&reply);
        }
        server.send_multipart(reply)?;
    }
}
