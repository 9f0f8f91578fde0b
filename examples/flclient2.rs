//! Freelance client, model 2: sends each request to every flserver2 given, and takes the first reply.
//! A number before the endpoints says how many requests, else they are 10000.

use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Multipart, Socket};

/// When no service has replied within this time, the client gives up.
const GLOBAL_TIMEOUT: Duration = Duration::from_millis(2500);

struct FreelanceClient {
    /// Connected to all servers.
    socket: Socket<Dealer>,
    servers: usize,
    /// How many requests were sent.
    sequence: u64,
}

impl FreelanceClient {
    fn new(context: &Context) -> zmq::Result<FreelanceClient> {
        let socket = context.socket(zmq::DEALER)?;
        socket.set_linger(Some(Duration::ZERO))?;
        Ok(FreelanceClient {
            socket,
            servers: 0,
            sequence: 0,
        })
    }

    fn connect(&mut self, endpoint: &str) -> zmq::Result<()> {
        self.socket.connect(endpoint)?;
        self.servers += 1;
        Ok(())
    }

    /// Sends the request to all servers at once, and waits for the first reply to it.
    fn request(&mut self, body: &str) -> zmq::Result<Option<Multipart>> {
        self.sequence += 1;
        let sequence = self.sequence.to_string();
        for _ in 0..self.servers {
            self.socket.send_multipart(("", sequence.as_str(), body))?;
        }

        let endtime = Instant::now() + GLOBAL_TIMEOUT;
        loop {
            let left = endtime.saturating_duration_since(Instant::now());
            let [reply] = zmq::poll([self.socket.poll_in()], Some(left))?;
            if !reply.is_readable() {
                return Ok(None);
            }
            // [empty][sequence]["OK"]; others belong to earlier requests, or to no client like this.
            let reply = self.socket.recv_multipart()?;
            if reply.len() == 3 && reply[1] == sequence.as_str() {
                return Ok(Some(reply));
            }
        }
    }
}

fn main() -> zmq::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let number = arguments.peek().and_then(|first| first.parse().ok());
    let requests: u32 = number.unwrap_or(10000);
    let endpoints: Vec<String> = arguments.skip(number.is_some().into()).collect();
    if endpoints.is_empty() {
        println!("I: syntax: flclient2 [<requests>] <endpoint> ...");
        return Ok(());
    }

    let context = Context::new()?;
    let mut client = FreelanceClient::new(&context)?;
    for endpoint in &endpoints {
        client.connect(endpoint)?;
    }

    let start = Instant::now();
    for _ in 0..requests {
        if client.request("random name")?.is_none() {
            println!("E: name service not available, aborting");
            break;
        }
    }
    let cost = start.elapsed() / requests.max(1);
    println!("Average round trip cost: {} usec", cost.as_micros());
    Ok(())
}
