//! Decides which libzmq is used. Everything it learns about the machine comes through [`Machine`],
//! so that `tests/discovery.rs` can run it on made-up ones.

use std::{
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
};

/// The oldest libzmq the bindings fit.
pub(crate) const OLDEST: Version = Version(4, 3, 4);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// Finds the version in what the preprocessor makes of [`VERSION_PROBE`].
    pub(crate) fn from_preprocessed(text: &str) -> Option<Version> {
        let mut words = text
            .split_whitespace()
            .skip_while(|word| *word != "zmq_sys_version")
            .skip(1);
        let mut number = || words.next()?.parse().ok();
        Some(Version(number()?, number()?, number()?))
    }
}

/// Goes after an `#include` of `zmq.h`, for the preprocessor to fill in.
pub(crate) const VERSION_PROBE: &str =
    "zmq_sys_version ZMQ_VERSION_MAJOR ZMQ_VERSION_MINOR ZMQ_VERSION_PATCH";

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What the user asks for, by environment and features.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) lib_dir: Option<PathBuf>,
    pub(crate) include_dir: Option<PathBuf>,
    pub(crate) statically: bool,
    pub(crate) no_vendor: bool,
    pub(crate) vendored: bool,
    pub(crate) draft: bool,
    pub(crate) target: Target,
}

/// The platform the library is for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    /// As in `CARGO_CFG_TARGET_OS`.
    pub(crate) os: String,
    /// As in `CARGO_CFG_TARGET_ENV`.
    pub(crate) env: String,
}

impl Request {
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Request {
        let text = |name: &str| variable(name).filter(|value| !value.is_empty());
        let switch = |name: &str| text(name).is_some_and(|value| value != "0");
        Request {
            lib_dir: text("ZMQ_LIB_DIR").map(PathBuf::from),
            include_dir: text("ZMQ_INCLUDE_DIR").map(PathBuf::from),
            statically: switch("ZMQ_STATIC"),
            no_vendor: switch("ZMQ_NO_VENDOR"),
            vendored: switch("CARGO_FEATURE_VENDORED"),
            draft: switch("CARGO_FEATURE_DRAFT"),
            target: Target {
                os: text("CARGO_CFG_TARGET_OS").unwrap_or_default(),
                env: text("CARGO_CFG_TARGET_ENV").unwrap_or_default(),
            },
        }
    }
}

/// What can be learnt about the machine.
pub(crate) trait Machine {
    fn is_dir(&self, path: &Path) -> bool;
    fn is_file(&self, path: &Path) -> bool;
    /// Asks pkg-config for libzmq, or else says why there is none.
    fn pkg_config(&self, statically: bool) -> Result<PkgConfig, String>;
    /// The version that a `zmq.h` states.
    fn header_version(&self, header: &Path) -> Result<Version, String>;
    /// Links a C program that calls these functions, without running it.
    fn links(&self, link: &Link, functions: &[&str]) -> Result<(), String>;
}

/// What pkg-config knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct PkgConfig {
    /// Where `zmq.h` may be, likeliest first.
    pub(crate) include_dirs: Vec<PathBuf>,
    /// Where the library may be, likeliest first.
    pub(crate) lib_dirs: Vec<PathBuf>,
    /// The names of all libraries to link.
    pub(crate) libraries: Vec<String>,
}

/// The libzmq to use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Environment(Library),
    PkgConfig(Library),
    /// The bundled source, and why pkg-config's library is not used, if it was asked for.
    Bundled(Option<Rejection>),
}

/// A libzmq that is there already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Library {
    pub(crate) include_dir: PathBuf,
    pub(crate) version: Version,
    pub(crate) link: Link,
}

impl Library {
    pub(crate) fn header(&self) -> PathBuf {
        self.include_dir.join("zmq.h")
    }
}

/// How to link a libzmq that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) directories: Vec<PathBuf>,
    /// libzmq's own name.
    pub(crate) name: String,
    pub(crate) statically: bool,
    /// What else is needed.
    pub(crate) others: Vec<String>,
}

