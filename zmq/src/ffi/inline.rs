//! A short vector: the first few elements lie in the value itself, so that the usual message of
//! routing id, delimiter and body needs no allocation.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};

/// At most `N` elements inline, any number on the heap.
pub(crate) enum InlineVec<T, const N: usize> {
    Inline(Array<T, N>),
    Heap(Vec<T>),
}

/// The first `length` elements of `slots` are initialised, the others are not.
pub(crate) struct Array<T, const N: usize> {
    slots: [MaybeUninit<T>; N],
    length: usize,
}

impl<T, const N: usize> Array<T, N> {
    const fn new() -> Self {
        Array {
            slots: [const { MaybeUninit::uninit() }; N],
            length: 0,
        }
    }

    /// The elements, leaving the array empty.
    fn take_into(&mut self, vec: &mut Vec<T>) {
        let length = std::mem::take(&mut self.length);
        for slot in &mut self.slots[..length] {
            // SAFETY: initialised, as its index was below `length`, which is 0 already: the
            // element now has one owner, also if `push` unwinds.
            vec.push(unsafe { slot.assume_init_read() });
        }
    }
}

impl<T, const N: usize> Drop for Array<T, N> {
    fn drop(&mut self) {
        let length = std::mem::take(&mut self.length);
        let initialised: *mut [T] =
            std::ptr::slice_from_raw_parts_mut(self.slots.as_mut_ptr().cast(), length);
        // SAFETY: the first `length` elements are initialised, and forgotten by the line above.
        unsafe { initialised.drop_in_place() };
    }
}

impl<T, const N: usize> InlineVec<T, N> {
    #[inline]
    pub(crate) const fn new() -> Self {
        InlineVec::Inline(Array::new())
    }

    pub(crate) fn with_capacity(capacity: usize) -> Self {
        if capacity <= N {
            InlineVec::new()
        } else {
            InlineVec::Heap(Vec::with_capacity(capacity))
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, element: T) {
        match self {
            InlineVec::Inline(array) if array.length < N => {
                array.slots[array.length].write(element);
                array.length += 1;
            }
            _ => self.spill().push(element),
        }
    }

    /// The heap vector, made of the inline elements if need be.
    #[cold]
    fn spill(&mut self) -> &mut Vec<T> {
        if let InlineVec::Inline(array) = self {
            let mut vec = Vec::with_capacity(2 * N);
            array.take_into(&mut vec);
            *self = InlineVec::Heap(vec);
        }
        match self {
            InlineVec::Heap(vec) => vec,
            InlineVec::Inline(_) => unreachable!("just moved to the heap"),
        }
    }

    /// Puts `element` before the one at `index`, or at the end.
    pub(crate) fn insert(&mut self, index: usize, element: T) {
        self.push(element);
        self[index..].rotate_right(1);
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        match self {
            InlineVec::Inline(array) => {
                array.length = array.length.checked_sub(1)?;
                // SAFETY: the element was the last initialised one, and `length` has let it go.
                Some(unsafe { array.slots[array.length].assume_init_read() })
            }
            InlineVec::Heap(vec) => vec.pop(),
        }
    }

    /// Takes the element at `index` out, if there is one.
    pub(crate) fn remove(&mut self, index: usize) -> Option<T> {
        if index >= self.len() {
            return None;
        }
        self[index..].rotate_left(1);
        self.pop()
    }

    #[inline]
    pub(crate) fn truncate(&mut self, length: usize) {
        while self.len() > length {
            self.pop();
        }
    }

    /// Exactly `M` elements as an array, or everything back.
    pub(crate) fn into_array<const M: usize>(self) -> Result<[T; M], Self> {
        if self.len() != M {
            return Err(self);
        }
        match self {
            InlineVec::Inline(array) => {
                let array = ManuallyDrop::new(array);
                // SAFETY: `array` is not dropped, so each of the `M` initialised elements, whose
                // indices are below `length` == `M`, is moved out once.
                Ok(std::array::from_fn(|i| unsafe {
                    array.slots[i].assume_init_read()
                }))
            }
            InlineVec::Heap(vec) => vec.try_into().map_err(InlineVec::Heap),
        }
    }

    pub(crate) fn into_vec(mut self) -> Vec<T> {
        match &mut self {
            InlineVec::Heap(vec) => std::mem::take(vec),
            InlineVec::Inline(array) => {
                let mut vec = Vec::with_capacity(array.length);
                array.take_into(&mut vec);
                vec
            }
        }
    }
}

impl<T, const N: usize> From<Vec<T>> for InlineVec<T, N> {
    fn from(vec: Vec<T>) -> Self {
        InlineVec::Heap(vec)
    }
}

impl<T, const N: usize> Deref for InlineVec<T, N> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            // SAFETY: the first `length` elements are initialised and borrowed with `self`.
            InlineVec::Inline(array) => unsafe {
                std::slice::from_raw_parts(array.slots.as_ptr().cast(), array.length)
            },
            InlineVec::Heap(vec) => vec,
        }
    }
}

impl<T, const N: usize> DerefMut for InlineVec<T, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            // SAFETY: the first `length` elements are initialised and borrowed with `self`.
            InlineVec::Inline(array) => unsafe {
                std::slice::from_raw_parts_mut(array.slots.as_mut_ptr().cast(), array.length)
            },
            InlineVec::Heap(vec) => vec,
        }
    }
}
