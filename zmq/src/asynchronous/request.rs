//! REQ: a request, then its reply.

use std::fmt;

use super::Socket;
use super::runtime::Runtime;
use crate::error::{RecvError, Result, SendError};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::payload::{Parts, Payload};
use crate::socket::Req;

impl<R: Runtime> Socket<Req, R> {
    /// Sends a request; what is returned is its reply to come.
    ///
    /// While the reply is pending the socket is borrowed, so a second request does not compile.
    ///
    /// # Errors
    /// As [`send`](Socket::send).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has sent nothing, and drops the request.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> zmq::Result<()> {
    /// use std::time::Duration;
    /// use tokio::time::timeout;
    ///
    /// # let context = zmq::Context::new()?;
    /// let mut client = zmq::tokio::Socket::new(context.socket(zmq::REQ)?)?;
    /// # let server = context.socket(zmq::REP)?;
    /// # server.bind("inproc://ask")?;
    /// # client.with(|socket| socket.connect("inproc://ask"))?;
    /// let mut pending = client.request("Hello").await?;
    /// # let _ = timeout(Duration::from_millis(1), pending.recv()).await;
    /// # server.recv()?;
    /// # server.send("World")?;
    /// match timeout(Duration::from_secs(1), pending.recv()).await {
    ///     Ok(reply) => println!("{}", reply?),
    ///     Err(_) => println!("not yet"), // and `pending` can be asked again
    /// }
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    pub async fn request<P: Payload>(
        &mut self,
        frame: P,
    ) -> Result<PendingReply<'_, R>, SendError<P::Refused>> {
        self.send(frame).await?;
        Ok(PendingReply { socket: self })
    }

    /// Sends a request of several frames.
    ///
    /// # Errors
    /// As [`send_multipart`](Socket::send_multipart).
    ///
    /// # Cancellation safety
    /// As [`request`](Socket::request).
    pub async fn request_multipart<L: Parts>(
        &mut self,
        frames: L,
    ) -> Result<PendingReply<'_, R>, SendError<L::Refused>> {
        self.send_multipart(frames).await?;
        Ok(PendingReply { socket: self })
    }
}

/// The reply to a request that was sent: see [`Socket::request`].
///
/// A future that is dropped before the reply has come leaves the guard as it was: ask again. Dropped
/// itself, it leaves the socket waiting for that reply: [`Socket::recv`] receives it, and a socket with
/// [`set_req_relaxed`](crate::Socket::set_req_relaxed) can send its next request without it.
#[must_use = "the next request needs this one's reply first"]
pub struct PendingReply<'s, R: Runtime> {
    socket: &'s mut Socket<Req, R>,
}

impl<R: Runtime> PendingReply<'_, R> {
    /// Receives the reply, of one frame.
    ///
    /// # Errors
    /// As [`Socket::recv`]. [`Dropped`](crate::ErrorKind::Dropped): the peer went away before it got the
    /// request; send it again. [`InvalidState`](crate::ErrorKind::InvalidState) after the reply.
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has received nothing.
    pub async fn recv(&mut self) -> Result<Message, RecvError> {
        self.socket.recv().await
    }

    /// Receives the reply, of any number of frames.
    ///
    /// # Errors
    /// As [`recv`](PendingReply::recv).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has received nothing.
    pub async fn recv_multipart(&mut self) -> Result<Multipart> {
        self.socket.recv_multipart().await
    }

    /// Receives the reply, of `N` frames.
    ///
    /// # Errors
    /// As [`recv`](PendingReply::recv).
    ///
    /// # Cancellation safety
    /// Dropped before it is ready, it has received nothing.
    pub async fn recv_array<const N: usize>(&mut self) -> Result<[Message; N], RecvError> {
        self.socket.recv_array().await
    }
}

impl<R: Runtime> fmt::Debug for PendingReply<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingReply")
            .field("socket", self.socket)
            .finish()
    }
}

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;
    use std::time::Duration;

    use tokio::time::timeout;

    use crate::asynchronous::Socket;
    use crate::tokio::Tokio;
    use crate::{Context, REP, REQ, Rep, Req, Socket as PlainSocket};

    fn connected() -> (Socket<Req, Tokio>, PlainSocket<Rep>) {
        let context = Context::new().unwrap();
        let server = context.socket(REP).unwrap();
        let client = context.socket(REQ).unwrap();
        server.bind("inproc://edges").unwrap();
        client.connect("inproc://edges").unwrap();
        (Socket::new(client).unwrap(), server)
    }

    /// A request, and its reply, for which the client sleeps, so that an edge wakes it.
    async fn trip(client: &mut Socket<Req, Tokio>, server: &PlainSocket<Rep>) {
        let mut pending = client.request("request").await.unwrap();
        let mut reply = pin!(pending.recv());
        let polled = poll_fn(|context| Poll::Ready(reply.as_mut().poll(context))).await;
        assert!(polled.is_pending());
        server.recv().unwrap();
        server.send("reply").unwrap();
        reply.await.unwrap();
    }

    fn is_certain(client: &mut Socket<Req, Tokio>) -> bool {
        let inner = client.reach();
        inner.look_for_edge();
        inner.socket().core().is_certain_of_room()
    }

    #[tokio::test]
    async fn a_request_does_not_ask_for_room_until_an_edge_tells_of_its_peer() {
        let (mut client, server) = connected();
        trip(&mut client, &server).await;
        assert!(is_certain(&mut client));
        drop(server);
        let told = async {
            while is_certain(&mut client) {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), told).await.unwrap();
    }

    #[tokio::test]
    async fn a_request_asks_for_room_after_whatever_may_have_taken_an_edge_away() {
        let (mut client, server) = connected();
        trip(&mut client, &server).await;
        client.readable().await.unwrap(); // asks for the events, out of turn
        assert!(!is_certain(&mut client));

        trip(&mut client, &server).await;
        assert!(is_certain(&mut client));
        client.with(|_| ());
        assert!(!is_certain(&mut client));
    }
}
