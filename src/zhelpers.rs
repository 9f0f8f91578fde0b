//! What the guide's `zhelpers.h` has and neither the standard library nor `zmq` gives: frames as
//! lines of text, and random printable identities.

use std::fmt;

use zmq::{CanReceive, Socket};

/// A frame in a line: its length and its text, or its bytes in hexadecimal if one of them is a
/// control character or no ASCII.
///
/// ```
/// use zguide::zhelpers::Line;
///
/// assert_eq!(Line(b"HELLO").to_string(), "[005] HELLO");
/// assert_eq!(Line(&[0, 0x6B, 0xFF]).to_string(), "[003] 006BFF");
/// assert_eq!(Line(b"").to_string(), "[000] ");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Line<'a>(pub &'a [u8]);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:03}] ", self.0.len())?;
        if self.0.iter().all(|byte| matches!(byte, 32..=127)) {
            return write!(f, "{}", String::from_utf8_lossy(self.0));
        }
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// Receives a message and prints its frames, a [`Line`] each, below a line of dashes: what `s_dump`
/// is in C.
///
/// # Errors
/// As [`Socket::recv_multipart`].
pub fn dump<T: CanReceive>(socket: &Socket<T>) -> zmq::Result<()> {
    let message = socket.recv_multipart()?;
    println!("{}", "-".repeat(40));
    for frame in &message {
        println!("{}", Line(frame));
    }
    Ok(())
}

/// Makes a random identity that can be printed: four hexadecimal digits, a dash, and four more.
/// It is what `s_set_id` gives a socket in C: `socket.set_routing_id(random_id())`.
///
/// ```
/// let id = zguide::zhelpers::random_id();
/// assert_eq!((id.len(), &id[4..5]), (9, "-"));
/// ```
pub fn random_id() -> String {
    format!("{:04X}-{:04X}", fastrand::u16(..), fastrand::u16(..))
}
