//! Subscriptions as values, and what an XPUB receives of them.

mod common;

use common::{LONG, NO_TIME, connected, connected_over, context_and, in_child, patient};
use zmq::{
    Context, ErrorKind, Message, Multipart, SendError, Socket, SocketKind, Subscription, XPub,
};

fn subscribe(topic: impl Into<Vec<u8>>) -> Subscription {
    Subscription::Subscribe(topic.into())
}

fn unsubscribe(topic: impl Into<Vec<u8>>) -> Subscription {
    Subscription::Unsubscribe(topic.into())
}

/// Topics that nothing but their bytes tells apart.
fn topics() -> Vec<Vec<u8>> {
    vec![
        b"".to_vec(),
        b"A".to_vec(),
        b"\0".to_vec(),
        b"\x01".to_vec(),
        b"\x01\0\xff".to_vec(),
        vec![0xff; 32],
        vec![b'x'; 33],
        vec![1; 300],
    ]
}

/// The next `count` subscriptions, in any order.
fn received(publisher: &Socket<XPub>, count: usize) -> Vec<Subscription> {
    let mut all: Vec<_> = (0..count)
        .map(|_| publisher.recv_subscription().unwrap())
        .collect();
    all.sort_by_key(|subscription| subscription.topic().to_vec());
    all
}

// ---- to and fro ------------------------------------------------------------------------------

#[test]
fn subscriptions_arrive_with_their_topics_whatever_the_bytes() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://topics"] {
        let (_context, publisher, sub) = connected_over(endpoint, zmq::XPUB, zmq::SUB);
        let xsub = patient(publisher.context().socket(zmq::XSUB).unwrap());
        xsub.connect(&publisher.last_endpoint().unwrap()).unwrap();
        for topic in topics() {
            sub.subscribe(&topic).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                subscribe(&topic[..])
            );
            sub.unsubscribe(&topic).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                unsubscribe(&topic[..])
            );

            xsub.subscribe(&topic).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                subscribe(&topic[..])
            );
            xsub.unsubscribe(&topic).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                unsubscribe(&topic[..])
            );

            xsub.send(subscribe(&topic[..])).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                subscribe(&topic[..])
            );
            xsub.try_send(unsubscribe(&topic[..])).unwrap();
            assert_eq!(
                publisher.recv_subscription().unwrap(),
                unsubscribe(&topic[..])
            );
        }
        assert_eq!(publisher.try_recv_subscription().unwrap(), None);
    }
}

#[test]
fn what_an_xsub_subscribed_to_is_what_it_receives() {
    let (_context, publisher, xsub) = connected_over("inproc://asked", zmq::XPUB, zmq::XSUB);
    xsub.subscribe("A").unwrap();
    publisher.recv_subscription().unwrap();
    publisher.send("B").unwrap();
    publisher.send("A1").unwrap();
    assert_eq!(xsub.recv().unwrap(), "A1");
    xsub.unsubscribe("A").unwrap();
    publisher.recv_subscription().unwrap();
    publisher.send("A2").unwrap();
    assert_eq!(xsub.try_recv().unwrap(), None);
}

#[test]
fn an_xsub_subscribes_without_waiting_and_before_it_connects() {
    let (context, xsub) = context_and(zmq::XSUB);
    xsub.set_sndtimeo(None).unwrap();
    xsub.set_sndhwm(1).unwrap();
    for number in 0..100 {
        xsub.subscribe(format!("{number:02}")).unwrap();
    }
    // One unbound peer that is full.
    xsub.connect("inproc://later").unwrap();
    xsub.subscribe("last").unwrap();
    xsub.unsubscribe("last").unwrap();
    drop(context);
}

#[test]
fn subscriptions_made_before_the_connection_are_all_told() {
    let (context, xsub) = context_and(zmq::XSUB);
    for topic in topics() {
        xsub.subscribe(topic).unwrap();
    }
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.bind("tcp://127.0.0.1:*").unwrap();
    xsub.connect(&publisher.last_endpoint().unwrap()).unwrap();
    let mut wanted: Vec<_> = topics().into_iter().map(subscribe).collect();
    wanted.sort_by_key(|subscription| subscription.topic().to_vec());
    assert_eq!(received(&publisher, wanted.len()), wanted);
}

