//! Rust and C understand each other across processes.

mod common;

use std::ffi::{c_char, c_int};

use common::{c, meet};
use zmq::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, XPub};

#[link(name = "zmq_c_peers", kind = "static")]
unsafe extern "C" {
    fn zmq_c_peer_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
}

#[test]
fn the_process_of_the_c_peer() {
    c::be_the_peer(zmq_c_peer_main);
}

#[test]
fn a_c_peer_refuses_what_is_not_in_the_script() {
    common::a_peer_refuses_what_is_not_in_the_script(c::peer);
}

#[test]
fn a_rust_req_gets_the_replies_of_a_c_rep() {
    meet::<Req>(c::peer, "rep");
}

#[test]
fn a_c_req_gets_the_replies_of_a_rust_rep() {
    meet::<Rep>(c::peer, "req");
}

#[test]
fn a_rust_push_reaches_a_c_pull() {
    meet::<Push>(c::peer, "pull");
}

#[test]
fn a_c_push_reaches_a_rust_pull() {
    meet::<Pull>(c::peer, "push");
}

#[test]
fn a_c_sub_hears_of_a_rust_pub_only_its_topic() {
    meet::<Pub>(c::peer, "sub");
}

#[test]
fn a_rust_sub_hears_of_a_c_pub_only_its_topic() {
    meet::<Sub>(c::peer, "pub");
}

#[test]
fn a_rust_xpub_sees_the_subscription_of_a_c_sub() {
    meet::<XPub>(c::peer, "sub");
}

#[test]
fn a_c_xpub_sees_the_subscription_of_a_rust_sub() {
    meet::<Sub>(c::peer, "xpub");
}

#[test]
fn a_c_router_knows_a_rust_dealer_by_its_routing_id() {
    meet::<Dealer>(c::peer, "router");
}

#[test]
fn a_rust_router_knows_a_c_dealer_by_its_routing_id() {
    meet::<Router>(c::peer, "dealer");
}

#[test]
fn a_rust_pair_and_a_c_pair_talk_both_ways_at_once() {
    meet::<Pair>(c::peer, "pair");
}
