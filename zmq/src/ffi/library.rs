//! Functions of the library as a whole, which need no handle.

use std::ffi::{CStr, CString};

use libc::c_int;

/// `zmq_version(3)`.
pub(crate) fn version() -> (i32, i32, i32) {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: the three pointers are valid for a write for the length of the call.
    unsafe { zmq_sys::zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
    (major, minor, patch)
}

/// `zmq_has(3)`; a name with a NUL in it is no capability.
pub(crate) fn has(capability: &str) -> bool {
    let Ok(name) = CString::new(capability) else {
        return false;
    };
    // SAFETY: `name` ends with a NUL and lives until the call has returned.
    unsafe { zmq_sys::zmq_has(name.as_ptr()) == 1 }
}

/// `zmq_strerror(3)`, copied, because the text may stand in a buffer of the C library.
pub(crate) fn strerror(errno: c_int) -> String {
    // SAFETY: takes any number.
    let text = unsafe { zmq_sys::zmq_strerror(errno) };
    if text.is_null() {
        return format!("unknown error {errno}");
    }
    // SAFETY: a NUL-terminated text that is valid until this thread asks again; copied at once.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}
