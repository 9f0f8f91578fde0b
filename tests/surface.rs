//! Everything in libzmq's header can be found in the documentation of `zmq` by its C name, or
//! ARCHITECTURE.md says why it is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_name(byte: char) -> bool {
    byte.is_ascii_alphanumeric() || byte == '_'
}

/// The constants and functions of the header that `zmq-sys` found, whatever is around them.
fn header() -> BTreeSet<String> {
    let text = read(Path::new(env!("ZMQ_FOUND_INCLUDE")).join("zmq.h"));
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if let Some(define) = line.trim_start().strip_prefix("#define ZMQ_") {
            let name = define.split(|c| !is_name(c)).next().unwrap_or_default();
            names.insert(format!("ZMQ_{name}"));
        }
        // A function is declared as `ZMQ_EXPORT type zmq_name (`, on one line or two.
        for (start, _) in line.match_indices("zmq_") {
            let name: String = line[start..].chars().take_while(|&c| is_name(c)).collect();
            let stands_alone = !line[..start].ends_with(is_name);
            if stands_alone && line[start + name.len()..].starts_with(" (") {
                names.insert(name);
            }
        }
    }
    names
}

/// Names of any supported version: those of the checked-in bindings.
fn bindings() -> String {
    let folder = root().join("zmq-sys/src");
    ["bindings/stable.rs", "bindings/draft.rs", "platform.rs"]
        .map(|file| read(folder.join(file)))
        .concat()
}

fn sources(folder: PathBuf, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(path, into);
        } else {
            into.push(read(path));
        }
    }
}

/// The C names that are aliases of public items.
fn aliases() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(root().join("zmq/src"), &mut files);
    files
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(alias)
        .collect()
}

/// The name in `#[doc(alias = "name")]`, or in the row of a table whose macro writes that.
fn alias(line: &str) -> Option<String> {
    let line = line.trim_start();
    let is_row = ["rw ", "ro ", "wo "]
        .iter()
        .any(|access| line.starts_with(access));
    if !is_row && !line.contains("(alias = \"") && !line.contains(TYPE_ROW) {
        return None;
    }
    let name = line.split('"').nth(1)?;
    let is_libzmqs = name.starts_with("ZMQ_") || name.starts_with("zmq_");
    is_libzmqs.then(|| name.to_owned())
}

/// In a row such as `Pull, PULL, "ZMQ_PULL": …`.
const TYPE_ROW: &str = ", \"ZMQ_";

/// The names in the table of what is not offered.
fn left_out() -> Vec<String> {
    let text = read(root().join("ARCHITECTURE.md"));
    let (_, section) = text
        .split_once("## Not offered")
        .expect("a section on what is not offered");
    section
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| {
            let names = line.split('|').nth(1).unwrap_or_default();
            names.split('`').skip(1).step_by(2).map(str::to_owned)
        })
        .collect()
}

#[test]
fn every_name_of_the_header_is_an_alias_or_left_out_with_a_reason() {
    let (header, aliases, left_out) = (header(), aliases(), left_out());
    assert!(header.len() > 200, "{header:?}");
    let missing: Vec<_> = header
        .iter()
        .filter(|name| !aliases.contains(*name) && !left_out.contains(name))
        .collect();
    assert!(
        missing.is_empty(),
        "neither found nor explained: {missing:?}"
    );
}

#[test]
fn nothing_is_left_out_that_is_offered_or_unknown() {
    let (aliases, bindings, header) = (aliases(), bindings(), header());
    for name in left_out() {
        assert!(
            bindings.contains(&name) || header.contains(&name),
            "{name} is left out, and no libzmq has it"
        );
        let offered = aliases.contains(&name);
        assert!(!offered, "{name} is said to be left out, and offered");
    }
}

/// Names of libzmq 2 that readers of old code look for.
const OLD: [&str; 1] = ["ZMQ_HWM"];

#[test]
fn every_alias_is_a_name_of_libzmq() {
    let (bindings, header) = (bindings(), header());
    for name in aliases() {
        if OLD.contains(&name.as_str()) {
            continue;
        }
        assert!(
            bindings.contains(&name) || header.contains(&name),
            "{name} is an alias of something, and no name of libzmq"
        );
    }
}
