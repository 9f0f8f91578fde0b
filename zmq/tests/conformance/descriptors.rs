//! What libzmq does with the descriptor of a connection, seen through the one that a message names.

use std::ffi::c_int;
use std::net::SocketAddr;

use crate::common::{context_and, peer_of};
use crate::zmtp::{Peer, message};

/// The port at the other end of a connection of IPv4.
fn peer_port(fd: i32) -> Option<u16> {
    // SAFETY: all zeros are an address.
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: `address` is writable for `length` bytes.
    let got = unsafe { libc::getpeername(fd, (&raw mut address).cast(), &raw mut length) };
    (got == 0).then(|| u16::from_be(address.sin_port))
}

/// An option of a connection, of SOL_SOCKET.
fn option(fd: i32, name: c_int) -> c_int {
    let mut value: c_int = 0;
    let mut length = size_of::<c_int>() as libc::socklen_t;
    let value_at = (&raw mut value).cast();
    // SAFETY: `value` is writable for `length` bytes.
    let got = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, value_at, &raw mut length) };
    assert_eq!(got, 0);
    value
}

#[test]
fn the_descriptor_of_a_message_is_that_of_its_connection() {
    let (_context, pull) = context_and(zmq::PULL);
    pull.bind("tcp://127.0.0.1:*").unwrap();
    for mut peer in [(); 2].map(|()| Peer::connect(&pull).shake_hands(0, "PUSH")) {
        peer.send(&message(b"hello"));
        let fd = pull.recv().unwrap().source_fd().unwrap();
        let at_the_other_end: SocketAddr = peer.0.local_addr().unwrap();
        assert_eq!(peer_port(fd), Some(at_the_other_end.port()));
    }
}

/// The send and the receive buffer of a connection to a socket that asks for these.
fn buffers(sndbuf: Option<u32>, rcvbuf: Option<u32>) -> [c_int; 2] {
    let (_context, pull) = context_and(zmq::PULL);
    pull.set_sndbuf(sndbuf).unwrap();
    pull.set_rcvbuf(rcvbuf).unwrap();
    assert_eq!(pull.sndbuf().unwrap(), sndbuf);
    assert_eq!(pull.rcvbuf().unwrap(), rcvbuf);
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let push = peer_of(&pull, zmq::PUSH);
    push.send("hello").unwrap();
    let fd = pull.recv().unwrap().source_fd().unwrap();
    [libc::SO_SNDBUF, libc::SO_RCVBUF].map(|name| option(fd, name))
}

#[test]
fn the_buffers_of_a_connection_are_as_large_as_asked_for() {
    const SIZE: u32 = 20_000;
    let own_choice = buffers(None, None);
    let asked_for = buffers(Some(SIZE), Some(SIZE));
    for (asked_for, own_choice) in asked_for.iter().zip(own_choice) {
        assert_ne!(*asked_for, own_choice);
        // Linux gives twice as much, for its own use.
        let expected = [SIZE as c_int, 2 * SIZE as c_int];
        assert!(expected.contains(asked_for), "{asked_for}");
    }
}
