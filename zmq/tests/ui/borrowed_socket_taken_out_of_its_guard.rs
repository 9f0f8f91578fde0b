//! Neither the guard's socket nor a mutable reference to it can be had: it would be closed here.
use zmq::raw::BorrowedSocket;
use zmq::{Pull, Socket};

fn swapped(borrowed: &mut BorrowedSocket<'_, Pull>, owned: &mut Socket<Pull>) {
    std::mem::swap(&mut **borrowed, owned);
}

fn closed(borrowed: BorrowedSocket<'_, Pull>) {
    borrowed.close();
}

fn given_up(borrowed: BorrowedSocket<'_, Pull>) {
    let _ = borrowed.into_raw();
}

fn main() {}
