//! Keys for the CURVE security mechanism, which encrypts and authenticates a connection
//! ([ZeroMQ RFC 26], `zmq_curve(7)`).
//!
//! Everybody has a [`KeyPair`]. A server gives its public key away and keeps the secret one; a
//! client needs the server's public key beforehand. Keys are written as 40 characters of
//! [Z85](crate::z85).
//!
//! A [`Certificate`] is a file with a key or a pair in it, in czmq's format, and a
//! [`CertificateDirectory`] is a folder of those that a server knows. [`ServerConfig`] and
//! [`ClientConfig`] set on a socket all that goes together.
//!
//! Making keys needs a libzmq that has [`Capability::Curve`](crate::Capability::Curve); reading,
//! comparing and writing them does not.
//!
//! # What happens to secrets
//!
//! A [`SecretKey`] and its text are overwritten when they are dropped, and so is every buffer that
//! this crate lays them in on the way. Out of reach are the copies that libzmq makes on its stack
//! while it works, registers, swap, core dumps, and the bytes or text that a key was read from,
//! which are the caller's.
//!
//! ```
//! use zmq::curve::{KeyPair, PublicKey};
//!
//! if zmq::has(zmq::Capability::Curve) {
//!     let server = KeyPair::new()?;
//!     let known_to_clients = server.public.to_string();
//!     assert_eq!(known_to_clients.len(), 40);
//!     assert_eq!(known_to_clients.parse::<PublicKey>()?, server.public);
//!     assert_eq!(server.secret.public_key()?, server.public);
//! }
//! # Ok::<(), zmq::Error>(())
//! ```
//!
//! [ZeroMQ RFC 26]: https://rfc.zeromq.org/spec/26/

mod certificate;
mod config;
mod directory;
mod failure;
mod file;
mod keys;
mod zpl;

pub use certificate::Certificate;
pub use config::{ClientConfig, ServerConfig};
pub(crate) use config::{GLOBAL, check_type, enforce_domain, refused};
pub use directory::CertificateDirectory;
pub use failure::CertificateError;
pub use keys::{KeyPair, PublicKey, SecretKey, SecretText};
