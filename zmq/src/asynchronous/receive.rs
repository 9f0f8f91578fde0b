//! Receiving, by the whole socket or by its receiving half.

/// The methods of whatever receives. It has a method `reach` that gives the [`Inner`](super::inner::Inner).
macro_rules! receiving {
    ($name:ident) => {
        impl<T: Awaitable, R: Runtime> $name<T, R> {
            /// Receives a message of one frame (`zmq_msg_recv(3)`).
            ///
            /// # Errors
            /// [`PartCount`](crate::ErrorKind::PartCount) if a message of several frames came; the error
            /// holds it, whole. [`InvalidState`](crate::ErrorKind::InvalidState) out of turn on REQ and
            /// REP, [`Dropped`](crate::ErrorKind::Dropped) on a REQ whose request did not get out,
            /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked),
            /// [`NoRuntime`](crate::ErrorKind::NoRuntime) when the runtime was shut down.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing: in `select!` and `timeout` no message
            /// is lost.
            #[doc(alias = "zmq_recv")]
            #[doc(alias = "zmq_msg_recv")]
            #[inline]
            pub fn recv(
                &mut self,
            ) -> impl Future<Output = Result<crate::Message, crate::RecvError>> + use<'_, T, R>
            where
                T: CanReceive + crate::ReceivesFrames,
            {
                // An `async fn` would move the message once more.
                std::future::poll_fn(|context| self.poll_recv(context))
            }

            /// Receives a message of one frame into a message of yours, whose content is dropped.
            ///
            /// # Errors
            /// As [`recv`](Self::recv). After an error the message is empty.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing. What was in the message is gone.
            #[inline]
            pub async fn recv_message_into(
                &mut self,
                message: &mut crate::Message,
            ) -> Result<(), crate::RecvError>
            where
                T: CanReceive + crate::ReceivesFrames,
            {
                std::future::poll_fn(|context| {
                    self.reach()
                        .poll_receive(context, message, |message, socket| {
                            let came = socket.try_recv_message_into(message)?;
                            Ok(came.then_some(()))
                        })
                })
                .await
            }

            /// Receives the first frame of a message into a buffer, and drops what does not fit and the
            /// other frames (`zmq_recv(3)`): see [`zmq::Socket::recv_into`](crate::Socket::recv_into).
            ///
            /// # Errors
            /// As [`recv`](Self::recv), without `PartCount`.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing.
            #[doc(alias = "zmq_recv")]
            #[inline]
            pub async fn recv_into(&mut self, buffer: &mut [u8]) -> Result<crate::Received>
            where
                T: CanReceive + crate::ReceivesFrames,
            {
                std::future::poll_fn(|context| {
                    self.reach()
                        .poll_receive(context, buffer, |buffer, socket| {
                            socket.try_recv_into(buffer)
                        })
                })
                .await
            }

            /// Receives a message of any number of frames.
            ///
            /// # Errors
            /// As [`recv`](Self::recv), without `PartCount`;
            /// [`Truncated`](crate::ErrorKind::Truncated) if libzmq broke its promise to deliver messages
            /// whole.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing, no frame either.
            #[doc(alias = "zmq_msg_recv")]
            #[inline]
            pub async fn recv_multipart(&mut self) -> Result<crate::Multipart>
            where
                T: CanReceive,
            {
                std::future::poll_fn(|context| self.poll_recv_multipart(context)).await
            }

            /// Receives a message of any number of frames into one of yours, whose content is dropped and
            /// whose room is used again.
            ///
            /// # Errors
            /// As [`recv_multipart`](Self::recv_multipart). After an error the message is empty.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing. What was in the message is gone.
            #[inline]
            pub async fn recv_multipart_into(
                &mut self,
                message: &mut crate::Multipart,
            ) -> Result<()>
            where
                T: CanReceive,
            {
                std::future::poll_fn(|context| {
                    self.reach()
                        .poll_receive(context, message, |message, socket| {
                            let came = socket.try_recv_multipart_into(message)?;
                            Ok::<_, Error>(came.then_some(()))
                        })
                })
                .await
            }

            /// Receives a message of exactly `N` frames.
            ///
            /// # Errors
            /// As [`recv`](Self::recv): [`PartCount`](crate::ErrorKind::PartCount) if it has another
            /// number of frames; the error holds it, whole.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing.
            #[inline]
            pub async fn recv_array<const N: usize>(
                &mut self,
            ) -> Result<[crate::Message; N], crate::RecvError>
            where
                T: CanReceive,
            {
                std::future::poll_fn(|context| {
                    self.reach()
                        .poll_receive(context, &mut (), |(), socket| socket.try_recv_array())
                })
                .await
            }

            /// Receives the latest message: waits for one, takes what else is there and keeps the last.
            /// See [`zmq::Socket::recv_latest`](crate::Socket::recv_latest).
            ///
            /// # Errors
            /// As [`recv_multipart`](Self::recv_multipart).
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing.
            pub async fn recv_latest(&mut self) -> Result<crate::Multipart>
            where
                T: CanReceive + crate::KeepsLatest,
            {
                std::future::poll_fn(|context| {
                    self.reach()
                        .poll_receive(context, &mut (), |(), socket| socket.try_recv_latest())
                })
                .await
            }

            /// Receives a subscription, or the end of one. See
            /// [`zmq::Socket::recv_subscription`](crate::Socket::recv_subscription).
            ///
            /// # Errors
            /// As [`recv_multipart`](Self::recv_multipart);
            /// [`UnexpectedMessage`](crate::ErrorKind::UnexpectedMessage) if a user's message came; the
            /// error holds it.
            ///
            /// # Cancellation safety
            /// Dropped before it is ready, it has received nothing.
            pub async fn recv_subscription(
                &mut self,
            ) -> Result<crate::Subscription, crate::RecvError>
            where
                T: CanReceive + crate::IsXPub,
            {
                std::future::poll_fn(|context| {
                    self.reach().poll_receive(context, &mut (), |(), socket| {
                        socket.try_recv_subscription()
                    })
                })
                .await
            }

            /// Waits until a receive has something to say: a message, or an error.
            ///
            /// # Errors
            /// [`Terminated`](crate::ErrorKind::Terminated), [`Forked`](crate::ErrorKind::Forked),
            /// [`NoRuntime`](crate::ErrorKind::NoRuntime).
            ///
            /// # Cancellation safety
            /// It receives nothing.
            pub async fn readable(&mut self) -> Result<()>
            where
                T: CanReceive,
            {
                std::future::poll_fn(|context| self.reach().poll_message(context)).await
            }

            /// Receives a message of one frame, for a future written by hand.
            ///
            /// When it is `Pending`, the task that asked last is woken when it is worth asking again.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            #[inline]
            pub fn poll_recv(
                &mut self,
                context: &mut Context<'_>,
            ) -> Poll<Result<crate::Message, crate::RecvError>>
            where
                T: CanReceive + crate::ReceivesFrames,
            {
                // In its place from the beginning, and not moved with every result on the way.
                let mut message = crate::Message::new();
                let received =
                    self.reach()
                        .poll_receive(context, &mut message, |message, socket| {
                            let came = socket.try_recv_message_into(message)?;
                            Ok(came.then_some(()))
                        });
                match received {
                    Poll::Ready(Ok(())) => Poll::Ready(Ok(message)),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Pending => Poll::Pending,
                }
            }

            /// Receives a message of any number of frames, for a future written by hand.
            ///
            /// When it is `Pending`, the task that asked last is woken when it is worth asking again.
            ///
            /// # Errors
            /// As [`recv_multipart`](Self::recv_multipart).
            #[inline]
            pub fn poll_recv_multipart(
                &mut self,
                context: &mut Context<'_>,
            ) -> Poll<Result<crate::Multipart>>
            where
                T: CanReceive,
            {
                self.reach()
                    .poll_receive(context, &mut (), |(), socket| socket.try_recv_multipart())
            }

            /// Receives a message of one frame if there is one.
            ///
            /// # Errors
            /// As [`recv`](Self::recv).
            pub fn try_recv(&mut self) -> Result<Option<crate::Message>, crate::RecvError>
            where
                T: CanReceive + crate::ReceivesFrames,
            {
                self.reach().with(|socket| socket.try_recv())
            }

            /// Receives a message of any number of frames if there is one.
            ///
            /// # Errors
            /// As [`recv_multipart`](Self::recv_multipart).
            pub fn try_recv_multipart(&mut self) -> Result<Option<crate::Multipart>>
            where
                T: CanReceive,
            {
                self.reach().with(|socket| socket.try_recv_multipart())
            }

            /// Receives a message of exactly `N` frames if there is one.
            ///
            /// # Errors
            /// As [`recv_array`](Self::recv_array).
            pub fn try_recv_array<const N: usize>(
                &mut self,
            ) -> Result<Option<[crate::Message; N]>, crate::RecvError>
            where
                T: CanReceive,
            {
                self.reach().with(|socket| socket.try_recv_array())
            }
        }
    };
}

pub(super) use receiving;
