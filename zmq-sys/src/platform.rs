//! What depends on the platform or on the header's version, and is therefore written by hand.

#![allow(non_camel_case_types, reason = "the names are those of C")]

use core::{
    ffi::{c_int, c_void},
    fmt,
    marker::PhantomData,
};

#[cfg(all(feature = "draft", zmq_4_3_5))]
use {crate::bindings::zmq_pollitem_t, core::ffi::c_long};

/// A message: opaque, and valid only once a function such as `zmq_msg_init` has filled it.
///
/// It may be moved in memory while no call uses it. It is neither `Send` nor `Sync`: messages can
/// share their content, so that is for a wrapper to promise.
#[repr(C)]
#[cfg_attr(target_pointer_width = "64", repr(align(8)))]
#[cfg_attr(target_pointer_width = "32", repr(align(4)))]
pub struct zmq_msg_t {
    opaque: [u8; 64],
    pointers_inside: PhantomData<*mut c_void>,
}

/// Zeros, for a function such as `zmq_msg_init` to fill.
impl Default for zmq_msg_t {
    fn default() -> zmq_msg_t {
        zmq_msg_t {
            opaque: [0; 64],
            pointers_inside: PhantomData,
        }
    }
}

impl fmt::Debug for zmq_msg_t {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("zmq_msg_t").finish_non_exhaustive()
    }
}

/// A socket of the operating system, as `ZMQ_FD` and `zmq_poll` have it: a file descriptor.
#[cfg(not(windows))]
pub type zmq_fd_t = c_int;

/// A socket of the operating system, as `ZMQ_FD` and `zmq_poll` have it: a `SOCKET`.
#[cfg(all(windows, target_pointer_width = "64"))]
pub type zmq_fd_t = u64;

/// A socket of the operating system, as `ZMQ_FD` and `zmq_poll` have it: a `SOCKET`.
#[cfg(all(windows, target_pointer_width = "32"))]
pub type zmq_fd_t = u32;

#[cfg(unix)]
pub use libc::iovec;

/// A buffer of `zmq_sendiov` and `zmq_recviov`, for which Windows has no definition of its own.
#[cfg(not(unix))]
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct iovec {
    /// Where the buffer starts.
    pub iov_base: *mut c_void,
    /// Its length in bytes.
    pub iov_len: usize,
}

/// A flag of `ZMQ_RECONNECT_STOP`: do not reconnect after `zmq_disconnect`.
///
/// The value is 3 in libzmq 4.3.4 and 4 from 4.3.5. This is the value of the header that was found;
/// a program that meets another library at run time should ask `zmq_version`.
#[cfg(feature = "draft")]
pub const ZMQ_RECONNECT_STOP_AFTER_DISCONNECT: c_int = if cfg!(zmq_4_3_5) { 4 } else { 3 };

#[cfg(all(feature = "draft", zmq_4_3_5))]
unsafe extern "C" {
    /// `zmq_poll` with a set of signals that are blocked meanwhile. Since libzmq 4.3.5.
    #[cfg(unix)]
    pub fn zmq_ppoll(
        items_: *mut zmq_pollitem_t,
        nitems_: c_int,
        timeout_: c_long,
        sigmask_: *const libc::sigset_t,
    ) -> c_int;

    /// `zmq_poll` with a set of signals, which Windows does not have. Since libzmq 4.3.5.
    #[cfg(not(unix))]
    pub fn zmq_ppoll(
        items_: *mut zmq_pollitem_t,
        nitems_: c_int,
        timeout_: c_long,
        sigmask_: *const c_void,
    ) -> c_int;
}

/// Draft in zmq.h, and read by every libzmq since 4.3, however it was built.
#[cfg(not(feature = "draft"))]
pub const ZMQ_ZAP_ENFORCE_DOMAIN: c_int = 93;
