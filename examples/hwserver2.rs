//! Hello World server: a REP socket at tcp://*:5555 that answers first and works afterwards, for a
//! second or the milliseconds given. It talks to hwclient, or any of hwclient2 to hwclient4.

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
    let mut responder = context.socket(zmq::REP)?;
    responder.bind("tcp://*:5555")?;

    loop {
        // A request of several frames is as good as one of one.
        let request = responder.next_request()?;
        for frame in request.iter().take(1) {
            println!("Received request msg: {frame}");
        }
        println!("Send respond msg: World\n");
        request.reply("World")?;

        // Stands for some work.
        thread::sleep(work);
    }
}
