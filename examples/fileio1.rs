//! File transfer, model 1: the server sends the whole file in chunks, without flow control. It needs
//! the file of mktestdata, and has its client and its server, at tcp://*:6000, as threads.

use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Seek as _};

use zmq::{Actor, ActorStart, Context, ErrorKind};

const CHUNK_SIZE: u64 = 250_000;

fn client_thread(start: ActorStart) -> zmq::Result<()> {
    let dealer = start.context().socket(zmq::DEALER)?;
    dealer.connect("tcp://127.0.0.1:6000")?;
    let _pipe = start.ready();

    dealer.send("fetch")?;
    let mut total = 0; // bytes received
    let mut chunks = 0; // chunks received
    loop {
        let chunk = dealer.recv()?;
        chunks += 1;
        total += chunk.len();
        if chunk.is_empty() {
            break; // the whole file is there
        }
    }
    println!("{chunks} chunks received, {total} bytes");
    Ok(())
}

fn server_thread(start: ActorStart) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut file = File::open("testdata")?;
    let router = start.context().socket(zmq::ROUTER)?;
    // More chunks than the 1000 of the default would be dropped here. No limit is a simple way
    // out, and not a good one.
    router.set_sndhwm(0)?;
    router.set_rcvhwm(0)?;
    router.bind("tcp://*:6000")?;
    let _pipe = start.ready();

    loop {
        // [client]["fetch"]; anything else is no request.
        let request = router.recv_multipart()?.into_array();
        let Some([mut client, _]) = request.ok().filter(|[_, command]| command == "fetch") else {
            continue;
        };
        file.rewind()?;
        loop {
            let mut data = Vec::new();
            (&file).take(CHUNK_SIZE).read_to_end(&mut data)?;
            let is_end = data.is_empty();
            router.send_to(client.share(), data)?;
            if is_end {
                break; // with an empty chunk
            }
        }
    }
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
