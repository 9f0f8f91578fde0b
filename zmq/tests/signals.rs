//! Signals: a blocked call ends with `Interrupted`, and nothing is lost.
#![cfg(unix)]

mod common;

use std::os::unix::thread::JoinHandleExt as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::{bound, connected_over, in_child, peer_of, prepared};
use zmq::{ErrorKind, Message, Multipart};

/// How many signals have interrupted something.
static CAUGHT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: libc::c_int) {
    CAUGHT.fetch_add(1, Ordering::Relaxed);
}

/// Lets SIGUSR1 interrupt calls, as `signal(2)` without SA_RESTART does.
fn catch_signals() {
    // SAFETY: all zeroes is a valid `sigaction`: no flags, an empty mask.
    let mut action = unsafe { std::mem::zeroed::<libc::sigaction>() };
    action.sa_sigaction = count as *const () as libc::sighandler_t;
    // SAFETY: the handler does nothing but count, and both pointers are valid.
    let set = unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
    assert_eq!(set, 0);
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
fn a_blocked_poller_ends_with_interrupted_and_goes_on() {
    in_child("a_blocked_poller_ends_with_interrupted_and_goes_on", || {
        catch_signals();
        let (_context, a, b) = connected_over("inproc://poller", zmq::PAIR, zmq::PAIR);
        let a = interrupted(move || {
            let mut poller = zmq::Poller::new();
            poller.add((), a.poll_in()).unwrap();
            let error = poller.wait(None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted);
            a
        });
        b.send("still there").unwrap();
        assert_eq!(a.recv().unwrap(), "still there");
    });
}

#[test]
fn a_long_poll_of_nothing_waits_until_interrupted() {
    in_child("a_long_poll_of_nothing_waits_until_interrupted", || {
        catch_signals();
        // In microseconds just more than 32 bits hold.
        for time in [Duration::from_millis(4_294_968), Duration::MAX] {
            let kind = interrupted(move || zmq::poll([], Some(time)).unwrap_err().kind());
            assert_eq!(kind, ErrorKind::Interrupted);
        }
    });
}

#[test]
fn a_reactor_ends_with_interrupted_and_goes_on_when_run_again() {
    in_child(
        "a_reactor_ends_with_interrupted_and_goes_on_when_run_again",
        || {
            catch_signals();
            let (_context, a, b) = connected_over("inproc://reactor", zmq::PAIR, zmq::PAIR);
            let (kinds, a) = interrupted(move || {
                let mut reactor: zmq::Reactor<'_, ()> = zmq::Reactor::new();
                let timers_alone = {
                    let never = Duration::from_secs(3600);
                    let timer = reactor.add_timer(never, |_, _, _| ()).unwrap();
                    let kind = reactor.run(&mut ()).unwrap_err().kind();
                    reactor.cancel(timer);
                    kind
                };
                reactor.add_reader(&a, |_, _, _| std::ops::ControlFlow::Break(()));
                let kind = reactor.run(&mut ()).unwrap_err().kind();
                b.send("there").unwrap();
                reactor.run(&mut ()).unwrap();
                drop(reactor);
                ([timers_alone, kind], a)
            });
            assert_eq!(kinds, [ErrorKind::Interrupted; 2]);
            assert_eq!(a.recv().unwrap(), "there");
        },
    );
}

#[test]
fn a_proxy_ends_with_interrupted_and_loses_nothing() {
    in_child("a_proxy_ends_with_interrupted_and_loses_nothing", || {
        const COUNT: usize = 100_000;
        catch_signals();
        let context = zmq::Context::new().unwrap();
        let frontend = bound(&context, zmq::PULL, "inproc://frontend");
        let backend = bound(&context, zmq::PUSH, "inproc://backend");
        let (source, sink) = (peer_of(&frontend, zmq::PUSH), peer_of(&backend, zmq::PULL));
        // With nothing to do, and with a message that nobody takes.
        let (kind, frontend, backend) = interrupted(move || {
            let Err(error) = zmq::proxy(&frontend, &backend);
            (error.kind(), frontend, backend)
        });
        assert_eq!(kind, ErrorKind::Interrupted);
        let sender = thread::spawn(move || {
            (0..COUNT).for_each(|i| source.send_multipart([format!("{i}"), "x".into()]).unwrap());
        });
        let ends = Arc::new(AtomicUsize::new(0));
        let receiver = thread::spawn({
            let (context, ends) = (context.clone(), Arc::clone(&ends));
            move || {
                for i in 0..COUNT {
                    assert_eq!(sink.recv_multipart().unwrap(), [&*format!("{i}"), "x"]);
                }
                assert!(ends.load(Ordering::Relaxed) > 0);
                context.shutdown().unwrap();
            }
        });
        in_a_storm(|| {
            loop {
                let Err(error) = zmq::proxy(&frontend, &backend);
                match error.kind() {
                    ErrorKind::Interrupted => ends.fetch_add(1, Ordering::Relaxed),
                    kind => break assert_eq!(kind, ErrorKind::Terminated),
                };
            }
        });
        sender.join().unwrap();
        receiver.join().unwrap();
    });
}

/// The thread of this process with that name.
#[cfg(target_os = "linux")]
fn thread_named(name: &str) -> libc::pid_t {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|entry| entry.unwrap())
        .find(|entry| {
            std::fs::read_to_string(entry.path().join("comm"))
                .unwrap()
                .trim()
                == name
        })
        .and_then(|entry| entry.file_name().to_str()?.parse().ok())
        .expect("a thread of that name")
}

