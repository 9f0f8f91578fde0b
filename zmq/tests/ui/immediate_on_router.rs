fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let router = context.socket(zmq::ROUTER)?;
    router.set_immediate(true)
}