/// Why a library that was looked at is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    PkgConfig(String),
    NotAbsolute(PathBuf),
    NoDirectory(PathBuf),
    /// None of these files is there.
    NoHeader(Vec<PathBuf>),
    /// None of these files is there.
    NoLibrary {
        looked_for: Vec<PathBuf>,
        statically: bool,
    },
    Unreadable {
        header: PathBuf,
        reason: String,
    },
    TooOld {
        header: PathBuf,
        version: Version,
    },
    DoesNotLink(String),
    NoDrafts,
}

impl Display for Rejection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::PkgConfig(reason) => write!(f, "pkg-config has no libzmq: {reason}"),
            Rejection::NotAbsolute(path) => {
                write!(f, "{} is not an absolute path", path.display())
            }
            Rejection::NoDirectory(path) => {
                write!(f, "{} is not a directory", path.display())
            }
            Rejection::NoHeader(paths) => {
                write!(f, "there is no header; looked for {}", list(paths))
            }
            Rejection::NoLibrary {
                looked_for,
                statically,
            } => {
                let (kind, other) = if *statically {
                    ("static", "without ZMQ_STATIC, a shared one is looked for")
                } else {
                    ("shared", "with ZMQ_STATIC=1, a static one is looked for")
                };
                write!(
                    f,
                    "there is no {kind} library; looked for {} ({other})",
                    list(looked_for)
                )
            }
            Rejection::Unreadable { header, reason } => {
                write!(
                    f,
                    "the version in {} cannot be read: {reason}",
                    header.display()
                )
            }
            Rejection::TooOld { header, version } => {
                write!(
                    f,
                    "{} is of libzmq {version}, but {OLDEST} is needed",
                    header.display()
                )
            }
            Rejection::DoesNotLink(reason) => {
                write!(f, "a program cannot be linked with the library: {reason}")
            }
            Rejection::NoDrafts => write!(
                f,
                "the feature `draft` is on, but the library was built without the draft API \
                 (it lacks {})",
                DRAFT_FUNCTIONS.join(" and ")
            ),
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

/// Why there is no libzmq to use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// One of `ZMQ_LIB_DIR` and `ZMQ_INCLUDE_DIR` without the other.
    Half {
        set: &'static str,
        unset: &'static str,
    },
    /// Two choices that exclude each other.
    Contradiction(&'static str, &'static str),
    /// The library that the environment names.
    Environment {
        lib_dir: PathBuf,
        include_dir: PathBuf,
        rejection: Rejection,
    },
    /// pkg-config's library, while the bundled source is forbidden.
    PkgConfig(Rejection),
    /// The libsodium for the bundled source.
    Sodium(String),
    /// Work that follows the decision.
    Other(String),
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Half { set, unset } => write!(
                f,
                "{set} is set, but {unset} is not\n\
                 They go together: set both to name a libzmq, or neither to have it searched for."
            ),
            Failure::Contradiction(one, other) => write!(
                f,
                "{one} and {other} contradict each other\nTake back one of the two."
            ),
            Failure::Environment {
                lib_dir,
                include_dir,
                rejection,
            } => {
                write!(
                    f,
                    "the libzmq that the environment names cannot be used: {rejection}\n\
                     ZMQ_LIB_DIR is {}, ZMQ_INCLUDE_DIR is {}.\n",
                    lib_dir.display(),
                    include_dir.display()
                )?;
                advice(f, rejection)?;
                f.write_str(
                    "\nOr unset ZMQ_LIB_DIR and ZMQ_INCLUDE_DIR, to have pkg-config asked and else \
                     the bundled source built.",
                )
            }
            Failure::PkgConfig(rejection) => {
                write!(
                    f,
                    "no libzmq can be used: {rejection}\n\
                     The bundled source is forbidden by ZMQ_NO_VENDOR.\n"
                )?;
                advice(f, rejection)?;
                f.write_str(
                    "\nOr unset ZMQ_NO_VENDOR, or name a library by ZMQ_LIB_DIR and ZMQ_INCLUDE_DIR.",
                )
            }
            Failure::Sodium(reason) => write!(
                f,
                "the feature `curve` cannot be built into libzmq: {reason}\n\
                 Unset the SODIUM_ variables to have libsodium built from its bundled source, or \
                 install a static one: Debian libsodium-dev, Fedora libsodium-static, macOS brew \
                 libsodium."
            ),
            Failure::Other(reason) => f.write_str(reason),
        }
    }
}

