//! Two peers on a thread each, and the time they take.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Form, Outcome, Peer};

/// How long `count` messages take from the second peer to the first, each on a thread.
pub fn stream<P: Peer>(
    [receiver, sender]: &mut [P; 2],
    form: Form,
    size: usize,
    count: usize,
) -> Outcome<Duration> {
    let data = vec![b'.'; size];
    let mut buffer = vec![0; size];
    thread::scope(|scope| {
        let begin = Instant::now();
        let sending = scope.spawn(move || sender.send(form, &data, count));
        black_box(receiver.receive(form, &mut buffer, count)?);
        let time = begin.elapsed();
        sending.join().map_err(|_| "the sender panicked")??;
        Ok(time)
    })
}

/// How long `count` requests of the second peer and their replies take, each on a thread.
pub fn trip<P: Peer>(
    [server, client]: &mut [P; 2],
    form: Form,
    size: usize,
    count: usize,
) -> Outcome<Duration> {
    let data = vec![b'.'; size];
    let mut buffer = vec![0; size];
    thread::scope(|scope| {
        let serving = scope.spawn({
            let (data, mut buffer) = (data.clone(), buffer.clone());
            move || -> Outcome {
                for _ in 0..count {
                    server.receive(form, &mut buffer, 1)?;
                    server.send(form, &data, 1)?;
                }
                Ok(())
            }
        });
        let begin = Instant::now();
        for _ in 0..count {
            client.send(form, &data, 1)?;
            black_box(client.receive(form, &mut buffer, 1)?);
        }
        let time = begin.elapsed();
        serving.join().map_err(|_| "the server panicked")??;
        Ok(time)
    })
}
