//! The programs that are measured: C, ours, and the rivals that can be built here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use zmq_bench::Outcome;

use crate::figures::bytes;

/// A program that speaks the protocol of `rivals/`.
pub struct Side {
    pub name: String,
    pub kind: Kind,
    /// What it is made of.
    pub about: String,
    program: PathBuf,
    /// Before the arguments of the protocol, for messages of one frame, and of three. None where it
    /// does not have that.
    words: [Option<Vec<&'static str>>; 2],
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    C,
    Ours,
    Rival,
}

/// What is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub trip: bool,
    pub transport: &'static str,
    pub size: usize,
    pub frames: usize,
    pub count: u64,
}

impl Cell {
    /// What is sent.
    pub fn shape(&self) -> String {
        let size = bytes(self.size);
        match self.frames {
            1 => size,
            frames => format!("{frames} × {size}"),
        }
    }
}

/// This package.
const BENCH: &str = env!("CARGO_MANIFEST_DIR");

/// Seconds after which a side has failed.
const PATIENCE: &str = "60";

impl Side {
    /// A side of this package: `program` is `rival`, and `words` say which side of it.
    pub fn ours(
        name: &str,
        about: &str,
        program: &Path,
        one: &[&'static str],
        several: Option<&[&'static str]>,
    ) -> Side {
        Side {
            name: name.to_owned(),
            kind: if name.starts_with('C') {
                Kind::C
            } else {
                Kind::Ours
            },
            about: about.to_owned(),
            program: program.to_owned(),
            words: [Some(one.to_vec()), several.map(<[_]>::to_vec)],
        }
    }

    /// Nanoseconds per message or trip; none where the side cannot do it. On the first CPU only if
    /// `pinned`.
    pub fn run(&self, cell: Cell, pinned: bool) -> Option<f64> {
        let words = self.words[usize::from(cell.frames > 1)].as_ref()?;
        let mut program = command(&self.program, pinned);
        program
            .args(words)
            .args([if cell.trip { "trip" } else { "stream" }, cell.transport])
            .args([cell.size, cell.frames].map(|number| number.to_string()))
            .arg(cell.count.to_string());
        printed(&mut program).map(|time| time / cell.count as f64)
    }
}

/// A program that is ended when it takes too long; on the first CPU only if `pinned`.
pub fn command(program: &Path, pinned: bool) -> Command {
    let mut command = Command::new("timeout");
    command.arg(PATIENCE);
    if pinned {
        command.args(["taskset", "-c", "0"]);
    }
    command.arg(program);
    command
}

/// The number that it prints; none if it fails.
pub fn printed(program: &mut Command) -> Option<f64> {
    let output = program.output().ok()?;
    let number = std::str::from_utf8(&output.stdout).ok()?.trim();
    output.status.success().then(|| number.parse().ok())?
}

/// The sides, C first, and why a rival is not among them.
pub fn built() -> Outcome<(Vec<Side>, Vec<String>)> {
    let program = ours("rival")?;
    let ours = |name: &str, one: &[&'static str], several: Option<&[&'static str]>| {
        Side::ours(name, "the libzmq above", &program, one, several)
    };
    let mut sides = vec![
        ours(
            "C",
            &["C", "message-reused"],
            Some(&["C", "three-messages"]),
        ),
        ours("C, buffers", &["C", "buffers"], None),
        ours(
            "zmq, buffers",
            &["zmq", "buffers"],
            Some(&["zmq", "three-buffers"]),
        ),
        ours(
            "zmq, message reused",
            &["zmq", "message-reused"],
            Some(&["zmq", "three-messages"]),
        ),
        ours("zmq, message fresh", &["zmq", "message-fresh"], None),
        ours(
            "zmq::tokio, buffers",
            &["tokio", "buffers"],
            Some(&["tokio", "three-buffers"]),
        ),
        ours(
            "zmq::async_io, buffers",
            &["async-io", "buffers"],
            Some(&["async-io", "three-buffers"]),
        ),
    ];
    let mut missing = Vec::new();
    let target = target()?;
    for (name, library) in [
        ("rust-zmq", "over the libzmq above"),
        ("tmq", "over rust-zmq and the libzmq above"),
        ("async_zmq", "over rust-zmq and the libzmq above"),
        ("arzmq", "over the libzmq that it brings"),
        ("zeromq", "pure Rust"),
        ("rzmq", "pure Rust, default features"),
    ] {
        let folder = Path::new(BENCH).join("rivals").join(name);
        match cargo(&folder, &["--locked"], Some(&target), &[]) {
            Ok(()) => {
                let program = target.join("release").join(format!("rival-{name}"));
                let locked = version(&folder, name)?;
                let about = match libzmq(&program) {
                    Some(found) => format!("{locked}, {library} ({found})"),
                    None => format!("{locked}, {library}"),
                };
                sides.push(Side {
                    name: name.to_owned(),
                    kind: Kind::Rival,
                    about,
                    program,
                    words: [Some(Vec::new()), Some(Vec::new())],
                });
            }
            Err(error) => missing.push(format!("{name}: {error}")),
        }
    }
    Ok((sides, missing))
}

/// Another program of this package, built.
pub fn ours(name: &str) -> Outcome<PathBuf> {
    cargo(Path::new(BENCH), &["--bin", name], None, &[])?;
    // Cargo has put it beside this one.
    Ok(env::current_exe()?.with_file_name(name))
}

/// `rival` on the bundled libzmq, built with these features and in this environment, in a target directory of
/// its own.
pub fn bundled(name: &str, features: &str, environment: &[(&str, &str)]) -> Outcome<PathBuf> {
    let target = target()?.join(name);
    let args = ["--bin", "rival", "--features", features];
    cargo(Path::new(BENCH), &args, Some(&target), environment)?;
    Ok(target.join("release").join("rival"))
}

/// Where the rivals are built.
fn target() -> Outcome<PathBuf> {
    let program = env::current_exe()?;
    let target = program.parent().and_then(Path::parent);
    Ok(target.ok_or("no target directory")?.join("rivals"))
}

fn cargo(
    folder: &Path,
    args: &[&str],
    target: Option<&Path>,
    environment: &[(&str, &str)],
) -> Outcome {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release"]).args(args);
    if let Some(target) = target {
        cargo.arg("--target-dir").arg(target);
    }
    let output = cargo
        .envs(environment.iter().copied())
        .current_dir(folder)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let reason = text.lines().find(|line| line.starts_with("error"));
    Err(reason.unwrap_or("cargo failed").into())
}

/// The libzmq that a rival says it has, if it has one.
fn libzmq(program: &Path) -> Option<String> {
    let mut program = command(program, false);
    let output = program.args(["stream", "inproc", "1", "1", "1"]).output();
    let said = String::from_utf8(output.ok()?.stderr).ok()?;
    said.lines()
        .find(|line| line.starts_with("libzmq"))
        .map(str::to_owned)
}

/// The version that is locked.
fn version(folder: &Path, name: &str) -> Outcome<String> {
    let package = if name == "rust-zmq" { "zmq" } else { name };
    let lock = fs::read_to_string(folder.join("Cargo.lock"))?;
    let after = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    let version = after.and_then(|(_, rest)| rest.split('"').next());
    Ok(format!("{package} {}", version.unwrap_or("?")))
}
