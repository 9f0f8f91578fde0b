//! Raw bindings to [libzmq], the ZeroMQ core library: its functions, types, constants and error
//! numbers under their C names, and the search for the library itself.
//!
//! Nothing here is safer than C. The crate `zmq` builds a safe interface on top.
//!
//! # How libzmq is found
//!
//! 1. `ZMQ_LIB_DIR` and `ZMQ_INCLUDE_DIR`, when set, name the library and its header.
//! 2. Otherwise pkg-config is asked for `libzmq`.
//! 3. Otherwise the bundled source, libzmq 4.3.5, is compiled and linked statically.
//!
//! libzmq 4.3.4 or newer is needed. An explicit choice that cannot be met fails the build with an
//! error that says what was looked for; only the second step gives way to the third.
//! [`FOUND_BY`] and [`HEADER_VERSION`] tell how it went.
//!
//! | Variable          | Meaning                                                                 |
//! |-------------------|-------------------------------------------------------------------------|
//! | `ZMQ_LIB_DIR`     | Directory of the library; goes with `ZMQ_INCLUDE_DIR`                    |
//! | `ZMQ_INCLUDE_DIR` | Directory of `zmq.h`; goes with `ZMQ_LIB_DIR`                            |
//! | `ZMQ_STATIC`      | `1` links the library of steps 1 and 2 statically                       |
//! | `ZMQ_NO_VENDOR`   | `1` forbids the bundled source                                          |
//!
//! A variable that is empty counts as unset, and a switch that is `0` too. pkg-config heeds its own
//! variables, such as `PKG_CONFIG_PATH`.
//!
//! # Features
//!
//! - `vendored`: always the bundled source.
//! - `draft`: the draft API, which may still change. The library must have been built with it; the
//!   bundled one then is.
//! - `curve`: CURVE security in the bundled library, through libsodium. A system library has it or
//!   has not: ask `zmq_has`.
//! - `bindgen`: makes the bindings from the header that was found, instead of using the checked-in
//!   ones. Needs libclang.
//!
//! # For build scripts
//!
//! Direct dependents find in their environment `DEP_ZMQ_VERSION` (the header's, as `4.3.5`),
//! `DEP_ZMQ_INCLUDE` (the directory of `zmq.h`), `DEP_ZMQ_SOURCE` (`environment`, `pkg-config` or
//! `bundled`) and `DEP_ZMQ_DRAFT` (`1` when the feature `draft` is on, else `0`).
//!
//! [libzmq]: https://github.com/zeromq/libzmq

mod bindings;
mod errno;
mod found;
mod platform;

pub use bindings::*;
pub use errno::*;
pub use found::*;
pub use platform::*;

// Its link flags are all that is wanted of it.
#[cfg(feature = "curve")]
use libsodium_sys as _;
