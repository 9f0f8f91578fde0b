//! Messages: where their bytes come from, who shares them, when they are let go.

mod common;

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, mpsc};
use std::thread::{self, ThreadId};

use common::{LONG, connected, connected_over, in_child, patient};
#[cfg(feature = "bytes")]
use common::{counted, holders, pipeline};
use zmq::{Context, ErrorKind, Message, MessageBuf};

/// More than is copied rather than handed over.
const LARGE: usize = 4000;

// ---- conversions -------------------------------------------------------------------------------

#[test]
fn everything_that_converts_keeps_its_bytes() {
    let vec = b"bytes".to_vec();
    let text = String::from("bytes");
    for message in [
        Message::from(&b"bytes"[..]),
        Message::from(b"bytes"),
        Message::from(*b"bytes"),
        Message::from("bytes"),
        Message::from(&text),
        Message::from(&vec),
        Message::from(vec.clone()),
        Message::from(text.clone()),
        Message::from(vec.clone().into_boxed_slice()),
        Message::from(text.clone().into_boxed_str()),
        Message::from(Cow::Borrowed(&vec[..])),
        Message::from(Cow::<[u8]>::Owned(vec.clone())),
        Message::from(Cow::Borrowed("bytes")),
        Message::from(Cow::<str>::Owned(text.clone())),
        Message::from(Arc::<[u8]>::from(&vec[..])),
        Message::from_static(b"bytes"),
        Message::from_owner("bytes"),
        Message::from_owner(vec.clone()),
        MessageBuf::from(&vec[..]).into(),
        MessageBuf::from("bytes").into(),
    ] {
        assert_eq!(message, "bytes");
        assert_eq!(message.len(), 5);
        assert!(!message.is_empty());
        assert!(!message.more());
        assert_eq!(message.to_vec(), vec);
        assert_eq!(Vec::from(message), vec);
    }
}

#[test]
fn empty_messages_of_every_kind_are_empty_and_can_be_sent() {
    let (_context, pull, push) = connected_over("inproc://empty", zmq::PULL, zmq::PUSH);
    for mut message in [
        Message::new(),
        Message::default(),
        Message::from(""),
        Message::from(Vec::new()),
        Message::from(Vec::with_capacity(LARGE)),
        Message::from(String::new()),
        Message::from(Box::<[u8]>::default()),
        Message::from(Arc::<[u8]>::from([])),
        Message::from_static(b""),
        Message::from_owner(Vec::new()),
        Message::from_owner(Vec::with_capacity(LARGE)),
        MessageBuf::zeroed(0).into(),
        MessageBuf::from("").into(),
    ] {
        assert!(message.is_empty());
        assert_eq!(message.as_bytes(), b"");
        assert_eq!(message.as_str(), Ok(""));
        assert_eq!(message.to_string(), "");
        assert_eq!(message.share(), "");
        push.send(message).unwrap();
        assert!(pull.recv().unwrap().is_empty());
    }
    push.send("").unwrap();
    assert!(pull.recv().unwrap().is_empty());
}

#[test]
fn every_size_round_trips_unchanged() {
    // 33 bytes lie in a message, 2048 are copied, more are handed over.
    let sizes = [
        0,
        1,
        32,
        33,
        34,
        255,
        256,
        2047,
        2048,
        2049,
        8191,
        8192,
        8193,
        1 << 20,
    ];
    for endpoint in ["tcp://127.0.0.1:*", "ipc://*", "inproc://sizes"] {
        let (_context, pull, push) = connected_over(endpoint, zmq::PULL, zmq::PUSH);
        for size in sizes {
            let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            push.send(&bytes[..]).unwrap();
            push.send(&bytes).unwrap();
            push.send(bytes.clone()).unwrap();
            push.send(bytes.clone().into_boxed_slice()).unwrap();
            push.send(Arc::<[u8]>::from(&bytes[..])).unwrap();
            push.send(MessageBuf::from(&bytes[..])).unwrap();
            push.send(Message::from_owner(bytes.clone())).unwrap();
            push.send(Message::from(&bytes).share()).unwrap();
            for form in 0..8 {
                let message = pull.recv().unwrap();
                assert!(message == bytes, "{size} bytes, form {form}, {endpoint}");
            }
        }
    }
}

