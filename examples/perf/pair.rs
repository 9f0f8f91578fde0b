//! Both sides in one process.

use std::fmt;
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;
use zmq::Context;

use crate::figures::Test;
use crate::{Outcome, sides};

/// A way from socket to socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Tcp,
    Ipc,
    Inproc,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Transport::Tcp => "tcp",
            Transport::Ipc => "ipc",
            Transport::Inproc => "inproc",
        })
    }
}

/// One run; gives how long it took.
pub fn run(
    test: Test,
    context: &Context,
    transport: Transport,
    size: usize,
    count: u64,
) -> Outcome<Duration> {
    let folder = tempfile::tempdir()?;
    let endpoint = match transport {
        Transport::Tcp => "tcp://127.0.0.1:*".to_owned(),
        Transport::Ipc => format!("ipc://{}/perf", folder.path().display()),
        Transport::Inproc => "inproc://perf".to_owned(),
    };
    match test {
        Test::Throughput => {
            let (pull, push) = (context.socket(zmq::PULL)?, context.socket(zmq::PUSH)?);
            pull.bind(&endpoint)?;
            push.connect(&pull.last_endpoint()?)?;
            beside(
                context,
                // It stays open until all has come: over ipc, libzmq drops what it has not read yet
                // of somebody who has closed, if the reader's queue is full.
                move || sides::send(&push, size, count).map(|()| push),
                || sides::receive(&pull, size, count),
            )
        }
        Test::Latency => {
            let (rep, req) = (context.socket(zmq::REP)?, context.socket(zmq::REQ)?);
            rep.bind(&endpoint)?;
            req.connect(&rep.last_endpoint()?)?;
            // The first trip waits for the connection. One more answer for it.
            beside(
                context,
                move || sides::answer(&rep, size, count + 1),
                || {
                    sides::ask(&req, size, 1)?;
                    sides::ask(&req, size, count)
                },
            )
        }
    }
}

/// Runs `other` on a thread meanwhile. When this side fails, the other is not left waiting.
fn beside<T, S: Send>(
    context: &Context,
    other: impl FnOnce() -> Outcome<S> + Send,
    this: impl FnOnce() -> Outcome<T>,
) -> Outcome<T> {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let this = this();
        if this.is_err() {
            context.shutdown()?;
        }
        other.join().map_err(|_| "the other side panicked")??;
        this
    })
}
