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
//! # The bundled library, built for speed
//!
//! It is compiled as any other C++ that a crate brings along, by the crate `cc`, and linked statically, so
//! that a call of it does not cross the border of a shared library:
//!
//! - The optimisation is that of this package in the profile, which is 3 in `release`; 0, as in `dev`, is
//!   raised to 2. To choose it for libzmq alone:
//!
//!   ```toml
//!   [profile.release.package.zmq-sys]
//!   opt-level = 2
//!   ```
//! - `CXXFLAGS` and `CFLAGS` (or with the target's name, as `CXXFLAGS_x86_64_unknown_linux_gnu`) come after
//!   cc's own flags. `CXXFLAGS=-march=native` is for the processor of the build machine; rustc's
//!   `-C target-cpu` is not passed on. `CXX` and `CC` name the compilers.
//! - With clang, C++ and Rust can be optimised as one when they are linked:
//!
//!   ```sh
//!   CC=clang CXX=clang++ CFLAGS=-flto=thin CXXFLAGS=-flto=thin RUSTFLAGS=-Clinker-plugin-lto \
//!       cargo build --release
//!   ```
//!
//!   With `lto = "fat"` in the profile it is `-flto=full` instead: the linker does not look across the two
//!   kinds. clang's LLVM may be older than rustc's (14 and 22 go together), but the linker's may not: it must be
//!   the lld that comes with rustc, its default for x86_64-unknown-linux-gnu since Rust 1.90. An older one
//!   refuses rustc's part ("Opaque pointers are only supported in -opaque-pointers mode"). What gcc's `-flto`
//!   writes is nothing to lld, and libzmq is then missing.
//!
//! On Linux it is built with what libzmq's `configure` would find there, but for `HAVE_FORK`: libzmq does not
//! ask for the process's number at every wait, and does not notice that it runs in the child of a fork.
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