#[test]
fn messages_of_an_xsubs_user_come_back_whole() {
    let (_context, publisher, xsub) = connected_over("inproc://user", zmq::XPUB, zmq::XSUB);
    xsub.send("hello").unwrap();
    xsub.send_multipart(["two", "parts"]).unwrap();
    xsub.send("").unwrap();
    xsub.subscribe("A").unwrap();

    let error = publisher.recv_subscription().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedMessage);
    assert_eq!(error.into_multipart().unwrap(), ["hello"]);
    let error = publisher.try_recv_subscription().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedMessage);
    assert_eq!(error.into_multipart().unwrap(), ["two", "parts"]);
    let error = publisher.recv_subscription().unwrap_err();
    assert_eq!(error.into_multipart().unwrap(), [""]);
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
}

#[test]
fn a_message_that_libzmq_tore_is_no_subscription_and_leaves_the_next_whole() {
    let (_context, publisher, xsub) = connected_over("inproc://torn", zmq::XPUB, zmq::XSUB);
    xsub.subscribe("A").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
    // The second frame is a subscription that says nothing new.
    xsub.send_multipart(["user's", "\u{1}A"]).unwrap();
    let error = publisher.try_recv_subscription().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated);
    xsub.subscribe("B").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("B"));
}

#[test]
fn a_wait_for_a_subscription_ends_in_time() {
    let (_context, publisher) = context_and(zmq::XPUB);
    publisher.set_rcvtimeo(NO_TIME).unwrap();
    let error = publisher.recv_subscription().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(error.multipart(), None);
    assert_eq!(publisher.try_recv_subscription().unwrap(), None);
}

// ---- the value -------------------------------------------------------------------------------

#[test]
fn a_message_is_a_subscription_by_its_first_byte() {
    assert_eq!(Subscription::of(&Message::new()), None);
    assert_eq!(Subscription::of(&Message::from("A")), None);
    assert_eq!(Subscription::of(&Message::from(b"\x02A")), None);
    for topic in topics() {
        for subscription in [subscribe(&topic[..]), unsubscribe(&topic[..])] {
            assert_eq!(subscription.topic(), topic);
            assert_eq!(subscription.clone().into_topic(), topic);
            let message = Message::from(subscription.clone());
            assert_eq!(message.len(), topic.len() + 1);
            assert_eq!(Subscription::of(&message), Some(subscription));
        }
    }
    assert!(subscribe("A").is_subscribe());
    assert!(!unsubscribe("A").is_subscribe());
}

#[test]
fn the_first_frame_of_several_is_no_subscription() {
    let (_context, a, b) = connected_over("inproc://several", zmq::PAIR, zmq::PAIR);
    a.send_multipart(["\u{1}A", "B"]).unwrap();
    let message = b.recv_multipart().unwrap();
    assert_eq!(Subscription::of(&message[0]), None);
}

#[test]
fn a_refused_subscription_comes_back_as_its_message() {
    let (_context, push) = context_and(zmq::PUSH);
    let refused = push.try_send(subscribe("A")).unwrap_err();
    assert_eq!(refused.message, "\u{1}A");
}

#[test]
fn sockets_without_subscriptions_refuse_them_at_run_time() {
    let (context, _) = context_and(zmq::PAIR);
    for kind in [
        SocketKind::Pair,
        SocketKind::Sub,
        SocketKind::Router,
        SocketKind::Push,
    ] {
        let socket = context.socket_of(kind).unwrap();
        let error = socket.try_recv_subscription().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
        let error = socket.recv_subscription().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{kind}");
    }
    let publisher = patient(context.socket(zmq::XPUB).unwrap());
    publisher.bind("inproc://any").unwrap();
    let xsub = context.socket_of(SocketKind::XSub).unwrap();
    xsub.connect("inproc://any").unwrap();
    xsub.subscribe("A").unwrap();
    let publisher = publisher.into_any();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
    let error = publisher.subscribe("A").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

// ---- what libzmq does not stand ------------------------------------------------------------------

/// libzmq takes 80 bytes of stack for each byte of a topic that ends.
#[test]
fn topics_that_could_overflow_the_stack_are_refused() {
    in_child("topics_that_could_overflow_the_stack_are_refused", || {
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let thread = small.spawn(|| {
            let context = Context::new().unwrap();
            let longest = vec![b'x'; 1024];
            for kind in [SocketKind::Sub, SocketKind::XSub] {
                let socket = context.socket_of(kind).unwrap();
                socket.subscribe(&longest).unwrap();
                socket.unsubscribe(&longest).unwrap();
                socket.subscribe(&longest).unwrap();
                for length in [1025, 1 << 20] {
                    let topic = vec![b'x'; length];
                    let result = socket.subscribe(&topic);
                    let _ = socket.unsubscribe(&topic);
                    let error = result.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{kind}, {length}");
                    assert!(error.to_string().contains(&length.to_string()), "{error}");
                }
            }
        });
        thread.unwrap().join().unwrap();
    });
}

#[test]
fn no_frame_of_an_xsub_subscribes_to_a_topic_that_is_refused() {
    let (_context, publisher, xsub) = connected_over("inproc://refused", zmq::XPUB, zmq::XSUB);
    let long = Message::from(subscribe(vec![b'x'; 1025]));
    let refused = xsub.send(long.to_vec()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.message, long);
    let refused = xsub.try_send(subscribe(vec![b'x'; 1025])).unwrap_err();
    assert_eq!(refused.message, long);
    let refused = xsub.send_multipart(("user's", long.to_vec())).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.message.len(), 2);
    let frames = || [Message::from("user's"), Message::from(&long[..])];
    let error = |refused: SendError<Multipart>| refused.error;
    let (user, own) = (&b"user's"[..], &b"own"[..]);
    let chain = |first, second| xsub.send_more(first).send_more(second);
    for refused in [
        xsub.send_multipart(frames()).map_err(error),
        xsub.send_multipart(Vec::from(frames())).map_err(error),
        xsub.send_multipart(Multipart::from(frames()))
            .map_err(error),
        chain(&long[..], user).send("end").map_err(error),
        chain(user, &long[..]).send("end").map_err(error),
        chain(user, own).send(&long[..]).map_err(error),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.subject(), Some("a topic of 1025 bytes"));
    }
    // What is no subscription may be as long as it likes.
    let other = vec![2; 1025];
    xsub.send(&other).unwrap();
    assert_eq!(publisher.recv().unwrap(), other[..]);
    assert_eq!(publisher.try_recv_subscription().unwrap(), None);
}

