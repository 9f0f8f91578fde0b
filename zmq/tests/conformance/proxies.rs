//! Proxies between many.

use std::thread;

use crate::common::{bound, peer_of};
use zmq::{Context, ErrorKind};

#[test]
fn many_clients_and_workers_meet_in_a_proxy_that_ends_with_the_context() {
    const CLIENTS: usize = 5;
    const REQUESTS: usize = 20;
    let context = Context::new().unwrap();
    let frontend = bound(&context, zmq::ROUTER, "tcp://127.0.0.1:*");
    let backend = bound(&context, zmq::DEALER, "inproc://workers");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| peer_of(&frontend, zmq::DEALER))
        .collect();
    let workers: Vec<_> = (0..4).map(|_| peer_of(&backend, zmq::DEALER)).collect();
    thread::scope(|scope| {
        let proxy = scope.spawn(move || {
            let Err(error) = zmq::proxy(&frontend, &backend);
            error.kind()
        });
        // Each request comes back twice, in several parts; a worker says how many it had.
        let workers: Vec<_> = workers
            .into_iter()
            .map(|worker| {
                scope.spawn(move || {
                    let mut served = 0;
                    while let Ok([client, request]) = worker.recv_array() {
                        let (client, request) = (&client[..], &request[..]);
                        for _ in 0..2 {
                            worker.send_multipart([client, request, b"done"]).unwrap();
                        }
                        served += 1;
                    }
                    served
                })
            })
            .collect();
        let clients: Vec<_> = clients
            .into_iter()
            .map(|client| {
                scope.spawn(move || {
                    for number in 0..REQUESTS {
                        client.send(number.to_string()).unwrap();
                    }
                    // Of several workers each has its own pace.
                    let mut counts = [0; REQUESTS];
                    for _ in 0..2 * REQUESTS {
                        let [request, done] = client.recv_array().unwrap();
                        assert_eq!(done, "done");
                        counts[request.as_str().unwrap().parse::<usize>().unwrap()] += 1;
                    }
                    assert_eq!(counts, [2; REQUESTS]);
                })
            })
            .collect();
        for client in clients {
            client.join().unwrap();
        }
        context.shutdown().unwrap();
        assert_eq!(proxy.join().unwrap(), ErrorKind::Terminated);
        let served = workers.into_iter().map(|worker| worker.join().unwrap());
        let served: Vec<usize> = served.collect();
        assert_eq!(served.iter().sum::<usize>(), CLIENTS * REQUESTS);
        assert!(served.iter().all(|&count| count > 0), "{served:?}");
    });
}
