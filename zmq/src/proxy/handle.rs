//! A proxy on a thread of its own.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::control::{self, Desk, Order};
use super::pairs::ProxyWith;
use super::statistics::ProxyStatistics;
use super::{CALL, Proxy};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::socket::SocketType;

impl<F: SocketType, B: SocketType> Proxy<F, B> {
    /// Runs on a thread of its own, which is called `zmq-proxy`.
    ///
    /// For its orders it opens two more sockets in the frontend's context.
    ///
    /// # Errors
    /// As [`proxy`](crate::proxy()), at once for what is found before the first message.
    /// [`TooManyOpen`](ErrorKind::TooManyOpen) for the two sockets; [`Other`](ErrorKind::Other) when
    /// the system has no thread. The sockets are closed then.
    ///
    /// ```
    /// use zmq::Proxy;
    ///
    /// let context = zmq::Context::new()?;
    /// let (frontend, backend) = (context.socket(zmq::PULL)?, context.socket(zmq::PUSH)?);
    /// frontend.bind("inproc://in")?;
    /// backend.bind("inproc://out")?;
    /// let proxy = Proxy::new(frontend, backend).spawn()?;
    ///
    /// let (source, sink) = (context.socket(zmq::PUSH)?, context.socket(zmq::PULL)?);
    /// source.connect("inproc://in")?;
    /// sink.connect("inproc://out")?;
    /// source.send("work")?;
    /// assert_eq!(sink.recv()?, "work");
    /// assert_eq!(proxy.statistics()?.backend.sent.bytes, 4);
    ///
    /// proxy.pause()?;
    /// source.send("later")?; // waits in the frontend
    /// let proxy = proxy.terminate()?;
    /// let (frontend, _backend, _capture) = proxy.into_sockets();
    /// assert_eq!(frontend.recv()?, "later");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_proxy_steerable")]
    pub fn spawn(mut self) -> Result<ProxyHandle<F, B>>
    where
        F: ProxyWith<B>,
    {
        self.ways()?;
        let (desk, control) = control::desk(self.frontend.context())?;
        let work = move || {
            let result = loop {
                match self.work(Some(&control)) {
                    // A signal meant for whichever thread it met.
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => break result,
                }
            };
            match result {
                Ok(()) => Ok(self),
                Err(error) => {
                    control.end(error.clone());
                    Err(error)
                }
            }
        };
        let thread = thread::Builder::new()
            .name("zmq-proxy".into())
            .spawn(work)
            .map_err(|error| {
                let errno = error.raw_os_error().unwrap_or(libc::EAGAIN);
                Error::from_errno(CALL, Errno(errno)).because("no thread to run on")
            })?;
        Ok(ProxyHandle {
            desk,
            thread: Some(thread),
        })
    }
}

/// Steers a [`Proxy`] that runs on a thread of its own (`zmq_proxy_steerable(3)`): made by
/// [`Proxy::spawn`].
///
/// Threads can share it. Every order waits for the proxy to obey, which takes no longer than it
/// passes on a thousand messages each way: whether peers are slow, full or gone makes no difference.
///
/// Dropping it ends the proxy as [`terminate`](ProxyHandle::terminate) does, and closes the sockets.
/// When the context is [shut down](crate::Context::shutdown) the proxy ends by itself, nothing can
/// be sent any more, and every order gives the error [`Terminated`](ErrorKind::Terminated).
#[doc(alias = "zmq_proxy_steerable")]
#[must_use = "dropped at once, it ends the proxy at once"]
pub struct ProxyHandle<F: SocketType, B: SocketType> {
    desk: Arc<Desk>,
    /// Taken by whatever ends the proxy.
    thread: Option<JoinHandle<Result<Proxy<F, B>>>>,
}

impl<F: SocketType, B: SocketType> ProxyHandle<F, B> {
    /// Stops passing messages on. Once it returns, none is on its way: all wait in the queues of the
    /// sockets.
    ///
    /// # Errors
    /// That with which the proxy has ended; [`Forked`](ErrorKind::Forked).
    pub fn pause(&self) -> Result<()> {
        self.desk.order(Some(Order::Pause)).map(drop)
    }

    /// Goes on after [`pause`](ProxyHandle::pause).
    ///
    /// # Errors
    /// As [`pause`](ProxyHandle::pause).
    pub fn resume(&self) -> Result<()> {
        self.desk.order(Some(Order::Run)).map(drop)
    }

    /// What has gone through up to now, as of one moment between two messages.
    ///
    /// # Errors
    /// As [`pause`](ProxyHandle::pause).
    pub fn statistics(&self) -> Result<ProxyStatistics> {
        self.desk.order(None)
    }

    /// Ends the proxy, also a paused one, and gives it back, with its sockets.
    ///
    /// Every message that it had received it has handed over to the other side; those that it could
    /// not hand over wait to be received on the socket they came to, with all that came after them.
    /// What peers have sent and it has not received is still in its sockets, too:
    /// [`Proxy::into_sockets`] gives them, and [`Proxy::spawn`] goes on.
    ///
    /// # Errors
    /// As [`pause`](ProxyHandle::pause). The sockets are closed then.
    pub fn terminate(mut self) -> Result<Proxy<F, B>> {
        let ordered = self.desk.order(Some(Order::End));
        if self.desk.is_inherited() {
            return Err(ordered.map_or_else(|error| error, |_| forked()));
        }
        self.joined()
    }

    /// Waits until the proxy ends, which it does with an error only: usually when the context is
    /// [shut down](crate::Context::shutdown).
    ///
    /// # Errors
    /// As [`pause`](ProxyHandle::pause). The sockets are closed.
    pub fn join(mut self) -> Result<Infallible> {
        if self.desk.is_inherited() {
            return Err(forked());
        }
        match self.joined() {
            Err(error) => Err(error),
            Ok(_) => Err(Error::own(CALL, ErrorKind::Terminated).because("it was ended")),
        }
    }

    fn joined(&mut self) -> Result<Proxy<F, B>> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            // No code of the caller runs on the thread.
            Some(Err(_)) | None => {
                Err(Error::own(CALL, ErrorKind::Terminated).because("the proxy has panicked"))
            }
        }
    }
}

#[cold]
fn forked() -> Error {
    Error::own(CALL, ErrorKind::Forked)
}

impl<F: SocketType, B: SocketType> Drop for ProxyHandle<F, B> {
    fn drop(&mut self) {
        if self.thread.is_none() || self.desk.is_inherited() {
            return;
        }
        // An error is that of a proxy that has ended already.
        let _ = self.desk.order(Some(Order::End));
        let _ = self.joined();
    }
}

impl<F: SocketType, B: SocketType> fmt::Debug for ProxyHandle<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyHandle").finish_non_exhaustive()
    }
}
