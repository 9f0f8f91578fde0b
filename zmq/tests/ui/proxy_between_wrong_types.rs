fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let (push, req, rep) = (context.socket(zmq::PUSH)?, context.socket(zmq::REQ)?, context.socket(zmq::REP)?);
    let router = context.socket(zmq::ROUTER)?;
    zmq::proxy(&push, &push)?;
    zmq::proxy(&req, &rep)?;
    let _ = zmq::Proxy::new(router, rep);
    Ok(())
}