fn advice(f: &mut Formatter<'_>, rejection: &Rejection) -> fmt::Result {
    match rejection {
        Rejection::NotAbsolute(_) => f.write_str("Give the whole path."),
        // Distributions do not package libraries with drafts.
        Rejection::NoDrafts => f.write_str(
            "Install a libzmq that was configured with --enable-drafts (CMake: ENABLE_DRAFTS=ON), \
             or use the feature `vendored`.",
        ),
        _ => write!(
            f,
            "Install libzmq {OLDEST} or newer with its header: Debian libzmq3-dev, Fedora \
             zeromq-devel, macOS brew zeromq; or use the feature `vendored`.",
        ),
    }
}

/// Finds the libzmq to use, in the order that `build.rs` states.
pub(crate) fn discover(request: &Request, machine: &impl Machine) -> Result<Plan, Failure> {
    if request.vendored {
        for (given, name) in [
            (request.no_vendor, "ZMQ_NO_VENDOR"),
            (request.lib_dir.is_some(), "ZMQ_LIB_DIR"),
            (request.include_dir.is_some(), "ZMQ_INCLUDE_DIR"),
        ] {
            if given {
                return Err(Failure::Contradiction("the feature `vendored`", name));
            }
        }
        return Ok(Plan::Bundled(None));
    }

    match (&request.lib_dir, &request.include_dir) {
        (Some(lib_dir), Some(include_dir)) => {
            return from_environment(request, machine, lib_dir, include_dir)
                .map(Plan::Environment)
                .map_err(|rejection| Failure::Environment {
                    lib_dir: lib_dir.clone(),
                    include_dir: include_dir.clone(),
                    rejection,
                });
        }
        (Some(_), None) => {
            return Err(Failure::Half {
                set: "ZMQ_LIB_DIR",
                unset: "ZMQ_INCLUDE_DIR",
            });
        }
        (None, Some(_)) => {
            return Err(Failure::Half {
                set: "ZMQ_INCLUDE_DIR",
                unset: "ZMQ_LIB_DIR",
            });
        }
        (None, None) => {}
    }

    match from_pkg_config(request, machine) {
        Ok(library) => Ok(Plan::PkgConfig(library)),
        Err(rejection) if request.no_vendor => Err(Failure::PkgConfig(rejection)),
        Err(rejection) => Ok(Plan::Bundled(Some(rejection))),
    }
}

fn from_environment(
    request: &Request,
    machine: &impl Machine,
    lib_dir: &Path,
    include_dir: &Path,
) -> Result<Library, Rejection> {
    for dir in [lib_dir, include_dir] {
        // Cargo, the compiler and the linker run in different directories.
        if !dir.is_absolute() {
            return Err(Rejection::NotAbsolute(dir.to_owned()));
        }
        if !machine.is_dir(dir) {
            return Err(Rejection::NoDirectory(dir.to_owned()));
        }
    }
    let (include_dir, version) = header(machine, &[include_dir.to_owned()])?;
    let lib_dirs = [lib_dir.to_owned()];
    let (directory, name) = library(request, machine, &lib_dirs)?;
    let others = if request.statically {
        beside_static_libzmq(&request.target)
    } else {
        &[]
    };
    let link = Link {
        directories: vec![directory],
        name,
        statically: request.statically,
        others: others.iter().copied().map(String::from).collect(),
    };
    drafts(request, machine, &link)?;
    Ok(Library {
        include_dir,
        version,
        link,
    })
}

