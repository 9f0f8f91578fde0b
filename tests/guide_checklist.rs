//! What the pages of `zmq::guide`, and that of the abort surface, refer to exists.

#[path = "common/pages.rs"]
mod pages;

use std::fs;

use pages::{quoted, read, root, rows, tests};

fn page(name: &str) -> String {
    read(format!("zmq/src/guide/{name}.md"))
}

/// The pages that are linked to.
fn pages(text: &str) -> impl Iterator<Item = &str> {
    text.split("(crate::guide::")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
}

#[test]
fn every_claim_has_a_page_or_a_test_and_they_exist() {
    let claims = page("claims");
    let rows = rows(&claims);
    assert!(rows.len() > 50, "only {} rows", rows.len());
    for row in rows {
        let [claim, shown] = row[..] else {
            panic!("{row:?} is no claim and its proof");
        };
        let mut proofs = 0;
        for name in pages(shown) {
            assert!(
                page(name).contains("\n```\n"),
                "{claim}: {name} has no snippet"
            );
            proofs += 1;
        }
        proofs += tests(claim, shown).len();
        assert!(proofs > 0, "{claim}: nothing shows it");
    }
}

#[test]
fn every_assert_that_can_be_reached_has_a_test_or_is_left_with_a_reason() {
    // A bar in code is no border of a cell.
    let page = read("docs/abort-surface.md").replace("\\|", "/");
    let rows = rows(&page);
    assert!(rows.len() > 50, "only {} rows", rows.len());
    for row in &rows {
        let [assert, reached, kept_out, shown] = row[..] else {
            panic!("{row:?} is no assert, who reaches it, what keeps it out and a test");
        };
        let claim = format!("{assert} by {reached}");
        let is_left = kept_out.contains("*left*: ");
        assert!(
            !tests(&claim, shown).is_empty() || is_left,
            "{claim}: no test"
        );
    }
}

/// The hazards of ARCHITECTURE.md that abort are on the page of the abort surface.
#[test]
fn every_hazard_that_aborts_is_on_the_page_of_the_abort_surface() {
    let architecture = read("ARCHITECTURE.md");
    let (_, hazards) = architecture.split_once("\n## Hazards\n").expect("hazards");
    let (hazards, _) = hazards.split_once("\n## ").expect("an end");
    let page = read("docs/abort-surface.md");
    let mut count = 0;
    for row in rows(hazards) {
        if !row.iter().any(|cell| cell.contains("abort")) {
            continue;
        }
        for number in row[0].split(' ') {
            assert!(page.contains(&format!("({number})")), "{number}");
            count += 1;
        }
    }
    assert!(count > 8, "only {count}");
}

#[test]
fn every_page_is_a_module_and_in_the_list() {
    let module = read("zmq/src/guide/mod.rs");
    let paths = fs::read_dir(root().join("zmq/src/guide")).expect("the pages");
    for path in paths.map(|entry| entry.expect("a page").path()) {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        for needed in [
            format!("include_str!(\"{name}.md\")"),
            format!("pub mod {name} {{}}"),
            format!("//! | [`{name}`] |"),
        ] {
            assert!(module.contains(&needed), "{needed}");
        }
    }
}

#[test]
fn every_call_of_libzmq_is_in_the_table_of_calls() {
    let calls = page("calls");
    let named: Vec<_> = rows(&calls).iter().flat_map(|row| quoted(row[0])).collect();
    let folders = ["zmq-sys/src", "zmq-sys/src/bindings"];
    let entries = folders.map(|folder| fs::read_dir(root().join(folder)).expect("zmq-sys"));
    let mut count = 0;
    for path in entries
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a source").path())
    {
        if path.is_dir() {
            continue;
        }
        for line in read(path).lines() {
            let Some(rest) = line.trim().strip_prefix("pub fn zmq_") else {
                continue;
            };
            let name = rest.split('(').next().unwrap_or_default();
            let name = format!("zmq_{name}");
            assert!(named.contains(&&*name), "{name} is not in the table");
            count += 1;
        }
    }
    assert!(count > 60, "only {count} calls found");
}
