//! UDP ping, model 3, on the network interface of `zguide::interface`: prints which nodes come and
//! go. Run it several times. An argument is the broadcast address, else 255.255.255.255.

use std::error::Error;
use std::net::Ipv4Addr;

use zguide::interface::Interface;
use zguide::{Interrupt, print};

fn main() -> Result<(), Box<dyn Error>> {
    let broadcast = std::env::args().nth(1);
    let broadcast = broadcast.map_or(Ok(Ipv4Addr::BROADCAST), |address| address.parse())?;
    let context = zmq::Context::new()?;
    let interface = Interface::with_broadcast(&context, broadcast)?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(show(&interface))?)
}

fn show(interface: &Interface) -> zmq::Result<()> {
    loop {
        print::dump(&interface.recv()?);
    }
}
