//! The decisions of the build script, on made-up machines.

#[allow(dead_code, reason = "the build script uses the rest")]
#[path = "../build/discover.rs"]
mod discover;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use discover::{
    Failure, Library, Link, Machine, PkgConfig, Plan, Rejection, Request, Target, VERSION_PROBE,
    Version, discover,
};

/// A machine with just what a test puts there.
#[derive(Default)]
struct MadeUp {
    files: HashSet<PathBuf>,
    versions: HashMap<PathBuf, Version>,
    pkg_config: Option<PkgConfig>,
    /// The functions of the library, or `None` when it does not link.
    functions: Option<&'static [&'static str]>,
    asked_pkg_config: RefCell<Vec<bool>>,
}

const STABLE: &[&str] = &["zmq_ctx_new"];
const WITH_DRAFTS: &[&str] = &["zmq_ctx_new", "zmq_poller_new", "zmq_join"];

impl MadeUp {
    fn with_header(mut self, path: &str, version: Version) -> MadeUp {
        self.versions.insert(path.into(), version);
        self.with_file(path)
    }

    fn with_file(mut self, path: &str) -> MadeUp {
        self.files.insert(path.into());
        self
    }

    fn with_functions(mut self, functions: &'static [&'static str]) -> MadeUp {
        self.functions = Some(functions);
        self
    }

    fn with_pkg_config(mut self, include_dir: &str, lib_dir: &str) -> MadeUp {
        self.pkg_config = Some(PkgConfig {
            include_dirs: vec!["/flags".into(), include_dir.into()],
            lib_dirs: vec![lib_dir.into()],
            libraries: vec!["zmq".into(), "sodium".into()],
        });
        self
    }
}

impl Machine for MadeUp {
    fn is_dir(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.parent() == Some(path))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains(path)
    }

    fn pkg_config(&self, statically: bool) -> Result<PkgConfig, String> {
        self.asked_pkg_config.borrow_mut().push(statically);
        self.pkg_config
            .clone()
            .ok_or_else(|| "no package 'libzmq' found".to_owned())
    }

    fn header_version(&self, header: &Path) -> Result<Version, String> {
        self.versions
            .get(header)
            .copied()
            .ok_or_else(|| "it states no version".to_owned())
    }

    fn links(&self, _: &Link, functions: &[&str]) -> Result<(), String> {
        let there = self.functions.ok_or("the linker is unhappy")?;
        match functions.iter().find(|name| !there.contains(name)) {
            Some(name) => Err(format!("undefined reference to {name}")),
            None => Ok(()),
        }
    }
}

/// Reads a request for Linux out of variables.
fn request(variables: &[(&str, &str)]) -> Request {
    let linux = [
        ("CARGO_CFG_TARGET_OS", "linux"),
        ("CARGO_CFG_TARGET_ENV", "gnu"),
    ];
    Request::read(|name| {
        let mut all = variables.iter().chain(&linux);
        let (_, value) = all.find(|(key, _)| *key == name)?;
        Some((*value).to_owned())
    })
}

const EXPLICIT: [(&str, &str); 2] = [("ZMQ_LIB_DIR", "/zmq/lib"), ("ZMQ_INCLUDE_DIR", "/zmq/inc")];

fn explicit(more: &[(&str, &str)]) -> Request {
    request(&[&EXPLICIT[..], more].concat())
}

/// What step 1 needs.
fn explicit_machine() -> MadeUp {
    MadeUp::default()
        .with_header("/zmq/inc/zmq.h", Version(4, 3, 5))
        .with_file("/zmq/lib/libzmq.so")
}

/// What step 2 needs.
fn system_machine(version: Version) -> MadeUp {
    MadeUp::default()
        .with_pkg_config("/usr/include", "/usr/lib")
        .with_header("/usr/include/zmq.h", version)
        .with_file("/usr/lib/libzmq.so")
}

/// The text of the failure, which must hold all of these.
#[track_caller]
fn fails(request: &Request, machine: &MadeUp, words: &[&str]) {
    let text = match discover(request, machine) {
        Ok(plan) => panic!("{plan:?}"),
        Err(failure) => failure.to_string(),
    };
    for word in words {
        assert!(text.contains(word), "no {word:?} in: {text}");
    }
}

