//! A socket that tasks wait for does what its type does, and no more.

async fn tasks(context: zmq::Context) -> zmq::Result<()> {
    let mut push = zmq::tokio::Socket::new(context.socket(zmq::PUSH)?)?;
    push.recv().await?;
    let mut pull = zmq::tokio::Socket::new(context.socket(zmq::PULL)?)?;
    pull.send("a").await?;
    let mut router = zmq::tokio::Socket::new(context.socket(zmq::ROUTER)?)?;
    router.send("a").await?;
    pull.split();
    Ok(())
}

fn main() {}
