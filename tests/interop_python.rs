//! Rust and Python understand each other, through pyzmq.

mod common;

use std::process::Command;

use common::{Play, python};
use zmq::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, XPub};

const SCRIPT: &str = "peer.py";

fn python_peer(arguments: &[&str]) -> Command {
    python::run(SCRIPT, arguments)
}

fn available() -> bool {
    python::available(SCRIPT)
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
