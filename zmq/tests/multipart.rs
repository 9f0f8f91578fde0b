//! Messages of several frames: sent whole, received whole, and the container between the two.

mod common;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};

use common::{LONG, connected, connected_over};
use zmq::{Context, ErrorKind, Message, MessageBuf, Multipart, Pull, Push, Socket};

/// A pipeline within the process: what was sent is there at once.
fn pipeline() -> (Socket<Push>, Socket<Pull>) {
    let (_context, pull, push) = connected_over("inproc://pipeline", zmq::PULL, zmq::PUSH);
    (push, pull)
}

/// Bytes that tell how many messages hold them: long enough to be shared and not copied.
fn counted(tag: u8) -> Arc<[u8]> {
    vec![tag; 4000].into()
}

fn holders(bytes: &Arc<[u8]>) -> usize {
    Arc::strong_count(bytes) - 1
}

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
    push.send_multipart(vec!["part"; 3]).unwrap();
    let mut frames = pull.recv_frames().unwrap();
    assert_eq!(frames.next().unwrap().unwrap(), "part");
    context.shutdown().unwrap();
    // libzmq looks up only now and then, so the rest may still come.
    for frame in &mut frames {
        match frame {
            Ok(frame) => assert_eq!(frame, "part"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Terminated),
        }
    }
    drop(frames);
    assert_eq!(pull.recv().unwrap_err().kind(), ErrorKind::Terminated);
}

// ---- the container ---------------------------------------------------------------------------

/// A few pseudo-random numbers, the same ones in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn multipart_does_what_a_deque_does_and_drops_each_part_once() {
    for seed in 1..=60 {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ seed);
        let mut all: Vec<Arc<[u8]>> = Vec::new();
        let mut model: VecDeque<usize> = VecDeque::new();
        let mut message = Multipart::with_capacity(random.below(8));
        for _ in 0..80 {
            let fresh = all.len();
            let index = random.below(model.len() + 2);
            let mut make = || {
                let bytes: Arc<[u8]> = vec![(fresh % 251) as u8; 4000 + fresh].into();
                all.push(bytes.clone());
                Message::from(bytes)
            };
            let taken = match random.below(11) {
                0 | 1 => {
                    message.push_back(make());
                    model.push_back(fresh);
                    None
                }
                2 => {
                    message.push_front(make());
                    model.push_front(fresh);
                    None
                }
                3 | 4 => {
                    message.insert(index, make());
                    model.insert(index.min(model.len()), fresh);
                    None
                }
                5 => Some((message.pop_front(), model.pop_front())),
                6 => Some((message.pop_back(), model.pop_back())),
                7 | 8 => Some((message.remove(index), model.remove(index))),
                9 => {
                    message.truncate(index);
                    model.truncate(index);
                    None
                }
                _ if index == 0 => {
                    message.clear();
                    model.clear();
                    None
                }
                _ => {
                    message = message.into_vec().into();
                    None
                }
            };
            if let Some((part, number)) = taken {
                assert_eq!(part.as_deref(), number.map(|number| &all[number][..]));
            }
            let expected: Vec<&[u8]> = model.iter().map(|number| &all[*number][..]).collect();
            assert_eq!(message, expected);
            assert_eq!(
                message.byte_len(),
                expected.iter().map(|bytes| bytes.len()).sum::<usize>()
            );
            for (number, bytes) in all.iter().enumerate() {
                assert_eq!(holders(bytes), usize::from(model.contains(&number)));
            }
        }
        drop(message);
        assert!(all.iter().all(|bytes| holders(bytes) == 0));
    }
}

/// Says on a channel that it was dropped.
struct Announced {
    number: usize,
    bytes: Vec<u8>,
    dropped: mpsc::Sender<usize>,
}

impl AsRef<[u8]> for Announced {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        let _ = self.dropped.send(self.number);
    }
}

#[test]
fn each_part_is_dropped_exactly_once_whichever_way_it_goes() {
    type Way = fn(Multipart);
    let ways: [Way; 9] = [
        drop,
        |message| drop(message.into_vec()),
        |message| drop(message.into_array::<3>()),
        |message| drop(message.into_array::<6>()),
        |message| drop(message.into_iter().nth(1)),
        |message| drop(message.unwrap_envelope()),
        |message| drop(message.wrap(["id"])),
        |mut message| message.truncate(1),
        |mut message| {
            let copy = message.share();
            drop(message);
            drop(copy);
        },
    ];
    for way in ways {
        // Three parts lie in the value, six on the heap.
        for count in [3, 6] {
            let (dropped, drops) = mpsc::channel();
            way((0..count)
                .map(|number| {
                    Message::from_owner(Announced {
                        number,
                        bytes: vec![1; 100],
                        dropped: dropped.clone(),
                    })
                })
                .collect());
            drop(dropped);
            let mut numbers: Vec<usize> = (0..count)
                .map(|_| drops.recv_timeout(LONG).expect("a part was leaked"))
                .collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (0..count).collect::<Vec<_>>());
            assert!(drops.recv_timeout(LONG).is_err(), "dropped twice");
        }
    }
}

#[test]
fn parts_survive_the_move_to_the_heap_and_the_move_of_the_value() {
    let mut message = Multipart::new();
    for number in 0..20 {
        // Short parts lie in the value itself, so that a wrong move would show.
        message.push_back(number.to_string());
        let moved = Box::new(message);
        message = *moved;
        let expected: Vec<String> = (0..=number).map(|i| i.to_string()).collect();
        assert_eq!(message, expected);
    }
}

