//! A value that can only be taken out.

use std::fmt;

/// Holds a value that nobody reaches by reference, so that threads may share what holds it.
pub(crate) struct Exclusive<T>(T);

// SAFETY: sharing an `Exclusive` shares references to it, and no method gives anything of the value for
// one: taking it out takes the `Exclusive` itself.
unsafe impl<T> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(value)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Exclusive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<T>())
    }
}
