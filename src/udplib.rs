//! A UDP socket that broadcasts, and that several processes can have on one port.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;

use socket2::{Domain, Protocol, Socket, Type};
use zmq::PollItem;

/// A UDP socket that broadcasts. It never waits.
///
/// ```
/// use std::net::Ipv4Addr;
/// use zguide::udplib::Udp;
///
/// let udp = Udp::new(0, Ipv4Addr::LOCALHOST)?; // any port, and no broadcast at all
/// assert_eq!(udp.recv(&mut [0; 16])?, None);
/// let [input] = zmq::poll([udp.poll_in()], Some(std::time::Duration::ZERO))?;
/// assert!(!input.is_readable());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Udp {
    socket: UdpSocket,
    broadcast: SocketAddr,
}

impl Udp {
    /// Opens a socket on a port, which sends to that port of the broadcast address:
    /// [`Ipv4Addr::BROADCAST`] is everyone on the network.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(port: u16, broadcast: Ipv4Addr) -> io::Result<Udp> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_broadcast(true)?;
        // Each of the processes on the port gets what is broadcast.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
        Ok(Udp {
            socket: socket.into(),
            broadcast: (broadcast, port).into(),
        })
    }

    /// An item for [`zmq::poll`] that is ready when there is a message.
    pub fn poll_in(&self) -> PollItem<'_> {
        self.socket.as_fd().into()
    }

    /// Broadcasts a message. It may be lost, as any, when the network is not there at the moment.
    ///
    /// # Errors
    /// Those of the system that will not pass.
    pub fn send(&self, message: &[u8]) -> io::Result<()> {
        unless_transient(self.socket.send_to(message, self.broadcast))?;
        Ok(())
    }

    /// Receives a message if there is one, and gives its length in the buffer. What does not fit is
    /// dropped.
    ///
    /// # Errors
    /// Those of the system that will not pass.
    pub fn recv(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        Ok(unless_transient(self.socket.recv_from(buffer))?.map(|(length, _)| length))
    }
}

/// `None` for an error that passes by itself.
fn unless_transient<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock
            | ErrorKind::Interrupted
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::Unsupported => Ok(None),
            _ => Err(error),
        },
    }
}