#[test]
fn a_large_vector_is_handed_over_without_a_copy() {
    let mut bytes = Vec::with_capacity(10 * LARGE);
    bytes.resize(LARGE, 1);
    let place = bytes.as_ptr();
    let message = Message::from(bytes);
    assert_eq!((message.as_ptr(), message.len()), (place, LARGE));

    let text = "x".repeat(LARGE);
    let place = text.as_ptr();
    assert_eq!(Message::from(text).as_ptr(), place);
    let boxed = vec![1; LARGE].into_boxed_slice();
    let place = boxed.as_ptr();
    assert_eq!(Message::from(boxed).as_ptr(), place);
    let text = "x".repeat(LARGE).into_boxed_str();
    let place = text.as_ptr();
    assert_eq!(Message::from(text).as_ptr(), place);
    let bytes = vec![1; LARGE];
    let place = bytes.as_ptr();
    assert_eq!(Message::from(Cow::<[u8]>::Owned(bytes)).as_ptr(), place);
}

#[test]
fn a_large_vector_arrives_over_inproc_where_it_was_made() {
    let (_context, pull, push) = connected_over("inproc://handed", zmq::PULL, zmq::PUSH);
    let bytes = vec![1; LARGE];
    let place = bytes.as_ptr();
    push.send(bytes).unwrap();
    assert_eq!(pull.recv().unwrap().as_ptr(), place);
}

#[test]
fn an_arc_is_shared_and_let_go() {
    let bytes: Arc<[u8]> = vec![1; LARGE].into();
    let mut message = Message::from(bytes.clone());
    assert_eq!(message.as_ptr(), bytes.as_ptr());
    assert_eq!(Arc::strong_count(&bytes), 2);
    let second = message.share();
    assert_eq!(Arc::strong_count(&bytes), 2, "counted by libzmq");
    drop(message);
    assert_eq!(Arc::strong_count(&bytes), 2);
    thread::spawn(move || drop(second)).join().unwrap();
    assert_eq!(Arc::strong_count(&bytes), 1);
}

#[test]
fn static_bytes_are_never_copied() {
    static BANNER: [u8; LARGE] = [7; LARGE];
    let mut message = Message::from_static(&BANNER);
    assert_eq!(message.as_ptr(), BANNER.as_ptr());
    let shared = message.share();
    assert_eq!(shared.as_ptr(), BANNER.as_ptr());
    let (_context, pull, push) = connected_over("inproc://static", zmq::PULL, zmq::PUSH);
    push.send(message).unwrap();
    assert_eq!(pull.recv().unwrap().as_ptr(), BANNER.as_ptr());
}

#[test]
fn share_copies_up_to_33_bytes_and_shares_more() {
    for (size, shared) in [
        (0, false),
        (1, false),
        (33, false),
        (34, true),
        (LARGE, true),
    ] {
        for mut first in [
            Message::from(&vec![1; size]),
            MessageBuf::zeroed(size).into(),
        ] {
            let second = first.share();
            assert_eq!(second, first);
            let same = first.as_ptr() == second.as_ptr();
            assert_eq!(same && size > 0, shared, "{size} bytes");
            assert_eq!(first.is_shared(), shared);
            assert_eq!(second.is_shared(), shared);
            drop(first);
            assert_eq!(second.len(), size);
        }
    }
}

#[test]
fn many_shares_outlive_their_source_and_travel() {
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let bytes: Arc<[u8]> = vec![1; LARGE].into();
    let mut source = Message::from(bytes.clone());
    for _ in 0..100 {
        push.send(source.share()).unwrap();
    }
    drop(source);
    for _ in 0..100 {
        assert_eq!(pull.recv().unwrap(), bytes[..]);
    }
}

// ---- owners --------------------------------------------------------------------------------------

/// Says on a channel where it was dropped.
struct Announced {
    bytes: Vec<u8>,
    dropped: mpsc::Sender<ThreadId>,
}

impl Announced {
    fn new(size: usize) -> (Announced, mpsc::Receiver<ThreadId>) {
        let (dropped, drops) = mpsc::channel();
        let bytes = vec![1; size];
        (Announced { bytes, dropped }, drops)
    }
}

impl AsRef<[u8]> for Announced {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let _ = self.dropped.send(thread::current().id());
    }
}

