//! Finds libzmq, in this order:
//!
//! 1. `ZMQ_LIB_DIR` and `ZMQ_INCLUDE_DIR` name it; `ZMQ_STATIC=1` links it statically.
//! 2. pkg-config knows `libzmq`; `ZMQ_STATIC=1` links it statically.
//! 3. The bundled source is built, through the crate `zeromq-src`.
//!
//! It must be 4.3.4 or newer, and have drafts if the feature `draft` is on. The feature `vendored`
//! forces 3, and `ZMQ_NO_VENDOR=1` forbids it. The environment's choice is an explicit one: when it
//! fails, so does the build. When 2 fails, the build goes on to 3.
//!
//! `build/discover.rs` decides, `build/machine.rs` looks at the machine, and this file carries out.
//! Nothing that was built for the target is run.

use std::{env, fs, panic, path::PathBuf, process};

use crate::discover::{Failure, Library, Link, Machine, Plan, Request, Version};

#[path = "build/discover.rs"]
mod discover;
#[cfg(feature = "bindgen")]
#[path = "build/generate.rs"]
mod generate;
#[path = "build/machine.rs"]
mod machine;

fn main() {
    if let Err(failure) = run() {
        for line in failure.to_string().lines() {
            println!("cargo::error={line}");
            eprintln!("error: {line}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), Failure> {
    for file in ["build.rs", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let machine = machine::ThisMachine {
        out_dir: out_dir.clone(),
    };
    let request = Request::read(variable);

    let (source, found_by, library) = match discover::discover(&request, &machine)? {
        Plan::Environment(library) => {
            print_link(&library.link);
            ("environment", "ZMQ_LIB_DIR", library)
        }
        Plan::PkgConfig(library) => {
            if library.link.statically {
                print_link(&library.link);
            } else {
                // It knows more kinds of flags than a `Link` holds.
                pkg_config::Config::new()
                    .probe("libzmq")
                    .map_err(|error| Failure::Other(error.to_string()))?;
            }
            ("pkg-config", "pkg-config", library)
        }
        Plan::Bundled(passed_over) => {
            if let Some(rejection) = passed_over {
                println!("the bundled source is used, because {rejection}");
            }
            (
                "bundled",
                "bundled source (zeromq-src)",
                build(&request, &machine)?,
            )
        }
    };

    describe(&library, source, found_by, request.draft);
    let Version(major, minor, patch) = library.version;
    let constants = format!(
        "/// The major version of the header.\npub const ZMQ_VERSION_MAJOR: c_int = {major};\n\
         /// The minor version of the header.\npub const ZMQ_VERSION_MINOR: c_int = {minor};\n\
         /// The patch version of the header.\npub const ZMQ_VERSION_PATCH: c_int = {patch};\n"
    );
    fs::write(out_dir.join("version.rs"), constants)
        .map_err(|error| Failure::Other(format!("version.rs cannot be written: {error}")))?;

    #[cfg(feature = "bindgen")]
    without_panic(|| {
        generate::generate(&library.include_dir, &out_dir).map_err(|error| error.to_string())
    })
    .and_then(|result| result)
    .map_err(|reason| {
        Failure::Other(format!(
            "the bindings cannot be generated: {reason}\nThe feature `bindgen` needs libclang: \
             Debian libclang-dev, Fedora clang-devel, macOS brew llvm. Without it, checked-in \
             bindings are used."
        ))
    })?;
    Ok(())
}

/// A variable of the environment, which from now on makes this script run again when it changes.
fn variable(name: &str) -> Option<String> {
    // Cargo sees to its own.
    if !name.starts_with("CARGO_") {
        println!("cargo::rerun-if-env-changed={name}");
    }
    env::var(name).ok()
}

fn print_link(link: &Link) {
    for directory in &link.directories {
        println!("cargo::rustc-link-search=native={}", directory.display());
    }
    let kind = if link.statically { "static" } else { "dylib" };
    println!("cargo::rustc-link-lib={kind}={}", link.name);
    for other in &link.others {
        println!("cargo::rustc-link-lib=dylib={other}");
    }
}

/// Tells the crate, its tests, and the build scripts of its dependents.
fn describe(library: &Library, source: &str, found_by: &str, draft: bool) {
    let Library {
        include_dir,
        version,
        ..
    } = library;
    // This script itself writes the bundled one, and would run again forever.
    if source != "bundled" {
        println!("cargo::rerun-if-changed={}", library.header().display());
    }

    println!("cargo::metadata=version={version}");
    println!("cargo::metadata=include={}", include_dir.display());
    println!("cargo::metadata=source={source}");
    println!("cargo::metadata=draft={}", u8::from(draft));

    println!("cargo::rustc-check-cfg=cfg(zmq_4_3_5)");
    if *version >= Version(4, 3, 5) {
        println!("cargo::rustc-cfg=zmq_4_3_5");
    }
    println!("cargo::rustc-env=ZMQ_SYS_HEADER_VERSION={version}");
    println!("cargo::rustc-env=ZMQ_SYS_FOUND_BY={found_by}");

    // For the tests, which compile C.
    println!("cargo::rustc-env=ZMQ_SYS_INCLUDE={}", include_dir.display());
    for name in ["TARGET", "HOST"] {
        let triple = env::var(name).expect("cargo says for what is built, and where");
        println!("cargo::rustc-env=ZMQ_SYS_{name}={triple}");
    }
}

/// Does what may panic when a tool is missing, as crates for build scripts do, and returns what was
/// said.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(panic::AssertUnwindSafe(work));
    panic::set_hook(hook);
    result.map_err(|said| match said.downcast::<String>() {
        Ok(text) => *text,
        Err(said) => (*said.downcast::<&str>().unwrap_or_default()).to_owned(),
    })
}

/// What libzmq's own `configure` finds on Linux, and `zeromq-src` does not look for. Without it TCP keep-alive
/// and the CPUs of I/O threads are set in vain, wake-ups go through pairs of sockets, time jumps with the
/// clock on the wall, and programs that are started inherit the descriptors.
///
/// `HAVE_FORK` is not among them: it has the process asked for its number several times a message, and `zmq`
/// sees to forks itself.
const ON_LINUX: &[&str] = &[
    "HAVE_ACCEPT4",
    "HAVE_CLOCK_GETTIME",
    "HAVE_IF_NAMETOINDEX",
    "HAVE_MKDTEMP",
    "HAVE_POSIX_MEMALIGN",
    "ZMQ_CACHELINE_SIZE=64",
    "ZMQ_HAVE_BUSY_POLL",
    "ZMQ_HAVE_EVENTFD",
    "ZMQ_HAVE_EVENTFD_CLOEXEC",
    "ZMQ_HAVE_IFADDRS",
    "ZMQ_HAVE_PPOLL",
    "ZMQ_HAVE_PTHREAD_SETNAME_2",
    "ZMQ_HAVE_PTHREAD_SET_AFFINITY",
    "ZMQ_HAVE_SOCK_CLOEXEC",
    "ZMQ_HAVE_SO_BINDTODEVICE",
    "ZMQ_HAVE_SO_KEEPALIVE",
    "ZMQ_HAVE_SO_PEERCRED",
    "ZMQ_HAVE_SO_PRIORITY",
    "ZMQ_HAVE_TCP_KEEPCNT",
    "ZMQ_HAVE_TCP_KEEPIDLE",
    "ZMQ_HAVE_TCP_KEEPINTVL",
    "ZMQ_IOTHREAD_POLLER_USE_EPOLL_CLOEXEC",
];

/// The crate `zeromq-src` takes these settings from the environment only.
fn adjust_compiler(target: &discover::Target) {
    let mut settings = Vec::new();
    let mut known = String::new();
    if target.os == "linux" {
        for name in ON_LINUX {
            known.push_str("-D");
            known.push_str(name);
            known.push(' ');
        }
    }
    // A slow libzmq is no help to anyone who debugs Rust.
    if env::var("OPT_LEVEL").is_ok_and(|level| level == "0") {
        settings.push(("OPT_LEVEL", "2".to_owned()));
    }
    // Nor are the compiler's warnings about another project's code. The user's flags go last, to overrule.
    for name in ["CFLAGS", "CXXFLAGS"] {
        let flags = env::var(name).unwrap_or_default();
        settings.push((name, format!("{known}-w {flags}")));
    }
    for (name, value) in settings {
        // SAFETY: this script has only one thread as yet.
        unsafe { env::set_var(name, value) };
    }
}

/// Builds the bundled source, which also says how to link it.
fn build(request: &Request, machine: &machine::ThisMachine) -> Result<Library, Failure> {
    let sodium = if cfg!(feature = "curve") {
        Some(machine::sodium().map_err(Failure::Sodium)?)
    } else {
        None
    };
    adjust_compiler(&request.target);
    without_panic(|| {
        zeromq_src::Build::new()
            .enable_draft(request.draft)
            .with_libsodium(sodium)
            .build();
    })
    .map_err(|reason| {
        Failure::Other(format!(
            "the bundled source cannot be built: {reason}\nIt needs a C++ compiler (Debian g++, \
             Fedora gcc-c++, macOS the command line tools of Xcode).\nOr install libzmq itself: \
             Debian libzmq3-dev, Fedora zeromq-devel, macOS brew zeromq."
        ))
    })?;
    if request.target.os == "windows" {
        for library in ["ws2_32", "rpcrt4", "advapi32"] {
            println!("cargo::rustc-link-lib=dylib={library}");
        }
    }

    // The crate copies the headers there, and states it as this script's `include`.
    let include_dir = machine.out_dir.join("source").join("include");
    let version = machine
        .header_version(&include_dir.join("zmq.h"))
        .map_err(|reason| Failure::Other(format!("the bundled zmq.h cannot be read: {reason}")))?;
    let link = Link {
        directories: vec![machine.out_dir.join("lib")],
        name: "zmq".to_owned(),
        statically: true,
        others: Vec::new(),
    };
    Ok(Library {
        include_dir,
        version,
        link,
    })
}
