//! Pages whose tables name the tests that show what they say.

use std::fs;
use std::path::Path;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the tables, without their heads, as their cells.
pub fn rows(page: &str) -> Vec<Vec<&str>> {
    let lines: Vec<_> = page.lines().collect();
    let is_rule = |index: usize| lines.get(index).is_some_and(|line| line.starts_with("|--"));
    (0..lines.len())
        .filter(|&index| lines[index].starts_with("| ") && !is_rule(index + 1))
        .map(|index| {
            lines[index]
                .trim_matches('|')
                .split('|')
                .map(str::trim)
                .collect()
        })
        .collect()
}

/// What stands between each two backquotes.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The tests that are named after their file, as `file.rs`: `test`, `test`; each has to be there.
pub fn tests<'a>(said: &str, shown: &'a str) -> Vec<&'a str> {
    let mut file = String::new();
    let mut found = Vec::new();
    for name in quoted(shown) {
        if name.ends_with(".rs") {
            file = read(name);
        } else {
            let is_there = file.contains(&format!("fn {name}("));
            assert!(is_there, "{said}: there is no {name}");
            found.push(name);
        }
    }
    found
}
