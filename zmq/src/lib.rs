//! Safe, idiomatic ZeroMQ over libzmq.
#![deny(unsafe_code)]
#![allow(
    clippy::result_large_err,
    reason = "a refused message comes back by value; the good path writes one byte of the result"
)]
#![doc(test(attr(deny(unused_must_use))))]

mod actor;
#[cfg(all(unix, feature = "async-io"))]
pub mod async_io;
#[cfg(all(unix, any(feature = "tokio", feature = "async-io")))]
pub mod asynchronous;
pub mod auth;
mod context;
pub mod curve;
mod error;
mod ffi;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod guide;
mod library;
mod message;
mod monitor;
mod multipart;
mod panics;
mod payload;
pub mod plain;
mod poll;
mod poller;
mod proxy;
pub mod raw;
mod reactor;
mod socket;
mod timers;
#[cfg(all(unix, feature = "tokio"))]
pub mod tokio;
pub mod z85;

pub use actor::{Actor, ActorError, ActorPipe, ActorStart};
pub use context::{Context, OpenSocket, ShutdownOnDrop, StillOpen};
pub use error::{Error, ErrorKind, RecvError, Result, SendError};
pub use library::{Capability, has, version};
#[cfg(feature = "draft")]
pub use message::RoutingId;
pub use message::{Message, MessageBuf};
pub use monitor::{AuthStatus, Event, EventKind, Events, Monitor, MonitorEvents, ProtocolError};
pub use multipart::Multipart;
pub use payload::{Parts, Payload};
pub use poll::{PollEvents, PollItem, PollItems, poll};
pub use poller::{PollEvent, Poller};
pub use proxy::{
    CanCapture, Proxy, ProxyCount, ProxyHandle, ProxyStatistics, ProxyTraffic, ProxyWith, proxy,
    proxy_with_capture,
};
pub use reactor::{Flow, HandlerId, Reactor, Stopper, Watch};
pub use socket::*;
pub use timers::{TimerId, Timers, TimersPanicked};
