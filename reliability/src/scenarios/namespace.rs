//! What scenarios need of a namespace of their own.

use std::process::{Command, Stdio};

use crate::{Result, Skip};

/// The command that starts a program with these namespaces, in which it is root.
pub(super) fn starter<'a>(options: &'a [&'a str]) -> Result<Vec<&'a str>> {
    let mut command = vec!["unshare"];
    command.extend(options);
    command.push("--");
    let output = Command::new(command[0])
        .args(&command[1..])
        .arg("true")
        .stdin(Stdio::null())
        .output();
    let why = match output {
        Ok(output) if output.status.success() => return Ok(command),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Skip(format!("{} is not possible here: {why}", command.join(" "))).into())
}

/// Runs a command of a few words.
pub(super) fn command(line: &str) -> Result {
    let mut words = line.split_whitespace();
    let program = words.next().ok_or("a command has words")?;
    let output = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
