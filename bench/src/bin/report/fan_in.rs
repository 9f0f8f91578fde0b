//! Streams from one sender, and from many, to one receiver: in C, and in threads and tasks of ours.

use std::env;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use zmq::SocketKind;
use zmq::tokio::Socket;
use zmq_bench::tasks::{Receives, Sends};
use zmq_bench::{Form, Ours, Outcome, Peer, Twin};

use crate::figures::{beside_first, bytes, in_turn, median, span, spread};
use crate::run::{Part, Run};
use crate::sides::{command, printed};

const SIDES: [&str; 3] = ["C", "zmq", "zmq::tokio"];
const SENDERS: [usize; 2] = [1, 50];
const SIZES: [usize; 2] = [30, 1 << 10];
const ENDPOINTS: [(&str, &str); 2] = [("tcp", "tcp://127.0.0.1:*"), ("inproc", "inproc://fan-in")];
const FORM: Form = Form::Reused;
/// libzmq's default, of each queue.
const HIGH_WATER_MARK: u32 = 1000;

/// A row for each number of senders, which is measured in processes of their own.
pub fn table(run: &Run) -> Outcome<Part> {
    let count = if run.quick { 10_000 } else { 100_000 };
    let mut rows = Vec::new();
    for cpus in ["one", "all"] {
        for (transport, endpoint) in ENDPOINTS {
            for size in SIZES {
                for senders in SENDERS {
                    rows.push(((cpus, transport, size, senders), endpoint));
                }
            }
        }
    }
    let mut figures = vec![[const { Vec::new() }; SIDES.len()]; rows.len()];
    for round in 0..run.rounds {
        for (row, figures) in rows.iter().zip(&mut figures) {
            let ((cpus, transport, size, senders), endpoint) = *row;
            run.say(format_args!(
                "round {} of {}: {transport}, {}, senders: {senders}, CPUs: {cpus}",
                round + 1,
                run.rounds,
                bytes(size)
            ));
            let numbers = [size, senders, count].map(|number| number.to_string());
            let times = in_turn(round, SIDES.len(), |side| {
                let mut program = command(&env::current_exe()?, cpus == "one");
                program
                    .args(["--fan-in", SIDES[side], endpoint])
                    .args(&numbers);
                Ok(printed(&mut program).map(|time| time / count as f64))
            })?;
            beside_first(&times, figures);
        }
    }
    let mut text = String::from(
        "PUSH to one PULL, each sender on a thread or in a task of its own, and so the receiver. They \
         all send once, and together begin to send the messages that are counted.\n\n\
         | CPUs | transport | size | senders | C, ns | zmq | zmq::tokio |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (((cpus, transport, size, senders), _), [c, ours, tokio]) in rows.iter().zip(&figures) {
        writeln!(
            text,
            "| {cpus} | {transport} | {} | {senders} | {} | {} | {} |",
            bytes(*size),
            spread(c, 0),
            spread(ours, 2),
            spread(tokio, 2)
        )?;
    }
    let most = SENDERS[SENDERS.len() - 1];
    let many = || {
        let rows = rows.iter().zip(&figures);
        rows.filter(move |(((cpus, .., senders), _), _)| *cpus == "one" && *senders == most)
    };
    let findings = vec![format!(
        "{most} senders, one CPU: zmq {}, zmq::tokio {} of C's time.",
        span(many().filter_map(|(_, figures)| median(&figures[1]))),
        span(many().filter_map(|(_, figures)| median(&figures[2]))),
    )];
    Ok(Part {
        findings,
        ..Part::from(text)
    })
}

/// What one of those processes does: prints the nanoseconds of `count` messages.
pub fn measure(words: &[String]) -> Outcome {
    let [side, endpoint, size, senders, count] = words else {
        return Err("--fan-in SIDE ENDPOINT SIZE SENDERS COUNT".into());
    };
    let (size, senders, count): (_, usize, usize) =
        (size.parse()?, senders.parse()?, count.parse()?);
    let share = count / senders;
    let time = match &**side {
        "C" => threads::<Twin>(endpoint, size, senders, share)?,
        "zmq" => threads::<Ours>(endpoint, size, senders, share)?,
        _ => tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?
            .block_on(in_tasks(endpoint, size, senders, share))?,
    };
    println!("{}", time.as_nanos());
    Ok(())
}

fn threads<P: Peer>(
    endpoint: &str,
    size: usize,
    senders: usize,
    share: usize,
) -> Outcome<Duration> {
    let context = zmq::Context::new()?;
    let pull = P::open(&context, SocketKind::Pull, HIGH_WATER_MARK)?;
    let endpoint = &*pull.bind(endpoint)?;
    let (data, mut buffer) = (&*vec![b'.'; size], vec![0; size]);
    let all_there = &Barrier::new(senders + 1);
    let context = &context;
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(senders);
        for _ in 0..senders {
            threads.push(scope.spawn(move || -> Outcome<P> {
                let push = P::open(context, SocketKind::Push, HIGH_WATER_MARK)?;
                push.connect(endpoint)?;
                push.send(FORM, data, 1)?;
                all_there.wait();
                push.send(FORM, data, share)?;
                Ok(push)
            }));
        }
        black_box(pull.receive(FORM, &mut buffer, senders)?);
        all_there.wait();
        let start = Instant::now();
        black_box(pull.receive(FORM, &mut buffer, share * senders)?);
        let time = start.elapsed();
        for thread in threads {
            thread.join().map_err(|_| "a sender panicked")??;
        }
        Ok(time)
    })
}

async fn in_tasks(endpoint: &str, size: usize, senders: usize, share: usize) -> Outcome<Duration> {
    let context = zmq::Context::new()?;
    let pull = context.socket(zmq::PULL)?;
    pull.bind(endpoint)?;
    let endpoint = pull.last_endpoint()?;
    let mut pull = Socket::new(pull)?;
    let mut buffer = vec![0; size];
    let all_there = std::sync::Arc::new(tokio::sync::Barrier::new(senders + 1));
    let mut started = Vec::new();
    for _ in 0..senders {
        let push = context.socket(zmq::PUSH)?;
        push.connect(&endpoint)?;
        let (mut push, all_there) = (Socket::new(push)?, all_there.clone());
        let data = vec![b'.'; size];
        started.push(tokio::spawn(async move {
            push.send_all(FORM, &data, 1).await?;
            all_there.wait().await;
            push.send_all(FORM, &data, share).await?;
            Outcome::Ok(push)
        }));
    }
    let receiver = tokio::spawn(async move {
        black_box(pull.receive_all(FORM, &mut buffer, senders).await?);
        all_there.wait().await;
        let start = Instant::now();
        black_box(pull.receive_all(FORM, &mut buffer, share * senders).await?);
        Outcome::Ok(start.elapsed())
    });
    let time = receiver.await??;
    for sender in started {
        sender.await??;
    }
    Ok(time)
}
