//! `Stream` and `Sink`, for code that works on any of them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::stream::Stream;
use futures_sink::Sink;

use super::inner::Inner;
use super::runtime::Runtime;
use super::{Awaitable, RecvHalf, SendHalf, Socket};
use crate::error::{Error, ErrorKind, Result, SendError};
use crate::multipart::Multipart;
use crate::socket::{CanReceive, CanSend, Fault};

impl<T: Awaitable, R: Runtime> Inner<T, R> {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Multipart>>>
    where
        T: CanReceive,
    {
        if self.ended {
            return Poll::Ready(None);
        }
        let received = ready!(self.poll_receive(context, &mut (), |(), socket| {
            socket.try_recv_multipart()
        }));
        // These will be said of every later receive.
        self.ended = received.as_ref().is_err_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::Terminated | ErrorKind::Forked | ErrorKind::NoRuntime
            )
        });
        Poll::Ready(Some(received))
    }

    fn poll_flushed(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<Multipart>>> {
        match ready!(self.poll_unsent(context)) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(Fault::Refused(error) | Fault::Dropped(error)) => Poll::Ready(Err(SendError {
                error,
                message: self.unsent.take().unwrap_or_default(),
            })),
        }
    }

    fn start_send(&mut self, message: Multipart) -> Result<(), SendError<Multipart>> {
        if self.unsent.is_some() {
            let error = Error::own("zmq_msg_send", ErrorKind::InvalidState)
                .because("a sink takes a message when it is ready");
            return Err(SendError { error, message });
        }
        self.unsent = Some(message);
        Ok(())
    }
}

macro_rules! streams {
    ($name:ident) => {
        /// The messages, of any number of frames each. It ends after the error that the context has
        /// ended, or the runtime; other errors do not end it.
        impl<T: Awaitable + CanReceive, R: Runtime> Stream for $name<T, R> {
            type Item = Result<Multipart>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Result<Multipart>>> {
                self.reach().poll_next(context)
            }
        }
    };
}

macro_rules! sinks {
    ($name:ident) => {
        /// Takes messages of any number of frames each. One that there is no room for is kept until it is
        /// flushed; the other methods that send send it first. An error gives its message back.
        impl<T: Awaitable + CanSend, R: Runtime> Sink<Multipart> for $name<T, R> {
            type Error = SendError<Multipart>;

            fn poll_ready(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Result<(), SendError<Multipart>>> {
                self.reach().poll_flushed(context)
            }

            fn start_send(
                mut self: Pin<&mut Self>,
                message: Multipart,
            ) -> Result<(), SendError<Multipart>> {
                self.reach().start_send(message)
            }

            fn poll_flush(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Result<(), SendError<Multipart>>> {
                self.reach().poll_flushed(context)
            }

            fn poll_close(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Result<(), SendError<Multipart>>> {
                self.poll_flush(context)
            }
        }
    };
}

streams! { Socket }
streams! { RecvHalf }
sinks! { Socket }
sinks! { SendHalf }
