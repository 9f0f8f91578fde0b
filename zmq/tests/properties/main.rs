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

use std::cell::Cell;

use proptest::prelude::{ProptestConfig, Strategy};
use proptest::test_runner::TestRunner;

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

/// Tries the cases of the test `name` in processes of their own, each with no more than `most`: libzmq
/// may abort, or never return.
fn in_children<S: Strategy>(name: &str, most: u32, values: &S, test: impl Fn(S::Value)) {
    let cases = config(most).cases;
    let is_child = Cell::new(false);
    for _ in 0..cases.div_ceil(most) {
        common::in_child(name, || {
            is_child.set(true);
            let config = ProptestConfig {
                cases: cases.min(most),
                ..config(most)
            };
            let run = TestRunner::new(config).run(values, |value| {
                test(value);
                Ok(())
            });
            run.unwrap();
        });
        if is_child.get() {
            return;
        }
    }
}
