//! The same work twice, through `zmq` and in C, for the programs that compare what it costs.

#[cfg(unix)]
mod by_hand;
mod heap;
mod ours;
mod polled;
#[cfg(unix)]
pub mod tasks;
pub mod threads;
mod tuning;
mod twin;

use std::error::Error;

#[cfg(unix)]
pub use by_hand::ByHand;
pub use heap::Heap;
pub use ours::{Ours, tune};
pub use polled::{Polled, Polling};
pub use tuning::Tuning;
pub use twin::{Twin, fill, proxy};

/// What fails here ends the program, so it need only be said.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A way of sending and receiving messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Borrowed bytes out, bytes into a buffer in.
    Buffer,
    /// A message made of borrowed bytes out, one message that is used again in.
    Reused,
    /// A message made of borrowed bytes out, a new message each time in.
    Fresh,
    /// Three messages out, and in into a container that is used again.
    Parts,
    /// Three times borrowed bytes out, and in into a container that is used again.
    BufferParts,
    /// A heap buffer with spare capacity, made each time and handed over; in as `Reused`.
    HandOver,
    /// The same buffer, copied and freed.
    CopyAndFree,
}

impl Form {
    /// A name for tables, and for arguments.
    pub fn name(self) -> &'static str {
        match self {
            Form::Buffer => "buffers",
            Form::Reused => "message-reused",
            Form::Fresh => "message-fresh",
            Form::Parts => "three-messages",
            Form::BufferParts => "three-buffers",
            Form::HandOver => "hand-over",
            Form::CopyAndFree => "copy-and-free",
        }
    }

    /// How many frames its messages have.
    pub fn frames(self) -> usize {
        match self {
            Form::Parts | Form::BufferParts => 3,
            _ => 1,
        }
    }

    /// The form of that name.
    pub fn named(name: &str) -> Option<Form> {
        use Form::*;
        [
            Buffer,
            Reused,
            Fresh,
            Parts,
            BufferParts,
            HandOver,
            CopyAndFree,
        ]
        .into_iter()
        .find(|form| form.name() == name)
    }
}

/// A socket that sends and receives in every form.
pub trait Peer: Sized + Send {
    /// Opens a socket whose queues hold `high_water_mark` messages.
    fn open(context: &zmq::Context, kind: zmq::SocketKind, high_water_mark: u32) -> Outcome<Self>;
    /// Sets what `tuning` says beside the high-water mark, before it binds or connects; the I/O threads
    /// that serve it are those of `affinity`.
    fn tune(&self, tuning: &Tuning, affinity: u64) -> Outcome;
    /// Binds, and gives the endpoint with its wildcards filled in.
    fn bind(&self, endpoint: &str) -> Outcome<String>;
    /// Connects.
    fn connect(&self, endpoint: &str) -> Outcome;
    /// Sends `data` `count` times.
    fn send(&self, form: Form, data: &[u8], count: usize) -> Outcome;
    /// Receives `count` messages whose parts are not longer than `buffer`; gives the sum of their
    /// sizes and first bytes.
    fn receive(&self, form: Form, buffer: &mut [u8], count: usize) -> Outcome<u64>;
}

/// Two sockets connected to each other: the second to the first.
pub fn connected<P: Peer>(
    context: &zmq::Context,
    endpoint: &str,
    kinds: [zmq::SocketKind; 2],
    high_water_mark: u32,
) -> Outcome<[P; 2]> {
    let [bound, connected] = kinds.map(|kind| P::open(context, kind, high_water_mark));
    let (bound, connected) = (bound?, connected?);
    connected.connect(&bound.bind(endpoint)?)?;
    Ok([bound, connected])
}
