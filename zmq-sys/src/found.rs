//! What the build script found.

use core::ffi::c_int;

include!(concat!(env!("OUT_DIR"), "/version.rs"));

/// The version of the header, as one number that compares: 4.3.5 is 40305.
///
/// The library may be another one at run time: ask `zmq_version`.
pub const ZMQ_VERSION: c_int =
    ZMQ_MAKE_VERSION(ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH);

/// Makes one number that compares out of a version.
#[allow(non_snake_case, reason = "the name is that of C")]
pub const fn ZMQ_MAKE_VERSION(major: c_int, minor: c_int, patch: c_int) -> c_int {
    major * 10000 + minor * 100 + patch
}

/// The version of the header, as `4.3.5`.
pub const HEADER_VERSION: &str = env!("ZMQ_SYS_HEADER_VERSION");

/// How libzmq was found: `ZMQ_LIB_DIR`, `pkg-config` or `bundled source (zeromq-src)`.
pub const FOUND_BY: &str = env!("ZMQ_SYS_FOUND_BY");
