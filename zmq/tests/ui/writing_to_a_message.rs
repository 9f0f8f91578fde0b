//! The bytes of a message may be another message's too.
fn write(message: &mut zmq::Message) {
    message[0] = b'J';
    message.copy_from_slice(b"Jelly");
}

fn main() {}
