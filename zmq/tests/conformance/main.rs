//! What libzmq's own tests see to, as far as no other test shows it: see tests/CONFORMANCE.md.

#[path = "../common/mod.rs"]
mod common;

mod crowd;
mod dealer;
mod endpoints;
mod pipeline;
mod rep;
mod req;
mod reqrep;
mod router;
