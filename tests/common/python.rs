//! Peers in Python, with pyzmq.
//!
//! `ZMQ_TEST_PYTHON` names an interpreter that has it, else it is `python3`. Without pyzmq the tests
//! say so and pass, except under CI.

use std::env;
use std::ffi::OsString;
use std::process::Command;
use std::sync::OnceLock;

fn python() -> OsString {
    set("ZMQ_TEST_PYTHON").unwrap_or_else(|| "python3".into())
}

/// The variable, unless it is empty.
fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The script of `tests/peers` with these arguments.
pub fn run(script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(python());
    command
        .arg(format!(
            "{}/tests/peers/{script}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .args(arguments);
    command
}

/// Why there is no Python peer. The script itself is asked: where the directory `zmq` of this
/// workspace can be seen, `import zmq` takes it for an (empty) package.
fn missing(script: &str) -> Option<&'static str> {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let missing = MISSING.get_or_init(|| {
        let said = match run(script, &[]).output() {
            Ok(output) if output.status.success() => return None,
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                assert_eq!(output.status.code(), Some(77), "{said}");
                said
            }
            Err(error) => error.to_string(),
        };
        Some(format!(
            "no Python peer: {} with pyzmq is needed ({said}); install it with `pip install \
             pyzmq`, or name an interpreter that has it in ZMQ_TEST_PYTHON",
            python().to_string_lossy()
        ))
    });
    missing.as_deref()
}

/// Whether the script, the one of this test file, can be run; under CI it has to be.
pub fn available(script: &str) -> bool {
    let Some(reason) = missing(script) else {
        return true;
    };
    assert!(set("CI").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
    false
}
