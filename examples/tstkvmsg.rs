//! Self test of the module kvmsg: sends key-value messages from one DEALER to another over
//! ipc://kvmsg_selftest.ipc, and prints what it sees with `-v`.

use std::io::{self, Write as _};

use zguide::kvmsg::{self, KvMap, KvMsg};

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
    let mut kvmsg = KvMsg::new(1, "key", "body");
    kvmsg.uuid = Some(kvmsg::uuid());
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

    // So does one with properties.
    let mut kvmsg = KvMsg::new(2, "key", "body");
    kvmsg.set_property("prop1", "value1")?;
    kvmsg.set_property("prop2", "value1")?;
    kvmsg.set_property("prop2", "value2")?;
    kvmsg.uuid = Some(kvmsg::uuid());
    assert_eq!(kvmsg.property("prop2"), Some("value2"));
    if verbose {
        eprintln!("{kvmsg}");
    }
    kvmsg.send(&output)?;

    let kvmsg = KvMsg::recv(&input)??;
    if verbose {
        eprintln!("{kvmsg}");
    }
    assert_eq!(kvmsg.key, b"key");
    assert_eq!(kvmsg.property("prop2"), Some("value2"));

    println!("OK");
    Ok(())
}