#[test]
fn an_array_of_another_length_gives_the_message_back() {
    for count in [0, 2, 4, 5, 9] {
        let parts: Vec<String> = (0..count).map(|i| i.to_string()).collect();
        let message: Multipart = parts.iter().collect();
        let error = message.into_array::<3>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PartCount);
        assert_eq!(
            error.error().subject(),
            Some(&*format!("3 wanted, {count} came"))
        );
        let message = error.into_multipart().unwrap();
        assert_eq!(message, parts);
        let error = <[Message; 3]>::try_from(message).unwrap_err();
        assert_eq!(error.into_multipart().unwrap(), parts);
    }
}

#[test]
fn an_array_of_the_right_length_takes_the_parts() {
    let [] = Multipart::new().into_array().unwrap();
    let [a, b] = Multipart::from(["a", "b"]).into_array().unwrap();
    assert_eq!([a, b], ["a", "b"]);
    let parts: [Message; 6] = Multipart::from(["0", "1", "2", "3", "4", "5"])
        .try_into()
        .unwrap();
    assert_eq!(parts, ["0", "1", "2", "3", "4", "5"]);
    // On the heap, though so few.
    let message = Multipart::from(vec![Message::from("a"), Message::from("b")]);
    let [a, b] = message.into_array().unwrap();
    assert_eq!([a, b], ["a", "b"]);
}

#[test]
fn wrap_and_unwrap_envelope_are_inverse() {
    let body = || Multipart::from(["question", "", "parts"]);
    for envelope in [
        &[][..],
        &["id"],
        &["hop 2", "hop 1"],
        &["a", "b", "c", "d", "e"],
    ] {
        let whole = body().wrap(envelope.iter().copied().collect::<Multipart>());
        assert_eq!(whole.len(), envelope.len() + 1 + 3);
        assert!(whole[envelope.len()].is_empty());
        let (address, rest) = whole.unwrap_envelope().unwrap();
        assert_eq!(address, *envelope);
        assert_eq!(rest, body(), "the body keeps its own empty part");
    }
    assert_eq!(Multipart::from(["x"]).wrap(["id"]), ["id", "", "x"]);
    assert_eq!(
        Multipart::from(["no", "delimiter"]).unwrap_envelope(),
        Err(Multipart::from(["no", "delimiter"]))
    );
    let (envelope, body) = Multipart::from(["id", ""]).unwrap_envelope().unwrap();
    assert_eq!(envelope, ["id"]);
    assert!(body.is_empty());
}

#[test]
fn a_shared_multipart_has_the_same_bytes() {
    let bytes = counted(1);
    let mut message = Multipart::from([bytes.clone(), bytes.clone(), counted(2)]);
    let copy = message.share();
    assert_eq!(copy, message);
    assert_eq!(copy[0].as_ptr(), bytes.as_ptr());
    drop(message);
    assert_eq!(copy[1], bytes[..]);
    drop(copy);
    assert_eq!(holders(&bytes), 0);
}

#[test]
fn multipart_iterates_compares_and_prints_as_its_parts() {
    let mut message: Multipart = ["a", "b"].into_iter().collect();
    message.extend(["c"]);
    message.extend(vec![vec![b'd'], vec![b'e']]);
    let expected = ["a", "b", "c", "d", "e"];
    assert!(message.iter().eq(expected.iter()));
    assert!((&message).into_iter().eq(expected.iter()));
    for part in &mut message {
        *part = Message::from(part.to_string().to_uppercase());
    }
    message[4] = "last".into();
    assert_eq!(message, ["A", "B", "C", "D", "last"]);
    assert_eq!(message, ["A", "B", "C", "D", "last"][..]);
    assert_eq!(message, vec!["A", "B", "C", "D", "last"]);
    assert_ne!(message, ["A", "B", "C", "D"]);
    assert_ne!(message, Multipart::default());
    assert_eq!(
        format!("{:?}", Multipart::from(["a", "b"])),
        r#"[Message(1 bytes, b"a"), Message(1 bytes, b"b")]"#
    );
    assert_eq!(Multipart::from(Message::from("one")), ["one"]);
    let parts: Vec<Message> = Multipart::from(["a", "b"]).into();
    assert_eq!(parts, ["a", "b"]);
    let mut reversed = message.into_iter();
    assert_eq!(reversed.next_back().unwrap(), "last");
    assert_eq!(reversed.len(), 4);
}

#[test]
fn a_received_multipart_can_be_sent_on() {
    let context = Context::new().unwrap();
    let (push, pull) = pipeline();
    let (next_push, next_pull) = pipeline();
    push.send_multipart(["a", "b", "c", "d", "e"]).unwrap();
    let message = pull.recv_multipart().unwrap();
    assert!(message[0].more());
    // The last part says "more follows" no longer where it comes to be the last, and the reverse.
    let mut message = message;
    message.truncate(4);
    message.push_front("front");
    next_push.send_multipart(message).unwrap();
    assert_eq!(
        next_pull.recv_multipart().unwrap(),
        ["front", "a", "b", "c", "d"]
    );
    push.send_multipart(["a", "b"]).unwrap();
    let [first, _] = pull.recv_array().unwrap();
    next_push.send(first).unwrap();
    assert_eq!(next_pull.recv().unwrap(), "a");
    drop(context);
}
