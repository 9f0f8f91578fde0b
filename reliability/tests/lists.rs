//! The list of scenarios, the tests and the page agree.

use std::collections::HashSet;
use std::fs;

use zmq_reliability::scenarios;

fn file(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path)
}

#[test]
fn every_scenario_has_a_test_and_a_row_on_the_page() {
    let tests = ["faults", "load", "strangers"].map(|name| file(&format!("tests/{name}.rs")));
    let page = file("../docs/reliability.md");
    let mut names = HashSet::new();
    for scenario in scenarios::ALL {
        let name = scenario.name;
        assert!(names.insert(name), "{name} is there twice");
        let call = format!("short(\"{name}\")");
        assert!(tests.iter().any(|t| t.contains(&call)), "{name}: no test");
        assert!(page.contains(&format!("| `{name}` |")), "{name}: no row");
    }
}