#[cfg(target_os = "linux")]
#[test]
fn a_proxy_on_its_thread_goes_on_in_spite_of_signals() {
    in_child("a_proxy_on_its_thread_goes_on_in_spite_of_signals", || {
        const COUNT: usize = 100;
        catch_signals();
        let context = zmq::Context::new().unwrap();
        let frontend = bound(&context, zmq::PULL, "inproc://frontend");
        let backend = bound(&context, zmq::PUSH, "inproc://backend");
        let (source, sink) = (peer_of(&frontend, zmq::PUSH), peer_of(&backend, zmq::PULL));
        let proxy = zmq::Proxy::new(frontend, backend).spawn().unwrap();
        proxy.pause().unwrap();
        (0..COUNT).for_each(|i| source.send(format!("{i}")).unwrap());
        let thread = thread_named("zmq-proxy");
        for _ in 0..COUNT {
            let (process, caught) = (std::process::id(), CAUGHT.load(Ordering::Relaxed));
            // SAFETY: tgkill(2) has no precondition.
            let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR1) };
            assert_eq!(sent, 0);
            // An order that comes before it would end the wait instead.
            while CAUGHT.load(Ordering::Relaxed) == caught {
                thread::yield_now();
            }
            proxy.statistics().unwrap();
            assert!(sink.try_recv().unwrap().is_none(), "it forgot the pause");
        }
        proxy.resume().unwrap();
        for i in 0..COUNT {
            assert_eq!(sink.recv().unwrap(), format!("{i}"));
        }
        proxy.terminate().unwrap();
    });
}

/// Runs `body` on this thread, which another one sends signals to as fast as it can.
fn in_a_storm<R>(body: impl FnOnce() -> R) -> R {
    let calm = AtomicBool::new(false);
    // SAFETY: no precondition.
    let this = unsafe { libc::pthread_self() };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !calm.load(Ordering::Relaxed) {
                // SAFETY: the thread waits for this one at the end of the scope.
                unsafe { libc::pthread_kill(this, libc::SIGUSR1) };
            }
        });
        let _calm = Calm(&calm); // also when the body panics
        body()
    })
}

struct Calm<'a>(&'a AtomicBool);

impl Drop for Calm<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Repeats a call that signals interrupt. Nothing else may go wrong.
fn patiently<R, E>(mut call: impl FnMut() -> Result<R, E>) -> R
where
    zmq::Error: From<E>,
{
    loop {
        match call().map_err(zmq::Error::from) {
            Ok(result) => return result,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
        }
    }
}

#[test]
fn a_reply_goes_out_in_spite_of_signals() {
    in_child("a_reply_goes_out_in_spite_of_signals", || {
        catch_signals();
        let (_context, mut server, client) =
            connected_over("inproc://turns", zmq::REP, zmq::DEALER);
        // libzmq looks for signals once in a millisecond when sending.
        let end = Instant::now() + Duration::from_secs(1);
        in_a_storm(|| {
            while Instant::now() < end {
                patiently(|| client.send_multipart(["", "request"]));
                // Not patient: a guard that gave up would leave the client without an answer.
                loop {
                    match server.next_request() {
                        Ok(request) => break request.reply("reply").unwrap(),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
                    }
                }
                assert_eq!(patiently(|| client.recv_multipart()), ["", "reply"]);
            }
        });
    });
}

#[test]
fn a_storm_of_signals_tears_no_message() {
    in_child("a_storm_of_signals_tears_no_message", || {
        const FRAMES: usize = 100;
        catch_signals();
        let (_context, sender, receiver) = prepared(
            "inproc://storm",
            zmq::PUSH,
            zmq::PULL,
            |sender, receiver| {
                sender.set_sndhwm(0).unwrap();
                receiver.set_rcvhwm(0).unwrap();
            },
        );
        // libzmq looks for signals once in a millisecond when sending, at every hundredth part when
        // receiving: a second of the one, and a million of the other, meet some in mid-message.
        let end = Instant::now() + Duration::from_secs(1);
        let mut sent = 0;
        in_a_storm(|| {
            while Instant::now() < end {
                let mut message: Multipart = (0..FRAMES).map(|j| format!("{sent}.{j}")).collect();
                while let Err(refused) = sender.send_multipart(message) {
                    assert_eq!(refused.kind(), ErrorKind::Interrupted);
                    message = refused.message;
                }
                sent += 1;
            }
        });
        let mut message = Multipart::new();
        let mut check = |i: usize| {
            patiently(|| receiver.recv_multipart_into(&mut message));
            assert_eq!(message.len(), FRAMES, "message {i}");
            assert_eq!(message[0], format!("{i}.0"));
            assert_eq!(message[FRAMES - 1], format!("{i}.{}", FRAMES - 1));
        };
        in_a_storm(|| (0..sent).for_each(&mut check));
        // What arrives in a calm is received in a storm, to have many more receives than sends.
        for _ in 0..20 {
            for i in 0..1000 {
                let message: Multipart = (0..FRAMES).map(|j| format!("{i}.{j}")).collect();
                sender.send_multipart(message).unwrap();
            }
            in_a_storm(|| (0..1000).for_each(&mut check));
        }
    });
}
