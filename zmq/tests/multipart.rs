//! Messages of several frames: sent whole, received whole.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{LONG, connected, connected_over, counted, holders, pipeline, prepared};
use zmq::{ErrorKind, Message, MessageBuf, Multipart};

// ---- what goes through ---------------------------------------------------------------------

#[test]
fn empty_and_large_frames_arrive_unchanged_side_by_side() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://sizes"] {
        let (_context, pull, push) = connected_over(endpoint, zmq::PULL, zmq::PUSH);
        let large: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
        push.send_multipart(("", large.clone(), "", large.clone(), ""))
            .unwrap();
        let [a, b, c, d, e] = pull.recv_array().unwrap();
        assert!(a.is_empty() && c.is_empty() && e.is_empty());
        assert!(b == large && d == large, "over {endpoint}");
    }
}

#[test]
fn a_thousand_frames_arrive_in_order() {
    for endpoint in ["tcp://127.0.0.1:*", "inproc://thousand"] {
        let (_context, pull, push) = connected_over(endpoint, zmq::PULL, zmq::PUSH);
        let sent: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        push.send_multipart(sent.clone()).unwrap();
        let received = pull.recv_multipart().unwrap();
        assert_eq!(received, sent);
        let more: Vec<bool> = received.iter().map(Message::more).collect();
        assert_eq!(more.iter().filter(|more| **more).count(), 999);
        assert!(!more[999]);
    }
}

#[test]
fn every_form_of_parts_is_sent_as_its_frames() {
    let (push, pull) = pipeline();
    let text = String::from("a");
    let strings = vec!["a".to_string(), "b".to_string()];

    push.send_multipart(["a", "b"]).unwrap();
    push.send_multipart([b"a", b"b"]).unwrap();
    push.send_multipart([&b"a"[..], b"b"]).unwrap();
    push.send_multipart([&text, &strings[1]]).unwrap();
    push.send_multipart(["a".to_string(), "b".to_string()])
        .unwrap();
    push.send_multipart([Message::from("a"), "b".into()])
        .unwrap();
    push.send_multipart([MessageBuf::from("a"), "b".into()])
        .unwrap();
    push.send_multipart(vec!["a", "b"]).unwrap();
    push.send_multipart(vec![Message::from("a"), "b".into()])
        .unwrap();
    push.send_multipart(strings).unwrap();
    push.send_multipart(Multipart::from(["a", "b"])).unwrap();
    push.send_multipart("a b".split(' ').collect::<Multipart>())
        .unwrap();
    push.send_more("a").send("b").unwrap();
    push.send_more("a".to_string()).send(b"b").unwrap();
    push.send_more(Message::from("a")).try_send("b").unwrap();
    push.try_send_multipart(("a", MessageBuf::from("b")))
        .unwrap();
    for form in 0..16 {
        assert_eq!(pull.recv_multipart().unwrap(), ["a", "b"], "form {form}");
    }
    assert_eq!(pull.try_recv_multipart().unwrap(), None);
}

#[test]
fn tuples_of_one_to_eight_types_are_sent_in_order() {
    let (push, pull) = pipeline();
    let (vec, string) = (b"6".to_vec(), String::from("7"));
    push.send_multipart(("1",)).unwrap();
    push.send_multipart(("1", b"2")).unwrap();
    push.send_multipart(("1", b"2", Message::from("3")))
        .unwrap();
    push.send_multipart(("1", b"2", Message::from("3"), MessageBuf::from("4")))
        .unwrap();
    push.send_multipart((
        "1",
        b"2",
        Message::from("3"),
        MessageBuf::from("4"),
        b"5".to_vec(),
    ))
    .unwrap();
    push.send_multipart((
        "1",
        b"2",
        Message::from("3"),
        MessageBuf::from("4"),
        b"5".to_vec(),
        &vec,
    ))
    .unwrap();
    push.send_multipart((
        "1",
        b"2",
        Message::from("3"),
        MessageBuf::from("4"),
        b"5".to_vec(),
        &vec,
        &string,
    ))
    .unwrap();
    push.send_multipart((
        "1",
        b"2",
        Message::from("3"),
        MessageBuf::from("4"),
        b"5".to_vec(),
        &vec,
        &string,
        Arc::<[u8]>::from(&b"8"[..]),
    ))
    .unwrap();
    for count in 1..=8 {
        let expected: Vec<String> = (1..=count).map(|i| i.to_string()).collect();
        assert_eq!(pull.recv_multipart().unwrap(), expected);
    }
}

#[test]
fn a_chain_of_send_more_is_one_message() {
    let (push, pull) = pipeline();
    push.send_more("1")
        .send_more(b"2")
        .send_more(vec![b'3'])
        .send_more(String::from("4"))
        .send_more(Message::from("5"))
        .send(MessageBuf::from("6"))
        .unwrap();
    assert_eq!(
        pull.recv_multipart().unwrap(),
        ["1", "2", "3", "4", "5", "6"]
    );
    assert_eq!(pull.try_recv_multipart().unwrap(), None);
}

