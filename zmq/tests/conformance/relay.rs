//! A relay that may change what a client says to its server in the handshake.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use zmq::{Socket, SocketType};

use crate::common::LONG;

/// Ends with its only connection.
pub struct Relay {
    pub endpoint: String,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// In front of the server; `change` is given the number and the content of each command or
    /// message of the client.
    pub fn before<T: SocketType>(
        server: &Socket<T>,
        change: impl FnMut(usize, &mut Vec<u8>) + Send + 'static,
    ) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        let behind = server.last_endpoint().unwrap();
        let thread = thread::spawn(move || {
            let client = listener.accept().unwrap().0;
            let server = TcpStream::connect(behind.strip_prefix("tcp://").unwrap()).unwrap();
            // Who breaks off, breaks off; the test sees to what it wants to see.
            let _ = pass_on(client, server, change);
        });
        Relay {
            endpoint,
            thread: Some(thread),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.thread.take().unwrap().join().unwrap();
        }
    }
}

fn pass_on(
    mut client: TcpStream,
    mut server: TcpStream,
    mut change: impl FnMut(usize, &mut Vec<u8>),
) -> io::Result<()> {
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(LONG))?;
    }
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    // The greetings go to and fro bit by bit.
    io::copy(&mut (&client).take(64), &mut server)?;
    for number in 0.. {
        let Ok((flags, mut content)) = frame(&mut client) else {
            break;
        };
        change(number, &mut content);
        // In the long form, whatever its length.
        let mut bytes = vec![flags | 2];
        bytes.extend((content.len() as u64).to_be_bytes());
        bytes.extend(content);
        if server.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
    Ok(())
}

/// Flags and content of the next frame.
fn frame(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let mut flags = [0];
    stream.read_exact(&mut flags)?;
    let mut length = [0; 8];
    let used = if flags[0] & 2 == 0 { 7 } else { 0 };
    stream.read_exact(&mut length[used..])?;
    let mut content = vec![0; u64::from_be_bytes(length) as usize];
    stream.read_exact(&mut content)?;
    Ok((flags[0], content))
}
