//! What the wrapper adds over C is no allocation: the hot paths are counted, on this side of libzmq.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::thread;

use common::{bound, connected_over, peer_of};
use zmq::{Message, Multipart, Pair, Poller, Socket};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static FREED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: hands everything on to the system's allocator, and counts in `Cell`s that need neither an
// allocation nor a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the callee's condition.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = FREED.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the callee's condition.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The allocations that Rust code makes in `times` rounds of `work`, after one that may warm up.
fn allocations(times: usize, mut work: impl FnMut()) -> usize {
    work();
    let before = ALLOCATIONS.get();
    (0..times).for_each(|_| work());
    ALLOCATIONS.get() - before
}

fn pair() -> (Socket<Pair>, Socket<Pair>) {
    let (_context, a, b) = connected_over("inproc://cost", zmq::PAIR, zmq::PAIR);
    (a, b)
}

#[test]
fn an_allocation_is_seen() {
    assert_eq!(
        allocations(10, || drop(std::hint::black_box(vec![0u8; 100]))),
        10
    );
}

#[test]
fn frames_in_and_out_allocate_nothing() {
    let (a, b) = pair();
    let (mut buffer, mut message) = ([0; 2000], Message::new());
    for size in [0, 1, 30, 33, 34, 1024] {
        let bytes = &[7; 1024][..size];
        let count = allocations(100, || {
            a.send(bytes).unwrap();
            b.recv_into(&mut buffer).unwrap();
            a.send(Message::from(bytes)).unwrap();
            b.recv_message_into(&mut message).unwrap();
            a.try_send(bytes).unwrap();
            drop(b.recv().unwrap());
            a.send(bytes).unwrap();
            drop(b.try_recv().unwrap().unwrap());
        });
        assert_eq!(count, 0, "{size} bytes");
    }
}

#[test]
fn multipart_messages_in_and_out_allocate_nothing() {
    let (a, b) = pair();
    let mut message = Multipart::new();
    let count = allocations(100, || {
        a.send_multipart(["id", "", "body"]).unwrap();
        b.recv_multipart_into(&mut message).unwrap();
        a.send_multipart((Message::from("id"), "", b"body"))
            .unwrap();
        b.recv_multipart_into(&mut message).unwrap();
        a.send_more("id").send_more("").send("body").unwrap();
        // Up to four frames lie in the value itself.
        let received = b.recv_multipart().unwrap();
        a.send_multipart(received).unwrap();
        let [_id, _empty, _body] = b.recv_array().unwrap();
    });
    assert_eq!(count, 0);

    // More of them use the room of the last time again.
    let frames = ["x"; 50];
    let count = allocations(100, || {
        a.send_multipart(frames).unwrap();
        b.recv_multipart_into(&mut message).unwrap();
    });
    assert_eq!(count, 0);
}

#[test]
fn waiting_and_being_refused_allocate_nothing() {
    let (a, b) = pair();
    let (mut message, mut parts) = (Message::new(), Multipart::new());
    let full = b.context().socket(zmq::PUSH).unwrap();
    let count = allocations(100, || {
        assert!(b.try_recv().unwrap().is_none());
        assert!(!b.try_recv_message_into(&mut message).unwrap());
        assert!(!b.try_recv_multipart_into(&mut parts).unwrap());
        assert!(full.try_send("no peer").is_err());
        let [a, b] = zmq::poll([a.poll_in(), b.poll_out()], None).unwrap();
        assert!(a.is_empty() && b.is_writable());
    });
    assert_eq!(count, 0);
}

/// What a proxy on this thread allocates while peers on another exchange `rounds` messages of each
/// shape, and end it.
fn allocations_of_a_proxy(rounds: usize) -> usize {
    let context = zmq::Context::new().unwrap();
    let frontend = bound(&context, zmq::DEALER, "inproc://frontend");
    let backend = bound(&context, zmq::ROUTER, "inproc://backend");
    let capture = bound(&context, zmq::PUB, "inproc://capture");
    let worker = peer_of(&backend, zmq::DEALER);
    let client = peer_of(&frontend, zmq::DEALER);
    let peers = thread::spawn(move || {
        let frames = ["a frame that is too long to lie in the message itself"; 50];
        for _ in 0..rounds {
            for count in [1, 2, 4, 50] {
                worker.send_multipart(frames[..count].to_vec()).unwrap();
                let message = client.recv_multipart().unwrap();
                client.send_multipart(message).unwrap();
                worker.recv_multipart().unwrap();
            }
        }
        context.shutdown().unwrap();
    });
    let before = ALLOCATIONS.get();
    let Err(error) = zmq::proxy_with_capture(&frontend, &backend, &capture);
    let allocations = ALLOCATIONS.get() - before;
    assert_eq!(error.kind(), zmq::ErrorKind::Terminated);
    peers.join().unwrap();
    allocations
}

#[test]
fn passing_messages_on_allocates_nothing() {
    // What there is belongs to the room for many frames, and to the error at the end, which says more
    // or less. A single one per message would make 1600.
    let count = allocations_of_a_proxy(200);
    assert!(count < 50, "{count}");
}

#[test]
fn a_poller_waits_without_allocating() {
    let sockets: [_; 20] = std::array::from_fn(|_| pair());
    let mut poller = Poller::new();
    for (index, (_, b)) in sockets.iter().enumerate() {
        poller.add(index, b.poll_in_out()).unwrap();
    }
    let mut events = Vec::new();
    let count = allocations(100, || {
        assert_eq!(poller.wait(None).unwrap().len(), 20);
        assert_eq!(poller.wait_into(&mut events, None).unwrap(), 20);
        poller.modify(&7, sockets[7].1.poll_in()).unwrap();
        assert_eq!(poller.wait(None).unwrap().len(), 19);
        poller.remove(&7).unwrap();
        poller.add(7, sockets[7].1.poll_in_out()).unwrap();
    });
    assert_eq!(count, 0);
}

#[test]
fn room_that_a_multipart_is_asked_for_is_made_once() {
    // Up to four frames lie in the value itself.
    for (capacity, made) in [(0, 0), (4, 0), (5, 1), (50, 1)] {
        let count = allocations(10, || {
            let mut message = Multipart::with_capacity(capacity);
            for _ in 0..capacity {
                message.push_back("x");
            }
        });
        assert_eq!(count, 10 * made, "room for {capacity}");
    }
}

#[test]
fn a_handed_over_vector_costs_its_own_allocation_only_and_is_freed() {
    let (a, b) = pair();
    let freed = FREED.get();
    let count = allocations(100, || {
        let mut vec = Vec::with_capacity(100_000); // with capacity to spare
        vec.resize(65_536, 7);
        a.send(vec).unwrap();
        b.recv().unwrap();
    });
    assert_eq!(count, 100);
    assert_eq!(FREED.get() - freed, 101);
}
