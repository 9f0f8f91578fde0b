//! What can be sent is a closed list: no code of others runs between the parts of a message.
struct Mine;

impl zmq::Payload for Mine {}
impl zmq::Parts for Mine {}

fn main() {}
