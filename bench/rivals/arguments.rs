//! The arguments that every side of a measurement takes: `stream|trip TRANSPORT SIZE FRAMES COUNT`.
//!
//! A side runs both ends in one process, and prints the nanoseconds from the first message (or trip)
//! that has come to the last: `COUNT` of them lie between.

use std::env::args;
use std::net::TcpListener;

/// What is asked for.
pub struct Arguments {
    /// Requests and replies instead of a stream.
    pub trip: bool,
    pub transport: String,
    pub size: usize,
    pub frames: usize,
    pub count: u64,
}

impl Arguments {
    /// The last five of the command line.
    pub fn read() -> Result<Arguments, Box<dyn std::error::Error + Send + Sync>> {
        let words: Vec<String> = args().collect();
        let [.., mode, transport, size, frames, count] = &words[..] else {
            return Err("usage: stream|trip tcp|ipc|inproc SIZE FRAMES COUNT".into());
        };
        Ok(Arguments {
            trip: mode == "trip",
            transport: transport.clone(),
            size: size.parse()?,
            frames: frames.parse()?,
            count: count.parse()?,
        })
    }

    /// Where to meet: over tcp at a port that was free just now, as not every crate tells which one a
    /// wildcard has become.
    pub fn endpoint(&self) -> std::io::Result<String> {
        let id = std::process::id();
        Ok(match &*self.transport {
            "tcp" => {
                let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                format!("tcp://127.0.0.1:{free}")
            }
            "ipc" => format!("ipc://{}/zmq-rival-{id}", std::env::temp_dir().display()),
            _ => "inproc://rival".to_owned(),
        })
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        let id = std::process::id();
        if self.transport == "ipc" {
            let _ = std::fs::remove_file(std::env::temp_dir().join(format!("zmq-rival-{id}")));
        }
    }
}
