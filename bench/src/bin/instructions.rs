//! Counts the instructions and allocations of a message, in C and through `zmq`.
//!
//! `cargo run -p zmq-bench --release --bin instructions`
//!
//! It runs itself under `valgrind --tool=callgrind`, once with few messages and once with many, so
//! that the start cancels out of the difference. One thread sends batches of 100 over inproc and
//! receives them: no count depends on the scheduler, and repetitions differ by less than one
//! instruction. An argument restricts the table to the forms whose name it begins; a second one,
//! to a size. With `--check` before them, a goal that is missed is a failure. Forms that begin with
//! `async-` are those of tasks, on one thread of tokio's. Polls are counted per poll, of so many sockets
//! of which one is ready; proxies, alone,
//! per message that waits for them.

use std::collections::HashMap;
use std::hint::black_box;
use std::process::Command;
use std::{env, fs, process, thread};

use zmq::asynchronous::Awaitable;
use zmq::{ErrorKind, SocketKind};
use zmq_bench::tasks::{Receives, Sends};
use zmq_bench::{Form, Ours, Outcome, Peer, Polled, Polling, Twin, connected, fill};

const BATCH: usize = 100;
const FEW: usize = 1_000;
const MANY: usize = 11_000;
const LARGE: usize = 64 << 10;

/// The forms with their sizes and the ratio to C that is aimed at.
const FORMS: [(&str, &[usize], f64); 15] = [
    ("buffers", &[1, 30, 1024], 1.02),
    ("message-reused", &[1, 30, 1024], 1.02),
    ("message-fresh", &[1, 30, 1024], 1.05),
    ("three-messages", &[1, 30, 1024], 1.05),
    ("three-buffers", &[1, 30, 1024], 1.05),
    ("trip-buffers", &[1, 30, 1024], 1.02),
    ("trip-message-fresh", &[1, 30, 1024], 1.05),
    ("async-buffers", &[1, 30, 1024], 1.25),
    ("async-message-fresh", &[1, 30, 1024], 1.28),
    ("async-trip-buffers", &[1, 30, 1024], 1.3),
    ("hand-over", &[LARGE], 1.1),
    ("poll-slice", &[10, 100], 1.15),
    ("poll-poller", &[10, 100], 1.06),
    ("proxy-message-reused", &[1, 30, 1024], 1.0),
    ("proxy-three-messages", &[1, 30, 1024], 1.0),
];

fn main() -> Outcome {
    let mut args: Vec<String> = env::args().skip(1).collect();
    match &args[..] {
        [mark, side, form, size, count] if mark == "--counted" => {
            let (size, count) = (size.parse()?, count.parse()?);
            if let Some(name) = form.strip_prefix("poll-") {
                return poll(side, name, size, count);
            }
            if let Some(name) = form.strip_prefix("proxy-") {
                return proxy(side, name, size, count);
            }
            if let Some(name) = form.strip_prefix("async-") {
                return match &**side {
                    "C" => work::<Twin>(name, size, count),
                    _ => tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()?
                        .block_on(in_tasks(name, size, count)),
                };
            }
            return match &**side {
                "C" => work::<Twin>(form, size, count),
                _ => work::<Ours>(form, size, count),
            };
        }
        _ => {}
    }
    let check = args.first().is_some_and(|arg| arg == "--check");
    if check {
        args.remove(0);
    }
    if args.iter().any(|arg| arg.starts_with('-')) {
        return Err("usage: instructions [--check] [FORM [SIZE]]".into());
    }
    let (mut counted, mut missed) = (0, 0);

    println!("Per message, sent and received; a trip is a request and its reply.\n");
    println!(
        "{:<20}{:>7}{:>9}{:>9}{:>9}{:>7}  {:>10}{:>10}",
        "form", "bytes", "C Ir", "zmq Ir", "ratio", "goal", "C mallocs", "zmq"
    );
    for (form, sizes, goal) in FORMS {
        if args
            .first()
            .is_some_and(|wanted| !form.starts_with(&**wanted))
        {
            continue;
        }
        for &size in sizes {
            if args
                .get(1)
                .is_some_and(|wanted| *wanted != size.to_string())
            {
                continue;
            }
            let (c, ours) = (slope("C", form, size)?, slope("zmq", form, size)?);
            // Filling the buffer is no part of handing it over.
            let fill = if form == "hand-over" {
                slope("C", "fill", size)?.instructions
            } else {
                0.0
            };
            let (c_ir, our_ir) = (c.instructions - fill, ours.instructions - fill);
            let ratio = our_ir / c_ir;
            counted += 1;
            let mark = if ratio > goal {
                missed += 1;
                "  missed"
            } else {
                ""
            };
            println!(
                "{form:<20}{size:>7}{c_ir:>9.1}{our_ir:>9.1}{ratio:>9.3}{goal:>7.2}  {:>10.2}{:>10.2}{mark}",
                c.allocations, ours.allocations
            );
        }
    }
    if counted == 0 {
        return Err("no form is called so, or not of that size".into());
    }
    if check && missed > 0 {
        return Err(format!("{missed} of {counted} goals missed").into());
    }
    Ok(())
}

