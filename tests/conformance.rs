//! CONFORMANCE.md has a row for each file of libzmq's tests, and the tests that it names exist.

#[path = "common/pages.rs"]
mod pages;

use std::collections::BTreeSet;
use std::fs;

use pages::{read, root, rows, tests};

/// How many files libzmq's tests are: a row for each.
const FILES: usize = 149;

/// Why there is no test of ours.
const REASONS: [&str; 2] = ["not offered: ", "not portable: "];

#[test]
fn every_file_of_libzmqs_tests_has_its_tests_or_a_reason() {
    let table = read("tests/CONFORMANCE.md");
    let mut files = BTreeSet::new();
    for row in rows(&table) {
        let [file, behaviour, ours] = row[..] else {
            panic!("{row:?} is no file, its behaviour and what shows it");
        };
        assert!(files.insert(file), "{file} is there twice");
        assert!(!behaviour.is_empty(), "{file}: what is it about?");
        let has_reason = REASONS
            .iter()
            .any(|start| ours.split_once(start).is_some_and(|(_, why)| why.len() > 3));
        let has_tests = !tests(file, ours).is_empty();
        assert!(has_tests || has_reason, "{file}: no test and no reason");
    }
    assert_eq!(files.len(), FILES, "rows in the table");
}

#[test]
fn every_module_of_the_conformance_tests_is_compiled() {
    let main = read("zmq/tests/conformance/main.rs");
    let folder = root().join("zmq/tests/conformance");
    for entry in fs::read_dir(folder).expect("the modules") {
        let path = entry.expect("a module").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_there = name == "main" || main.contains(&format!("\nmod {name};\n"));
        assert!(is_there, "main.rs has no {name}");
    }
}
