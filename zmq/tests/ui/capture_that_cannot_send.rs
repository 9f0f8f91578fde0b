fn main() -> zmq::Result<()> {
    let context = zmq::Context::new()?;
    let (frontend, backend) = (context.socket(zmq::XSUB)?, context.socket(zmq::XPUB)?);
    let capture = context.socket(zmq::SUB)?;
    zmq::proxy_with_capture(&frontend, &backend, &capture)?;
    Ok(())
}
