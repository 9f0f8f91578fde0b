//! The table of figures in `docs/reliability.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Figures, Result, Scenario, scenarios};

const BEGIN: &str = "<!-- measured -->";
const END: &str = "<!-- end -->";
const HEAD: &str = "| scenario | what is promised | what was measured | by |\n|---|---|---|---|\n";

/// Writes the scenario's row between the marks of the page, which has them already. Rows of another
/// machine are not kept beside it.
pub fn write(page: &Path, scenario: &Scenario, figures: &Figures, command: &str) -> Result {
    let text = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the page has no table")?;
    let (table, after) = rest.split_once(END).ok_or("the page's table has no end")?;
    let machine = machine()?;
    let mut rows = BTreeMap::new();
    if table.contains(&machine) {
        for row in table.lines() {
            if let Some(name) = row.strip_prefix("| `").and_then(|row| row.split_once('`')) {
                rows.insert(name.0.to_owned(), row.to_owned());
            }
        }
    }
    let row = format!(
        "| `{}` | {} | {figures} | `{command}` |",
        scenario.name, scenario.promise
    );
    rows.insert(scenario.name.to_owned(), row);
    // In the order of the list, and without those that there are no more.
    let rows: String = scenarios::ALL
        .iter()
        .filter_map(|scenario| rows.get(scenario.name))
        .map(|row| format!("{row}\n"))
        .collect();
    let table = format!("\n{machine}\n\n{HEAD}{rows}");
    Ok(fs::write(
        page,
        [before, BEGIN, &table, END, after].concat(),
    )?)
}

/// What it was measured on.
fn machine() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    // Without what a builder of kernels adds.
    let kernel = kernel.trim().split('-').next().unwrap_or_default();
    let (major, minor, patch) = zmq::version();
    let rustc = Command::new("rustc").arg("--version").output()?.stdout;
    let rustc = String::from_utf8(rustc)?;
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("unknown");
    Ok(format!(
        "Measured on {model}, {cores} cores, Linux {kernel}, libzmq {major}.{minor}.{patch}, \
         rustc {rustc}."
    ))
}