#[test]
fn an_owner_is_dropped_once_on_another_thread_after_the_last_share() {
    for size in [0, 1, 33, LARGE] {
        let (owner, drops) = Announced::new(size);
        let place = owner.bytes.as_ptr();
        let mut first = Message::from_owner(owner);
        assert_eq!(first.len(), size);
        if size > 0 {
            assert_eq!(first.as_ptr(), place);
        }
        let second = first.share();
        drop(first);
        // Had that been the last, the owner would go before one that is let go later.
        let (later, later_drops) = Announced::new(1);
        drop(Message::from_owner(later));
        later_drops.recv_timeout(LONG).unwrap();
        assert_eq!(drops.try_recv(), Err(mpsc::TryRecvError::Empty));

        drop(second);
        let dropper = drops.recv_timeout(LONG).expect("the owner was leaked");
        assert_ne!(dropper, thread::current().id());
        assert_eq!(
            drops.recv_timeout(LONG),
            Err(mpsc::RecvTimeoutError::Disconnected),
            "dropped twice"
        );
    }
}

#[test]
fn an_owner_is_never_dropped_on_a_libzmq_thread() {
    let (owner, drops) = Announced::new(1);
    drop(Message::from_owner(owner));
    let dropper = drops.recv_timeout(LONG).unwrap();

    // Over tcp the I/O thread lets the message go.
    let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
    let (owner, drops) = Announced::new(1 << 20);
    push.send(Message::from_owner(owner)).unwrap();
    assert_eq!(pull.recv().unwrap().len(), 1 << 20);
    assert_eq!(drops.recv_timeout(LONG).unwrap(), dropper);
}

#[test]
fn the_bytes_of_an_owner_are_asked_for_once() {
    struct Fickle {
        bytes: [Vec<u8>; 2],
        asked: std::cell::Cell<usize>,
    }
    impl AsRef<[u8]> for Fickle {
        fn as_ref(&self) -> &[u8] {
            let asked = self.asked.replace(self.asked.get() + 1);
            &self.bytes[asked.min(1)]
        }
    }
    let message = Message::from_owner(Fickle {
        bytes: [vec![1; LARGE], vec![2; 2 * LARGE]],
        asked: 0.into(),
    });
    assert_eq!(message, vec![1; LARGE]);
    assert_eq!(message, vec![1; LARGE]);
}

#[test]
fn bytes_inside_an_owner_stay_where_they_are() {
    // Not behind a pointer of its own: the owner must have its last place before it is asked.
    let message = Box::new(Message::from_owner([7u8; LARGE]));
    let moved = *message;
    assert_eq!(moved, [7; LARGE]);
}

#[test]
fn an_owner_that_panics_in_its_drop_aborts_nothing_and_later_ones_are_dropped() {
    struct Panics(Vec<u8>);
    impl AsRef<[u8]> for Panics {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            // Not `panic!`, so that no report of it goes to the output.
            std::panic::resume_unwind(Box::new(PanicsToo));
        }
    }
    struct PanicsToo;
    impl Drop for PanicsToo {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("the payload of a panic"));
        }
    }
    in_child(
        "an_owner_that_panics_in_its_drop_aborts_nothing_and_later_ones_are_dropped",
        || {
            for _ in 0..10 {
                drop(Message::from_owner(Panics(vec![1; LARGE])));
                let (owner, drops) = Announced::new(LARGE);
                drop(Message::from_owner(owner));
                drops.recv_timeout(LONG).expect("the drop thread is gone");
            }
        },
    );
}

#[test]
fn what_an_owner_panics_with_in_its_drop_is_dropped() {
    struct Panics(Option<mpsc::Sender<()>>);
    impl AsRef<[u8]> for Panics {
        fn as_ref(&self) -> &[u8] {
            &[1; LARGE]
        }
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new(self.0.take()));
        }
    }
    let (payload, dropped) = mpsc::channel();
    drop(Message::from_owner(Panics(Some(payload))));
    let end = dropped.recv_timeout(LONG).unwrap_err();
    assert_eq!(end, mpsc::RecvTimeoutError::Disconnected, "leaked");
}

#[test]
fn an_owner_that_panics_when_asked_for_its_bytes_is_dropped() {
    struct Refuses(mpsc::Sender<()>);
    impl AsRef<[u8]> for Refuses {
        fn as_ref(&self) -> &[u8] {
            std::panic::resume_unwind(Box::new("no bytes"));
        }
    }
    impl Drop for Refuses {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let (dropped, drops) = mpsc::channel();
    let made = std::panic::catch_unwind(|| Message::from_owner(Refuses(dropped)));
    assert!(made.is_err());
    drops.recv_timeout(LONG).expect("leaked");
    assert!(drops.recv_timeout(LONG).is_err(), "dropped twice");
}

#[test]
fn messages_go_from_thread_to_thread_and_are_read_by_several() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Message>();
    is_send_and_sync::<zmq::Multipart>();
    let message = Message::from(vec![1; LARGE]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(message, vec![1; LARGE]));
        }
    });
}