/// Before 4.3.5 libzmq writes their length in a form of which it does not tell the publisher.
#[test]
fn topics_that_break_the_connection_are_refused() {
    let (_context, publisher, subscriber) = connected(zmq::XPUB, zmq::SUB);
    let xsub = patient(publisher.context().socket(zmq::XSUB).unwrap());
    let old = zmq::version() < (4, 3, 5);
    for length in [245, 246, 250, 255, 256] {
        let topic = vec![b'x'; length];
        let breaks = old && (246..=255).contains(&length);
        for result in [subscriber.subscribe(&topic), xsub.subscribe(&topic)] {
            match result {
                Ok(()) => assert!(!breaks, "{length}"),
                Err(error) => {
                    assert!(breaks, "{error}");
                    assert_eq!(error.kind(), ErrorKind::InvalidInput);
                }
            }
        }
        if !breaks {
            let told = publisher.recv_subscription().unwrap();
            assert_eq!(told, subscribe(topic));
        }
    }
}

// ---- what an XPUB is told --------------------------------------------------------------------

/// Two subscribers to "A" come and go; what the publisher receives.
fn told(set: impl Fn(&Socket<XPub>)) -> Vec<Subscription> {
    let (context, publisher) = context_and(zmq::XPUB);
    set(&publisher);
    publisher.bind("inproc://told").unwrap();
    let subscribers = [(), ()].map(|()| {
        let subscriber = context.socket(zmq::SUB).unwrap();
        subscriber.connect("inproc://told").unwrap();
        subscriber
    });
    // Within the process what was sent is there at once, and each turn is taken in before the next.
    let mut told = Vec::new();
    let mut take_in = || {
        while let Some(subscription) = publisher.try_recv_subscription().unwrap() {
            told.push(subscription);
        }
    };
    for subscriber in &subscribers {
        subscriber.subscribe("A").unwrap();
        take_in();
    }
    for subscriber in &subscribers {
        subscriber.unsubscribe("A").unwrap();
        take_in();
    }
    told
}

#[test]
fn an_xpub_is_told_of_the_first_subscription_and_the_last_end_of_one() {
    assert_eq!(told(|_| {}), [subscribe("A"), unsubscribe("A")]);
}

#[test]
fn a_verbose_xpub_is_told_of_every_subscription() {
    let told = told(|publisher| publisher.set_xpub_verbose(true).unwrap());
    assert_eq!(told, [subscribe("A"), subscribe("A"), unsubscribe("A")]);
}

#[test]
fn a_verboser_xpub_is_told_of_every_end_too() {
    let told = told(|publisher| publisher.set_xpub_verboser(true).unwrap());
    assert_eq!(
        told,
        [
            subscribe("A"),
            subscribe("A"),
            unsubscribe("A"),
            unsubscribe("A")
        ]
    );
}

