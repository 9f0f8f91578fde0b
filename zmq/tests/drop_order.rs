//! Values can be dropped in any order, on any thread: nothing hangs, nothing is used after it was
//! freed.

mod common;

use std::any::Any;
use std::thread;

use common::{drop_together, in_child};
use zmq::{Context, Socket};

type Value = Box<dyn Any + Send>;

/// Context, two sockets and a received message, with another message still in flight.
fn values(endpoint: &str) -> [Value; 4] {
    let context = Context::new().unwrap();
    let receiver = context.socket(zmq::PULL).unwrap();
    let sender = context.socket(zmq::PUSH).unwrap();
    receiver.bind(endpoint).unwrap();
    sender.connect(&receiver.last_endpoint().unwrap()).unwrap();
    receiver
        .set_linger(Some(std::time::Duration::ZERO))
        .unwrap();
    sender.set_linger(Some(std::time::Duration::ZERO)).unwrap();
    sender.send(vec![1; 4096]).unwrap();
    let message = receiver.recv().unwrap();
    sender.send_multipart(["still", "in", "flight"]).unwrap();
    [
        Box::new(context),
        Box::new(receiver),
        Box::new(sender),
        Box::new(message),
    ]
}

fn permutations(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for shorter in permutations(length - 1) {
        for place in 0..=shorter.len() {
            let mut order = shorter.clone();
            order.insert(place, length - 1);
            all.push(order);
        }
    }
    all
}

#[test]
fn every_order_of_drops_on_one_thread_ends() {
    in_child("every_order_of_drops_on_one_thread_ends", || {
        let orders = permutations(4);
        assert_eq!(orders.len(), 24);
        for endpoint in ["inproc://order", "tcp://127.0.0.1:*"] {
            for order in &orders {
                let mut values = values(endpoint).map(Some);
                for &index in order {
                    drop(values[index].take());
                }
            }
        }
    });
}

#[test]
fn every_order_of_drops_on_threads_of_their_own_ends() {
    in_child("every_order_of_drops_on_threads_of_their_own_ends", || {
        for endpoint in ["inproc://order", "tcp://127.0.0.1:*"] {
            for order in permutations(4) {
                let mut values = values(endpoint).map(Some);
                for index in order {
                    let value = values[index].take();
                    thread::spawn(move || drop(value)).join().unwrap();
                }
            }
        }
    });
}

#[test]
fn drops_at_the_same_time_end() {
    in_child("drops_at_the_same_time_end", || {
        for round in 0..50 {
            let endpoint = if round % 2 == 0 {
                "inproc://race"
            } else {
                "tcp://127.0.0.1:*"
            };
            drop_together(values(endpoint));
        }
    });
}

#[test]
fn a_context_dropped_first_is_kept_by_its_sockets() {
    let context = Context::new().unwrap();
    let a = context.socket(zmq::PAIR).unwrap();
    let b: Socket<zmq::Pair> = context.socket(zmq::PAIR).unwrap();
    drop(context);
    a.bind("inproc://kept").unwrap();
    b.connect("inproc://kept").unwrap();
    a.send("alive").unwrap();
    assert_eq!(b.recv().unwrap(), "alive");
    // And the way back leads to the same context.
    assert_eq!(a.context(), b.context());
    b.context().socket(zmq::PULL).unwrap();
}
