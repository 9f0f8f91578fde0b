//! How bindgen makes the bindings. This is the only place with its settings: the checked-in files
//! were made by it, the feature `bindgen` runs it, and `tests/bindings.rs` compares the two.

use std::{error::Error, fs, path::Path};

use bindgen::{
    Builder, EnumVariation, Formatter, MacroTypeVariation, RustEdition, RustTarget,
    callbacks::{DeriveTrait, ImplementsTrait, ParseCallbacks},
};

/// Written by hand in `src/`: what depends on the platform, or on the version of the header.
const BY_HAND: &[&str] = &[
    "iovec",
    ".*sigset_t",
    "zmq_fd_t",
    "zmq_msg_t",
    "zmq_ppoll",
    "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT",
    "ZMQ_VERSION.*",
];

/// Steers the compilation of the header, and says nothing to a caller.
const PLUMBING: &[&str] = &[
    "ZMQ_BUILD_DRAFT_API",
    "ZMQ_DEFINED_STDINT",
    "ZMQ_EXPORT",
    "ZMQ_MAKE_VERSION",
];

const STABLE_HEADING: &str = "// Made from zmq.h by build/generate.rs; not to be edited by hand.";
const DRAFT_HEADING: &str =
    "// What the draft API adds, made from zmq.h by build/generate.rs; not to be edited by hand.";

/// Writes `stable.rs` and `draft.rs` to `directory`, from the `zmq.h` in `include_dir`. The latter
/// holds only what the draft API adds.
///
/// # Errors
/// When libclang is missing, when the header cannot be read, or when the files cannot be written.
pub(crate) fn generate(include_dir: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let header = include_dir.join("zmq.h");
    let header = header.to_str().ok_or("the path of zmq.h is not UTF-8")?;

    let stable = settings(header)
        .raw_line(STABLE_HEADING)
        .generate()?
        .to_string();
    let draft = names(&stable)
        .fold(
            settings(header)
                .raw_line(DRAFT_HEADING)
                .clang_arg("-DZMQ_BUILD_DRAFT_API=1"),
            |builder, name| builder.blocklist_item(name),
        )
        .generate()?
        .to_string();

    fs::write(directory.join("stable.rs"), stable)?;
    fs::write(directory.join("draft.rs"), draft)?;
    Ok(())
}

fn settings(header: &str) -> Builder {
    let builder = Builder::default()
        .header(header)
        .allowlist_item("zmq_.*")
        .allowlist_item("ZMQ_.*")
        .rust_edition(RustEdition::Edition2024)
        .rust_target(RustTarget::stable(85, 0).expect("bindgen knows Rust 1.85"))
        .use_core()
        .default_enum_style(EnumVariation::Consts)
        // `int` is the type of every option, event and flag of the C API.
        .default_macro_constant_type(MacroTypeVariation::Signed)
        .generate_cstr(true)
        .generate_comments(false)
        .layout_tests(false)
        .merge_extern_blocks(true)
        .disable_header_comment()
        .formatter(Formatter::Rustfmt)
        .parse_callbacks(Box::new(HandWritten));
    BY_HAND
        .iter()
        .chain(PLUMBING)
        .fold(builder, |builder, name| builder.blocklist_item(name))
}

/// The names of the items in generated code.
fn names(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let mut words = line
            .trim_start()
            .strip_prefix("pub ")?
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        matches!(words.next()?, "const" | "fn" | "struct" | "type").then(|| words.next())?
    })
}

/// Tells bindgen about the types it does not see, so that structs with such a field still get their
/// derives.
#[derive(Debug)]
struct HandWritten;

impl ParseCallbacks for HandWritten {
    fn blocklisted_type_implements_trait(
        &self,
        name: &str,
        _: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        (name == "zmq_fd_t").then_some(ImplementsTrait::Yes)
    }
}