// ---- comparisons and texts -------------------------------------------------------------------------

/// Says whether both are equal, asked from either side.
fn equal<T>(message: &Message, other: T) -> bool
where
    Message: PartialEq<T>,
    T: PartialEq<Message>,
{
    let equal = *message == other;
    assert_eq!(other == *message, equal);
    equal
}

#[test]
fn messages_compare_with_text_and_bytes_both_ways_round() {
    let message = Message::from("abc");
    assert!(equal(&message, Message::from("abc")));
    assert!(equal(&message, "abc"));
    assert!(equal(&message, String::from("abc")));
    assert!(equal(&message, *b"abc"));
    assert!(equal(&message, b"abc"));
    assert!(equal(&message, &b"abc"[..]));
    assert!(equal(&message, b"abc".to_vec()));
    assert!(message == *"abc");
    assert!(message == b"abc"[..]);
    for other in ["", "ab", "abcd", "abd", "ABC"] {
        assert!(!equal(&message, other));
        assert!(!equal(&message, other.as_bytes()));
        assert!(!equal(&message, Message::from(other)));
    }
    assert_eq!(message.cmp(&"abd".into()), Ordering::Less);
}

#[test]
fn messages_order_and_hash_as_their_bytes() {
    let sorted: BTreeSet<Message> = ["b", "", "abc", "ab"].map(Message::from).into();
    assert!(sorted.iter().eq(["", "ab", "abc", "b"].iter()));

    let hasher = RandomState::new();
    let message = Message::from("key");
    let bytes: &[u8] = message.borrow();
    assert_eq!(hasher.hash_one(&message), hasher.hash_one(bytes));
    let mut map = HashMap::from([(message, 1), (Message::from(vec![7; LARGE]), 2)]);
    assert_eq!(map.get(&b"key"[..]), Some(&1));
    assert_eq!(map.get(&vec![7; LARGE][..]), Some(&2));
    assert_eq!(map.get(&b"keys"[..]), None);
    map.insert("key".into(), 3);
    assert_eq!(map.len(), 2);
}

#[test]
fn display_replaces_what_is_not_utf8_and_as_str_refuses_it() {
    let message = Message::from(b"caf\xe9 au lait");
    assert_eq!(message.to_string(), "caf\u{fffd} au lait");
    assert_eq!(message.as_str().unwrap_err().valid_up_to(), 3);
    assert_eq!(Message::from("café").as_str(), Ok("café"));
    assert_eq!(format!("{:>6}|", Message::from("café")), "  café|");
}

#[test]
fn debug_shows_the_length_and_no_more_than_the_beginning() {
    assert_eq!(
        format!("{:?}", Message::from(b"a\"\n\0\xff")),
        r#"Message(5 bytes, b"a\"\n\x00\xff")"#
    );
    let exactly = format!("{:?}", Message::from(&[b'x'; 64]));
    assert_eq!(
        exactly,
        format!("Message(64 bytes, b\"{}\")", "x".repeat(64))
    );
    let preview = format!("{:?}", Message::from(vec![b'x'; 1 << 20]));
    assert_eq!(
        preview,
        format!("Message(1048576 bytes, b\"{}\"…)", "x".repeat(64))
    );
    assert_eq!(
        format!("{:?}", MessageBuf::from("ab")),
        r#"MessageBuf(2 bytes, b"ab")"#
    );
}

// ---- messages under construction -----------------------------------------------------------------

#[test]
fn what_is_written_to_a_buffer_is_what_the_message_holds() {
    for size in [0, 1, 33, 34, 2048, 2049, 1 << 20] {
        let mut buffer = MessageBuf::zeroed(size);
        assert_eq!(buffer.len(), size);
        assert!(buffer.iter().all(|byte| *byte == 0));
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = (index % 251) as u8;
        }
        let place = buffer.as_ptr();
        let message = Message::from(buffer);
        assert!(
            message
                .iter()
                .enumerate()
                .all(|(i, b)| *b == (i % 251) as u8)
        );
        if size > 33 {
            assert_eq!(message.as_ptr(), place, "{size} bytes");
        }
    }
    let mut buffer = MessageBuf::from("Hello");
    buffer[0] = b'J';
    buffer.as_mut()[4] = b'y';
    assert_eq!(buffer.as_ref(), b"Jelly");
    let mut tried = MessageBuf::try_zeroed(5).unwrap();
    tried.copy_from_slice(&buffer);
    assert_eq!(Message::from(tried), "Jelly");
}

