//! CURVE keys: memory that is wiped, and the two functions that make keys.

use std::ops::{Deref, DerefMut};
use std::ptr;
use std::sync::atomic::{Ordering, compiler_fence};

use super::Errno;
use crate::z85;

/// A key in Z85, and the NUL that libzmq wants behind it.
pub(crate) const TEXT: usize = 40;
const TEXT_NUL: usize = TEXT + 1;

/// Bytes that are overwritten when they are dropped.
///
/// Only ever in a box: a value that is moved leaves its bytes behind where it was.
pub(crate) struct Wiped<const N: usize>([u8; N]);

impl<const N: usize> Wiped<N> {
    /// Zeros, to be written in place.
    pub(crate) fn boxed() -> Box<Wiped<N>> {
        Box::new(Wiped([0; N]))
    }
}

impl<const N: usize> Deref for Wiped<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> DerefMut for Wiped<N> {
    fn deref_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Wiped<N> {
    fn drop(&mut self) {
        for byte in &mut self.0 {
            // SAFETY: `byte` is an exclusive reference: valid for a write, and aligned. Volatile,
            // because the compiler may leave out a plain write to memory that nobody reads again.
            unsafe { ptr::write_volatile(byte, 0) };
        }
        // The memory is not to be freed before it is wiped.
        compiler_fence(Ordering::SeqCst);
    }
}

/// `zmq_curve_keypair(3)`: the public and the secret key, in Z85.
pub(crate) fn keypair() -> Result<([u8; TEXT], Box<Wiped<TEXT_NUL>>), Errno> {
    let mut public = [0; TEXT_NUL];
    let mut secret = Wiped::<TEXT_NUL>::boxed();
    // SAFETY: libzmq writes 40 characters and a NUL to each pointer; both have room for 41, are
    // apart from each other and live until the call has returned.
    let result = unsafe {
        zmq_sys::zmq_curve_keypair(public.as_mut_ptr().cast(), secret.as_mut_ptr().cast())
    };
    if result != 0 {
        return Err(Errno::last());
    }
    let mut text = [0; TEXT];
    text.copy_from_slice(&public[..TEXT]);
    Ok((text, secret))
}

/// `zmq_curve_public(3)`: the public key of a secret one, in Z85.
///
/// It takes the bytes and makes the text itself, because libzmq decodes a text of any length into a
/// buffer of 32 bytes.
pub(crate) fn public(secret: &[u8; 32]) -> Result<[u8; TEXT], Errno> {
    let mut text = Wiped::<TEXT_NUL>::boxed();
    z85::encode_into(secret, &mut text[..TEXT]);
    let mut public = [0; TEXT_NUL];
    // SAFETY: `text` lives until the call has returned and ends with a NUL after 40 characters at
    // most, since only those were written: they fit into libzmq's 32 bytes. It writes 40 characters
    // and a NUL to `public`, which has room for 41.
    let result =
        unsafe { zmq_sys::zmq_curve_public(public.as_mut_ptr().cast(), text.as_ptr().cast()) };
    if result != 0 {
        return Err(Errno::last());
    }
    let mut text = [0; TEXT];
    text.copy_from_slice(&public[..TEXT]);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::*;

    #[test]
    fn dropping_overwrites_every_byte() {
        let mut place = MaybeUninit::new(Wiped([0xA5_u8; 64]));
        // SAFETY: initialised in the line above.
        assert_eq!(**unsafe { place.assume_init_ref() }, [0xA5; 64]);
        // SAFETY: the same; it is dropped once, and not used as a `Wiped` afterwards.
        unsafe { place.assume_init_drop() };
        // SAFETY: the place is still ours and as large as `Wiped`, which is made of these bytes
        // alone; dropping wrote each of them, and numbers are valid whatever they are.
        let left = unsafe { ptr::read_volatile(place.as_ptr().cast::<[u8; 64]>()) };
        assert_eq!(left, [0; 64]);
    }
}
