//! Rust and Python understand each other, through pyzmq.
//!
//! `ZMQ_TEST_PYTHON` names an interpreter that has pyzmq, else it is `python3`. Without pyzmq these
//! tests say so and pass, except under CI.

mod common;

use std::env;
use std::ffi::OsString;
use std::process::Command;
use std::sync::OnceLock;

use common::Play;
use zmq::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, XPub};

fn python() -> OsString {
    set("ZMQ_TEST_PYTHON").unwrap_or_else(|| "python3".into())
}

/// The variable, unless it is empty.
fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn python_peer(arguments: &[&str]) -> Command {
    let mut command = Command::new(python());
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/peer.py"))
        .args(arguments);
    command
}

/// Why there is no Python peer. The script itself is asked: where the directory `zmq` of this
/// workspace can be seen, `import zmq` takes it for an (empty) package.
fn missing() -> Option<&'static str> {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let missing = MISSING.get_or_init(|| {
        let said = match python_peer(&[]).output() {
            Ok(output) if output.status.success() => return None,
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                assert_eq!(output.status.code(), Some(77), "{said}");
                said
            }
            Err(error) => error.to_string(),
        };
        Some(format!(
            "no Python peer: {} with pyzmq is needed ({said}); install it with `pip install \
             pyzmq`, or name an interpreter that has it in ZMQ_TEST_PYTHON",
            python().to_string_lossy()
        ))
    });
    missing.as_deref()
}

/// Whether there is a Python peer; under CI there has to be one.
fn available() -> bool {
    let Some(reason) = missing() else {
        return true;
    };
    assert!(set("CI").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
    false
}

fn meet<T: Play>(role: &str) {
    if available() {
        common::meet::<T>(python_peer, role);
    }
}

#[test]
fn a_python_peer_refuses_what_is_not_in_the_script() {
    if available() {
        common::a_peer_refuses_what_is_not_in_the_script(python_peer);
    }
}

#[test]
fn a_rust_req_gets_the_replies_of_a_python_rep() {
    meet::<Req>("rep");
}

#[test]
fn a_python_req_gets_the_replies_of_a_rust_rep() {
    meet::<Rep>("req");
}

#[test]
fn a_rust_push_reaches_a_python_pull() {
    meet::<Push>("pull");
}

#[test]
fn a_python_push_reaches_a_rust_pull() {
    meet::<Pull>("push");
}

#[test]
fn a_python_sub_hears_of_a_rust_pub_only_its_topic() {
    meet::<Pub>("sub");
}

#[test]
fn a_rust_sub_hears_of_a_python_pub_only_its_topic() {
    meet::<Sub>("pub");
}

#[test]
fn a_rust_xpub_sees_the_subscription_of_a_python_sub() {
    meet::<XPub>("sub");
}

#[test]
fn a_python_xpub_sees_the_subscription_of_a_rust_sub() {
    meet::<Sub>("xpub");
}

#[test]
fn a_python_router_knows_a_rust_dealer_by_its_routing_id() {
    meet::<Dealer>("router");
}

#[test]
fn a_rust_router_knows_a_python_dealer_by_its_routing_id() {
    meet::<Router>("dealer");
}

#[test]
fn a_rust_pair_and_a_python_pair_talk_both_ways_at_once() {
    meet::<Pair>("pair");
}