// ---- what is counted -------------------------------------------------------------------------

fn work<P: Peer>(form: &str, size: usize, count: usize) -> Outcome {
    let data = vec![b'.'; size];
    let mut buffer = vec![0; size];
    if form == "fill" {
        fill(&mut buffer, &data, count);
        return Ok(());
    }
    let context = zmq::Context::new()?;
    let (trip, form) = trip_or_not(form)?;
    if trip {
        let kinds = [SocketKind::Rep, SocketKind::Req];
        let [server, client]: [P; 2] = connected(&context, "inproc://trip", kinds, 1000)?;
        for _ in 0..count {
            client.send(form, &data, 1)?;
            black_box(server.receive(form, &mut buffer, 1)?);
            server.send(form, &data, 1)?;
            black_box(client.receive(form, &mut buffer, 1)?);
        }
        return Ok(());
    }
    let kinds = [SocketKind::Pair, SocketKind::Pair];
    let [receiver, sender]: [P; 2] = connected(&context, "inproc://pair", kinds, 1000)?;
    for _ in 0..count / BATCH {
        sender.send(form, &data, BATCH)?;
        black_box(receiver.receive(form, &mut buffer, BATCH)?);
    }
    Ok(())
}

fn trip_or_not(form: &str) -> Outcome<(bool, Form)> {
    let (trip, name) = match form.strip_prefix("trip-") {
        Some(name) => (true, name),
        None => (false, form),
    };
    let form = Form::named(name).ok_or_else(|| format!("no form is called {name}"))?;
    Ok((trip, form))
}

fn taken_in<T: Awaitable>(socket: zmq::Socket<T>) -> zmq::Result<zmq::tokio::Socket<T>> {
    Ok(zmq::tokio::Socket::new(socket)?)
}

/// As [`work`], where one task does all of it, so that it never sleeps.
async fn in_tasks(form: &str, size: usize, count: usize) -> Outcome {
    let data = vec![b'.'; size];
    let mut buffer = vec![0; size];
    let context = zmq::Context::new()?;
    let (trip, form) = trip_or_not(form)?;
    if trip {
        let (server, client) = (context.socket(zmq::REP)?, context.socket(zmq::REQ)?);
        server.bind("inproc://trip")?;
        client.connect("inproc://trip")?;
        let (mut server, mut client) = (taken_in(server)?, taken_in(client)?);
        for _ in 0..count {
            client.send_all(form, &data, 1).await?;
            black_box(server.receive_all(form, &mut buffer, 1).await?);
            server.send_all(form, &data, 1).await?;
            black_box(client.receive_all(form, &mut buffer, 1).await?);
        }
        return Ok(());
    }
    let (receiver, sender) = context.pipe()?;
    let (mut receiver, mut sender) = (taken_in(receiver)?, taken_in(sender)?);
    for _ in 0..count / BATCH {
        sender.send_all(form, &data, BATCH).await?;
        black_box(receiver.receive_all(form, &mut buffer, BATCH).await?);
    }
    Ok(())
}

fn poll(side: &str, name: &str, sockets: usize, rounds: usize) -> Outcome {
    let polling = match name {
        _ if side == "C" => Polling::C,
        "slice" => Polling::Slice,
        _ => Polling::Poller,
    };
    let found = Polled::new(sockets)?.with(polling, |poll| poll(rounds))??;
    if found != rounds as u64 {
        return Err("one socket is ready each time".into());
    }
    Ok(())
}

