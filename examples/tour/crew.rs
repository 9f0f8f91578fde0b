//! Runs the threads of a pattern, and finds out how it went.

use std::error::Error;
use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::meter::{Meter, Reading};
use crate::patterns::Pattern;
use crate::progress::Progress;
use crate::site::{PATIENCE, Site, Transport};

/// What a thread of a pattern ends with.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// One thread of a pattern. Its sockets are opened beforehand and move into it.
pub struct Role<'m> {
    name: &'static str,
    work: Work<'m>,
}

/// What a thread does, once. It keeps its sockets afterwards.
type Work<'m> = Box<dyn FnMut() -> Outcome + Send + 'm>;

impl<'m> Role<'m> {
    pub fn new(name: &'static str, work: impl FnMut() -> Outcome + Send + 'm) -> Role<'m> {
        Role {
            name,
            work: Box::new(work),
        }
    }
}

/// What went wrong, and where.
#[derive(Debug)]
pub struct Failure {
    pattern: &'static str,
    transport: Transport,
    role: &'static str,
    error: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure {
            pattern,
            transport,
            role,
            error,
        } = self;
        write!(f, "{pattern} over {transport}: {role}: {error}")
    }
}

/// Runs a pattern over a transport to its end.
pub fn run(
    pattern: &Pattern,
    transport: Transport,
    progress: &Progress,
) -> Result<Reading, Failure> {
    let job = progress.job(pattern.name, transport);
    let meter = Meter::start();
    let result = go(pattern, transport, &meter, || job.show(&meter.read()));
    job.finish(&result);
    result.map_err(|(role, error)| Failure {
        pattern: pattern.name,
        transport,
        role,
        error,
    })
}

/// The error with the name of whoever had it.
type Blamed = (&'static str, Box<dyn Error + Send + Sync>);

fn go(
    pattern: &Pattern,
    transport: Transport,
    meter: &Meter,
    show: impl Fn(),
) -> Result<Reading, Blamed> {
    let site = Site::new(transport).map_err(|error| ("context", error))?;
    let roles = (pattern.roles)(&site, meter).map_err(|error| ("set-up", error))?;
    watch(roles, &site, show)?;
    let reading = meter.read();
    // With a time-out, as a socket that somebody kept would be waited for without end.
    site.context
        .terminate_timeout(PATIENCE)
        .map_err(|open| ("context", open.into()))?;
    Ok(reading)
}

/// Starts the threads, shows how they get on and joins them; gives the first error of any.
///
/// All sockets stay open until everybody is done: over ipc, libzmq drops what it has not read yet of
/// somebody who has closed, if the reader's queue is full.
fn watch(roles: Vec<Role<'_>>, site: &Site, show: impl Fn()) -> Result<(), Blamed> {
    const TICK: Duration = Duration::from_millis(50);
    let mut first: Result<(), Blamed> = Ok(());
    let mut blame = |role, error| {
        // The others would wait for one who has gone. What they report then is a consequence.
        let _ = site.context.shutdown();
        if first.is_ok() {
            first = Err((role, error));
        }
    };
    thread::scope(|scope| {
        let (report, reports) = mpsc::channel();
        let mut threads = Vec::new();
        for Role { name, mut work } in roles {
            let report = report.clone();
            let thread =
                thread::Builder::new()
                    .name(name.to_owned())
                    .spawn_scoped(scope, move || {
                        let _ = report.send((name, work())); // it is heard to the last
                        work
                    });
            match thread {
                Ok(thread) => threads.push((name, thread)),
                Err(error) => blame(name, error.into()),
            }
        }
        drop(report);
        loop {
            match reports.recv_timeout(TICK) {
                Ok((_, Ok(()))) => {}
                Ok((role, Err(error))) => blame(role, error),
                Err(RecvTimeoutError::Timeout) => show(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let mut done = Vec::new();
        for (role, thread) in threads {
            match thread.join() {
                Ok(work) => done.push(work),
                Err(_) => blame(role, "panicked".into()),
            }
        }
    });
    first
}
