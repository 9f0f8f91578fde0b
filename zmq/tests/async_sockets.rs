//! Every method of the sockets that tasks wait for does what its plain sister does.
#![cfg(all(unix, any(feature = "tokio", feature = "async-io")))]

mod common;
#[path = "common/tasks.rs"]
mod tasks;

use std::future::poll_fn;
use std::time::{Duration, Instant};

use common::{LONG, connected, connected_over, context_and, patient};
use zmq::{Context, ErrorKind, Message, Multipart, Subscription};

on_every_runtime! {
    async fn frames_cross_in_every_form() {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        push.send("recv").await.unwrap();
        assert_eq!(pull.recv().await.unwrap(), "recv");
        push.send(Message::from("a message")).await.unwrap();
        let mut message = Message::from("dropped");
        pull.recv_message_into(&mut message).await.unwrap();
        assert_eq!(message, "a message");
        push.send(vec![7; 100]).await.unwrap();
        let mut buffer = [0; 4];
        let received = pull.recv_into(&mut buffer).await.unwrap();
        assert_eq!((received.len, received.full_len), (4, 100));
        push.send("poll").await.unwrap();
        assert_eq!(poll_fn(|context| pull.poll_recv(context)).await.unwrap(), "poll");
        push.try_send("try").unwrap();
        pull.readable().await.unwrap();
        assert_eq!(pull.try_recv().unwrap().unwrap(), "try");
        assert!(pull.try_recv().unwrap().is_none());
    }

    async fn messages_of_several_frames_cross_in_every_form() {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        push.send_multipart(["a", "b"]).await.unwrap();
        assert_eq!(pull.recv_multipart().await.unwrap(), ["a", "b"]);
        push.send_multipart(("c", vec![b'd'])).await.unwrap();
        let mut message = Multipart::from(["x", "y", "z"]);
        pull.recv_multipart_into(&mut message).await.unwrap();
        assert_eq!(message, ["c", "d"]);
        push.send_multipart(message).await.unwrap();
        let [c, d] = pull.recv_array().await.unwrap();
        assert_eq!([c, d], ["c", "d"]);
        push.try_send_multipart(["e", "f"]).unwrap();
        let polled = poll_fn(|context| pull.poll_recv_multipart(context)).await;
        assert_eq!(polled.unwrap(), ["e", "f"]);
        push.send_multipart(["g", "h"]).await.unwrap();
        pull.readable().await.unwrap();
        let [g, h] = pull.try_recv_array().unwrap().unwrap();
        assert_eq!([g, h], ["g", "h"]);
        assert!(pull.try_recv_multipart().unwrap().is_none());
        // A message of another shape comes back in the error, whole.
        push.send_multipart(["i", "j"]).await.unwrap();
        let error = pull.recv().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PartCount);
        assert_eq!(error.into_multipart().unwrap(), ["i", "j"]);
    }

    async fn a_message_in_an_option_is_sent_out_of_it() {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let (mut pull, mut push) = (Socket::new(pull).unwrap(), Socket::new(push).unwrap());
        let mut frame = Some(Message::from("frame"));
        push.send_from(&mut frame).await.unwrap();
        assert!(frame.is_none());
        push.send_from(&mut frame).await.unwrap(); // nothing to send
        let mut parts = Some(Multipart::from(["a", "b"]));
        push.send_multipart_from(&mut parts).await.unwrap();
        assert!(parts.is_none());
        push.reserve().await.unwrap().send("reserved").unwrap();
        push.reserve().await.unwrap().send_multipart(["c", "d"]).unwrap();
        drop(push.reserve().await.unwrap());
        assert_eq!(pull.recv().await.unwrap(), "frame");
        assert_eq!(pull.recv_multipart().await.unwrap(), ["a", "b"]);
        assert_eq!(pull.recv().await.unwrap(), "reserved");
        assert_eq!(pull.recv_multipart().await.unwrap(), ["c", "d"]);
        assert!(pull.try_recv().unwrap().is_none());
    }

    async fn a_refused_message_comes_back() {
        let (_context, pair) = context_and(zmq::PAIR);
        let mut pair = Socket::new(pair).unwrap();
        let refused = pair.try_send(Message::from("nobody")).unwrap_err();
        assert_eq!((refused.kind(), refused.message), (ErrorKind::WouldBlock, "nobody".into()));
        let mut none = Some(Multipart::new());
        let error = pair.send_multipart_from(&mut none).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(none.is_some());
    }

    async fn requests_and_replies_take_turns() {
        let (_context, server, client) = connected(zmq::REP, zmq::REQ);
        let (mut server, mut client) = (Socket::new(server).unwrap(), Socket::new(client).unwrap());
        let serve = spawn(async move {
            for _ in 0..3 {
                let mut request = server.next_request().await.unwrap();
                let echo = request.take();
                request.reply_multipart(echo).unwrap();
            }
            drop(server.next_request().await.unwrap());
            server
        });
        let mut pending = client.request("Hello").await.unwrap();
        assert_eq!(pending.recv().await.unwrap(), "Hello");
        let mut pending = client.request_multipart(["a", "b"]).await.unwrap();
        assert_eq!(pending.recv_multipart().await.unwrap(), ["a", "b"]);
        let mut pending = client.request_multipart(["c", "d"]).await.unwrap();
        let [c, d] = pending.recv_array().await.unwrap();
        assert_eq!([c, d], ["c", "d"]);
        // An unanswered request is answered with an empty frame.
        let mut pending = client.request("nothing").await.unwrap();
        assert_eq!(pending.recv().await.unwrap(), "");
        drop(serve.await);
    }

    async fn out_of_turn_is_an_error_and_no_hang() {
        let (_context, server, client) = connected(zmq::REP, zmq::REQ);
        let (mut server, mut client) = (Socket::new(server).unwrap(), Socket::new(client).unwrap());
        assert_eq!(client.recv().await.unwrap_err().kind(), ErrorKind::InvalidState);
        assert_eq!(server.send("early").await.unwrap_err().kind(), ErrorKind::InvalidState);
        let early = server.reserve().await.unwrap().send("early").unwrap_err();
        assert_eq!(early.kind(), ErrorKind::InvalidState);
        client.readable().await.unwrap();
        client.send("request").await.unwrap();
        let again = client.reserve().await.unwrap().send("again").unwrap_err();
        assert_eq!(again.kind(), ErrorKind::InvalidState);
        let refused = client.send(Message::from("again")).await.unwrap_err();
        assert_eq!((refused.kind(), refused.message), (ErrorKind::InvalidState, "again".into()));
        assert_eq!(server.recv().await.unwrap(), "request");
        assert_eq!(server.recv().await.unwrap_err().kind(), ErrorKind::InvalidState);
        server.readable().await.unwrap();
        server.reserve().await.unwrap().send("reply").unwrap();
        client.readable().await.unwrap();
        assert_eq!(client.recv().await.unwrap(), "reply");
    }

    async fn a_router_sends_to_whom_it_names() {
        let (_context, router, dealer) = connected(zmq::ROUTER, zmq::DEALER);
        let (mut router, mut dealer) = (Socket::new(router).unwrap(), Socket::new(dealer).unwrap());
        dealer.send("here").await.unwrap();
        let [id, here] = router.recv_array().await.unwrap();
        assert_eq!(here, "here");
        router.send_to(id, "there").await.unwrap();
        assert_eq!(dealer.recv().await.unwrap(), "there");
    }

    async fn subscriptions_and_the_latest_message_come() {
        let (_context, xpub, sub) = connected(zmq::XPUB, zmq::SUB);
        let (mut xpub, mut sub) = (Socket::new(xpub).unwrap(), Socket::new(sub).unwrap());
        sub.with(|sub| sub.subscribe("A")).unwrap();
        let subscription = xpub.recv_subscription().await.unwrap();
        assert_eq!(subscription, Subscription::Subscribe("A".into()));
        for reading in ["A1", "A2", "A3"] {
            xpub.send(reading).await.unwrap();
        }
        let mut latest = sub.recv_latest().await.unwrap();
        while latest != ["A3"] {
            latest = sub.recv_latest().await.unwrap();
        }
    }

    async fn a_socket_goes_back_with_what_it_has() {
        let (_context, pull, push) = connected(zmq::PULL, zmq::PUSH);
        let mut pull = Socket::new(pull).unwrap();
        push.send("one").unwrap();
        push.send("two").unwrap();
        assert_eq!(pull.recv().await.unwrap(), "one");
        let pull = pull.into_inner();
        assert_eq!(pull.recv().unwrap(), "two");
        push.send("three").unwrap();
        let mut pull = Socket::new(pull).unwrap();
        assert_eq!(pull.recv().await.unwrap(), "three");
    }

    async fn a_socket_of_a_type_known_at_run_time_is_awaited_too() {
        let context = Context::new().unwrap();
        let (here, there) = context.pipe().unwrap();
        let (mut here, mut there) = (
            Socket::new(here.into_any()).unwrap(),
            Socket::new(there.into_any()).unwrap(),
        );
        here.send("any").await.unwrap();
        assert_eq!(there.recv().await.unwrap(), "any");
    }

    // ---- what waits in front of libzmq ---------------------------------------------------------

    async fn a_message_that_was_parked_comes_first() {
        let (_context, xpub, sub) = connected_over("inproc://parked", zmq::XPUB, zmq::SUB);
        sub.subscribe("").unwrap();
        xpub.recv_subscription().unwrap();
        let mut sub = Socket::new(sub).unwrap();
        xpub.send("parked").unwrap();
        sub.with(|sub| sub.disconnect("inproc://parked")).unwrap();
        assert_eq!(sub.recv().await.unwrap(), "parked");
        assert!(sub.try_recv().unwrap().is_none());
    }

    async fn a_parked_message_wakes_who_waits_already() {
        let (_context, xpub, sub) = connected_over("inproc://parks", zmq::XPUB, zmq::SUB);
        sub.subscribe("").unwrap();
        xpub.recv_subscription().unwrap();
        let mut sub = Socket::new(sub).unwrap();
        let mut asked = false;
        let message = poll_fn(|context| {
            let polled = sub.poll_recv(context);
            if polled.is_pending() && !std::mem::replace(&mut asked, true) {
                xpub.send("parked").unwrap();
                sub.with(|sub| sub.disconnect("inproc://parks")).unwrap();
            }
            polled
        });
        assert_eq!(message.await.unwrap(), "parked");
    }

    async fn the_rest_of_a_message_left_half_read_is_no_message() {
        let (_context, mut pull, push) = connected(zmq::PULL, zmq::PUSH);
        push.send_multipart(["one", "two", "three"]).unwrap();
        std::mem::forget(pull.recv_frames().unwrap());
        push.send("next").unwrap();
        let mut pull = Socket::new(pull).unwrap();
        assert_eq!(pull.recv().await.unwrap(), "next");
    }

    async fn a_request_that_was_lost_is_said_to_be_dropped_and_goes_again() {
        // The server goes away just before the request is sent: hazards F9.
        let start = Instant::now();
        for round in 0.. {
            assert!(start.elapsed() < LONG, "the race was not met");
            let context = Context::new().unwrap();
            let server = patient(context.socket(zmq::REP).unwrap());
            server.bind("inproc://leaving").unwrap();
            let client = patient(context.socket(zmq::REQ).unwrap());
            client.connect("inproc://leaving").unwrap();
            client.send("warm up").unwrap();
            server.recv().unwrap();
            server.send("ready").unwrap();
            client.recv().unwrap();
            client.set_sndtimeo(Some(Duration::from_millis(1))).unwrap();
            drop(server);
            for _ in 0..50 * (round % 200) {
                std::hint::spin_loop();
            }
            // Not by a task: that would ask for the events first, and notice.
            if client.send("request").is_err() {
                continue;
            }
            let mut client = Socket::new(client).unwrap();
            match timeout(Duration::from_millis(5), client.recv()).await {
                Some(error) => assert_eq!(error.unwrap_err().kind(), ErrorKind::Dropped),
                None => continue, // it got out and died with the server
            }
            // The next one waits for libzmq to let go of that server, which no edge tells.
            let server = patient(context.socket(zmq::REP).unwrap());
            server.bind("inproc://staying").unwrap();
            client.with(|client| client.connect("inproc://staying")).unwrap();
            client.send("once more").await.unwrap();
            let mut server = Socket::new(server).unwrap();
            server.next_request().await.unwrap().reply("reply").unwrap();
            assert_eq!(client.recv().await.unwrap(), "reply");
            return;
        }
    }
}
