//! `share` says that it does not copy, `to_vec` that it does.
fn clone(message: &zmq::Message) -> zmq::Message {
    message.clone()
}

fn main() {}
