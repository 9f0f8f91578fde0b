//! Self test of the module kvsimple: sends a key-value message from one DEALER to another over
//! ipc://kvmsg_selftest.ipc, and prints what it sees with `-v`.

use std::io::{self, Write as _};

use zguide::kvsimple::{KvMap, KvMsg};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verbose = std::env::args().nth(1).is_some_and(|flag| flag == "-v");
    print!(" * kvmsg: ");
    io::stdout().flush()?;

    let context = zmq::Context::new()?;
    let output = context.socket(zmq::DEALER)?;
    output.bind("ipc://kvmsg_selftest.ipc")?;
    let input = context.socket(zmq::DEALER)?;
    input.connect("ipc://kvmsg_selftest.ipc")?;

    let mut kvmap = KvMap::new();

    // A simple message goes and comes.
    let kvmsg = KvMsg::new(1, "key", "body");
    if verbose {
        eprintln!("{kvmsg}");
    }
    kvmsg.send(&output)?;
    kvmsg.store(&mut kvmap);

    let kvmsg = KvMsg::recv(&input)??;
    if verbose {
        eprintln!("{kvmsg}");
    }
    assert_eq!(kvmsg.key, b"key");
    kvmsg.store(&mut kvmap);

    println!("OK");
    Ok(())
}
