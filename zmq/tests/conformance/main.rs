//! What libzmq's own tests see to, as far as no other test shows it: see tests/CONFORMANCE.md.

#[path = "../common/mod.rs"]
mod common;

mod endpoints;