/// Passes on messages that are there before it begins, into queues without bounds: it waits for
/// nobody before the last.
fn proxy(side: &str, name: &str, size: usize, count: usize) -> Outcome {
    let form = Form::named(name).ok_or_else(|| format!("no form is called {name}"))?;
    match side {
        "C" => proxied::<Twin>(form, size, count, |front, back| {
            zmq_bench::proxy(front, back);
            Ok(())
        }),
        _ => proxied::<Ours>(form, size, count, |front, back| match (front, back) {
            (Ours::Pull(front), Ours::Push(back)) => match zmq::proxy(front, back) {
                Err(end) if end.kind() == ErrorKind::Terminated => Ok(()),
                Err(error) => Err(error.into()),
            },
            _ => Err("not a pair for this proxy".into()),
        }),
    }
}

fn proxied<P: Peer>(
    form: Form,
    size: usize,
    count: usize,
    run: impl FnOnce(&P, &P) -> Outcome + Send,
) -> Outcome {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pull, SocketKind::Push];
    let [front, source]: [P; 2] = connected(&context, "inproc://front", kinds, 0)?;
    let [sink, back]: [P; 2] = connected(&context, "inproc://back", kinds, 0)?;
    source.send(form, &vec![b'.'; size], count)?;
    thread::scope(|scope| {
        let guard = context.shutdown_on_drop();
        let proxy = scope.spawn(move || counted_alone(|| run(&front, &back)));
        black_box(sink.receive(form, &mut vec![0; size], count)?);
        drop(guard);
        proxy.join().map_err(|_| "the proxy panicked")?
    })
}

/// Of a proxy, this is all that is counted: see [`run`].
#[inline(never)]
fn counted_alone(work: impl FnOnce() -> Outcome) -> Outcome {
    work()
}

// ---- counting --------------------------------------------------------------------------------

#[derive(Debug)]
struct Count {
    instructions: f64,
    allocations: f64,
}

/// What one more message costs.
fn slope(side: &str, form: &str, size: usize) -> Outcome<Count> {
    let (few, many) = (run(side, form, size, FEW)?, run(side, form, size, MANY)?);
    let messages = (MANY - FEW) as f64;
    Ok(Count {
        instructions: (many.instructions - few.instructions) / messages,
        allocations: (many.allocations - few.allocations) / messages,
    })
}

fn run(side: &str, form: &str, size: usize, count: usize) -> Outcome<Count> {
    let profile = env::temp_dir().join(format!("zmq-bench-{}.callgrind", process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]);
    if form.starts_with("proxy-") {
        valgrind.arg("--toggle-collect=*counted_alone*");
    }
    let output = valgrind
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe()?)
        .args([
            "--counted",
            side,
            form,
            &size.to_string(),
            &count.to_string(),
        ])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = fs::read_to_string(&profile);
    // The temporary directory is cleared by others too.
    let _ = fs::remove_file(&profile);
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    read(&text?)
}

/// Reads the total, and the calls of the allocating functions, from a callgrind profile.
fn read(profile: &str) -> Outcome<Count> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let (mut instructions, mut allocations) = (None, 0);
    let mut callee = "";
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("cfn=").or(line.strip_prefix("fn=")) {
            // `(7) name` the first time and `(7)` from then on.
            let (id, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(id, name);
            }
            if line.starts_with('c') {
                callee = names.get(id).copied().unwrap_or(id);
            }
        } else if let Some(calls) = line.strip_prefix("calls=") {
            let base = callee.split(['\'', '@']).next().unwrap_or(callee);
            if [
                "malloc",
                "calloc",
                "realloc",
                "aligned_alloc",
                "posix_memalign",
            ]
            .contains(&base)
            {
                let number = calls.split(' ').next().unwrap_or(calls);
                allocations += number.parse::<u64>()?;
            }
        } else if let Some(total) = line.strip_prefix("totals: ") {
            instructions = Some(total.trim().parse::<u64>()?);
        }
    }
    Ok(Count {
        instructions: instructions.ok_or("the profile has no total")? as f64,
        allocations: allocations as f64,
    })
}
