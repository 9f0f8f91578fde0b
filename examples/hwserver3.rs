//! Hello World server: a ROUTER socket at tcp://*:5555, which sees who asks. It shows each frame of
//! a request, works for a second or the milliseconds given, and answers. It talks to hwclient3 and
//! hwclient4, and to clients without a name.

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
        let [identity, string, content @ ..] = &message[..] else {
            continue; // a ROUTER never gives less
        };
        println!("[Frame_1] identity = {identity}");
        println!("[Frame_2] string = {string}");
        let (true, [content, ..]) = (string.is_empty(), content) else {
            println!("Discard the ZMQ message!");
            continue;
        };
        println!("[Frame_3] Received request msg: {content}");

        // Stands for some work.
        thread::sleep(work);

        println!("Send respond msg: World\n");
        responder.send_multipart([identity.as_bytes(), b"", b"World"])?;
    }
}
