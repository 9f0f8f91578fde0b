//! One side of a measurement: `rival SIDE FORM [NAME=VALUE…] stream|trip tcp|ipc|inproc SIZE FRAMES COUNT`,
//! where `SIDE` is `C`, `zmq`, `tokio` (on two threads), `tokio-1` (on one), `by-hand`, `by-hand-1` or
//! `async-io`, the names are those of [`Tuning::named`], and the other arguments are those of `rivals/`.

#[path = "../../rivals/arguments.rs"]
mod arguments;

use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{env, thread};

use tokio::runtime;
use zmq::async_io::AsyncIo;
use zmq::asynchronous::{Awaitable, Runtime, Socket};
use zmq::tokio::Tokio;
use zmq::{SocketKind, SocketType};
use zmq_bench::tasks::{Receives, Sends};
use zmq_bench::{ByHand, Form, Ours, Outcome, Peer, Tuning, Twin, tune};

use arguments::Arguments;

fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let words: Vec<String> = env::args().skip(1).collect();
    let tuning = Tuning::named(words.iter().map(String::as_str))?;
    let form = Form::named(&words[1]).ok_or_else(|| format!("no form is called {}", words[1]))?;
    if form.frames() != arguments.frames {
        return Err(format!("{} has {} frames", form.name(), form.frames()).into());
    }
    let time = match &*words[0] {
        "C" => threads::<Twin>(&arguments, &tuning, form)?,
        "zmq" => threads::<Ours>(&arguments, &tuning, form)?,
        "tokio" => tokio(&arguments, &tuning, form, 2, false)?,
        "tokio-1" => tokio(&arguments, &tuning, form, 1, false)?,
        "by-hand" => tokio(&arguments, &tuning, form, 2, true)?,
        "by-hand-1" => tokio(&arguments, &tuning, form, 1, true)?,
        "async-io" => async_io(&arguments, &tuning, form)?,
        other => return Err(format!("no side is called {other}").into()),
    };
    println!("{}", time.as_nanos());
    Ok(())
}

fn threads<P: Peer>(arguments: &Arguments, tuning: &Tuning, form: Form) -> Outcome<Duration> {
    let count = usize::try_from(arguments.count)?;
    let data = vec![b'.'; arguments.size];
    let mut buffer = data.clone();
    let context = context(tuning)?;
    let kinds = if arguments.trip {
        [SocketKind::Rep, SocketKind::Req]
    } else {
        [SocketKind::Pull, SocketKind::Push]
    };
    let [bind, connect] = tuning.affinity;
    let here = P::open(&context, kinds[0], tuning.high_water_mark)?;
    here.tune(tuning, bind)?;
    let endpoint = here.bind(&arguments.endpoint()?)?;
    let mut others = Vec::new();
    for _ in 0..tuning.connections {
        let there = P::open(&context, kinds[1], tuning.high_water_mark)?;
        there.tune(tuning, connect)?;
        there.connect(&endpoint)?;
        others.push(there);
    }
    thread::scope(|scope| {
        let data = &data;
        if arguments.trip {
            let server = scope.spawn(move || -> Outcome<P> {
                let mut buffer = data.clone();
                for _ in 0..=count {
                    black_box(here.receive(form, &mut buffer, 1)?);
                    here.send(form, data, 1)?;
                }
                Ok(here)
            });
            let mut start = Instant::now();
            for trip in 0..=count {
                let there = &others[trip % others.len()];
                there.send(form, data, 1)?;
                black_box(there.receive(form, &mut buffer, 1)?);
                if trip == 0 {
                    start = Instant::now();
                }
            }
            let time = start.elapsed();
            server.join().map_err(|_| "the server panicked")??;
            return Ok(time);
        }
        // It stays open until all has come: over ipc, libzmq drops what was not read yet of somebody
        // who has closed.
        let sender = scope.spawn(move || -> Outcome<Vec<P>> {
            match &*others {
                [there] => there.send(form, data, count + 1)?,
                _ => {
                    for message in 0..=count {
                        others[message % others.len()].send(form, data, 1)?;
                    }
                }
            }
            Ok(others)
        });
        black_box(here.receive(form, &mut buffer, 1)?);
        let start = Instant::now();
        black_box(here.receive(form, &mut buffer, count)?);
        let time = start.elapsed();
        sender.join().map_err(|_| "the sender panicked")??;
        Ok(time)
    })
}

fn context(tuning: &Tuning) -> Outcome<zmq::Context> {
    let context = zmq::Context::new()?;
    if let Some(threads) = tuning.io_threads {
        context.set_io_threads(threads)?;
    }
    Ok(context)
}

// ---- tasks -----------------------------------------------------------------------------------

