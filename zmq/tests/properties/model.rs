//! Programs over a `Multipart`, run beside a vector of vectors: also what the fuzz target runs.

use zmq::{ErrorKind, Message, Multipart};

pub type Part = Vec<u8>;

#[derive(Debug, Clone)]
pub enum Step {
    PushBack(Part),
    PushFront(Part),
    Insert(usize, Part),
    Set(usize, Part),
    Extend(Vec<Part>),
    PopBack,
    PopFront,
    Remove(usize),
    Truncate(usize),
    Clear,
    Swap(usize, usize),
    Wrap(Vec<Part>),
    /// Goes on with the body, or with the envelope.
    Unwrap {
        body: bool,
    },
    IntoArray(usize),
    ThroughVec,
    Share,
}

/// Runs the steps on both, and compares them after each.
pub fn run(steps: impl IntoIterator<Item = Step>) {
    let mut message = Multipart::new();
    let mut model: Vec<Part> = Vec::new();
    for step in steps {
        (message, model) = step.take(message, model);
        check(&message, &model);
    }
    let parts: Vec<Message> = message.into_iter().collect();
    assert_eq!(parts, model);
}

fn check(message: &Multipart, model: &[Part]) {
    assert_eq!(*message, *model);
    assert_eq!(message.len(), model.len());
    assert_eq!(message.is_empty(), model.is_empty());
    assert_eq!(
        message.byte_len(),
        model.iter().map(Vec::len).sum::<usize>()
    );
    assert!(message.iter().rev().eq(model.iter().rev()));
    assert_eq!(
        message.first().map(|part| part.to_vec()),
        model.first().cloned()
    );
}

impl Step {
    fn take(self, mut message: Multipart, mut model: Vec<Part>) -> (Multipart, Vec<Part>) {
        match self {
            Step::PushBack(part) => {
                message.push_back(part.clone());
                model.push(part);
            }
            Step::PushFront(part) => {
                message.push_front(&part[..]);
                model.insert(0, part);
            }
            Step::Insert(index, part) => {
                message.insert(index, part.clone());
                model.insert(index.min(model.len()), part);
            }
            Step::Set(index, part) => {
                if let Some(slot) = message.get_mut(index) {
                    *slot = part.clone().into();
                }
                if let Some(slot) = model.get_mut(index) {
                    *slot = part;
                }
            }
            Step::Extend(parts) => {
                message.extend(parts.iter().cloned());
                model.extend(parts);
            }
            Step::PopBack => same(message.pop_back(), model.pop()),
            Step::PopFront => {
                let first = (!model.is_empty()).then(|| model.remove(0));
                same(message.pop_front(), first);
            }
            Step::Remove(index) => {
                let removed = (index < model.len()).then(|| model.remove(index));
                same(message.remove(index), removed);
            }
            Step::Truncate(length) => {
                message.truncate(length);
                model.truncate(length);
            }
            Step::Clear => {
                message.clear();
                model.clear();
            }
            Step::Swap(a, b) if a < model.len() && b < model.len() => {
                message.swap(a, b);
                model.swap(a, b);
            }
            Step::Swap(..) => {}
            Step::Wrap(envelope) => {
                let address: Multipart = envelope.iter().cloned().collect();
                message = message.wrap(address);
                model = [envelope, vec![Vec::new()], model].concat();
            }
            Step::Unwrap { body } => return unwrap(message, model, body),
            Step::IntoArray(length) => message = through_array(message, length),
            Step::ThroughVec => message = message.into_vec().into(),
            Step::Share => {
                let copy = message.share();
                assert_eq!(copy, message);
                message = copy;
            }
        }
        (message, model)
    }
}

fn same(taken: Option<Message>, expected: Option<Part>) {
    assert_eq!(taken.map(|part| part.to_vec()), expected);
}

fn unwrap(message: Multipart, mut model: Vec<Part>, body: bool) -> (Multipart, Vec<Part>) {
    let delimiter = model.iter().position(Vec::is_empty);
    match (message.unwrap_envelope(), delimiter) {
        (Ok((address, rest)), Some(delimiter)) => {
            let tail = model.split_off(delimiter + 1);
            model.truncate(delimiter);
            check(&address, &model);
            check(&rest, &tail);
            if body { (rest, tail) } else { (address, model) }
        }
        (Err(message), None) => (message, model),
        (unwrapped, delimiter) => panic!("{unwrapped:?}, but the delimiter is {delimiter:?}"),
    }
}

fn through_array(message: Multipart, length: usize) -> Multipart {
    match length % 7 {
        0 => array::<0>(message),
        1 => array::<1>(message),
        2 => array::<2>(message),
        3 => array::<3>(message),
        4 => array::<4>(message),
        5 => array::<5>(message),
        _ => array::<6>(message),
    }
}

fn array<const N: usize>(message: Multipart) -> Multipart {
    let count = message.len();
    match message.into_array::<N>() {
        Ok(parts) => {
            assert_eq!(count, N);
            parts.into()
        }
        Err(error) => {
            assert_ne!(count, N);
            assert_eq!(error.kind(), ErrorKind::PartCount);
            error.into_multipart().expect("the message came back")
        }
    }
}
