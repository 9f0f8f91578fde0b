//! `controls FAULT` does what its name says, and ends well unless a tool notices.

use std::cell::UnsafeCell;
use std::env;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::process::{Command, ExitCode};
use std::sync::Barrier;
use std::thread;

use zmq_sys::zmq_msg_t;

/// Longer than what libzmq keeps inside of the message itself.
const LARGE: usize = 4000;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["none"] => nothing(),
        ["use-after-free"] => use_after_free(),
        ["double-free"] => double_free(),
        ["overrun"] => overrun(),
        ["leaked-message"] => leaked_message(),
        ["leaked-context"] => leaked_context(),
        ["race"] => race(),
        ["race-in-libzmq"] => race_in_libzmq(),
        ["child", fault] => return child(fault),
        _ => panic!("no such fault: {arguments:?}"),
    }
    ExitCode::SUCCESS
}

/// The same fault in a process that this one starts, as `common::in_child` does.
fn child(fault: &str) -> ExitCode {
    let status = Command::new(env::current_exe().expect("path of this program"))
        .arg(fault)
        .status()
        .expect("this program as a child");
    ExitCode::from(u8::from(!status.success()))
}

fn message() -> zmq_msg_t {
    let mut message = MaybeUninit::<zmq_msg_t>::uninit();
    // SAFETY: the message is writable.
    let made = unsafe { zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), LARGE) };
    assert_eq!(made, 0);
    // SAFETY: initialised above.
    unsafe { message.assume_init() }
}

fn bytes(message: &mut zmq_msg_t) -> *mut u8 {
    // SAFETY: each caller gives an initialised message.
    unsafe { zmq_sys::zmq_msg_data(message) }.cast()
}

fn close(message: &mut zmq_msg_t) {
    // SAFETY: each caller gives an initialised message.
    assert_eq!(unsafe { zmq_sys::zmq_msg_close(message) }, 0);
}

/// What a tool must not complain about.
fn nothing() {
    let mut message = message();
    let bytes = bytes(&mut message);
    // SAFETY: the message has `LARGE` bytes.
    unsafe { bytes.write_bytes(1, LARGE) };
    close(&mut message);
    let context = context();
    // SAFETY: live until here.
    assert_eq!(unsafe { zmq_sys::zmq_ctx_term(context) }, 0);
}

fn use_after_free() {
    let mut message = message();
    let bytes = bytes(&mut message);
    close(&mut message);
    // SAFETY: none, the bytes are gone.
    unsafe { bytes.write_volatile(1) };
}

fn double_free() {
    let mut message = message();
    // SAFETY: none, both are closed.
    let mut twin = unsafe { std::ptr::read(&raw const message) };
    close(&mut message);
    close(&mut twin);
}

fn overrun() {
    let mut message = message();
    let bytes = bytes(&mut message);
    // SAFETY: none, the message ends there.
    unsafe { bytes.wrapping_add(LARGE).write_volatile(1) };
    close(&mut message);
}

/// Runs it on a thread of its own, whose stack keeps no copy of a pointer afterwards.
fn apart(action: impl FnOnce() + Send + 'static) {
    thread::spawn(action).join().expect("no panic");
}

fn leaked_message() {
    apart(|| {
        let _ = message();
    });
}

fn context() -> *mut c_void {
    // SAFETY: no precondition.
    let context = unsafe { zmq_sys::zmq_ctx_new() };
    assert!(!context.is_null());
    context
}

fn leaked_context() {
    apart(|| {
        context();
    });
}

/// What two threads use without a lock.
struct Shared<T>(UnsafeCell<T>);

// SAFETY: none, that is the fault.
unsafe impl<T> Sync for Shared<T> {}

/// Calls it on two threads at the same time, again and again.
fn twice(action: impl Fn() + Sync) {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..100 {
                    action();
                }
            });
        }
    });
}

fn race() {
    let shared = Shared(UnsafeCell::new(0_u64));
    let shared = &shared;
    twice(|| {
        // SAFETY: none, the other thread writes.
        unsafe { *shared.0.get() += 1 };
    });
}

/// In libzmq alone, so that it is seen only if libzmq was built for the tool as well.
fn race_in_libzmq() {
    let shared = Shared(UnsafeCell::new(MaybeUninit::<zmq_msg_t>::uninit()));
    let shared = &shared;
    twice(|| {
        // SAFETY: none, the other thread initialises the same message.
        unsafe { zmq_sys::zmq_msg_init(shared.0.get().cast()) };
    });
}
