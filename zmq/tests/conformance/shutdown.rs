//! A context that ends while many threads are at work in it.

use std::thread;

use zmq::{Context, ErrorKind, MonitorEvents};

use crate::common::{LONG, bound, in_child};

const THREADS: usize = 20;

#[test]
fn a_context_ends_while_threads_open_connect_and_close() {
    in_child(
        "shutdown::a_context_ends_while_threads_open_connect_and_close",
        || {
            for round in 0..5 {
                let context = Context::new().unwrap();
                let publisher = bound(&context, zmq::PUB, "tcp://127.0.0.1:*");
                let accepted = publisher.monitor(MonitorEvents::ACCEPTED).unwrap();
                let endpoint = publisher.last_endpoint().unwrap();
                thread::scope(|scope| {
                    let threads: Vec<_> = (0..THREADS)
                        .map(|_| scope.spawn(|| work_until_the_end(&context, &endpoint)))
                        .collect();
                    // At another moment each time.
                    for _ in 0..round * 8 {
                        accepted.recv_timeout(LONG).unwrap().expect("a connection");
                    }
                    context.shutdown().unwrap();
                    for thread in threads {
                        assert_eq!(thread.join().unwrap(), ErrorKind::Terminated);
                    }
                });
                drop((publisher, accepted));
                context.terminate_timeout(LONG).unwrap();
            }
        },
    );
}

/// Opens sockets, connects them and lets them go, until it is told why it cannot.
fn work_until_the_end(context: &Context, endpoint: &str) -> ErrorKind {
    loop {
        let opened = context.socket(zmq::SUB).and_then(|socket| {
            socket.subscribe("")?;
            socket.connect(endpoint)
        });
        match opened {
            Ok(()) => {}
            // As many as a context may have are being closed.
            Err(error) if error.kind() == ErrorKind::TooManyOpen => thread::yield_now(),
            Err(error) => return error.kind(),
        }
    }
}
