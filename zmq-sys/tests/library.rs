//! What the build script says about the library is true of the one that is linked.

use std::ffi::{CStr, c_int};

use zmq_sys::{FOUND_BY, HEADER_VERSION, ZMQ_MAKE_VERSION, ZMQ_VERSION};

const BUNDLED: &str = "bundled source (zeromq-src)";

fn linked_version() -> c_int {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: each pointer is to a variable that outlives the call.
    unsafe { zmq_sys::zmq_version(&raw mut major, &raw mut minor, &raw mut patch) };
    ZMQ_MAKE_VERSION(major, minor, patch)
}

fn has(capability: &CStr) -> bool {
    // SAFETY: the text ends with a NUL and outlives the call.
    unsafe { zmq_sys::zmq_has(capability.as_ptr()) == 1 }
}

#[test]
fn found_by_names_a_step() {
    assert!(
        ["ZMQ_LIB_DIR", "pkg-config", BUNDLED].contains(&FOUND_BY),
        "{FOUND_BY}"
    );
}

#[test]
fn feature_vendored_uses_the_bundled_source() {
    if cfg!(feature = "vendored") {
        assert_eq!(FOUND_BY, BUNDLED);
    }
}

#[test]
fn header_version_agrees_with_its_numbers() {
    let numbers: Vec<c_int> = HEADER_VERSION
        .split('.')
        .map(|number| number.parse().unwrap())
        .collect();
    let [major, minor, patch] = numbers[..] else {
        panic!("{HEADER_VERSION}")
    };
    assert_eq!(ZMQ_MAKE_VERSION(major, minor, patch), ZMQ_VERSION);
}

#[test]
fn version_cfg_follows_the_header() {
    assert_eq!(cfg!(zmq_4_3_5), ZMQ_VERSION >= 40305);
}

#[test]
fn linked_library_is_new_enough() {
    assert!(linked_version() >= 40304, "{}", linked_version());
}

#[test]
fn bundled_library_is_that_of_its_header() {
    if FOUND_BY == BUNDLED {
        assert_eq!(linked_version(), ZMQ_VERSION);
        assert_eq!(ZMQ_VERSION, 40305);
    }
}

#[test]
fn bundled_library_has_curve_just_when_the_feature_is_on() {
    if FOUND_BY == BUNDLED {
        assert_eq!(has(c"curve"), cfg!(feature = "curve"));
    }
}

#[test]
fn feature_draft_guarantees_drafts() {
    if cfg!(feature = "draft") {
        assert!(has(c"draft"));
    }
}

#[test]
fn zmq_errors_have_words() {
    // SAFETY: any number may be asked for.
    let text = unsafe { zmq_sys::zmq_strerror(zmq_sys::ETERM) };
    // SAFETY: the answer is a static string, for this number.
    let text = unsafe { CStr::from_ptr(text) };
    assert_eq!(text, c"Context was terminated");
}
