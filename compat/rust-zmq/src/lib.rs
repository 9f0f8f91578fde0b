//! The API of rust-zmq 0.10 over the safe crate of this project.
//!
//! It is there for what is written already: an application moves by one line in its `Cargo.toml`, and
//! then call by call to the safe crate, whose types say at compile time what is an error here. What
//! differs from rust-zmq, and why, stands in `README.md` beside this package; the way on in
//! `docs/migrating-from-rust-zmq.md`.
//!
//! ```
//! let context = zmq::Context::new();
//! let (server, client) = (context.socket(zmq::REP)?, context.socket(zmq::REQ)?);
//! server.bind("tcp://127.0.0.1:*")?;
//! client.connect(&server.get_last_endpoint()?.unwrap())?;
//! client.send("Hello", zmq::SNDMORE)?;
//! client.send("World", 0)?;
//! assert_eq!(server.recv_multipart(0)?, [b"Hello", b"World"]);
//! # Ok::<(), zmq::Error>(())
//! ```

mod context;
mod error;
mod library;
mod message;
mod monitor;
mod options;
mod poll;
mod proxy;
mod raw;
mod receive;
mod security;
mod send;
mod socket;
mod types;

/// The safe crate, for what moves on: [`Context::to_safe`], [`Socket::into_safe`].
pub use safe;

pub use context::Context;
pub use error::{Error, Result};
pub use library::{has, version};
pub use message::Message;
pub use poll::{POLLERR, POLLIN, POLLOUT, PollEvents, PollItem, poll};
pub use proxy::{proxy, proxy_steerable, proxy_steerable_with_capture, proxy_with_capture};
pub use security::{CurveKeyPair, DecodeError, EncodeError, z85_decode, z85_encode};
pub use send::Sendable;
pub use socket::Socket;
pub use types::SocketType::*;
pub use types::{DONTWAIT, Mechanism, SNDMORE, SocketEvent, SocketType};
