//! Subscriptions on their way: by hand through a device, repeated, and of any length.

use zmq::{Context, ErrorKind, Socket, Sub, Subscription, XPub};

use crate::common::{bound, connected, context_and, peer_of};
use crate::crowd::{self, PLACES};

#[test]
fn subscriptions_and_messages_are_carried_by_hand_through_a_device() {
    let context = Context::new().unwrap();
    let front = bound(&context, zmq::XPUB, "tcp://127.0.0.1:*");
    let back = bound(&context, zmq::XSUB, "tcp://127.0.0.1:*");
    let publisher = peer_of(&back, zmq::XPUB);
    let subscriber = peer_of(&front, zmq::SUB);

    for told in [1, 0] {
        match told {
            1 => subscriber.subscribe("A").unwrap(),
            _ => subscriber.unsubscribe("A").unwrap(),
        }
        let subscription = front.recv().unwrap();
        assert_eq!(subscription, [told, b'A']);
        back.send(subscription).unwrap();
        assert_eq!(publisher.recv().unwrap(), [told, b'A']);

        publisher.send_multipart(["A", "news"]).unwrap();
        publisher.send_multipart(["B", "unwanted"]).unwrap();
        if told == 1 {
            front
                .send_multipart(back.recv_multipart().unwrap())
                .unwrap();
            assert_eq!(subscriber.recv_multipart().unwrap(), ["A", "news"]);
        }
        assert_eq!(back.try_recv_multipart().unwrap(), None);
        assert_eq!(subscriber.try_recv_multipart().unwrap(), None);
    }
}

/// A subscriber of an XPUB that is set up so.
fn subscribed(place: &str, set: fn(&Socket<XPub>)) -> (Context, Socket<XPub>, Socket<Sub>) {
    let (context, publisher) = context_and(zmq::XPUB);
    set(&publisher);
    publisher.bind(place).unwrap();
    let [subscriber] = crowd::peers(&publisher, zmq::SUB);
    (context, publisher, subscriber)
}

/// What the publisher is told, the last of which is the subscription to "end".
fn told(publisher: &Socket<XPub>, subscriber: &Socket<Sub>) -> Vec<String> {
    subscriber.subscribe("end").unwrap();
    let mut told = Vec::new();
    loop {
        let subscription = publisher.recv_subscription().unwrap();
        if subscription == Subscription::Subscribe(b"end".to_vec()) {
            break;
        }
        let sign = if subscription.is_subscribe() {
            "+"
        } else {
            "-"
        };
        told.push(format!("{sign}{}", subscription.topic().escape_ascii()));
    }
    subscriber.unsubscribe("end").unwrap();
    let last = publisher.recv_subscription().unwrap();
    assert_eq!(last, Subscription::Unsubscribe(b"end".to_vec()));
    told
}

#[test]
fn repetitions_of_one_subscriber_are_told_by_a_verbose_xpub_only() {
    for place in PLACES {
        let (_context, publisher, subscriber) = subscribed(place, |_| {});
        for topic in ["A", "B", "A"] {
            subscriber.subscribe(topic).unwrap();
        }
        assert_eq!(told(&publisher, &subscriber), ["+A", "+B"]);
        // It counts from now on.
        publisher.set_xpub_verbose(true).unwrap();
        subscriber.subscribe("A").unwrap();
        assert_eq!(told(&publisher, &subscriber), ["+A"]);
        publisher.set_xpub_verbose(false).unwrap();
        subscriber.subscribe("A").unwrap();
        assert_eq!(told(&publisher, &subscriber), [""; 0]);
        // Four times is more than three.
        for _ in 0..3 {
            subscriber.unsubscribe("A").unwrap();
        }
        assert_eq!(told(&publisher, &subscriber), [""; 0]);
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(told(&publisher, &subscriber), ["-A"]);
    }
}

#[test]
fn ends_of_one_subscriber_are_told_once_by_a_verboser_xpub() {
    for place in PLACES {
        let set: fn(&Socket<XPub>) = |publisher| publisher.set_xpub_verboser(true).unwrap();
        let (_context, publisher, subscriber) = subscribed(place, set);
        for topic in ["A", "A", "B"] {
            subscriber.subscribe(topic).unwrap();
        }
        assert_eq!(told(&publisher, &subscriber), ["+A", "+A", "+B"]);
        // The subscriber itself passes the last end on and no other.
        subscriber.unsubscribe("A").unwrap();
        subscriber.unsubscribe("B").unwrap();
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(told(&publisher, &subscriber), ["-B", "-A"]);
        // An end of nothing is none.
        subscriber.unsubscribe("A").unwrap();
        assert_eq!(told(&publisher, &subscriber), [""; 0]);
    }
}

#[test]
fn topics_about_as_long_as_a_short_frame_are_told_and_ended() {
    let (_context, publisher, subscriber) = connected(zmq::XPUB, zmq::SUB);
    // With the name of its command some of these make a long frame, which libzmq gets wrong before
    // 4.3.5: then they are refused, as `subscriptions.rs` tells.
    let old = zmq::version() < (4, 3, 5);
    for length in [243, 245, 246, 248, 249, 255, 256, 257, 1024] {
        let topic = vec![b'T'; length];
        let subscribed = subscriber.subscribe(&topic);
        if old && (246..=255).contains(&length) {
            assert_eq!(subscribed.unwrap_err().kind(), ErrorKind::InvalidInput);
            continue;
        }
        subscribed.unwrap();
        assert_eq!(
            publisher.recv_subscription().unwrap(),
            Subscription::Subscribe(topic.clone())
        );
        publisher.send(&topic).unwrap();
        assert_eq!(subscriber.recv().unwrap(), topic[..]);
        subscriber.unsubscribe(&topic).unwrap();
        assert_eq!(
            publisher.recv_subscription().unwrap(),
            Subscription::Unsubscribe(topic)
        );
    }
}

/// A libzmq of 4.3.5 and later.
#[cfg(feature = "draft")]
#[test]
fn an_xsub_passes_ends_of_subscriptions_on_that_say_nothing_new_when_it_is_to() {
    let (_context, publisher) = context_and(zmq::XPUB);
    publisher.set_xpub_verboser(true).unwrap();
    publisher.bind("inproc://ends").unwrap();
    let xsub = peer_of(&publisher, zmq::XSUB);
    let all = || -> Vec<_> {
        std::iter::from_fn(|| publisher.try_recv_subscription().unwrap())
            .map(|subscription| subscription.is_subscribe())
            .collect()
    };
    let turn = || {
        xsub.unsubscribe("A").unwrap();
        xsub.subscribe("A").unwrap();
        xsub.subscribe("A").unwrap();
        xsub.unsubscribe("A").unwrap();
        xsub.unsubscribe("A").unwrap();
        all()
    };
    assert_eq!(turn(), [true, true, false]);
    if let Err(error) = xsub.set_xsub_verbose_unsubscribe(true) {
        assert!(
            crate::common::lacks_drafts() || zmq::version() < (4, 3, 5),
            "{error}"
        );
        return;
    }
    assert_eq!(turn(), [false, true, true, false, false]);
}