#[test]
fn a_subscriber_that_dies_ends_its_subscriptions() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://dies"] {
        let (context, publisher, dying) = connected_over(endpoint, zmq::XPUB, zmq::SUB);
        let staying = patient(context.socket(zmq::SUB).unwrap());
        staying
            .connect(&publisher.last_endpoint().unwrap())
            .unwrap();
        staying.subscribe("both").unwrap();
        assert_eq!(publisher.recv_subscription().unwrap(), subscribe("both"));
        for topic in ["", "both", "mine"] {
            dying.subscribe(topic).unwrap();
        }
        assert_eq!(received(&publisher, 2), [subscribe(""), subscribe("mine")]);
        drop(dying);
        // Of "both" nothing is said: somebody has it still.
        assert_eq!(
            received(&publisher, 2),
            [unsubscribe(""), unsubscribe("mine")]
        );
        drop(staying);
        assert_eq!(publisher.recv_subscription().unwrap(), unsubscribe("both"));
        assert_eq!(publisher.try_recv_subscription().unwrap(), None);
    }
}

#[test]
fn a_welcome_message_goes_out_with_the_first_subscription() {
    let (context, publisher) = context_and(zmq::XPUB);
    publisher.set_xpub_welcome_msg(b"A welcome").unwrap();
    publisher.bind("tcp://127.0.0.1:*").unwrap();
    let subscriber = patient(context.socket(zmq::SUB).unwrap());
    subscriber.subscribe("A").unwrap();
    subscriber
        .connect(&publisher.last_endpoint().unwrap())
        .unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
    assert_eq!(subscriber.recv().unwrap(), "A welcome");
}

#[test]
fn a_last_value_cache_answers_each_new_subscription() {
    let (context, cache) = context_and(zmq::XPUB);
    cache.set_xpub_verbose(true).unwrap();
    cache.bind("tcp://127.0.0.1:*").unwrap();
    let mut last = std::collections::HashMap::new();
    for (topic, value) in [("A", "old"), ("B", "other"), ("A", "new")] {
        last.insert(topic.as_bytes().to_vec(), value);
        cache.send_multipart([topic, value]).unwrap(); // nobody is there
    }
    // The second has the topic of the first, and is answered all the same.
    let mut subscribers = Vec::new();
    for topic in ["A", "A", "B"] {
        let subscriber = patient(context.socket(zmq::SUB).unwrap());
        subscriber.connect(&cache.last_endpoint().unwrap()).unwrap();
        subscriber.subscribe(topic).unwrap();
        let asked = cache.recv_subscription().unwrap();
        assert_eq!(asked, subscribe(topic));
        let value = last[asked.topic()];
        cache.send_multipart([topic, value]).unwrap();
        assert_eq!(subscriber.recv_multipart().unwrap(), [topic, value]);
        subscribers.push(subscriber);
    }
}

#[test]
fn a_full_subscriber_of_a_nodrop_publisher_does_not_hold_back_subscriptions() {
    let (context, publisher) = context_and(zmq::XPUB);
    publisher.set_xpub_nodrop(true).unwrap();
    publisher.set_sndhwm(1).unwrap();
    publisher.bind("inproc://nodrop").unwrap();
    let slow = patient(context.socket(zmq::SUB).unwrap());
    slow.set_rcvhwm(1).unwrap();
    slow.connect("inproc://nodrop").unwrap();
    slow.subscribe("A").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
    let mut sent = 0;
    let refused = loop {
        match publisher.try_send(Message::from("A")) {
            Ok(()) => sent += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!((refused.kind(), sent), (ErrorKind::WouldBlock, 2));
    assert_eq!(refused.message, "A");

    let late = patient(context.socket(zmq::SUB).unwrap());
    late.connect("inproc://nodrop").unwrap();
    late.subscribe("B").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("B"));
    publisher.set_sndtimeo(Some(LONG)).unwrap();
    for _ in 0..sent {
        assert_eq!(slow.recv().unwrap(), "A");
    }
    publisher.send("B").unwrap();
    assert_eq!(late.recv().unwrap(), "B");
}

#[test]
fn inverted_matching_leaves_the_subscriptions_as_they_are() {
    let (context, publisher) = context_and(zmq::XPUB);
    publisher.set_invert_matching(true).unwrap();
    publisher.bind("inproc://inverted").unwrap();
    let subscriber = patient(context.socket(zmq::SUB).unwrap());
    subscriber.set_invert_matching(true).unwrap();
    subscriber.connect("inproc://inverted").unwrap();
    subscriber.subscribe("A").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), subscribe("A"));
    publisher.send("A").unwrap();
    publisher.send("B").unwrap();
    assert_eq!(subscriber.recv().unwrap(), "B");
    subscriber.unsubscribe("A").unwrap();
    assert_eq!(publisher.recv_subscription().unwrap(), unsubscribe("A"));
}
