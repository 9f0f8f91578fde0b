//! What several programs of the ZeroMQ Guide share, as far as it does not belong into `zmq` itself.
//!
//! The programs are in `examples/`, one file each, under the name of the C file.

pub mod bstar;
pub mod clone;
pub mod faults;
pub mod flcliapi;
pub mod interface;
mod interrupt;
pub mod kvmsg;
pub mod kvsimple;
pub mod mdcliapi;
pub mod mdcliapi2;
pub mod mdp;
pub mod mdwrkapi;
pub mod print;
pub mod udplib;
pub mod zhelpers;

pub use interrupt::Interrupt;
