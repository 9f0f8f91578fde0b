//! The checked-in bindings are what bindgen makes of the header.
//!
//! With `ZMQ_SYS_BLESS=1` this rewrites them instead, which takes the header of libzmq 4.3.5:
//!
//! ```text
//! ZMQ_SYS_BLESS=1 cargo test -p zmq-sys --features bindgen,vendored --test bindings
//! ```
#![cfg(feature = "bindgen")]

use std::{env, fs, path::Path};

// The build script has generated these with `build/generate.rs`, for the feature `bindgen`.
const FRESH_STABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/stable.rs"));
const FRESH_DRAFT: &str = include_str!(concat!(env!("OUT_DIR"), "/draft.rs"));

/// Whether the header has all that the checked-in bindings have.
fn complete() -> bool {
    zmq_sys::ZMQ_VERSION >= 40305
}

/// The checked-in file, rewritten first when that is asked for.
fn checked_in(name: &str, fresh: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/bindings")
        .join(name);
    if env::var("ZMQ_SYS_BLESS").is_ok_and(|value| value == "1") {
        assert!(
            complete(),
            "the header is too old for that; use the feature `vendored`"
        );
        fs::write(&path, fresh).unwrap();
    }
    fs::read_to_string(&path).unwrap().replace("\r\n", "\n")
}

#[track_caller]
fn assert_same(name: &str, fresh: &str) {
    let checked_in = checked_in(name, fresh);
    let differs = checked_in
        .lines()
        .zip(fresh.lines())
        .position(|(old, new)| old != new);
    if let Some(at) = differs {
        let (old, new) = (checked_in.lines().nth(at), fresh.lines().nth(at));
        panic!(
            "{name} differs from the header at line {}: {old:?} and {new:?}. \
             ZMQ_SYS_BLESS=1 rewrites it",
            at + 1
        );
    }
    assert_eq!(
        checked_in.len(),
        fresh.len(),
        "{name} is cut short. ZMQ_SYS_BLESS=1 rewrites it"
    );
}

/// The items of a bindings file, each on one line: functions, and what stands at the margin.
fn items(code: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut item = String::new();
    for line in code.lines().filter(|line| !line.starts_with("//")) {
        item.push_str(line.trim());
        item.push(' ');
        let ends_function = line.ends_with(';') && item.starts_with("pub fn");
        if ends_function || (!line.starts_with(' ') && line.ends_with([';', '}'])) {
            items.push(item.trim().to_owned());
        }
        if items.last().is_some_and(|last| last == item.trim()) || line.ends_with("extern \"C\" {")
        {
            item.clear();
        }
    }
    items
}

#[test]
fn stable_bindings_equal_the_header() {
    assert_same("stable.rs", FRESH_STABLE);
}

#[test]
fn draft_bindings_equal_the_header_or_contain_an_older_one() {
    if complete() {
        return assert_same("draft.rs", FRESH_DRAFT);
    }
    let checked_in = checked_in("draft.rs", FRESH_DRAFT);
    let checked_in = items(&checked_in);
    let fresh = items(FRESH_DRAFT);
    assert!(fresh.len() > 50, "{fresh:?}");
    for item in fresh {
        assert!(checked_in.contains(&item), "draft.rs does not have: {item}");
    }
}

#[test]
fn every_function_is_an_item() {
    for code in [FRESH_STABLE, FRESH_DRAFT] {
        let functions = items(code)
            .iter()
            .filter(|item| item.starts_with("pub fn"))
            .count();
        assert_eq!(functions, code.matches("pub fn").count());
        let constants = items(code)
            .iter()
            .filter(|item| item.starts_with("pub const"))
            .count();
        assert_eq!(constants, code.matches("pub const").count());
    }
}
