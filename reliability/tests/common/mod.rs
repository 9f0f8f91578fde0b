//! Runs the scenarios as the tests do.

use std::env;
use std::path::Path;

use zmq_reliability::{Figures, Size, Values, Verdict, scenarios};

/// The figures of a short run; `None` where the machine does not allow it, which CI must.
#[track_caller]
pub fn short(name: &str) -> Option<Figures> {
    let scenario = scenarios::named(name).expect("a scenario of that name");
    let program = Path::new(env!("CARGO_BIN_EXE_zmq-reliability"));
    match scenario.run(program, Size::Short, &Values::default()) {
        Ok(Verdict::Kept(figures)) => {
            println!("{figures}");
            Some(figures)
        }
        Ok(Verdict::Skipped(reason)) => {
            let ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
            assert!(!ci, "{name} has to run here: {reason}");
            eprintln!("{name} skipped: {reason}");
            None
        }
        Ok(Verdict::Broken(reason)) => panic!("{name}: {reason}"),
        Err(error) => panic!("{name}: {error}"),
    }
}
