//! File transfer, model 3: the client asks for each chunk, but for ten of them ahead, which is its
//! credit with the server. It needs the file of mktestdata, and has its client and its server, at
//! tcp://*:6000, as threads.

use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use zmq::{Actor, ActorStart, Context, ErrorKind, Message};

const CHUNK_SIZE: usize = 250_000;
const PIPELINE: u32 = 10;

fn client_thread(start: ActorStart) -> zmq::Result<()> {
    let dealer = start.context().socket(zmq::DEALER)?;
    dealer.connect("tcp://127.0.0.1:6000")?;
    let _pipe = start.ready();

    // So many more chunks may be asked for.
    let mut credit = PIPELINE;
    let mut total = 0; // bytes received
    let mut chunks = 0; // chunks received
    let mut offset = 0; // where the next chunk begins
    loop {
        while credit > 0 {
            // Asks for the next chunk.
            dealer.send_multipart(("fetch", offset.to_string(), CHUNK_SIZE.to_string()))?;
            offset += CHUNK_SIZE;
            credit -= 1;
        }
        let chunk = dealer.recv()?;
        chunks += 1;
        credit += 1;
        total += chunk.len();
        if chunk.len() < CHUNK_SIZE {
            break; // it was the last one
        }
    }
    println!("{chunks} chunks received, {total} bytes");
    Ok(())
}

fn server_thread(start: ActorStart) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut file = File::open("testdata")?;
    let router = start.context().socket(zmq::ROUTER)?;
    // No client has more in flight that keeps to its credit.
    router.set_sndhwm(PIPELINE * 2)?;
    router.set_rcvhwm(PIPELINE * 2)?;
    // A chunk waits for room, for a second, where a ROUTER would drop it in silence.
    router.set_router_mandatory(true)?;
    router.set_sndtimeo(Some(Duration::from_secs(1)))?;
    router.bind("tcp://*:6000")?;
    let _pipe = start.ready();

    loop {
        // [client]["fetch"][offset][size]; anything else is no request.
        let Ok([client, command, offset, size]) = router.recv_multipart()?.into_array() else {
            continue;
        };
        let (Some(offset), Some(size)) = (number(&offset), number(&size)) else {
            continue;
        };
        if command != "fetch" {
            continue;
        }

        // Reads that chunk, as much of it as there is.
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(offset.min(end)))?;
        let mut data = Vec::new();
        (&file).take(size).read_to_end(&mut data)?;

        match router.send_to(client, data).map_err(zmq::Error::from) {
            // The client has gone, or does not read.
            Err(error) if error.kind() == ErrorKind::HostUnreachable => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            sent => sent?,
        }
    }
}

fn number(frame: &Message) -> Option<u64> {
    frame.as_str().ok()?.parse().ok()
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = Context::new()?;
    let server = Actor::spawn(&context, "server", server_thread)?;
    let client = Actor::spawn(&context, "client", client_thread)?;
    // Until one of them has ended, and that should be the client.
    zmq::poll([server.poll_in(), client.poll_in()], None)?;
    context.shutdown()?;
    match server.join() {
        Err(error) if error.kind() == ErrorKind::Terminated => Ok(client.join()?),
        ended => Ok(ended?),
    }
}
