//! Finds the size from which handing a buffer over is cheaper than copying it and freeing it.
//!
//! `cargo run -p zmq-bench --release --bin threshold`
//!
//! One thread makes buffers and sends them to another over inproc, so that a buffer that is handed
//! over is freed by the other thread, as in real use. Both ways are written in C: `zmq` has
//! chosen one of them already. Rounds alternate, and medians are shown.

use std::thread;
use std::time::Instant;

use zmq::SocketKind;
use zmq_bench::{Form, Outcome, Peer, Twin, connected};

const ROUNDS: usize = 15;
const COUNT: usize = 100_000;
const SIZES: [usize; 12] = [
    64, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 8192,
];

fn main() -> Outcome {
    println!(
        "{:>7}{:>12}{:>13}{:>18}",
        "bytes", "copy ns", "hand over ns", "hand over / copy"
    );
    for size in SIZES {
        let mut times: [Vec<f64>; 2] = Default::default();
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let copy = stream(Form::CopyAndFree, size)?;
            let hand_over = stream(Form::HandOver, size)?;
            times[0].push(copy);
            times[1].push(hand_over);
            ratios.push(hand_over / copy);
        }
        let [copy, hand_over] = times.map(median);
        let ratio = median(ratios);
        println!("{size:>7}{copy:>12.0}{hand_over:>13.0}{ratio:>18.2}");
    }
    Ok(())
}

/// The time per message, in nanoseconds.
fn stream(form: Form, size: usize) -> Outcome<f64> {
    let context = zmq::Context::new()?;
    let kinds = [SocketKind::Pull, SocketKind::Push];
    let [receiver, sender]: [Twin; 2] = connected(&context, "inproc://stream", kinds, 1000)?;
    let data = vec![b'.'; size];
    let begin = Instant::now();
    let sending = thread::spawn(move || sender.send(form, &data, COUNT));
    receiver.receive(form, &mut [], COUNT)?;
    let time = begin.elapsed();
    sending.join().map_err(|_| "the sender panicked")??;
    Ok(time.as_nanos() as f64 / COUNT as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
