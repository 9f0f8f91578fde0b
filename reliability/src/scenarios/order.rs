//! Values that are dropped in every order.

use std::any::Any;
use std::thread;
use std::time::Duration;

use zmq::Context;

use crate::parameters::parameter;
use crate::peer::endpoint;
use crate::{Figures, Parameter, Result, Scenario, Values};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "drop-orders",
    promise: "A context, two connected sockets and a received message, with another one in flight, \
              can be dropped in every order, on one thread or on several: nothing hangs.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[
    parameter("inproc", "1000000", "240"),
    parameter("tcp", "10000", "48"),
    parameter("ipc", "10000", "48"),
    parameter("threads", "10000", "48"),
];

type Value = Box<dyn Any + Send>;

fn run(values: &Values, figures: &mut Figures) -> Result {
    let folder = tempfile::tempdir()?;
    for transport in ["inproc", "tcp", "ipc"] {
        let rounds = values.get(transport)?;
        let endpoint = endpoint(transport, folder.path());
        for round in 0..rounds {
            for value in ordered(made(&endpoint)?, round) {
                drop(value);
            }
        }
        figures.note(format!("rounds over {transport}"), rounds);
    }
    let rounds = values.get("threads")?;
    for round in 0..rounds {
        // Each begins in its turn, and none waits for the one before.
        let threads: Vec<_> = ordered(made("inproc://threads")?, round)
            .into_iter()
            .map(|value| thread::spawn(move || drop(value)))
            .collect();
        for thread in threads {
            thread.join().map_err(|_| "a drop panicked")?;
        }
    }
    figures.note("rounds on threads", rounds);
    Ok(())
}

fn made(endpoint: &str) -> Result<Vec<Value>> {
    let context = Context::new()?;
    let receiver = context.socket(zmq::PULL)?;
    let sender = context.socket(zmq::PUSH)?;
    receiver.set_linger(Some(Duration::ZERO))?;
    sender.set_linger(Some(Duration::ZERO))?;
    receiver.bind(endpoint)?;
    sender.connect(&receiver.last_endpoint()?)?;
    sender.send(vec![1; 4096])?;
    let message = receiver.recv()?;
    sender.send_multipart(["still", "in", "flight"])?;
    Ok(vec![
        Box::new(context),
        Box::new(receiver),
        Box::new(sender),
        Box::new(message),
    ])
}

/// The values in the order of that number: all orders come in turn.
fn ordered<T>(mut values: Vec<T>, mut number: u64) -> Vec<T> {
    let mut ordered = Vec::with_capacity(values.len());
    while !values.is_empty() {
        let left = values.len() as u64;
        ordered.push(values.remove((number % left) as usize));
        number /= left;
    }
    ordered
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_orders_come_in_turn() {
        let orders: HashSet<_> = (0..24).map(|n| ordered(vec![0, 1, 2, 3], n)).collect();
        assert_eq!(orders.len(), 24);
    }
}
