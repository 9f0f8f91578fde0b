//! SIGINT and SIGTERM end whatever waits in a program, cleanly.
#![cfg(unix)]

use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;
use zmq::{Context, ErrorKind};

const LONG: Duration = Duration::from_secs(30);
const MARK: &str = "ZMQ_TEST_CHILD";

/// The test `name` as a process of its own, and what it prints.
fn start(name: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, name)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Reads up to the line that contains `word`.
fn read_to(output: &mut BufReader<ChildStdout>, word: &str) -> String {
    let mut said = String::new();
    while !said.contains(word) {
        assert_ne!(output.read_line(&mut said).unwrap(), 0, "{said}");
    }
    said
}

fn interrupt(child: &Child, signal: libc::c_int) {
    let id = libc::pid_t::try_from(child.id()).unwrap();
    // SAFETY: a child of this process that has not been waited for.
    assert_eq!(unsafe { libc::kill(id, signal) }, 0);
}

/// Runs `wait` in a process of its own, which gets `signal` and has to end well within its time.
#[track_caller]
fn ended_by(signal: libc::c_int, name: &str, wait: impl FnOnce(&Context) -> zmq::Result<()>) {
    if env::var(MARK).as_deref() == Ok(name) {
        let context = Context::new().unwrap();
        let interrupt = Interrupt::watch(&context).unwrap();
        println!("waiting");
        let result = wait(&context);
        let kind = result.as_ref().unwrap_err().kind();
        assert!(matches!(
            kind,
            ErrorKind::Terminated | ErrorKind::Interrupted
        ));
        assert!(interrupt.came());
        interrupt.ends(result).unwrap();
        drop(interrupt);
        context.terminate().unwrap();
        println!("left cleanly");
        return;
    }
    let (mut child, mut output) = start(name);
    let mut said = read_to(&mut output, "waiting");
    interrupt(&child, signal);
    let (sender, rest) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        let _ = sender.send(text);
    });
    let rest = rest.recv_timeout(LONG);
    if rest.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().unwrap();
    reader.join().unwrap();
    said += &rest.unwrap_or_else(|_| panic!("{name} goes on after the signal"));
    assert!(status.success(), "{status}: {said}");
    assert!(said.contains("left cleanly"), "{said}");
}

#[test]
fn a_second_signal_ends_a_program_that_does_not_end_itself() {
    let name = "a_second_signal_ends_a_program_that_does_not_end_itself";
    if env::var(MARK).as_deref() == Ok(name) {
        let context = Context::new().unwrap();
        let _interrupt = Interrupt::watch(&context).unwrap();
        println!("waiting");
        while context.socket(zmq::PULL).is_ok() {
            thread::yield_now();
        }
        println!("stopped");
        loop {
            thread::park();
        }
    }
    let (mut child, mut output) = start(name);
    for line in ["waiting", "stopped"] {
        read_to(&mut output, line);
        interrupt(&child, libc::SIGINT);
    }
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(libc::SIGINT), "{status}");
}

#[test]
fn a_blocked_recv_ends_at_sigint() {
    ended_by(libc::SIGINT, "a_blocked_recv_ends_at_sigint", |context| {
        let socket = context.socket(zmq::PULL)?;
        socket.bind("tcp://127.0.0.1:*")?;
        socket.recv()?;
        Ok(())
    });
}

#[test]
fn a_blocked_recv_ends_at_sigterm() {
    ended_by(libc::SIGTERM, "a_blocked_recv_ends_at_sigterm", |context| {
        let mut socket = context.socket(zmq::REP)?;
        socket.bind("tcp://127.0.0.1:*")?;
        let _request = socket.next_request()?;
        Ok(())
    });
}

#[test]
fn a_blocked_send_ends_at_sigint() {
    ended_by(libc::SIGINT, "a_blocked_send_ends_at_sigint", |context| {
        let socket = context.socket(zmq::PUSH)?;
        socket.bind("tcp://127.0.0.1:*")?;
        socket.send_multipart(["nobody", "takes it"])?;
        Ok(())
    });
}

#[test]
fn a_blocked_poll_ends_at_sigint() {
    ended_by(libc::SIGINT, "a_blocked_poll_ends_at_sigint", |context| {
        let pull = context.socket(zmq::PULL)?;
        let sub = context.socket(zmq::SUB)?;
        zmq::poll([pull.poll_in(), sub.poll_in()], None)?;
        Ok(())
    });
}

#[test]
fn the_threads_of_a_program_all_end_at_one_signal() {
    let name = "the_threads_of_a_program_all_end_at_one_signal";
    ended_by(libc::SIGTERM, name, |context| {
        thread::scope(|scope| {
            let waiting = [(); 4].map(|()| {
                scope.spawn(|| {
                    let socket = context.socket(zmq::PULL)?;
                    socket.recv()?;
                    Ok(())
                })
            });
            let results = waiting.map(|thread| thread.join().unwrap());
            results.into_iter().collect()
        })
    });
}