#[test]
fn one_frame_as_a_multipart_is_a_plain_message() {
    let (push, pull) = pipeline();
    push.send_multipart(["alone"]).unwrap();
    push.send("alone").unwrap();
    assert_eq!(pull.recv().unwrap(), "alone");
    assert_eq!(pull.recv_multipart().unwrap(), ["alone"]);
}

// ---- promise: unfinished messages are never sent -------------------------------------------

#[test]
fn dropping_an_unfinished_message_sends_nothing() {
    let (push, pull) = pipeline();
    let bytes = counted(1);
    drop(push.send_more("never").send_more(bytes.clone()));
    drop(push.send_more(Message::from(bytes.clone())));
    let mut message = Multipart::new();
    message.push_back("never");
    message.push_back(bytes.clone());
    drop(message);
    assert_eq!(holders(&bytes), 0);

    assert_eq!(pull.try_recv_multipart().unwrap(), None);
    push.send("alone").unwrap();
    assert_eq!(pull.recv_multipart().unwrap(), ["alone"]);
    push.send_multipart(["two", "parts"]).unwrap();
    assert_eq!(pull.recv_multipart().unwrap(), ["two", "parts"]);
}

#[test]
fn other_messages_can_be_sent_while_one_is_under_construction() {
    let (push, pull) = pipeline();
    let slow = push.send_more("slow");
    push.send("quick").unwrap();
    slow.send("message").unwrap();
    assert_eq!(pull.recv_multipart().unwrap(), ["quick"]);
    assert_eq!(pull.recv_multipart().unwrap(), ["slow", "message"]);
}

// ---- promise: messages are received whole --------------------------------------------------

#[test]
fn recv_of_several_frames_gives_them_all_back_and_the_next_message_is_whole() {
    let (push, pull) = pipeline();
    for _ in 0..4 {
        push.send_multipart(["one", "two", "three"]).unwrap();
    }
    push.send("next").unwrap();
    let mut message = Message::from("former");
    for error in [
        pull.recv().unwrap_err(),
        pull.try_recv().unwrap_err(),
        pull.recv_message_into(&mut message).unwrap_err(),
        pull.try_recv_message_into(&mut message).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::PartCount);
        assert_eq!(error.error().subject(), Some("1 wanted, 3 came"));
        assert_eq!(*error.multipart().unwrap(), ["one", "two", "three"]);
        assert_eq!(error.into_multipart().unwrap(), ["one", "two", "three"]);
    }
    assert!(message.is_empty(), "after an error the message is empty");
    assert_eq!(pull.recv().unwrap(), "next");
}

#[test]
fn recv_array_of_another_length_gives_the_parts_back() {
    let (push, pull) = pipeline();
    for parts in [&["one"][..], &["one", "two"], &["1", "2", "3", "4", "5"]] {
        push.send_multipart(parts.to_vec()).unwrap();
        let error = pull.recv_array::<3>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PartCount);
        assert_eq!(error.into_multipart().unwrap(), *parts);
        push.send_multipart(parts.to_vec()).unwrap();
        let error = pull.try_recv_array::<3>().unwrap_err();
        assert_eq!(error.into_multipart().unwrap(), *parts);
    }
    assert_eq!(pull.try_recv_array::<3>().unwrap(), None);
    push.send_multipart(["one", "two", "three"]).unwrap();
    let [one, two, three] = pull.recv_array().unwrap();
    assert_eq!([one, two, three], ["one", "two", "three"]);
}

#[test]
fn recv_into_says_what_did_not_fit_and_drops_it() {
    let (push, pull) = pipeline();
    let mut buffer = [0; 4];
    push.send_multipart(["Hello", "two", "three"]).unwrap();
    let received = pull.recv_into(&mut buffer).unwrap();
    assert_eq!(
        (received.len, received.full_len, received.dropped_frames),
        (4, 5, 2)
    );
    assert!(!received.is_complete());
    assert_eq!(&buffer, b"Hell");

    push.send("abc").unwrap();
    let received = pull.try_recv_into(&mut buffer).unwrap().unwrap();
    assert_eq!(
        (received.len, received.full_len, received.dropped_frames),
        (3, 3, 0)
    );
    assert!(received.is_complete());
    assert_eq!(&buffer, b"abcl", "bytes behind the message stay");
    assert_eq!(pull.try_recv_into(&mut buffer).unwrap(), None);

    push.send_multipart(["", "two"]).unwrap();
    let received = pull.recv_into(&mut []).unwrap();
    assert_eq!((received.full_len, received.dropped_frames), (0, 1));
    assert!(!received.is_complete());
    push.send("Hello").unwrap();
    assert!(!pull.recv_into(&mut buffer).unwrap().is_complete());
    push.send("next").unwrap();
    assert_eq!(pull.recv().unwrap(), "next");
}

