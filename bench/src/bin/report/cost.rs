//! What it takes to build the crates: processor time, and what they depend on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use zmq_bench::Outcome;

use crate::run::{Part, Run};

/// A crate, built as somebody who depends on it would.
struct Build {
    name: &'static str,
    /// The workspace that locks its version: a rival's, or else this one.
    rival: Option<&'static str>,
    package: &'static str,
    features: &'static str,
    /// With the installed libzmq where that must be asked for.
    installed: bool,
}

const BUILDS: [Build; 9] = [
    ours("zmq, installed libzmq", "", true),
    ours("zmq, feature `vendored`", "vendored", false),
    rival("rust-zmq", "rust-zmq", "zmq", false),
    rival(
        "rust-zmq, installed libzmq (links override)",
        "rust-zmq",
        "zmq",
        true,
    ),
    rival("arzmq", "arzmq", "arzmq", false),
    rival("tmq", "tmq", "tmq", false),
    rival("async_zmq", "async_zmq", "async_zmq", false),
    rival("zeromq", "zeromq", "zeromq", false),
    rival("rzmq", "rzmq", "rzmq", false),
];

const fn ours(name: &'static str, features: &'static str, installed: bool) -> Build {
    Build {
        name,
        rival: None,
        package: "zmq",
        features,
        installed,
    }
}

const fn rival(
    name: &'static str,
    workspace: &'static str,
    package: &'static str,
    installed: bool,
) -> Build {
    Build {
        name,
        rival: Some(workspace),
        package,
        features: "",
        installed,
    }
}

/// Of the kernel's times in /proc, on all but two exotic architectures.
const TICKS_PER_SECOND: f64 = 100.0;

/// A row for each crate; nothing where it was not asked for.
pub fn table(run: &Run) -> Outcome<Part> {
    if !run.build_cost {
        return Ok(Part::from(String::new()));
    }
    let mut text = String::from(
        "For release, from nothing, once each; the sources were there. Processor time is that of all \
         programs together. Dependencies are packages, those that only build scripts need among them. \
         Without a word on it, the others compile the libzmq that they bring, or have none.\n\n\
         | crate | processor seconds | dependencies |\n|---|---|---|\n",
    );
    let mut told = Vec::new();
    for build in &BUILDS {
        run.say(build.name);
        match build.measure() {
            Ok((seconds, dependencies)) => {
                writeln!(text, "| {} | {seconds:.1} | {dependencies} |", build.name)?;
                told.push(format!("{} {seconds:.1}", build.name));
            }
            Err(error) => writeln!(text, "| {} | {error} | - |", build.name)?,
        }
    }
    let findings = vec![format!("processor seconds: {}.", told.join("; "))];
    Ok(Part {
        findings,
        ..Part::from(text)
    })
}

impl Build {
    fn measure(&self) -> Outcome<(f64, usize)> {
        // Not in /tmp, which may be small; where no configuration of a rival's is found.
        let target = env::current_exe()?.with_file_name("build-cost");
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        fs::create_dir_all(&target)?;
        output(self.cargo("fetch", &target).arg("--locked"))?;
        let tree = output(self.of_package(&mut self.cargo("tree", &target)).args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ]))?;
        // A package that was shown before is marked.
        let packages = tree.lines().map(|line| line.trim_end_matches(" (*)"));
        let packages: BTreeSet<&str> = packages.filter(|line| !line.is_empty()).collect();
        let before = children()?;
        output(
            self.of_package(&mut self.cargo("build", &target))
                .args(["--release", "--offline", "--target-dir"])
                .arg(&target),
        )?;
        let seconds = children()? - before;
        fs::remove_dir_all(&target)?;
        Ok((seconds, packages.len() - 1))
    }

    fn cargo(&self, what: &str, target: &Path) -> Command {
        let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = match self.rival {
            Some(rival) => bench.join("rivals").join(rival),
            None => bench.join(".."),
        };
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .arg(what)
            .arg("--manifest-path")
            .arg(workspace.join("Cargo.toml"));
        // Configuration is looked for from where cargo runs: that of a rival has the installed libzmq.
        let place: PathBuf = if self.installed {
            workspace
        } else {
            target.to_owned()
        };
        cargo.current_dir(place);
        if self.rival.is_none() && self.installed {
            cargo.env("ZMQ_NO_VENDOR", "1");
        }
        cargo
    }

    fn of_package<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        cargo.args(["--locked", "--package", self.package]);
        if !self.features.is_empty() {
            cargo.args(["--features", self.features]);
        }
        cargo
    }
}

/// What it prints.
fn output(program: &mut Command) -> Outcome<String> {
    let output = program.output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let reason = text.lines().find(|line| line.starts_with("error"));
        return Err(reason.unwrap_or("cargo failed").into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The processor seconds of the programs that have been run and waited for, and of those that these ran.
fn children() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The program's name, between brackets, may have spaces.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let mut times = fields.split_whitespace().skip(13);
    let mut next = || -> Outcome<f64> { Ok(times.next().ok_or("no children's time")?.parse()?) };
    Ok((next()? + next()?) / TICKS_PER_SECOND)
}
