//! Compiles the C peers of `tests/` against the libzmq that `zmq-sys` found.
//!
//! They become one static archive, which the tests that call it link with `#[link]`: libzmq itself
//! then comes through `zmq-sys`, whether it is shared or was built from the bundled source.

use std::env;
use std::path::Path;

const ARCHIVE: &str = "zmq_c_peers";
const FILES: [&str; 4] = [
    "tests/peers/guide.c",
    "tests/peers/peer.c",
    "tests/peers/inproc.c",
    "tests/peers/raw.c",
];
const HEADER: &str = "tests/peers/report.h";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for file in FILES.into_iter().chain([HEADER]) {
        println!("cargo::rerun-if-changed={file}");
    }

    let mut build = cc::Build::new();
    build
        .files(FILES)
        // By -I, not -isystem: for a directory that gcc and clang search anyway, such as
        // /usr/include, they ignore it, and their order of system headers stays.
        .include(found("INCLUDE"))
        // The peers refuse to compile with any other zmq.h, if one lies in front of that one.
        .define("PEER_ZMQ_VERSION", &*version_macro(&found("VERSION")))
        .warnings(true)
        .extra_warnings(true)
        .flag_if_supported("-std=c99")
        // Its flags would go to the library and from there into every program of the guide.
        .cargo_metadata(false);
    if is_static() {
        // On Windows zmq.h declares its functions as imported from a DLL without it.
        build.define("ZMQ_STATIC", None);
    }
    build.compile(ARCHIVE);

    compile_old_library(&build);
    // For the test that reads that very zmq.h.
    println!("cargo::rustc-env=ZMQ_FOUND_INCLUDE={}", found("INCLUDE"));
    println!(
        "cargo::rustc-link-search=native={}",
        env::var("OUT_DIR").expect("cargo sets OUT_DIR")
    );
}

/// A shared library that says to be an older libzmq, for a process to be started with.
fn compile_old_library(peers: &cc::Build) {
    const FILE: &str = "tests/peers/old_library.c";
    println!("cargo::rerun-if-changed={FILE}");
    let library =
        Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("old_library.so");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        let compiled = peers
            .get_compiler()
            .to_command()
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, Path::new(FILE)])
            .status();
        assert!(compiled.is_ok_and(|status| status.success()), "{FILE}");
    }
    println!("cargo::rustc-env=ZMQ_OLD_LIBRARY={}", library.display());
}

/// What the build script of `zmq-sys` says about the libzmq it found.
fn found(what: &str) -> String {
    let name = format!("DEP_ZMQ_{what}");
    env::var(&name).unwrap_or_else(|_| panic!("zmq-sys, a direct dependency, sets {name}"))
}

/// `4.3.5` as zmq.h can compare it.
fn version_macro(version: &str) -> String {
    format!("ZMQ_MAKE_VERSION({})", version.replace('.', ","))
}

fn is_static() -> bool {
    println!("cargo::rerun-if-env-changed=ZMQ_STATIC");
    found("SOURCE") == "bundled" || env::var("ZMQ_STATIC").is_ok_and(|value| value == "1")
}