#[test]
fn a_server_on_recv_into_goes_on_after_a_request_of_two_frames() {
    let (_context, server, client) = connected(zmq::REP, zmq::REQ);
    let mut buffer = [0; 16];
    client.send_multipart(["one", "too many"]).unwrap();
    assert_eq!(server.recv_into(&mut buffer).unwrap().dropped_frames, 1);
    server.send("answer").unwrap();
    assert_eq!(client.recv().unwrap(), "answer");
    client.send("one").unwrap();
    let received = server.recv_into(&mut buffer).unwrap();
    assert_eq!(&buffer[..received.len], b"one");
    server.send("answer").unwrap();
    assert_eq!(client.recv().unwrap(), "answer");
}

#[test]
fn a_server_on_recv_can_answer_a_request_of_two_frames() {
    let (_context, server, client) = connected(zmq::REP, zmq::REQ);
    client.send_multipart(["one", "too many"]).unwrap();
    assert_eq!(server.recv().unwrap_err().kind(), ErrorKind::PartCount);
    server.send("one frame, please").unwrap();
    assert_eq!(client.recv().unwrap(), "one frame, please");
}

// ---- reuse -----------------------------------------------------------------------------------

#[test]
fn recv_multipart_into_shrinks_and_grows_and_keeps_nothing_of_the_former() {
    let (push, pull) = pipeline();
    let former: Vec<Arc<[u8]>> = (0..7).map(counted).collect();
    let mut message: Multipart = former.iter().cloned().collect();
    assert!(former.iter().all(|bytes| holders(bytes) == 1));

    for count in [3, 1, 9, 4, 5, 2, 1000, 1] {
        let parts: Vec<String> = (0..count).map(|i| format!("{count}.{i}")).collect();
        push.send_multipart(parts.clone()).unwrap();
        pull.recv_multipart_into(&mut message).unwrap();
        assert_eq!(message, parts);
        assert!(former.iter().all(|bytes| holders(bytes) == 0));
    }

    assert!(!pull.try_recv_multipart_into(&mut message).unwrap());
    assert!(message.is_empty(), "after an error the message is empty");
    push.send_multipart(["a", "b"]).unwrap();
    assert!(pull.try_recv_multipart_into(&mut message).unwrap());
    assert_eq!(message, ["a", "b"]);
}

#[test]
fn recv_message_into_replaces_the_content() {
    let (push, pull) = pipeline();
    let former = counted(1);
    let mut message = Message::from(former.clone());
    push.send("new").unwrap();
    pull.recv_message_into(&mut message).unwrap();
    assert_eq!(message, "new");
    assert_eq!(holders(&former), 0);

    let mut message = Message::from(former.clone());
    assert!(!pull.try_recv_message_into(&mut message).unwrap());
    assert!(message.is_empty(), "after an error the message is empty");
    assert_eq!(holders(&former), 0);
}

#[test]
fn recv_message_into_out_of_turn_leaves_an_empty_message() {
    let (_context, _server, client) = connected(zmq::REP, zmq::REQ);
    let mut message = Message::from("former");
    let error = client.recv_message_into(&mut message).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(message.is_empty(), "after an error the message is empty");
}

#[test]
fn recv_message_into_on_an_ended_context_leaves_an_empty_message() {
    let (push, pull) = pipeline();
    push.context().shutdown().unwrap();
    // The second call no longer gets as far as looking for a message.
    for _ in 0..2 {
        let mut message = Message::from("former");
        let error = pull.recv_message_into(&mut message).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Terminated);
        assert!(message.is_empty(), "after an error the message is empty");
    }
}

#[test]
fn recv_multipart_into_on_an_ended_context_leaves_an_empty_message() {
    let (push, pull) = pipeline();
    push.context().shutdown().unwrap();
    let mut message = Multipart::from(["former", "parts"]);
    let error = pull.recv_multipart_into(&mut message).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Terminated);
    assert!(message.is_empty(), "after an error the message is empty");
}

// ---- streams ---------------------------------------------------------------------------------

#[test]
fn recv_frames_streams_one_message_and_stops_at_its_end() {
    let (push, mut pull) = pipeline();
    push.send_multipart(["one", "two", "three"]).unwrap();
    push.send("next").unwrap();
    let frames: Vec<Message> = pull
        .recv_frames()
        .unwrap()
        .collect::<zmq::Result<_>>()
        .unwrap();
    assert_eq!(frames, ["one", "two", "three"]);

    let mut frames = pull.try_recv_frames().unwrap().unwrap();
    assert_eq!(frames.next().unwrap().unwrap(), "next");
    assert!(frames.next().is_none());
    assert!(frames.next().is_none());
    drop(frames);
    assert!(pull.try_recv_frames().unwrap().is_none());
}

