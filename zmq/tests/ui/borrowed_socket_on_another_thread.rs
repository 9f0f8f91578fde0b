//! What C lends to a thread stays on it.
fn elsewhere(borrowed: zmq::raw::BorrowedSocket<'_, zmq::Pull>) {
    std::thread::scope(|scope| {
        scope.spawn(move || drop(borrowed));
    });
}

fn main() {}
