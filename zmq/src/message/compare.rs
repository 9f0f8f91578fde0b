//! Messages compare, order and hash as their bytes do.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::Message;

impl Eq for Message {}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        self[..] == other[..]
    }
}

impl Ord for Message {
    fn cmp(&self, other: &Message) -> Ordering {
        self[..].cmp(&other[..])
    }
}

impl PartialOrd for Message {
    fn partial_cmp(&self, other: &Message) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As `[u8]` does, so that a map keyed by messages is searched with `&[u8]`.
impl Hash for Message {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl Borrow<[u8]> for Message {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl AsRef<[u8]> for Message {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

macro_rules! compares_as_bytes {
    ($([$($generics:tt)*] $other:ty;)*) => {$(
        impl<$($generics)*> PartialEq<$other> for Message {
            fn eq(&self, other: &$other) -> bool {
                let other: &[u8] = other.as_ref();
                self[..] == *other
            }
        }

        impl<$($generics)*> PartialEq<Message> for $other {
            fn eq(&self, other: &Message) -> bool {
                other == self
            }
        }
    )*};
}

compares_as_bytes! {
    [] [u8];
    [] &[u8];
    [const N: usize] [u8; N];
    [const N: usize] &[u8; N];
    [] Vec<u8>;
    [] str;
    [] &str;
    [] String;
}
