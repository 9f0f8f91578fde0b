//! `Multipart` and its envelopes, beside a vector of vectors.

use super::input::Input;

#[path = "../../zmq/tests/properties/model.rs"]
mod model;

use model::{Part, Step};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    model::run(std::iter::from_fn(|| {
        (!input.is_empty()).then(|| step(&mut input))
    }));
}

fn step(input: &mut Input<'_>) -> Step {
    match input.below(17) {
        0 => Step::PushBack(part(input)),
        1 => Step::PushFront(part(input)),
        2 => Step::Insert(input.below(12), part(input)),
        3 => Step::Set(input.below(12), part(input)),
        4 => Step::Extend(parts(input)),
        5 => Step::PopBack,
        6 => Step::PopFront,
        7 => Step::Remove(input.below(12)),
        8 => Step::Truncate(input.below(12)),
        9 => Step::Clear,
        10 => Step::Swap(input.below(12), input.below(12)),
        11 => Step::Wrap(parts(input)),
        12 => Step::Unwrap { body: true },
        13 => Step::Unwrap { body: false },
        14 => Step::IntoArray(input.below(7)),
        15 => Step::ThroughVec,
        _ => Step::Share,
    }
}

/// Up to 255 bytes of the input, or as many zeros as make a message that shares its bytes.
fn part(input: &mut Input<'_>) -> Part {
    match input.byte() {
        255 => vec![0; 4000],
        length => input.take(usize::from(length)).into(),
    }
}

fn parts(input: &mut Input<'_>) -> Vec<Part> {
    (0..input.below(6)).map(|_| part(input)).collect()
}