/// Two tasks on a runtime of that many threads.
fn tokio(
    arguments: &Arguments,
    tuning: &Tuning,
    form: Form,
    threads: usize,
    by_hand: bool,
) -> Outcome<Duration> {
    let mut builder = match threads {
        1 => runtime::Builder::new_current_thread(),
        _ => runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.worker_threads(threads).enable_all().build()?;
    let _entered = runtime.enter();
    let endpoint = arguments.endpoint()?;
    if arguments.trip {
        let (rep, req) = pair(tuning, &endpoint, zmq::REP, zmq::REQ)?;
        return runtime.block_on(async {
            if by_hand {
                trip(ByHand::new(rep)?, ByHand::new(req)?, arguments, form).await
            } else {
                let (rep, req) = (awaited::<_, Tokio>(rep)?, awaited::<_, Tokio>(req)?);
                trip(rep, req, arguments, form).await
            }
        });
    }
    let (pull, push) = pair(tuning, &endpoint, zmq::PULL, zmq::PUSH)?;
    runtime.block_on(async {
        if by_hand {
            stream(ByHand::new(pull)?, ByHand::new(push)?, arguments, form).await
        } else {
            let (pull, push) = (awaited::<_, Tokio>(pull)?, awaited::<_, Tokio>(push)?);
            stream(pull, push, arguments, form).await
        }
    })
}

async fn trip<A, B>(rep: A, req: B, arguments: &Arguments, form: Form) -> Outcome<Duration>
where
    A: Sends + Receives,
    B: Sends + Receives,
{
    let (size, count) = (arguments.size, arguments.count);
    let server = tokio::spawn(answer(rep, form, size, count));
    let client = tokio::spawn(ask(req, form, size, count));
    let (time, _req) = client.await??;
    server.await??;
    Ok(time)
}

async fn stream<A, B>(pull: A, push: B, arguments: &Arguments, form: Form) -> Outcome<Duration>
where
    A: Receives,
    B: Sends,
{
    let (size, count) = (arguments.size, arguments.count);
    let sender = tokio::spawn(fill(push, form, size, count));
    let time = tokio::spawn(drain(pull, form, size, count)).await??;
    sender.await??;
    Ok(time)
}

/// A thread for each of the two tasks: async-io brings no executor.
fn async_io(arguments: &Arguments, tuning: &Tuning, form: Form) -> Outcome<Duration> {
    use async_io::block_on;
    let (size, count) = (arguments.size, arguments.count);
    let endpoint = arguments.endpoint()?;
    if arguments.trip {
        let (rep, req) = pair(tuning, &endpoint, zmq::REP, zmq::REQ)?;
        let (rep, req) = (awaited::<_, AsyncIo>(rep)?, awaited::<_, AsyncIo>(req)?);
        let server = thread::spawn(move || block_on(answer(rep, form, size, count)));
        let (time, _req) = block_on(ask(req, form, size, count))?;
        server.join().map_err(|_| "the server panicked")??;
        return Ok(time);
    }
    let (pull, push) = pair(tuning, &endpoint, zmq::PULL, zmq::PUSH)?;
    let (pull, push) = (awaited::<_, AsyncIo>(pull)?, awaited::<_, AsyncIo>(push)?);
    let sender = thread::spawn(move || block_on(fill(push, form, size, count)));
    let time = block_on(drain(pull, form, size, count))?;
    sender.join().map_err(|_| "the sender panicked")??;
    Ok(time)
}

/// Two sockets of a context of their own, connected to each other: the second to the first.
fn pair<A: SocketType, B: SocketType>(
    tuning: &Tuning,
    endpoint: &str,
    bound: A,
    connected: B,
) -> Outcome<(zmq::Socket<A>, zmq::Socket<B>)> {
    let context = context(tuning)?;
    let (bound, connected) = (context.socket(bound)?, context.socket(connected)?);
    bound.set_sndhwm(tuning.high_water_mark)?;
    bound.set_rcvhwm(tuning.high_water_mark)?;
    connected.set_sndhwm(tuning.high_water_mark)?;
    connected.set_rcvhwm(tuning.high_water_mark)?;
    tune(&bound, tuning, tuning.affinity[0])?;
    tune(&connected, tuning, tuning.affinity[1])?;
    bound.bind(endpoint)?;
    connected.connect(endpoint)?;
    Ok((bound, connected))
}

fn awaited<T: Awaitable, R: Runtime>(socket: zmq::Socket<T>) -> zmq::Result<Socket<T, R>> {
    Socket::new(socket).map_err(|refused| refused.error)
}

async fn fill<S: Sends>(mut push: S, form: Form, size: usize, count: u64) -> Outcome<S> {
    let data = vec![b'.'; size];
    push.send_all(form, &data, usize::try_from(count)? + 1)
        .await?;
    Ok(push)
}

async fn drain<S: Receives>(mut pull: S, form: Form, size: usize, count: u64) -> Outcome<Duration> {
    let mut buffer = vec![0; size];
    black_box(pull.receive_all(form, &mut buffer, 1).await?);
    let start = Instant::now();
    let count = usize::try_from(count)?;
    black_box(pull.receive_all(form, &mut buffer, count).await?);
    Ok(start.elapsed())
}

async fn answer<S: Sends + Receives>(
    mut rep: S,
    form: Form,
    size: usize,
    count: u64,
) -> Outcome<S> {
    let (data, mut buffer) = (vec![b'.'; size], vec![0; size]);
    for _ in 0..=count {
        black_box(rep.receive_all(form, &mut buffer, 1).await?);
        rep.send_all(form, &data, 1).await?;
    }
    Ok(rep)
}

async fn ask<S: Sends + Receives>(
    mut req: S,
    form: Form,
    size: usize,
    count: u64,
) -> Outcome<(Duration, S)> {
    let (data, mut buffer) = (vec![b'.'; size], vec![0; size]);
    let mut start = Instant::now();
    for trip in 0..=count {
        req.send_all(form, &data, 1).await?;
        black_box(req.receive_all(form, &mut buffer, 1).await?);
        if trip == 0 {
            start = Instant::now();
        }
    }
    Ok((start.elapsed(), req))
}
