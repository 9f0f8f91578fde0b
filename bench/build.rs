//! Compiles the C twin against the header of the libzmq that `zmq-sys` found.

fn main() {
    println!("cargo::rerun-if-changed=src/twin.c");
    let include = std::env::var_os("DEP_ZMQ_INCLUDE").expect("zmq-sys says where zmq.h is");
    cc::Build::new()
        .file("src/twin.c")
        .include(include)
        .opt_level(2)
        .warnings_into_errors(true)
        .compile("twin");
}