#[test]
fn a_buffer_larger_than_memory_is_an_error() {
    for size in [usize::MAX, usize::MAX / 2, isize::MAX as usize] {
        let error = MessageBuf::try_zeroed(size).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfMemory);
        assert_eq!(error.subject(), Some(&*format!("{size} bytes")));
    }
}

// ---- received messages -----------------------------------------------------------------------------

#[test]
fn messages_over_tcp_know_where_they_came_from() {
    let (_context, server, client) = connected(zmq::DEALER, zmq::DEALER);
    client.send("hello").unwrap();
    let message = server.recv().unwrap();
    assert_eq!(message.peer_address(), Some("127.0.0.1"));
    assert_eq!(message.property("Peer-Address"), Some("127.0.0.1"));
    assert_eq!(message.peer_socket_type(), Some("DEALER"));
    assert_eq!(message.property("Socket-Type"), Some("DEALER"));
    println!(
        "{:?} {:?}",
        message.property("Identity"),
        message.property("Routing-Id")
    );
    assert_eq!(message.property("No-Such-Property"), None);
    assert_eq!(message.property(""), None);
    assert_eq!(message.user_id(), None);
    assert!(message.source_fd().is_some_and(|fd| fd > 2));
}

#[test]
fn the_routing_id_that_a_peer_has_chosen_is_a_property() {
    let context = Context::new().unwrap();
    let server = patient(context.socket(zmq::ROUTER).unwrap());
    let client = patient(context.socket(zmq::DEALER).unwrap());
    client.set_routing_id("client-7").unwrap();
    server.bind("tcp://127.0.0.1:*").unwrap();
    client.connect(&server.last_endpoint().unwrap()).unwrap();
    client.send("hello").unwrap();
    let [_, message] = server.recv_array().unwrap();
    assert_eq!(message.property("Identity"), Some("client-7"));
    assert_eq!(message.property("Routing-Id"), Some("client-7"));
    assert_eq!(message.property_bytes("Routing-Id"), Some(&b"client-7"[..]));
}

#[test]
fn properties_outlive_the_connection_and_the_context() {
    let (context, server, client) = connected(zmq::PULL, zmq::PUSH);
    client.send("hello").unwrap();
    let message = server.recv().unwrap();
    drop((server, client, context));
    let moved = Box::new(message);
    assert_eq!(moved.peer_socket_type(), Some("PUSH"));
    assert_eq!(moved.peer_address(), Some("127.0.0.1"));
}

#[test]
fn messages_over_inproc_and_those_made_here_have_no_properties() {
    let (_context, pull, push) = connected_over("inproc://plain", zmq::PULL, zmq::PUSH);
    push.send("hello").unwrap();
    for message in [pull.recv().unwrap(), Message::from("hello"), Message::new()] {
        assert_eq!(message.peer_address(), None);
        assert_eq!(message.peer_socket_type(), None);
        assert_eq!(message.user_id(), None);
        assert_eq!(message.property("Routing-Id"), None);
        assert_eq!(message.source_fd(), None);
    }
}

#[test]
fn property_names_that_cannot_be_are_none() {
    let (_context, server, client) = connected(zmq::PULL, zmq::PUSH);
    client.send("hello").unwrap();
    let message = server.recv().unwrap();
    for name in [
        "x".repeat(255),
        "x".repeat(256),
        "x".repeat(1 << 16),
        "Socket-Type\0".into(),
        "\0".into(),
        "Socket-\0Type".into(),
    ] {
        assert_eq!(message.property(&name), None);
        assert_eq!(message.property_bytes(&name), None);
    }
    assert_eq!(message.peer_socket_type(), Some("PUSH"));
}

