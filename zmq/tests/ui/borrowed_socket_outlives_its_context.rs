//! A socket of C's keeps to the context it was borrowed in.
fn outlive(socket: *mut std::ffi::c_void, context: zmq::Context) -> zmq::Result<()> {
    let borrowed = unsafe { zmq::Socket::<zmq::Pull>::borrow_raw(socket, &context) }?;
    drop(context);
    borrowed.recv()?;
    Ok(())
}

fn main() {}
