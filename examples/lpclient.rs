//! Lazy Pirate client: sends numbers to lpserver, spqueue or ppqueue at tcp://localhost:5555, and
//! when no reply comes it tries again, three times, each on a new socket.
//!
//! `lpclient [COUNT [TIMEOUT-MS]]` ends after that many replies; without, it goes on.

use std::time::Duration;

use zguide::Interrupt;

const REQUEST_RETRIES: u32 = 3;

/// Opens a socket that is connected to the server, and waits for nothing when it is closed.
fn client_socket(context: &zmq::Context) -> zmq::Result<zmq::Socket<zmq::Req>> {
    println!("I: connecting to server...");
    let client = context.socket(zmq::REQ)?;
    client.set_linger(Some(Duration::ZERO))?;
    client.connect("tcp://localhost:5555")?;
    Ok(client)
}

fn run(context: &zmq::Context, count: u64, timeout: Duration) -> zmq::Result<()> {
    let mut client = client_socket(context)?;
    for sequence in 1..=count {
        let request = sequence.to_string();
        client.send(&request)?;

        let mut retries_left = REQUEST_RETRIES;
        loop {
            let [reply] = zmq::poll([client.poll_in()], Some(timeout))?;
            if reply.is_readable() {
                // The reply must be the same number.
                let reply = client.recv_multipart()?;
                if reply == [request.as_str()] {
                    println!("I: server replied OK ({request})");
                    break;
                }
                println!("E: malformed reply from server: {reply:?}");
            } else {
                retries_left -= 1;
                if retries_left == 0 {
                    println!("E: server seems to be offline, abandoning");
                    return Ok(());
                }
                println!("W: no response from server, retrying...");
                // The old socket still waits for its reply: it is replaced.
                client = client_socket(context)?;
                client.send(&request)?;
            }
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |n| std::env::args().nth(n).and_then(|text| text.parse().ok());
    let timeout = Duration::from_millis(number(2).unwrap_or(2500));

    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    interrupt.ends(run(&context, number(1).unwrap_or(u64::MAX), timeout))?;
    Ok(())
}
