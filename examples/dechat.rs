//! Decentralized chat: publishes what is typed at port 9000 of the interface, and prints what all
//! the others of the address's network, 1 to 254, publish there.

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use zguide::Interrupt;
use zmq::{Actor, ActorStart, ErrorKind, Pub, Socket, Sub};

/// Sends each line that is typed, until the input ends.
fn keyboard(start: ActorStart) -> io::Result<()> {
    let pipe = start.ready();
    let mut line = Vec::new();
    while io::stdin().lock().read_until(b'\n', &mut line)? > 0 {
        pipe.send(std::mem::take(&mut line))?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, interface, username] = arguments.as_slice() else {
        return usage();
    };
    let Some((prefix, _)) = address.rsplit_once('.') else {
        return usage();
    };
    let context = zmq::Context::new()?;
    // The last line typed has a second to get to everyone.
    context.set_linger(Some(Duration::from_secs(1)))?;

    let listener = context.socket(zmq::SUB)?;
    for host in 1..255 {
        listener.connect(&format!("tcp://{prefix}.{host}:9000"))?;
    }
    listener.subscribe("")?;

    let broadcaster = context.socket(zmq::PUB)?;
    broadcaster.bind(&format!("tcp://{interface}:9000"))?;

    let interrupt = Interrupt::watch(&context)?;
    let lines = Actor::spawn(&context, "keyboard", keyboard)?;
    match chat(&lines, &listener, &broadcaster, username) {
        // The context ends, and sends what is left, when the actor's pipe is gone, too.
        Ok(()) if !interrupt.came() => Ok(lines.join()?),
        // The actor may wait for a line, and is not waited for.
        result => {
            lines.detach();
            Ok(interrupt.ends(result)?)
        }
    }
}

fn usage() -> Result<(), Box<dyn Error>> {
    println!("Usage: dechat ipaddress interface username");
    println!("Example: dechat 192.168.55.123 eth0 joe");
    Ok(())
}

/// Hands lines on until the input ends.
fn chat(
    lines: &Actor,
    listener: &Socket<Sub>,
    broadcaster: &Socket<Pub>,
    username: &str,
) -> zmq::Result<()> {
    loop {
        let [typed, heard] = zmq::poll([lines.poll_in(), listener.poll_in()], None)?;
        if heard.is_readable() {
            // It ends with a newline, if it comes from a program like this.
            print!("{}", listener.recv_multipart()?[0]);
            let _ = io::stdout().flush(); // nobody may be reading
        }
        if typed.is_readable() {
            match lines.recv() {
                Ok(line) => broadcaster.send([username.as_bytes(), b": ", &line].concat())?,
                Err(error) if error.kind() == ErrorKind::Terminated => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
