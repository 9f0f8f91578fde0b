//! Owned once: what was given up cannot be used, and taking over is the caller's responsibility.
fn sockets(socket: zmq::Socket<zmq::Pull>) -> zmq::Result<()> {
    let (_pointer, _context) = socket.into_raw()?;
    socket.recv()?;
    Ok(())
}

fn messages(message: zmq::Message) {
    let _raw = message.into_raw();
    println!("{message}");
}

fn contexts(pointer: *mut std::ffi::c_void) -> zmq::Result<zmq::Context> {
    zmq::Context::from_raw(pointer)
}

fn main() {}
