//! Calling the C functions of `tests/peers`, and running C programs that are functions there.

use std::env;
use std::ffi::{CStr, CString, c_char, c_int};
use std::process::{self, Command};
use std::ptr;

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

/// The `main` of a C program.
pub type Main = unsafe extern "C" fn(argc: c_int, argv: *mut *mut c_char) -> c_int;

const ARGUMENTS: &str = "ZMQ_TEST_C_PEER";

/// Makes the command that runs the C program of this test file.
///
/// The program is a function in this very binary, which starts itself again for it: then it needs
/// no shared libzmq, nor the linker flags of one, and also works with the bundled one. The file has
/// a test `the_process_of_the_c_peer` that calls [`be_the_peer`].
pub fn peer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["the_process_of_the_c_peer", "--exact"])
        .args(["--nocapture", "--test-threads=1"])
        .env(ARGUMENTS, arguments.join("\n"));
    command
}

/// In a process that [`peer`] started: the C program, to its end. By itself it shows that C's exit
/// status arrives.
pub fn be_the_peer(main: Main) {
    let Ok(arguments) = env::var(ARGUMENTS) else {
        let status = peer(&["no such role"]).status().unwrap();
        assert!(!status.success(), "{status}");
        return;
    };
    println!(); // the harness has begun the line
    let arguments: Vec<CString> = ["peer"]
        .into_iter()
        .chain(arguments.split('\n'))
        .map(|argument| CString::new(argument).unwrap())
        .collect();
    let mut argv: Vec<*mut c_char> = arguments
        .iter()
        .map(|text| text.as_ptr().cast_mut())
        .collect();
    let argc = argv.len() as c_int;
    argv.push(ptr::null_mut());
    // SAFETY: `argv` holds `argc` strings, which C only reads, and the NULL behind them; both
    // vectors outlive the call.
    let status = unsafe { main(argc, argv.as_mut_ptr()) };
    process::exit(status);
}
