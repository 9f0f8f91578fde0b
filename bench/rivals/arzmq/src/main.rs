//! arzmq: two threads, `send_msg` and `recv_msg` for one frame, `send_multipart` and `recv_multipart` for
//! several.

#[path = "../../arguments.rs"]
mod arguments;

use std::thread;
use std::time::{Duration, Instant};

use arguments::Arguments;
use arzmq::prelude::{
    Context, Message, MultipartMessage, MultipartReceiver, MultipartSender, PullSocket, PushSocket,
    RecvFlags, ReplySocket, RequestSocket, SendFlags,
};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome {
    let arguments = Arguments::read()?;
    let time = if arguments.trip {
        trips(&arguments)?
    } else {
        stream(&arguments)?
    };
    println!("{}", time.as_nanos());
    let (major, minor, patch) = arzmq::version();
    eprintln!("libzmq {major}.{minor}.{patch}");
    Ok(())
}

fn trips(arguments: &Arguments) -> Outcome<Duration> {
    let (frames, count) = (arguments.frames, arguments.count);
    let data = vec![b'.'; arguments.size];
    let context = Context::new()?;
    let here = ReplySocket::from_context(&context)?;
    let there = RequestSocket::from_context(&context)?;
    let endpoint = arguments.endpoint()?;
    here.bind(&endpoint)?;
    there.connect(&endpoint)?;
    thread::scope(|scope| {
        let data = &data;
        let server = scope.spawn(move || -> Outcome<_> {
            for _ in 0..=count {
                receive(&here, frames)?;
                send(&here, data, frames)?;
            }
            Ok(here)
        });
        let mut start = Instant::now();
        for trip in 0..=count {
            send(&there, data, frames)?;
            receive(&there, frames)?;
            if trip == 0 {
                start = Instant::now();
            }
        }
        let time = start.elapsed();
        server.join().map_err(|_| "the server panicked")??;
        Ok(time)
    })
}

fn stream(arguments: &Arguments) -> Outcome<Duration> {
    let (frames, count) = (arguments.frames, arguments.count);
    let data = vec![b'.'; arguments.size];
    let context = Context::new()?;
    let here = PullSocket::from_context(&context)?;
    let there = PushSocket::from_context(&context)?;
    let endpoint = arguments.endpoint()?;
    here.bind(&endpoint)?;
    there.connect(&endpoint)?;
    thread::scope(|scope| {
        let data = &data;
        let sender = scope.spawn(move || -> Outcome<_> {
            for _ in 0..=count {
                send(&there, data, frames)?;
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
    })
}

fn send(socket: &impl MultipartSender, data: &[u8], frames: usize) -> Outcome {
    if frames == 1 {
        Ok(socket.send_msg(data, SendFlags::empty())?)
    } else {
        let parts: MultipartMessage = (0..frames).map(|_| data).collect();
        Ok(socket.send_multipart(parts, SendFlags::empty())?)
    }
}

fn receive(socket: &impl MultipartReceiver, frames: usize) -> Outcome {
    if frames == 1 {
        look(&socket.recv_msg(RecvFlags::empty())?);
    } else {
        for part in socket.recv_multipart(RecvFlags::empty())?.iter() {
            look(part);
        }
    }
    Ok(())
}

fn look(part: &Message) {
    let bytes = part.as_bytes();
    std::hint::black_box((bytes.len(), bytes.first()));
}
