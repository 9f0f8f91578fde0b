//! `Multipart` as a container: it does what a deque does, and drops each part once.

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, mpsc};

use common::{LONG, counted, holders, pipeline};
use zmq::{Context, ErrorKind, Message, Multipart};

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
    assert_ne!(message, ["A", "B", "C", "D", "other"][..]);
    assert_ne!(message, vec!["A", "B", "C", "D", "other"]);
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
