//! File descriptors that are about to run out: where libzmq would abort the process, there is an error.
#![cfg(unix)]

mod common;

use std::fs::File;

use common::{connected, in_child, limit_descriptors};
use zmq::{Context, ErrorKind};

/// Runs the call with so many descriptors left.
fn with_left<R>(left: usize, call: impl FnOnce() -> R) -> R {
    limit_descriptors(100);
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    files.truncate(files.len() - left);
    call()
}

#[test]
fn the_first_socket_is_refused_without_descriptors_for_the_threads() {
    in_child(
        "the_first_socket_is_refused_without_descriptors_for_the_threads",
        || {
            for io_threads in 0..4 {
                let context = Context::new().unwrap();
                context.set_io_threads(io_threads).unwrap();
                let mut left = 0;
                let socket = loop {
                    match with_left(left, || context.socket(zmq::PULL)) {
                        Ok(socket) => break socket,
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::TooManyOpen);
                            assert_eq!(
                                (error.call(), error.subject()),
                                ("zmq_socket", Some("PULL"))
                            );
                        }
                    }
                    left += 1;
                };
                assert!(left > io_threads as usize);
                socket.bind("inproc://as-good-as-ever").unwrap();
            }
        },
    );
}

#[test]
fn the_first_socket_of_a_context_from_c_is_refused_likewise() {
    in_child(
        "the_first_socket_of_a_context_from_c_is_refused_likewise",
        || {
            for left in 0..4 {
                let pointer = Context::new().unwrap().into_raw().unwrap();
                let borrowed = with_left(left, || {
                    // SAFETY: the context is terminated below, after its handle has gone.
                    unsafe { Context::borrow_raw(pointer) }
                });
                assert_eq!(borrowed.unwrap_err().kind(), ErrorKind::TooManyOpen);
                // SAFETY: nobody else has it.
                let context = unsafe { Context::from_raw(pointer) }.unwrap();
                let error = with_left(left, || context.socket(zmq::PULL)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TooManyOpen);
                context.socket(zmq::PULL).unwrap();
            }
        },
    );
}

#[test]
fn a_bind_without_a_descriptor_is_refused() {
    in_child("a_bind_without_a_descriptor_is_refused", || {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        for endpoint in ["tcp://127.0.0.1:*", "tcp://lo:*", "ipc://*"] {
            let error = with_left(0, || pull.bind(endpoint)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooManyOpen);
            assert_eq!(
                (error.call(), error.subject()),
                ("zmq_bind", Some(endpoint))
            );
        }
        pull.bind("tcp://127.0.0.1:*").unwrap();
        push.send("as good as ever").unwrap();
        assert_eq!(pull.recv().unwrap(), "as good as ever");
    });
}
