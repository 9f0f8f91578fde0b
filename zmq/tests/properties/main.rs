//! What holds for whatever is done: random programs beside a model, or beside each other.
//!
//! `PROPTEST_CASES=100000 cargo test -p zmq --test properties MODULE` tries more of them.

#[path = "../common/mod.rs"]
mod common;

mod drops;
mod envelopes;
mod model;
mod multipart;
mod polling;

use proptest::prelude::ProptestConfig;

/// So many cases, unless the environment says another number.
fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config
}
