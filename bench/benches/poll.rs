//! Time of a poll of sockets of which one is ready, beside its C twin.
//!
//! `cargo bench -p zmq-bench --bench poll`; `RATIOS=1` before it prints a table of ratios instead,
//! for which the sides take turns, so that a busy machine slows them alike.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use zmq_bench::{Outcome, Polled, Polling};

const COUNTS: [usize; 4] = [1, 10, 100, 1000];

fn poll(criterion: &mut Criterion) {
    for count in COUNTS {
        let polled = Polled::new(count).expect("sockets");
        let mut group = criterion.benchmark_group(format!("poll/{count}"));
        group.throughput(Throughput::Elements(count as u64));
        for polling in Polling::ALL {
            group.bench_function(polling.name(), |bencher| {
                polled
                    .with(polling, |poll| {
                        bencher.iter_custom(|rounds| time(poll, rounds as usize).expect("a poll"));
                    })
                    .expect("sockets to poll");
            });
        }
        group.finish();
    }
}

fn time(poll: &mut dyn FnMut(usize) -> Outcome<u64>, rounds: usize) -> Outcome<Duration> {
    let begin = Instant::now();
    let found = black_box(poll(rounds)?);
    let time = begin.elapsed();
    if found != rounds as u64 {
        return Err("one socket is ready each time".into());
    }
    Ok(time)
}

/// The best of many short turns of each side.
fn ratios() -> Outcome {
    const TURNS: usize = 200;
    println!(
        "{:>8}{:>12}{:>9}{:>9}",
        "sockets", "C ns", "slice", "poller"
    );
    for count in COUNTS {
        let polled = Polled::new(count)?;
        let rounds = (2000 / count).max(2);
        let mut best = [Duration::MAX; 3];
        for _ in 0..TURNS {
            for (polling, best) in Polling::ALL.into_iter().zip(&mut best) {
                let time = polled.with(polling, |poll| {
                    poll(1)?;
                    time(poll, rounds)
                })??;
                *best = time.min(*best);
            }
        }
        let [c, slice, poller] = best.map(|time| time.as_nanos() as f64 / rounds as f64);
        println!("{count:>8}{c:>12.0}{:>9.3}{:>9.3}", slice / c, poller / c);
    }
    Ok(())
}

criterion_group! {
    name = polls;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = poll
}

fn main() -> Outcome {
    if env::var_os("RATIOS").is_some() {
        return ratios();
    }
    polls();
    Criterion::default().configure_from_args().final_summary();
    Ok(())
}
