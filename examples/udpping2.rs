//! UDP ping, model 2, with the UDP work in `zguide::udplib`: broadcasts a byte a second at port 9999.
//! Several can run on one machine. An argument is the broadcast address, else 255.255.255.255.

use std::error::Error;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use zguide::Interrupt;
use zguide::udplib::Udp;

const PING_PORT_NUMBER: u16 = 9999;
const PING_MSG_SIZE: usize = 1;
const PING_INTERVAL: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let broadcast = std::env::args().nth(1);
    let broadcast = broadcast.map_or(Ok(Ipv4Addr::BROADCAST), |address| address.parse())?;
    let context = zmq::Context::new()?;
    let udp = Udp::new(PING_PORT_NUMBER, broadcast)?;

    // It ends the wait for the UDP socket, which knows nothing of the context.
    let signals = context.socket(zmq::PAIR)?;
    let interrupt = Interrupt::watch(&context)?;
    let result = ping(&udp, &signals);
    result.or_else(|error| if interrupt.came() { Ok(()) } else { Err(error) })
}

fn ping(udp: &Udp, signals: &zmq::Socket<zmq::Pair>) -> Result<(), Box<dyn Error>> {
    let mut buffer = [0; PING_MSG_SIZE];
    // The first ping goes out at once.
    let mut ping_at = Instant::now();
    loop {
        let timeout = ping_at.saturating_duration_since(Instant::now());
        let [input, _] = zmq::poll([udp.poll_in(), signals.poll_in()], Some(timeout))?;

        // Someone pings.
        if input.is_readable() {
            udp.recv(&mut buffer)?;
        }
        if Instant::now() >= ping_at {
            println!("Pinging peers...");
            udp.send(b"!")?;
            ping_at = Instant::now() + PING_INTERVAL;
        }
    }
}
