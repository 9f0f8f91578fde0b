//! Calling the C functions of `tests/peers`.

use std::ffi::{CStr, c_char, c_int};

/// Where C writes what failed.
#[repr(C)]
pub struct Report([c_char; 256]);

/// Calls C, and panics with its report if it has one.
#[track_caller]
pub fn c(call: impl FnOnce(*mut Report) -> c_int) {
    let mut report = Report([0; 256]);
    let result = call(&raw mut report);
    let text = report.0.map(|byte| byte as u8);
    let text = CStr::from_bytes_until_nul(&text).unwrap().to_string_lossy();
    assert_eq!(result, 0, "C said: {text}");
}
