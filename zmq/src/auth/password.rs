//! Passwords: wiped when dropped, compared in one time.

use std::hint::black_box;

use crate::ffi::curve::Wiped;

/// The most bytes that PLAIN carries.
pub(super) const LONGEST: usize = 255;

/// A password of at most 255 bytes: how many there are, and then they.
pub(super) struct Password(Box<Wiped<{ LONGEST + 1 }>>);

impl Password {
    /// `None` if it is longer than PLAIN carries.
    pub(super) fn new(bytes: &[u8]) -> Option<Password> {
        let mut laid = Wiped::boxed();
        laid[0] = u8::try_from(bytes.len()).ok()?;
        laid[1..=bytes.len()].copy_from_slice(bytes);
        Some(Password(laid))
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    pub(super) fn is(&self, other: &Password) -> bool {
        let pairs = self.0.iter().zip(other.0.iter());
        // `black_box` keeps the compiler from seeing that it could stop at the first difference.
        let difference = pairs.fold(0, |seen, (a, b)| black_box(seen | (a ^ b)));
        difference == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        let password = |bytes: &[u8]| Password::new(bytes).unwrap();
        let long = [b'x'; LONGEST];
        for bytes in [&b""[..], b"a", b"\0", b"secret", &long] {
            assert!(password(bytes).is(&password(bytes)));
        }
        for (a, b) in [
            (&b""[..], &b"\0"[..]),
            (b"secret", b"secreT"),
            (b"secret", b"secret\0"),
            (b"secret", b"ecret"),
            (b"secret", b"secrte"),
            (&long, &long[1..]),
        ] {
            assert!(!password(a).is(&password(b)));
        }
        assert!(Password::new(&[0; LONGEST + 1]).is_none());
    }
}
