//! Ironhouse: a server that lets in only the clients whose keys it knows.
//!
//! The server and its clients have keys of CURVE. The authenticator knows the key of one client; the
//! other, who knows the server's key as well, is denied.

use std::time::Duration;

use zmq::ErrorKind;
use zmq::auth::{Authenticator, Policy};
use zmq::curve::KeyPair;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;

    // Everybody makes keys, and gives away the public one.
    let server_keys = KeyPair::new()?;
    let client_keys = KeyPair::new()?;
    let stranger_keys = KeyPair::new()?;

    // The authenticator lets in who comes from this machine and has the client's key.
    let auth = Authenticator::start(&context)?;
    let policy = Policy::new()
        .allow_address("127.0.0.1")
        .curve_keys([client_keys.public]);
    auth.set_policy("global", policy)?;
    let audit = auth.audit()?;

    // The server protects itself before it is bound.
    let server = context.socket(zmq::PULL)?;
    auth.protect(&server, "global")?;
    server.set_curve_server(true)?;
    server.set_curve_secretkey(&server_keys.secret)?;
    server.bind("tcp://127.0.0.1:*")?;
    let endpoint = server.last_endpoint()?;

    // A client needs the server's public key and a pair of its own.
    let connect = |keys: &KeyPair| -> zmq::Result<zmq::Socket<zmq::Push>> {
        let client = context.socket(zmq::PUSH)?;
        client.set_linger(Some(Duration::from_secs(1)))?;
        client.set_curve_serverkey(server_keys.public)?;
        client.set_curve_publickey(keys.public)?;
        client.set_curve_secretkey(&keys.secret)?;
        client.connect(&endpoint)?;
        Ok(client)
    };

    // The client's message arrives, and tells whose it is.
    let client = connect(&client_keys)?;
    client.send("Hello")?;
    let message = server.recv()?;
    println!("{}", audit.recv()?);
    println!(
        "Received {message} from {}",
        message.user_id().unwrap_or("nobody")
    );

    // The stranger is denied, and what it sends never arrives.
    let stranger = connect(&stranger_keys)?;
    stranger.send("Let me in")?;
    println!("{}", audit.recv()?);
    server.set_rcvtimeo(Some(Duration::from_millis(200)))?;
    match server.recv() {
        Ok(message) => println!("Received {message}: the house is open"),
        Err(error) if error.kind() == ErrorKind::WouldBlock => println!("Ironhouse test OK"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
