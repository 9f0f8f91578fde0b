//! A program that meets an older libzmq than it was built against says so, and uses none of it.

#![cfg(target_os = "linux")]

use std::env;
use std::process::{Command, Output};

use zmq::{Context, ErrorKind};

const VERSION: &str = "ZMQ_TEST_VERSION";

/// This test file, started with a libzmq that says to be of this version.
fn run(test: &str, version: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("LD_PRELOAD", env!("ZMQ_OLD_LIBRARY"))
        .env(VERSION, version)
        .output()
        .unwrap()
}

/// One that is linked statically cannot be exchanged, and is no other than at the build.
fn is_linked_statically() -> bool {
    let bundled = zmq_sys::FOUND_BY.starts_with("bundled");
    bundled || env::var("ZMQ_STATIC").is_ok_and(|value| value == "1")
}

#[test]
fn a_libzmq_older_than_4_3_4_is_refused_when_it_is_met() {
    if let Ok(version) = env::var(VERSION) {
        let error = Context::new().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LibraryTooOld);
        assert_eq!(error.call(), "zmq_version");
        let text = error.to_string();
        for named in [&*version, zmq_sys::HEADER_VERSION, "4.3.4 or later"] {
            assert!(text.contains(named), "{text}");
        }
        return;
    }
    if is_linked_statically() {
        return;
    }
    for version in ["4.3.3", "4.2.9", "3.2.5"] {
        let output = run(
            "a_libzmq_older_than_4_3_4_is_refused_when_it_is_met",
            version,
        );
        assert!(output.status.success(), "{version}: {output:?}");
    }
}

#[test]
fn a_libzmq_from_4_3_4_on_is_taken() {
    if env::var(VERSION).is_ok() {
        Context::new().unwrap().socket(zmq::PULL).unwrap();
        return;
    }
    if is_linked_statically() {
        return;
    }
    for version in ["4.3.4", "4.4.0", "5.0.0"] {
        let output = run("a_libzmq_from_4_3_4_on_is_taken", version);
        assert!(output.status.success(), "{version}: {output:?}");
    }
}
