//! Signals: a blocked call ends with `Interrupted`, and nothing is lost.
#![cfg(unix)]

mod common;

use std::os::unix::thread::JoinHandleExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{connected_over, in_child};
use zmq::{ErrorKind, Message, Multipart};

extern "C" fn ignore(_: libc::c_int) {}

/// Lets SIGUSR1 interrupt calls, as `signal(2)` without SA_RESTART does.
fn catch_signals() {
    // SAFETY: all zeroes is a valid `sigaction`: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = ignore as *const () as libc::sighandler_t;
    // SAFETY: the handler does nothing, and both pointers are valid.
    assert_eq!(
        unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) },
        0
    );
}

/// Runs `call` on a thread and sends it signals until it has ended.
fn interrupted<R: Send + 'static>(call: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, result) = mpsc::channel();
    let thread = thread::spawn(move || {
        let _ = sender.send(call());
    });
    let id = thread.as_pthread_t();
    loop {
        match result.recv_timeout(Duration::from_millis(5)) {
            Ok(result) => {
                thread.join().unwrap();
                return result;
            }
            // SAFETY: the thread has not been joined, so its id is valid.
            Err(_) => assert_eq!(unsafe { libc::pthread_kill(id, libc::SIGUSR1) }, 0),
        }
    }
}

#[test]
fn a_blocked_recv_ends_with_interrupted_and_loses_nothing() {
    in_child(
        "a_blocked_recv_ends_with_interrupted_and_loses_nothing",
        || {
            catch_signals();
            let (_context, a, b) = connected_over("tcp://127.0.0.1:*", zmq::PAIR, zmq::PAIR);
            let (kinds, a) = interrupted(move || {
                let kinds = [
                    a.recv().unwrap_err().kind(),
                    a.recv_multipart().unwrap_err().kind(),
                    a.recv_into(&mut [0]).unwrap_err().kind(),
                    a.recv_message_into(&mut Message::new()).unwrap_err().kind(),
                ];
                (kinds, a)
            });
            assert_eq!(kinds, [ErrorKind::Interrupted; 4]);
            b.send_multipart(["still", "whole"]).unwrap();
            assert_eq!(a.recv_multipart().unwrap(), ["still", "whole"]);
        },
    );
}

#[test]
fn a_blocked_send_ends_with_interrupted_and_the_message() {
    in_child(
        "a_blocked_send_ends_with_interrupted_and_the_message",
        || {
            catch_signals();
            let context = zmq::Context::new().unwrap();
            let socket = context.socket(zmq::PUSH).unwrap(); // nobody takes anything
            let (message, parts, socket) = interrupted(move || {
                let one = socket.send(Message::from("kept")).unwrap_err();
                assert_eq!(one.kind(), ErrorKind::Interrupted);
                let two = socket
                    .send_multipart(Multipart::from(["kept", "too"]))
                    .unwrap_err();
                assert_eq!(two.kind(), ErrorKind::Interrupted);
                (one.message, two.message, socket)
            });
            assert_eq!(message, "kept");
            assert_eq!(parts, ["kept", "too"]);
            let receiver = context.socket(zmq::PULL).unwrap();
            receiver.bind("inproc://later").unwrap();
            socket.connect("inproc://later").unwrap();
            socket.send_multipart(parts).unwrap();
            assert_eq!(receiver.recv_multipart().unwrap(), ["kept", "too"]);
        },
    );
}

#[test]
fn a_blocked_poll_ends_with_interrupted() {
    in_child("a_blocked_poll_ends_with_interrupted", || {
        catch_signals();
        let (_context, a, _b) = connected_over("inproc://poll", zmq::PAIR, zmq::PAIR);
        let kind = interrupted(move || zmq::poll([a.poll_in()], None).unwrap_err().kind());
        assert_eq!(kind, ErrorKind::Interrupted);
    });
}

#[test]
fn a_reply_goes_out_in_spite_of_signals_and_requests_keep_their_turns() {
    in_child(
        "a_reply_goes_out_in_spite_of_signals_and_requests_keep_their_turns",
        || {
            catch_signals();
            let (_context, mut server, client) =
                connected_over("inproc://turns", zmq::REP, zmq::REQ);
            let serve = move || {
                for _ in 0..20_000 {
                    let request = loop {
                        match server.recv_multipart() {
                            Ok(request) => break request,
                            Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
                        }
                    };
                    while let Err(refused) = server.send(&request[0][..]) {
                        assert_eq!(refused.kind(), ErrorKind::Interrupted);
                    }
                }
                // The guard answers at once.
                loop {
                    match server.next_request() {
                        Ok(request) => return request.reply("last").unwrap(),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
                    }
                }
            };
            let ask = thread::spawn(move || {
                for i in 0..20_000 {
                    client.send(&i.to_string()).unwrap();
                    assert_eq!(client.recv().unwrap(), i.to_string());
                }
                client.send("last").unwrap();
                assert_eq!(client.recv().unwrap(), "last");
            });
            interrupted(serve);
            ask.join().unwrap();
        },
    );
}

#[test]
fn a_storm_of_signals_tears_no_message() {
    in_child("a_storm_of_signals_tears_no_message", || {
        const MESSAGES: usize = 30_000;
        const FRAMES: usize = 7;
        catch_signals();
        let (_context, sender, receiver) =
            connected_over("tcp://127.0.0.1:*", zmq::PUSH, zmq::PULL);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let (tell, ids) = mpsc::channel();
            let told = tell.clone();
            let send = scope.spawn(move || {
                // SAFETY: no precondition.
                told.send(unsafe { libc::pthread_self() }).unwrap();
                for i in 0..MESSAGES {
                    let mut message: Multipart = (0..FRAMES).map(|j| format!("{i}.{j}")).collect();
                    while let Err(refused) = sender.send_multipart(message) {
                        assert_eq!(refused.kind(), ErrorKind::Interrupted);
                        message = refused.message;
                    }
                }
            });
            let receive = scope.spawn(move || {
                // SAFETY: no precondition.
                tell.send(unsafe { libc::pthread_self() }).unwrap();
                let mut message = Multipart::new();
                for i in 0..MESSAGES {
                    while let Err(error) = receiver.recv_multipart_into(&mut message) {
                        assert_eq!(error.kind(), ErrorKind::Interrupted);
                    }
                    assert_eq!(message.len(), FRAMES, "message {i}");
                    for (j, frame) in message.iter().enumerate() {
                        assert_eq!(*frame, format!("{i}.{j}"));
                    }
                }
            });
            let ids = [ids.recv().unwrap(), ids.recv().unwrap()];
            let stop = &stop;
            let storm = scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    for id in ids {
                        // SAFETY: neither thread is joined before the storm has stopped.
                        let _ = unsafe { libc::pthread_kill(id, libc::SIGUSR1) };
                    }
                    thread::yield_now();
                }
            });
            let threads = [send, receive];
            while !threads.iter().all(|thread| thread.is_finished()) {
                thread::park_timeout(Duration::from_millis(1));
            }
            stop.store(true, Ordering::Relaxed);
            storm.join().unwrap();
            for thread in threads {
                thread.join().unwrap();
            }
        });
    });
}
