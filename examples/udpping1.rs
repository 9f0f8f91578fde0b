//! UDP ping, model 1, with the UDP work inline: broadcasts a byte a second at port 9999, and prints
//! who else does. An argument is the broadcast address, else 255.255.255.255.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use zguide::Interrupt;

const PING_PORT_NUMBER: u16 = 9999;
const PING_MSG_SIZE: usize = 1;
const PING_INTERVAL: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let broadcast = std::env::args().nth(1);
    let broadcast = broadcast.map_or(Ok(Ipv4Addr::BROADCAST), |address| address.parse())?;
    let context = zmq::Context::new()?;

    // Bound to the port, to receive pings as well, and allowed to broadcast.
    let udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PING_PORT_NUMBER))?;
    udp.set_broadcast(true)?;

    // It ends the wait for the UDP socket, which knows nothing of the context.
    let signals = context.socket(zmq::PAIR)?;
    let interrupt = Interrupt::watch(&context)?;
    let result = ping(&udp, (broadcast, PING_PORT_NUMBER).into(), &signals);
    result.or_else(|error| if interrupt.came() { Ok(()) } else { Err(error) })
}

fn ping(
    udp: &UdpSocket,
    broadcast: SocketAddr,
    signals: &zmq::Socket<zmq::Pair>,
) -> Result<(), Box<dyn Error>> {
    let mut buffer = [0; PING_MSG_SIZE];
    // The first ping goes out at once.
    let mut ping_at = Instant::now();
    loop {
        let timeout = ping_at.saturating_duration_since(Instant::now());
        let items = [udp.as_fd().into(), signals.poll_in()];
        let [input, _] = zmq::poll(items, Some(timeout))?;

        // Someone pings.
        if input.is_readable() {
            let (_, peer) = udp.recv_from(&mut buffer)?;
            println!("Found peer {peer}");
        }
        if Instant::now() >= ping_at {
            println!("Pinging peers...");
            udp.send_to(b"!", broadcast)?;
            ping_at = Instant::now() + PING_INTERVAL;
        }
    }
}
