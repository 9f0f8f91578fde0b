//! rust-zmq: two threads, `recv_msg` for one frame and `recv_multipart` for several.

#[path = "../../arguments.rs"]
mod arguments;

use std::thread;
use std::time::Instant;

use arguments::Arguments;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let (frames, count) = (arguments.frames, arguments.count);
    let data = vec![b'.'; arguments.size];
    let context = zmq::Context::new();
    let kinds = if arguments.trip {
        [zmq::REP, zmq::REQ]
    } else {
        [zmq::PULL, zmq::PUSH]
    };
    let [here, there] = [context.socket(kinds[0])?, context.socket(kinds[1])?];
    let endpoint = arguments.endpoint()?;
    here.bind(&endpoint)?;
    there.connect(&endpoint)?;
    let time = thread::scope(|scope| -> Outcome<_> {
        if arguments.trip {
            let server = scope.spawn(|| -> Outcome<_> {
                let here = here;
                for _ in 0..=count {
                    receive(&here, frames)?;
                    send(&here, &data, frames)?;
                }
                Ok(here)
            });
            let mut start = Instant::now();
            for trip in 0..=count {
                send(&there, &data, frames)?;
                receive(&there, frames)?;
                if trip == 0 {
                    start = Instant::now();
                }
            }
            let time = start.elapsed();
            server.join().map_err(|_| "the server panicked")??;
            Ok(time)
        } else {
            let sender = scope.spawn(|| -> Outcome<_> {
                let there = there;
                for _ in 0..=count {
                    send(&there, &data, frames)?;
                }
                Ok(there)
            });
            receive(&here, frames)?;
            let start = Instant::now();
            for _ in 0..count {
                receive(&here, frames)?;
            }
            let time = start.elapsed();
            sender.join().map_err(|_| "the sender panicked")??;
            Ok(time)
        }
    })?;
    println!("{}", time.as_nanos());
    let (major, minor, patch) = zmq::version();
    eprintln!("libzmq {major}.{minor}.{patch}");
    Ok(())
}

fn send(socket: &zmq::Socket, data: &[u8], frames: usize) -> Outcome {
    if frames == 1 {
        Ok(socket.send(data, 0)?)
    } else {
        Ok(socket.send_multipart((0..frames).map(|_| data), 0)?)
    }
}

fn receive(socket: &zmq::Socket, frames: usize) -> Outcome {
    if frames == 1 {
        let message = socket.recv_msg(0)?;
        std::hint::black_box((message.len(), message.first()));
    } else {
        for part in socket.recv_multipart(0)? {
            std::hint::black_box((part.len(), part.first()));
        }
    }
    Ok(())
}
