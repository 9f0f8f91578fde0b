//! What the fuzz targets begin with, and what they have found, keeps its promises with every libzmq.

#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, reason = "the targets are run by name")]
mod fuzz;

use std::fs;
use std::path::Path;

/// Runs the target on its files, so that one that ends the process is the last name printed.
fn run(target: &str, run: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut ran = 0;
    for folder in ["seeds", "regressions"] {
        let Ok(files) = fs::read_dir(root.join(folder).join(target)) else {
            continue;
        };
        for file in files {
            let path = file.unwrap().path();
            eprintln!("{}", path.display());
            run(&fs::read(&path).unwrap());
            ran += 1;
        }
    }
    assert!(ran > 0, "no seeds for {target}");
}

macro_rules! targets {
    ($($target:ident: $claim:ident;)*) => {
        $(#[test]
        fn $claim() {
            run(stringify!($target), fuzz::$target::run);
        })*
    };
}

targets! {
    certificate: certificates_that_are_read_can_be_written_and_read_again;
    endpoints: no_endpoint_aborts_libzmq;
    multipart: a_multipart_is_what_a_vector_of_vectors_is;
    options: no_value_of_an_option_aborts_libzmq;
    z85: z85_is_what_rfc_32_says;
    zap: every_request_to_the_authenticator_is_answered;
    zmtp: good_peers_are_served_after_bad_ones;
}
