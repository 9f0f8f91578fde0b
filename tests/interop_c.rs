//! Rust and C understand each other across processes.

mod common;

use std::env;
use std::ffi::{CString, c_char, c_int};
use std::process::{self, Command};
use std::ptr;

use common::meet;
use zmq::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, XPub};

#[link(name = "zmq_c_peers", kind = "static")]
unsafe extern "C" {
    fn zmq_c_peer_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
}

const ARGUMENTS: &str = "ZMQ_TEST_C_PEER";

/// The C program is a function in this very binary, which starts itself again for it: then it
/// needs no shared libzmq, nor the linker flags of one, and also works with the bundled one.
fn c_peer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["the_process_of_the_c_peer", "--exact"])
        .args(["--nocapture", "--test-threads=1"])
        .env(ARGUMENTS, arguments.join("\n"));
    command
}

/// What the other tests start. By itself it shows that C's exit status arrives.
#[test]
fn the_process_of_the_c_peer() {
    let Ok(arguments) = env::var(ARGUMENTS) else {
        let status = c_peer(&["no such role"]).status().unwrap();
        assert!(!status.success(), "{status}");
        return;
    };
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
    let status = unsafe { zmq_c_peer_main(argc, argv.as_mut_ptr()) };
    process::exit(status);
}

#[test]
fn a_c_peer_refuses_what_is_not_in_the_script() {
    common::a_peer_refuses_what_is_not_in_the_script(c_peer);
}

#[test]
fn a_rust_req_gets_the_replies_of_a_c_rep() {
    meet::<Req>(c_peer, "rep");
}

#[test]
fn a_c_req_gets_the_replies_of_a_rust_rep() {
    meet::<Rep>(c_peer, "req");
}

#[test]
fn a_rust_push_reaches_a_c_pull() {
    meet::<Push>(c_peer, "pull");
}

#[test]
fn a_c_push_reaches_a_rust_pull() {
    meet::<Pull>(c_peer, "push");
}

#[test]
fn a_c_sub_hears_of_a_rust_pub_only_its_topic() {
    meet::<Pub>(c_peer, "sub");
}

#[test]
fn a_rust_sub_hears_of_a_c_pub_only_its_topic() {
    meet::<Sub>(c_peer, "pub");
}

#[test]
fn a_rust_xpub_sees_the_subscription_of_a_c_sub() {
    meet::<XPub>(c_peer, "sub");
}

#[test]
fn a_c_xpub_sees_the_subscription_of_a_rust_sub() {
    meet::<Sub>(c_peer, "xpub");
}

#[test]
fn a_c_router_knows_a_rust_dealer_by_its_routing_id() {
    meet::<Dealer>(c_peer, "router");
}

#[test]
fn a_rust_router_knows_a_c_dealer_by_its_routing_id() {
    meet::<Router>(c_peer, "dealer");
}

#[test]
fn a_rust_pair_and_a_c_pair_talk_both_ways_at_once() {
    meet::<Pair>(c_peer, "pair");
}
