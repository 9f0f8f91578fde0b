//! A poller, and an item, stay on the thread of the sockets they borrow.
fn poller(poller: zmq::Poller<'static, u8>) {
    std::thread::spawn(move || drop(poller));
}

fn item(item: zmq::PollItem<'static>) {
    std::thread::spawn(move || drop(item));
}

fn share(poller: &zmq::Poller<'_, u8>) {
    std::thread::scope(|scope| {
        scope.spawn(|| poller.len());
    });
}

fn main() {}
