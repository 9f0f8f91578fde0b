//! Binary Star client: sends one numbered request a second to bstarsrv or bstarsrv2 at
//! tcp://localhost:5001, and fails over to the other server at 5002, and back, when none answers.
//! An argument says how many milliseconds its second has.

use std::error::Error;
use std::time::Duration;

use zguide::Interrupt;

const SERVERS: [&str; 2] = ["tcp://localhost:5001", "tcp://localhost:5002"];

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;
    context.set_linger(Some(Duration::ZERO))?;
    let second = std::env::args().nth(1).map_or(Ok(1000), |ms| ms.parse())?;
    let interrupt = Interrupt::watch(&context)?;
    let result = ask(&context, Duration::from_millis(second));
    Ok(interrupt.ends(result)?)
}

fn ask(context: &zmq::Context, second: Duration) -> zmq::Result<()> {
    let request_timeout = second;
    let settle_delay = 2 * second; // before failing over

    let mut server_nbr = 0;
    println!("I: connecting to server at {}...", SERVERS[server_nbr]);
    let mut client = context.socket(zmq::REQ)?;
    client.connect(SERVERS[server_nbr])?;

    for sequence in 1.. {
        let request = sequence.to_string();
        client.send(request.as_str())?;

        loop {
            let [reply] = zmq::poll([client.poll_in()], Some(request_timeout))?;
            if reply.is_readable() {
                let reply = client.recv_multipart()?;
                if reply == [request.as_str()] {
                    println!("I: server replied OK ({request})");
                    // One request per second.
                    sleep(&client, second)?;
                    break;
                }
                println!("E: bad reply from server: {}", reply[0]);
            } else {
                println!("W: no response from server, failing over");
                // The old socket waits for its reply: a new one can ask again. It is the request
                // that makes the other server take over.
                client = context.socket(zmq::REQ)?;
                server_nbr = (server_nbr + 1) % SERVERS.len();
                sleep(&client, settle_delay)?;
                println!("I: connecting to server at {}...", SERVERS[server_nbr]);
                client.connect(SERVERS[server_nbr])?;
                client.send(request.as_str())?;
            }
        }
    }
    Ok(())
}

/// Sleeps, unless a signal shuts the socket's context down.
fn sleep(socket: &zmq::Socket<zmq::Req>, time: Duration) -> zmq::Result<()> {
    zmq::poll([socket.poll_in().when(false)], Some(time))?;
    Ok(())
}
