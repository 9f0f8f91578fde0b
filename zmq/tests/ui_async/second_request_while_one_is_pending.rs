//! The reply comes before the next request.

async fn twice(mut client: zmq::tokio::Socket<zmq::Req>) -> zmq::Result<()> {
    let mut first = client.request("one").await?;
    let mut second = client.request("two").await?;
    first.recv().await?;
    second.recv().await?;
    Ok(())
}

fn main() {}
