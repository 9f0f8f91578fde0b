//! A context inherited over `fork` reports an error and is only dropped in the child.
#![cfg(unix)]

mod common;

use common::{connected_over, in_child};
use zmq::ErrorKind;

#[test]
fn an_inherited_context_is_an_error_in_the_child_and_works_in_the_parent() {
    in_child(
        "an_inherited_context_is_an_error_in_the_child_and_works_in_the_parent",
        || {
            let (context, sender, receiver) =
                connected_over("tcp://127.0.0.1:*", zmq::PUSH, zmq::PULL);
            sender.send("before").unwrap();
            // SAFETY: the child uses only what this test is about, and leaves by `_exit`.
            let child = unsafe { libc::fork() };
            assert_ne!(child, -1);
            if child == 0 {
                let forked = [
                    receiver.recv().unwrap_err().kind(),
                    receiver.recv_multipart().unwrap_err().kind(),
                    receiver.recv_into(&mut [0]).unwrap_err().kind(),
                    sender.send("x").unwrap_err().kind(),
                    sender.try_send_multipart(["x", "y"]).unwrap_err().kind(),
                    sender.linger().unwrap_err().kind(),
                    sender.set_linger(None).unwrap_err().kind(),
                    sender.connect("inproc://x").unwrap_err().kind(),
                    zmq::poll([receiver.poll_in()], None).unwrap_err().kind(),
                    context.socket(zmq::REQ).unwrap_err().kind(),
                    context.io_threads().unwrap_err().kind(),
                    context.shutdown().unwrap_err().kind(),
                    context.clone().terminate().unwrap_err().kind(),
                ];
                let all = forked.iter().all(|kind| *kind == ErrorKind::Forked);
                // None of these may wait for threads that stayed behind.
                drop((receiver, sender, context));
                // A context of its own works.
                let (_own, a, b) = connected_over("inproc://own", zmq::PAIR, zmq::PAIR);
                a.send("child").unwrap();
                let own = b.recv().unwrap() == "child";
                // SAFETY: ends this process at once, without what the parent registered.
                unsafe { libc::_exit(if all && own { 0 } else { 1 }) };
            }
            let mut status = -1;
            // SAFETY: `child` is ours and `status` is writable.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert_eq!(status, 0, "the child found a call that did not say Forked");
            assert_eq!(receiver.recv().unwrap(), "before");
            sender.send("after").unwrap();
            assert_eq!(receiver.recv().unwrap(), "after");
            drop((sender, receiver));
            context.terminate().unwrap();
        },
    );
}