#[track_caller]
fn environment(request: &Request, machine: &MadeUp) -> Library {
    match discover(request, machine) {
        Ok(Plan::Environment(library)) => library,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn pkg_config(request: &Request, machine: &MadeUp) -> Library {
    match discover(request, machine) {
        Ok(Plan::PkgConfig(library)) => library,
        other => panic!("{other:?}"),
    }
}

/// Why the bundled source is used instead of the system's library.
#[track_caller]
fn bundled(request: &Request, machine: &MadeUp) -> Option<Rejection> {
    match discover(request, machine) {
        Ok(Plan::Bundled(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

// Reading the request.

#[test]
fn empty_and_zero_switch_nothing_on() {
    for value in ["", "0"] {
        let request = request(&[("ZMQ_NO_VENDOR", value), ("ZMQ_STATIC", value)]);
        assert!(!request.no_vendor && !request.statically);
    }
    let request = request(&[("ZMQ_NO_VENDOR", "1"), ("ZMQ_STATIC", "yes")]);
    assert!(request.no_vendor && request.statically);
}

#[test]
fn empty_directories_count_as_unset() {
    let request = request(&[("ZMQ_LIB_DIR", ""), ("ZMQ_INCLUDE_DIR", "")]);
    assert_eq!((request.lib_dir, request.include_dir), (None, None));
}

#[test]
fn features_and_target_come_from_cargo() {
    let request = request(&[
        ("CARGO_FEATURE_VENDORED", "1"),
        ("CARGO_FEATURE_DRAFT", "1"),
    ]);
    assert!(request.vendored && request.draft);
    assert_eq!(
        (&*request.target.os, &*request.target.env),
        ("linux", "gnu")
    );
}

#[test]
fn version_is_read_from_preprocessed_text() {
    let text = "# 1 \"zmq.h\"\nint zmq_errno (void);\nzmq_sys_version 4 3 5\n";
    assert_eq!(Version::from_preprocessed(text), Some(Version(4, 3, 5)));
}

#[test]
fn text_without_numbers_has_no_version() {
    assert_eq!(Version::from_preprocessed(VERSION_PROBE), None);
    assert_eq!(Version::from_preprocessed("4 3 5"), None);
    assert_eq!(Version::from_preprocessed("zmq_sys_version 4 3"), None);
}

#[test]
fn versions_compare_by_number() {
    assert!(Version(4, 3, 10) > Version(4, 3, 4));
    assert!(Version(4, 10, 0) > Version(4, 3, 5));
    assert!(Version(5, 0, 0) > Version(4, 3, 5));
}

// Step 1: the environment.

#[test]
fn environment_names_the_library() {
    let library = environment(&explicit(&[]), &explicit_machine());
    assert_eq!(
        library,
        Library {
            include_dir: "/zmq/inc".into(),
            version: Version(4, 3, 5),
            link: Link {
                directories: vec!["/zmq/lib".into()],
                name: "zmq".into(),
                statically: false,
                others: vec![],
            },
        }
    );
}

#[test]
fn environment_comes_before_pkg_config() {
    let mut machine = system_machine(Version(4, 3, 4));
    machine.files.extend(explicit_machine().files);
    machine.versions.extend(explicit_machine().versions);
    environment(&explicit(&[]), &machine);
    assert!(machine.asked_pkg_config.borrow().is_empty());
}

#[test]
fn lib_dir_without_include_dir_is_an_error_that_names_both() {
    let request = request(&[("ZMQ_LIB_DIR", "/zmq/lib")]);
    fails(
        &request,
        &system_machine(Version(4, 3, 5)),
        &["ZMQ_LIB_DIR is set, but ZMQ_INCLUDE_DIR is not"],
    );
}

#[test]
fn include_dir_without_lib_dir_is_an_error_that_names_both() {
    let request = request(&[("ZMQ_INCLUDE_DIR", "/zmq/inc"), ("ZMQ_LIB_DIR", "")]);
    fails(
        &request,
        &system_machine(Version(4, 3, 5)),
        &["ZMQ_INCLUDE_DIR is set, but ZMQ_LIB_DIR is not"],
    );
}

#[test]
fn failing_environment_names_its_variables_and_what_to_install() {
    fails(
        &explicit(&[]),
        &system_machine(Version(4, 3, 5)),
        &[
            "/zmq/lib is not a directory",
            "ZMQ_LIB_DIR is /zmq/lib, ZMQ_INCLUDE_DIR is /zmq/inc",
            "libzmq3-dev",
            "zeromq-devel",
            "brew zeromq",
            "the feature `vendored`",
            "unset ZMQ_LIB_DIR and ZMQ_INCLUDE_DIR",
        ],
    );
}

#[test]
fn missing_include_dir_is_an_error() {
    let machine = MadeUp::default().with_file("/zmq/lib/libzmq.so");
    fails(&explicit(&[]), &machine, &["/zmq/inc is not a directory"]);
}

#[test]
fn relative_directory_is_an_error() {
    let request = request(&[("ZMQ_LIB_DIR", "lib"), ("ZMQ_INCLUDE_DIR", "/zmq/inc")]);
    fails(
        &request,
        &explicit_machine(),
        &["lib is not an absolute path", "Give the whole path"],
    );
}

#[test]
fn missing_header_is_an_error_that_names_it() {
    let machine = MadeUp::default()
        .with_file("/zmq/lib/libzmq.so")
        .with_file("/zmq/inc/zmq.hpp");
    fails(
        &explicit(&[]),
        &machine,
        &["there is no header; looked for /zmq/inc/zmq.h\n"],
    );
}

#[test]
fn header_without_version_is_an_error() {
    let machine = MadeUp::default()
        .with_file("/zmq/lib/libzmq.so")
        .with_file("/zmq/inc/zmq.h");
    fails(
        &explicit(&[]),
        &machine,
        &["the version in /zmq/inc/zmq.h cannot be read: it states no version"],
    );
}

#[test]
fn old_header_is_an_error_that_tells_both_versions() {
    let machine = explicit_machine().with_header("/zmq/inc/zmq.h", Version(4, 3, 3));
    fails(
        &explicit(&[]),
        &machine,
        &["/zmq/inc/zmq.h is of libzmq 4.3.3, but 4.3.4 is needed"],
    );
}

#[test]
fn oldest_version_is_accepted() {
    let machine = explicit_machine().with_header("/zmq/inc/zmq.h", Version(4, 3, 4));
    assert_eq!(
        environment(&explicit(&[]), &machine).version,
        Version(4, 3, 4)
    );
}

#[test]
fn missing_shared_library_is_an_error_that_hints_at_zmq_static() {
    let machine = MadeUp::default()
        .with_header("/zmq/inc/zmq.h", Version(4, 3, 5))
        .with_file("/zmq/lib/libzmq.a");
    fails(
        &explicit(&[]),
        &machine,
        &[
            "there is no shared library; looked for /zmq/lib/libzmq.so ",
            "with ZMQ_STATIC=1, a static one",
        ],
    );
}

#[test]
fn missing_static_library_is_an_error_that_names_it() {
    fails(
        &explicit(&[("ZMQ_STATIC", "1")]),
        &explicit_machine(),
        &["there is no static library; looked for /zmq/lib/libzmq.a "],
    );
}

#[test]
fn failing_environment_is_an_error_even_when_pkg_config_knows_a_library() {
    let machine = system_machine(Version(4, 3, 5)).with_file("/zmq/lib/libzmq.so");
    assert!(matches!(
        discover(&explicit(&[]), &machine),
        Err(Failure::Environment {
            rejection: Rejection::NoDirectory(_),
            ..
        })
    ));
}

#[test]
fn static_library_brings_the_runtime_of_its_platform() {
    let cases: [(&str, &str, &str, &[&str]); 6] = [
        ("linux", "gnu", "libzmq.a", &["stdc++", "pthread", "rt"]),
        ("macos", "", "libzmq.a", &["c++"]),
        ("freebsd", "", "libzmq.a", &["c++"]),
        ("android", "", "libzmq.a", &["c++_shared"]),
        (
            "windows",
            "msvc",
            "libzmq.lib",
            &["ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
        ),
        (
            "windows",
            "gnu",
            "libzmq.a",
            &["stdc++", "ws2_32", "rpcrt4", "iphlpapi", "advapi32"],
        ),
    ];
    for (os, env, file, others) in cases {
        let machine = explicit_machine().with_file(&format!("/zmq/lib/{file}"));
        let request = Request {
            target: Target {
                os: os.into(),
                env: env.into(),
            },
            ..explicit(&[("ZMQ_STATIC", "1")])
        };
        let link = environment(&request, &machine).link;
        assert!(link.statically);
        assert_eq!(link.others, others, "{os} {env}");
    }
}

#[test]
fn shared_library_has_the_name_of_its_platform() {
    let cases = [
        ("linux", "gnu", "libzmq.so", "zmq"),
        ("linux", "musl", "libzmq.so", "zmq"),
        ("macos", "", "libzmq.dylib", "zmq"),
        ("windows", "gnu", "libzmq.dll.a", "zmq"),
        ("windows", "msvc", "libzmq.lib", "libzmq"),
        ("windows", "msvc", "zmq.lib", "zmq"),
    ];
    for (os, env, file, name) in cases {
        let machine = MadeUp::default()
            .with_header("/zmq/inc/zmq.h", Version(4, 3, 5))
            .with_file(&format!("/zmq/lib/{file}"));
        let request = Request {
            target: Target {
                os: os.into(),
                env: env.into(),
            },
            ..explicit(&[])
        };
        let link = environment(&request, &machine).link;
        assert_eq!((&*link.name, link.others.len()), (name, 0), "{os} {env}");
    }
}

#[test]
fn environment_without_drafts_is_an_error_that_tells_how_to_get_them() {
    let request = explicit(&[("CARGO_FEATURE_DRAFT", "1")]);
    fails(
        &request,
        &explicit_machine().with_functions(STABLE),
        &[
            "the feature `draft` is on, but the library was built without the draft API",
            "zmq_poller_new and zmq_join",
            "--enable-drafts",
            "`vendored`",
        ],
    );
}

#[test]
fn environment_with_drafts_is_accepted() {
    let request = explicit(&[("CARGO_FEATURE_DRAFT", "1")]);
    environment(&request, &explicit_machine().with_functions(WITH_DRAFTS));
}

#[test]
fn half_of_the_drafts_is_not_enough() {
    let request = explicit(&[("CARGO_FEATURE_DRAFT", "1")]);
    let machine = explicit_machine().with_functions(&["zmq_ctx_new", "zmq_join"]);
    fails(&request, &machine, &["without the draft API"]);
}

#[test]
fn library_that_does_not_link_is_not_taken_for_one_without_drafts() {
    let request = explicit(&[("CARGO_FEATURE_DRAFT", "1")]);
    fails(
        &request,
        &explicit_machine(),
        &["a program cannot be linked with the library: the linker is unhappy"],
    );
}

#[test]
fn without_the_feature_draft_nothing_is_linked() {
    environment(&explicit(&[]), &explicit_machine());
}

#[test]
fn no_vendor_does_not_hinder_the_environment() {
    environment(&explicit(&[("ZMQ_NO_VENDOR", "1")]), &explicit_machine());
}

// Step 2: pkg-config.

#[test]
fn pkg_config_is_asked_when_the_environment_names_nothing() {
    let library = pkg_config(&request(&[]), &system_machine(Version(4, 3, 4)));
    assert_eq!(
        library,
        Library {
            include_dir: "/usr/include".into(),
            version: Version(4, 3, 4),
            link: Link {
                directories: vec!["/usr/lib".into()],
                name: "zmq".into(),
                statically: false,
                others: vec!["sodium".into()],
            },
        }
    );
}

#[test]
fn zmq_static_asks_pkg_config_for_static_flags() {
    let machine = system_machine(Version(4, 3, 5)).with_file("/usr/lib/libzmq.a");
    let link = pkg_config(&request(&[("ZMQ_STATIC", "1")]), &machine).link;
    assert!(link.statically);
    assert_eq!(link.others, ["sodium"]);
    assert_eq!(*machine.asked_pkg_config.borrow(), [true]);
}

#[test]
fn pkg_config_without_static_library_gives_way_when_zmq_static_is_set() {
    let request = request(&[("ZMQ_STATIC", "1")]);
    let rejection = bundled(&request, &system_machine(Version(4, 3, 5)));
    assert_eq!(
        rejection,
        Some(Rejection::NoLibrary {
            looked_for: vec!["/usr/lib/libzmq.a".into()],
            statically: true
        })
    );
}

#[test]
fn absent_package_gives_way_to_the_bundled_source() {
    let rejection = bundled(&request(&[]), &MadeUp::default());
    assert_eq!(
        rejection,
        Some(Rejection::PkgConfig("no package 'libzmq' found".into()))
    );
}

#[test]
fn package_without_header_gives_way_to_the_bundled_source() {
    let machine = MadeUp::default().with_pkg_config("/usr/include", "/usr/lib");
    assert_eq!(
        bundled(&request(&[]), &machine),
        Some(Rejection::NoHeader(vec![
            "/flags/zmq.h".into(),
            "/usr/include/zmq.h".into()
        ]))
    );
}

#[test]
fn old_package_gives_way_to_the_bundled_source() {
    let rejection = bundled(&request(&[]), &system_machine(Version(4, 2, 5)));
    assert!(matches!(
        rejection,
        Some(Rejection::TooOld {
            version: Version(4, 2, 5),
            ..
        })
    ));
}

#[test]
fn package_without_drafts_gives_way_to_the_bundled_source() {
    let request = request(&[("CARGO_FEATURE_DRAFT", "1")]);
    let machine = system_machine(Version(4, 3, 5)).with_functions(STABLE);
    assert_eq!(bundled(&request, &machine), Some(Rejection::NoDrafts));
}

#[test]
fn package_with_drafts_is_used() {
    let request = request(&[("CARGO_FEATURE_DRAFT", "1")]);
    let machine = system_machine(Version(4, 3, 5)).with_functions(WITH_DRAFTS);
    pkg_config(&request, &machine);
}

#[test]
fn no_vendor_does_not_hinder_pkg_config() {
    pkg_config(
        &request(&[("ZMQ_NO_VENDOR", "1")]),
        &system_machine(Version(4, 3, 5)),
    );
}

#[test]
fn forbidden_bundled_source_leaves_an_error_that_tells_all() {
    fails(
        &request(&[("ZMQ_NO_VENDOR", "1")]),
        &MadeUp::default(),
        &[
            "pkg-config has no libzmq: no package 'libzmq' found",
            "forbidden by ZMQ_NO_VENDOR",
            "libzmq3-dev",
            "zeromq-devel",
            "brew zeromq",
            "unset ZMQ_NO_VENDOR",
            "ZMQ_LIB_DIR and ZMQ_INCLUDE_DIR",
        ],
    );
}

#[test]
fn forbidden_bundled_source_after_an_old_package_tells_both_versions() {
    fails(
        &request(&[("ZMQ_NO_VENDOR", "1")]),
        &system_machine(Version(4, 1, 6)),
        &["/usr/include/zmq.h is of libzmq 4.1.6, but 4.3.4 is needed"],
    );
}

#[test]
fn forbidden_bundled_source_after_a_package_without_drafts_tells_how_to_get_them() {
    let request = request(&[("ZMQ_NO_VENDOR", "1"), ("CARGO_FEATURE_DRAFT", "1")]);
    let machine = system_machine(Version(4, 3, 5)).with_functions(STABLE);
    fails(
        &request,
        &machine,
        &["without the draft API", "--enable-drafts"],
    );
}

// Step 3: the bundled source.

#[test]
fn vendored_asks_nobody() {
    let machine = system_machine(Version(4, 3, 5));
    let request = request(&[("CARGO_FEATURE_VENDORED", "1"), ("ZMQ_STATIC", "1")]);
    assert_eq!(bundled(&request, &machine), None);
    assert!(machine.asked_pkg_config.borrow().is_empty());
}

#[test]
fn vendored_contradicts_every_other_explicit_choice() {
    for variable in ["ZMQ_NO_VENDOR", "ZMQ_LIB_DIR", "ZMQ_INCLUDE_DIR"] {
        let request = request(&[("CARGO_FEATURE_VENDORED", "1"), (variable, "/1")]);
        fails(
            &request,
            &MadeUp::default(),
            &[&format!(
                "the feature `vendored` and {variable} contradict each other"
            )],
        );
    }
}

#[test]
fn missing_libsodium_tells_where_to_get_it() {
    let text = Failure::Sodium("/lib/libsodium.a is not there".into()).to_string();
    for word in [
        "/lib/libsodium.a is not there",
        "`curve`",
        "libsodium-dev",
        "SODIUM_",
    ] {
        assert!(text.contains(word), "{text}");
    }
}
