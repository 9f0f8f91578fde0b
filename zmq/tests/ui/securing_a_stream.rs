//! Plain TCP has no mechanism that could let peers in or out.

fn main() {
    let context = zmq::Context::new().unwrap();
    let stream = context.socket(zmq::STREAM).unwrap();
    zmq::plain::ServerConfig::new().apply(&stream).unwrap();
}
