//! Running a test's tasks on each runtime that the sockets are for.
#![allow(dead_code, unused_imports, reason = "every test file uses some of it")]

/// Each test once for every runtime and executor, which its body knows by the same names: those of the
/// runtime's sockets, and `run`, `spawn` and `sleep`.
#[macro_export]
macro_rules! on_every_runtime {
    ($($(#[$meta:meta])* async fn $name:ident() $body:block)*) => {
        #[cfg(feature = "tokio")]
        mod tokio_on_one_thread {
            use super::{*, tasks::tokio_on_one_thread::*};
            $($(#[$meta])* #[test] fn $name() { run(async $body) })*
        }
        #[cfg(feature = "tokio")]
        mod tokio_on_two_threads {
            use super::{*, tasks::tokio_on_two_threads::*};
            $($(#[$meta])* #[test] fn $name() { run(async $body) })*
        }
        #[cfg(feature = "async-io")]
        mod async_io_on_one_thread {
            use super::{*, tasks::async_io_on_one_thread::*};
            $($(#[$meta])* #[test] fn $name() { run(async $body) })*
        }
        #[cfg(feature = "async-io")]
        mod async_io_on_two_threads {
            use super::{*, tasks::async_io_on_two_threads::*};
            $($(#[$meta])* #[test] fn $name() { run(async $body) })*
        }
    };
}

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};

/// Longer than any test takes.
fn limit() -> std::time::Duration {
    crate::common::LONG * crate::common::many(2) as u32
}

/// Fails when it takes so long that it hangs.
async fn in_time<V>(work: impl Future<Output = V>, limit: impl Future<Output = ()>) -> V {
    match select(pin!(work), pin!(limit)).await {
        Either::Left((value, _)) => value,
        Either::Right(_) => panic!("hangs"),
    }
}

#[cfg(feature = "tokio")]
macro_rules! on_tokio {
    ($name:ident, $($builder:tt)*) => {
        pub mod $name {
            use std::future::Future;
            use std::time::Duration;

            pub use tokio::time::sleep;
            pub use zmq::tokio::*;

            /// Runs the test.
            pub fn run<V>(test: impl Future<Output = V>) -> V {
                let made = tokio::runtime::Builder::$($builder)*.enable_all().build();
                made.unwrap()
                    .block_on(async { super::in_time(test, sleep(super::limit())).await })
            }

            /// Starts a task beside the test.
            pub fn spawn<V: Send + 'static>(
                task: impl Future<Output = V> + Send + 'static,
            ) -> impl Future<Output = V> {
                let task = tokio::spawn(task);
                async { task.await.unwrap() }
            }

            /// What comes in time.
            pub async fn timeout<V>(time: Duration, work: impl Future<Output = V>) -> Option<V> {
                tokio::time::timeout(time, work).await.ok()
            }
        }
    };
}

#[cfg(feature = "tokio")]
on_tokio!(tokio_on_one_thread, new_current_thread());
#[cfg(feature = "tokio")]
on_tokio!(tokio_on_two_threads, new_multi_thread().worker_threads(2));

#[cfg(feature = "async-io")]
macro_rules! on_async_io {
    ($name:ident, $helpers:expr) => {
        pub mod $name {
            use std::cell::OnceCell;
            use std::future::Future;
            use std::pin::pin;
            use std::time::Duration;

            use async_executor::Executor;
            use futures_util::future::{Either, select};
            pub use zmq::async_io::*;

            thread_local! {
                // Each test has a thread of its own.
                static EXECUTOR: OnceCell<&'static Executor<'static>> = const { OnceCell::new() };
            }

            pub async fn sleep(time: Duration) {
                async_io::Timer::after(time).await;
            }

            /// Runs the test.
            pub fn run<V>(test: impl Future<Output = V>) -> V {
                let executor: &'static Executor<'static> = Box::leak(Box::default());
                EXECUTOR.with(|own| own.set(executor).unwrap());
                for () in [(); $helpers] {
                    std::thread::spawn(move || {
                        EXECUTOR.with(|own| own.set(executor).unwrap());
                        async_io::block_on(executor.run(std::future::pending::<()>()));
                    });
                }
                async_io::block_on(executor.run(super::in_time(test, sleep(super::limit()))))
            }

            /// Starts a task beside the test.
            pub fn spawn<V: Send + 'static>(
                task: impl Future<Output = V> + Send + 'static,
            ) -> impl Future<Output = V> {
                // Dropping the handle of such a task would end it.
                let (sender, result) = futures_channel::oneshot::channel();
                let task = async move {
                    let _ = sender.send(task.await);
                };
                EXECUTOR.with(|own| own.get().unwrap().spawn(task).detach());
                async { result.await.unwrap() }
            }

            /// What comes in time.
            pub async fn timeout<V>(time: Duration, work: impl Future<Output = V>) -> Option<V> {
                match select(pin!(work), pin!(sleep(time))).await {
                    Either::Left((value, _)) => Some(value),
                    Either::Right(_) => None,
                }
            }
        }
    };
}

#[cfg(feature = "async-io")]
on_async_io!(async_io_on_one_thread, 0);
#[cfg(feature = "async-io")]
on_async_io!(async_io_on_two_threads, 1);