fn from_pkg_config(request: &Request, machine: &impl Machine) -> Result<Library, Rejection> {
    let known = machine
        .pkg_config(request.statically)
        .map_err(Rejection::PkgConfig)?;
    let (include_dir, version) = header(machine, &known.include_dirs)?;
    let mut name = "zmq".to_owned();
    if request.statically {
        // pkg-config's flags alone do not make the linker prefer the static library.
        name = library(request, machine, &known.lib_dirs)?.1;
    }
    let others = known
        .libraries
        .into_iter()
        .filter(|other| *other != "zmq")
        .collect();
    let link = Link {
        directories: known.lib_dirs,
        name,
        statically: request.statically,
        others,
    };
    drafts(request, machine, &link)?;
    Ok(Library {
        include_dir,
        version,
        link,
    })
}

/// The directory of the first header there is, and its version.
fn header(machine: &impl Machine, dirs: &[PathBuf]) -> Result<(PathBuf, Version), Rejection> {
    let Some(dir) = dirs.iter().find(|dir| machine.is_file(&dir.join("zmq.h"))) else {
        return Err(Rejection::NoHeader(
            dirs.iter().map(|dir| dir.join("zmq.h")).collect(),
        ));
    };
    let header = dir.join("zmq.h");
    match machine.header_version(&header) {
        Ok(version) if version < OLDEST => Err(Rejection::TooOld { header, version }),
        Ok(version) => Ok((dir.clone(), version)),
        Err(reason) => Err(Rejection::Unreadable { header, reason }),
    }
}

/// The directory of the first library there is, and its name for the linker.
fn library(
    request: &Request,
    machine: &impl Machine,
    dirs: &[PathBuf],
) -> Result<(PathBuf, String), Rejection> {
    let names = library_files(&request.target, request.statically);
    for dir in dirs {
        if let Some((_, name)) = names
            .iter()
            .find(|(file, _)| machine.is_file(&dir.join(file)))
        {
            return Ok((dir.clone(), (*name).to_owned()));
        }
    }
    let looked_for = dirs
        .iter()
        .flat_map(|dir| names.iter().map(|(file, _)| dir.join(file)));
    Err(Rejection::NoLibrary {
        looked_for: looked_for.collect(),
        statically: request.statically,
    })
}

/// The files that a libzmq can consist of, each with the name that the linker has for it.
fn library_files(target: &Target, statically: bool) -> &'static [(&'static str, &'static str)] {
    match (target.os.as_str(), target.env.as_str(), statically) {
        // Import libraries and static ones are called alike there.
        ("windows", "msvc", _) => &[("libzmq.lib", "libzmq"), ("zmq.lib", "zmq")],
        (_, _, true) => &[("libzmq.a", "zmq")],
        ("windows", _, false) => &[("libzmq.dll.a", "zmq"), ("libzmq.dll", "zmq")],
        ("macos" | "ios" | "tvos" | "watchos" | "visionos", _, false) => {
            &[("libzmq.dylib", "zmq"), ("libzmq.tbd", "zmq")]
        }
        (_, _, false) => &[("libzmq.so", "zmq")],
    }
}

/// What a static libzmq always needs. What else one was configured with, pkg-config knows.
fn beside_static_libzmq(target: &Target) -> &'static [&'static str] {
    match (target.os.as_str(), target.env.as_str()) {
        ("windows", "msvc") => &["ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
        ("windows", _) => &["stdc++", "ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
        ("macos" | "ios" | "tvos" | "watchos" | "visionos" | "freebsd" | "openbsd", _) => &["c++"],
        ("android", _) => &["c++_shared"],
        // Their own libraries until glibc 2.34.
        ("linux", _) => &["stdc++", "pthread", "rt"],
        _ => &["stdc++"],
    }
}

/// In every version that has drafts, and exported by no library that was built without.
const DRAFT_FUNCTIONS: [&str; 2] = ["zmq_poller_new", "zmq_join"];

fn drafts(request: &Request, machine: &impl Machine, link: &Link) -> Result<(), Rejection> {
    if !request.draft {
        return Ok(());
    }
    // A library that does not link at all must not be taken for one without drafts.
    machine
        .links(link, &["zmq_ctx_new"])
        .map_err(Rejection::DoesNotLink)?;
    machine
        .links(link, &DRAFT_FUNCTIONS)
        .map_err(|_| Rejection::NoDrafts)
}