#[test]
fn dropping_a_stream_drops_the_rest_of_its_message() {
    for read in 0..=3 {
        let (push, mut pull) = pipeline();
        push.send_multipart(["one", "two", "three"]).unwrap();
        push.send("next").unwrap();
        let mut frames = pull.recv_frames().unwrap();
        for frame in frames.by_ref().take(read) {
            frame.unwrap();
        }
        drop(frames);
        assert_eq!(pull.recv().unwrap(), "next", "after {read} frames");
    }
}

#[test]
fn dropping_a_stream_makes_room_for_the_next_message() {
    let (_context, pull, push) = prepared("inproc://room", zmq::PULL, zmq::PUSH, |pull, push| {
        pull.set_rcvhwm(1).unwrap();
        push.set_sndhwm(1).unwrap();
    });
    let mut pull = pull;
    while push.try_send_multipart(["one", "two"]).is_ok() {}
    drop(pull.recv_frames().unwrap());
    push.send_multipart(["there is", "room"]).unwrap();
}

#[test]
fn forgetting_a_stream_lets_no_middle_frame_out() {
    let (push, mut pull) = pipeline();
    push.send_multipart(["one", "two", "three"]).unwrap();
    push.send_multipart(["next", "parts"]).unwrap();
    let mut frames = pull.recv_frames().unwrap();
    frames.next().unwrap().unwrap();
    std::mem::forget(frames);
    assert_eq!(pull.recv_multipart().unwrap(), ["next", "parts"]);
}

#[test]
fn a_forgotten_stream_is_not_what_poll_waits_for() {
    let (push, mut pull) = pipeline();
    push.send_multipart(["one", "two"]).unwrap();
    std::mem::forget(pull.recv_frames().unwrap());
    assert!(!pull.events().unwrap().is_readable());
    push.send_multipart(["one", "two"]).unwrap();
    std::mem::forget(pull.recv_frames().unwrap());
    let [ready] = zmq::poll([pull.poll_in()], Some(std::time::Duration::ZERO)).unwrap();
    assert!(!ready.is_readable());
    push.send("next").unwrap();
    let [ready] = zmq::poll([pull.poll_in()], Some(LONG)).unwrap();
    assert!(ready.is_readable());
    assert_eq!(pull.recv().unwrap(), "next");
}

#[test]
fn next_frame_uses_the_same_message_again() {
    let (push, mut pull) = pipeline();
    let (first, second) = (counted(1), counted(2));
    push.send_multipart([first.clone(), second.clone()])
        .unwrap();
    let mut frame = Message::new();
    let mut frames = pull.recv_frames().unwrap();
    assert!(frames.next_frame(&mut frame).unwrap());
    assert_eq!((&frame[..], frame.more()), (&first[..], true));
    assert_eq!(holders(&first), 1);
    assert!(frames.next_frame(&mut frame).unwrap());
    assert_eq!((&frame[..], frame.more()), (&second[..], false));
    assert_eq!(holders(&first), 0, "the former frame was dropped");
    assert!(!frames.next_frame(&mut frame).unwrap());
    assert_eq!(frame, second[..], "no further frame leaves it alone");
}

#[test]
fn a_panic_between_frames_drops_the_rest_of_the_message() {
    let (push, mut pull) = pipeline();
    push.send_multipart(["one", "two", "three"]).unwrap();
    push.send_multipart(["next", "parts"]).unwrap();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        for frame in pull.recv_frames().unwrap() {
            let frame = frame.unwrap().to_string();
            if frame == "two" {
                // Not `panic!`, so that no report of it goes to the output.
                std::panic::resume_unwind(Box::new(frame));
            }
        }
    }));
    assert_eq!(*unwound.unwrap_err().downcast::<String>().unwrap(), "two");
    assert_eq!(pull.recv_multipart().unwrap(), ["next", "parts"]);
}

#[test]
fn a_stream_on_an_ended_context_ends_with_an_error() {
    let (push, mut pull) = pipeline();
    let context = push.context().clone();
    // libzmq looks up at every hundredth frame.
    push.send_multipart(vec!["part"; 1000]).unwrap();
    let mut frames = pull.recv_frames().unwrap();
    assert_eq!(frames.next().unwrap().unwrap(), "part");
    context.shutdown().unwrap();
    let error = frames.find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Terminated);
    assert!(frames.next().is_none());
    drop(frames);
    assert_eq!(
        pull.try_recv_frames().unwrap_err().kind(),
        ErrorKind::Terminated
    );
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::Terminated);
}
