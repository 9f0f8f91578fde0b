//! The options of libzmq's header: each one is offered, or left out with a reason.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The constants of one file of bindings, in the order of the header.
fn constants(file: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(root().join("../zmq-sys/src/bindings").join(file)).ok()?;
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next())
        .map(str::to_owned)
        .collect();
    Some(names)
}

/// The names from `first` up to, and without, `end`.
fn between<'a>(names: &'a [String], first: &str, end: &str) -> &'a [String] {
    let place = |name: &str| {
        let place = names.iter().position(|other| other == name);
        place.unwrap_or_else(|| panic!("{name} is not among the bindings"))
    };
    &names[place(first)..place(end)]
}

/// The socket options of the header, deprecated and draft ones too; `None` where the bindings are
/// not at hand, as in a published crate.
fn options() -> Option<Vec<String>> {
    let stable = constants("stable.rs")?;
    let draft = constants("draft.rs")?;
    let options = [
        between(&stable, "ZMQ_AFFINITY", "ZMQ_MORE"),
        between(&stable, "ZMQ_IDENTITY", "ZMQ_SRCFD"),
        between(&draft, "ZMQ_ZAP_ENFORCE_DOMAIN", "ZMQ_NORM_FIXED"),
    ]
    .concat();
    Some(options)
}

/// What the header has among the socket options and is none.
const NO_SOCKET_OPTIONS: &[&str] = &[
    "ZMQ_BLOCKY",  // of the context
    "ZMQ_NOBLOCK", // the old name of a flag
];

fn sources(folder: PathBuf, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(path, into);
        } else {
            *into += &fs::read_to_string(path).unwrap();
        }
    }
}

/// The names that stand first in a row of the table of what is left out.
fn left_out() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/socket/options/mod.rs")).unwrap();
    text.lines()
        .filter_map(|line| {
            let (name, _) = line.strip_prefix("//! | `")?.split_once("` |")?;
            Some(name.to_owned())
        })
        .collect()
}

#[test]
fn every_socket_option_of_the_header_is_offered_or_left_out_with_a_reason() {
    let Some(options) = options() else {
        eprintln!("skipped: the bindings are not at hand");
        return;
    };
    assert!(options.len() > 100, "{options:?}");
    let left_out = left_out();
    let mut source = String::new();
    sources(root().join("src/socket"), &mut source);
    for name in &options {
        if NO_SOCKET_OPTIONS.contains(&name.as_str()) {
            continue;
        }
        let offered = source.contains(&format!("\"{name}\";"))
            || source.contains(&format!("\"{name}\" for "))
            || source.contains(&format!("#[doc(alias = \"{name}\")]"));
        assert!(
            offered || left_out.contains(name),
            "{name} is not offered, and no reason given"
        );
    }
    for name in &left_out {
        assert!(options.contains(name), "{name} is left out and no option");
    }
}
