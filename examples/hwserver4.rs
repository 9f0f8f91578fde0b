//! Hello World server: a ROUTER socket at tcp://*:5555 that shows every frame it receives and sends.
//! In between it works for a second or the milliseconds given. It talks to hwclient3 and hwclient4,
//! and to clients without a name.

use std::env;
use std::thread;
use std::time::Duration;

use zguide::Interrupt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let work = env::args().nth(1).map_or(Ok(1000), |ms| ms.parse())?;
    let context = zmq::Context::new()?;
    let interrupt = Interrupt::watch(&context)?;
    Ok(interrupt.ends(serve(&context, Duration::from_millis(work)))?)
}

fn serve(context: &zmq::Context, work: Duration) -> zmq::Result<()> {
    let responder = context.socket(zmq::ROUTER)?;
    responder.bind("tcp://*:5555")?;

    loop {
        // [identity][empty][request]
        let message = responder.recv_multipart()?;
        for (number, frame) in message.iter().enumerate() {
            println!("[recv] frame{} = {frame}", number + 1);
        }
        let [identity, empty, _request, ..] = &message[..] else {
            continue; // no request: nobody waits for an answer
        };
        if !empty.is_empty() {
            continue;
        }

        // Stands for some work.
        thread::sleep(work);

        println!("[send] frame1 = {identity}");
        println!("[send] frame2 = ");
        println!("[send] frame3 = World\n");
        responder.send_multipart([identity.as_bytes(), b"", b"World"])?;
    }
}
