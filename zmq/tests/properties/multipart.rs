//! `Multipart` as a container, beside a vector of vectors.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::config;
use crate::model::{self, Part, Step};

/// Empty ones, which are delimiters, short ones, which lie in the message, and such as are shared.
fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        2 => Just(Vec::new()),
        4 => (any::<u8>(), 1..40usize).prop_map(|(byte, length)| vec![byte; length]),
        1 => (any::<u8>(), 3000..3100usize).prop_map(|(byte, length)| vec![byte; length]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let index = || 0..12usize;
    let parts = || vec(part(), 0..6);
    prop_oneof![
        3 => part().prop_map(Step::PushBack),
        3 => part().prop_map(Step::PushFront),
        2 => (index(), part()).prop_map(|(index, part)| Step::Insert(index, part)),
        1 => (index(), part()).prop_map(|(index, part)| Step::Set(index, part)),
        1 => parts().prop_map(Step::Extend),
        1 => Just(Step::PopBack),
        1 => Just(Step::PopFront),
        2 => index().prop_map(Step::Remove),
        1 => index().prop_map(Step::Truncate),
        1 => Just(Step::Clear),
        1 => (index(), index()).prop_map(|(a, b)| Step::Swap(a, b)),
        2 => parts().prop_map(Step::Wrap),
        3 => any::<bool>().prop_map(|body| Step::Unwrap { body }),
        2 => index().prop_map(Step::IntoArray),
        1 => Just(Step::ThroughVec),
        1 => Just(Step::Share),
    ]
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn random_steps_do_what_a_vector_of_vectors_does(steps in vec(step(), 0..60)) {
        model::run(steps);
    }
}