#[test]
fn subscribers_in_the_process_receive_the_very_same_bytes() {
    let context = Context::new().unwrap();
    let publisher = context.socket(zmq::XPUB).unwrap();
    publisher.bind("inproc://news").unwrap();
    let [one, two] = [(); 2].map(|()| {
        let subscriber = patient(context.socket(zmq::SUB).unwrap());
        subscriber.subscribe("").unwrap();
        subscriber.connect("inproc://news").unwrap();
        subscriber
    });
    // Both subscriptions are there; the second is no news to the application.
    patient_recv(&publisher);
    publisher
        .set_rcvtimeo(Some(std::time::Duration::ZERO))
        .unwrap();
    let _ = publisher.events().unwrap();

    let mut sent = MessageBuf::zeroed(LARGE);
    sent.fill(7);
    publisher.send(sent).unwrap();
    let (one, two) = (one.recv().unwrap(), two.recv().unwrap());
    assert_eq!(one, [7; LARGE]);
    assert_eq!(one, two);
    // This is why a message is never written: the other's would change.
    assert_eq!(one.as_ptr(), two.as_ptr());
}

fn patient_recv(socket: &zmq::Socket<zmq::XPub>) {
    socket.set_rcvtimeo(Some(LONG)).unwrap();
    assert_eq!(socket.recv().unwrap(), b"\x01");
}

// ---- the `bytes` crate -------------------------------------------------------------------------------

#[test]
#[cfg(feature = "bytes")]
fn bytes_go_in_and_out_without_a_copy() {
    use bytes::Bytes;
    let bytes = Bytes::from(vec![1; LARGE]);
    let place = bytes.as_ptr();
    let message = Message::from(bytes.clone());
    assert_eq!(message.as_ptr(), place);
    let back = Bytes::from(message);
    assert_eq!(back.as_ptr(), place);
    assert_eq!(back, bytes);

    let slice = bytes.slice(100..3900);
    let message = Message::from(slice.clone());
    assert_eq!(message.as_ptr(), slice.as_ptr());
    assert_eq!(message.len(), 3800);
}

#[test]
#[cfg(feature = "bytes")]
fn bytes_of_every_size_keep_their_content() {
    use bytes::Bytes;
    let (_context, pull, push) = connected_over("inproc://bytes", zmq::PULL, zmq::PUSH);
    for size in [0, 1, 33, 34, 2048, 2049, LARGE] {
        push.send(Bytes::from(vec![7; size])).unwrap();
        let received = Bytes::from(pull.recv().unwrap());
        assert_eq!(received, vec![7; size]);
    }
}

#[test]
#[cfg(feature = "bytes")]
fn a_received_message_becomes_bytes_where_it_lies() {
    use bytes::Bytes;
    for endpoint in ["inproc://place", "tcp://127.0.0.1:*"] {
        let (_context, pull, push) = connected_over(endpoint, zmq::PULL, zmq::PUSH);
        for size in [34, LARGE, 1 << 20] {
            push.send(vec![7; size]).unwrap();
            let message = pull.recv().unwrap();
            let place = message.as_ptr();
            assert_eq!(
                Bytes::from(message).as_ptr(),
                place,
                "{size} over {endpoint}"
            );
        }
    }
}

#[test]
#[cfg(feature = "bytes")]
fn the_parts_of_a_multipart_become_bytes_where_they_lie() {
    use bytes::Bytes;
    let (_context, pull, push) = connected_over("tcp://127.0.0.1:*", zmq::PULL, zmq::PUSH);
    push.send_multipart([vec![1; 34], vec![2; LARGE]]).unwrap();
    let message = pull.recv_multipart().unwrap();
    let places: Vec<_> = message.iter().map(|part| part.as_ptr()).collect();
    let parts: Vec<Bytes> = message.into_iter().map(Bytes::from).collect();
    assert_eq!(
        parts.iter().map(|part| part.as_ptr()).collect::<Vec<_>>(),
        places
    );
    assert_eq!(parts, [vec![1; 34], vec![2; LARGE]]);
}

#[test]
#[cfg(feature = "bytes")]
fn bytes_let_go_of_their_message_on_any_thread_with_the_last_of_them() {
    use bytes::Bytes;
    let (push, pull) = pipeline();
    let held = counted(7);
    push.send(held.clone()).unwrap();
    let bytes = Bytes::from(pull.recv().unwrap());
    let last = bytes.slice(10..20);
    drop(bytes);
    assert_eq!(holders(&held), 1);
    thread::spawn(move || drop(last)).join().unwrap();
    assert_eq!(holders(&held), 0);
}
