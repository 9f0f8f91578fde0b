//! `zmq_msg_t`: the message itself.

use std::ffi::{CStr, c_void};
use std::mem::{ManuallyDrop, MaybeUninit};
#[cfg(feature = "draft")]
use std::num::NonZeroU32;
use std::sync::Arc;

use zmq_sys::zmq_msg_t;

use super::Errno;
#[cfg(feature = "draft")]
use crate::message::Group;
use crate::message::Message;

/// An initialised `zmq_msg_t`, closed on drop.
///
/// It may be moved: libzmq itself copies messages bitwise, none of the layouts points into
/// itself. Data of short messages lies inside, so a data pointer never outlives a borrow.
#[repr(transparent)]
pub(crate) struct RawMessage(zmq_msg_t);

// SAFETY: a message belongs to no thread. Reference counts are atomic, and libzmq itself hands
// messages from thread to thread. Foreign data arrives through `from_owner`-like constructors,
// which ask for `Send`.
unsafe impl Send for RawMessage {}
// SAFETY: what `&RawMessage` reaches (data, size, get, gets) only reads, and reference counts are
// atomic. Everything that writes (send, receive, copy, close) wants `&mut` or the value.
unsafe impl Sync for RawMessage {}

impl RawMessage {
    /// `zmq_msg_init(3)`: empty.
    #[inline]
    pub(crate) fn new() -> RawMessage {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: `message` is writable.
        unsafe { zmq_sys::zmq_msg_init(message.as_mut_ptr()) };
        // SAFETY: zmq_msg_init always succeeds.
        RawMessage(unsafe { message.assume_init() })
    }

    /// `zmq_msg_init_size(3)`, filled by `zmq_msg_data`: `fill` gets exactly `size` bytes and must
    /// write them all.
    #[inline]
    fn with_size(size: usize, fill: impl FnOnce(*mut u8)) -> Result<RawMessage, Errno> {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: `message` is writable; on failure it stays uninitialised and is not used.
        if unsafe { zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), size) } == -1 {
            return Err(Errno::last());
        }
        // SAFETY: initialised above; this gives `size` writable bytes that nobody else knows.
        fill(unsafe { zmq_sys::zmq_msg_data(message.as_mut_ptr()) }.cast());
        // SAFETY: initialised above. It moves but once, filled.
        Ok(RawMessage(unsafe { message.assume_init() }))
    }

    /// A message of its own with a copy of `bytes`.
    #[inline]
    pub(crate) fn copied(bytes: &[u8]) -> Result<RawMessage, Errno> {
        // SAFETY: `data` is writable for `bytes.len()` bytes and fresh, so they cannot overlap.
        RawMessage::with_size(bytes.len(), |data| unsafe {
            data.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        })
    }

    /// A message of its own with `size` zero bytes.
    pub(crate) fn zeroed(size: usize) -> Result<RawMessage, Errno> {
        // SAFETY: `data` is writable for `size` bytes.
        RawMessage::with_size(size, |data| unsafe { data.write_bytes(0, size) })
    }

    /// `zmq_msg_init_data(3)`.
    ///
    /// # Safety
    /// `data` is readable for `size` bytes, from any thread, until `free(data, hint)` has been
    /// called, which happens once, on any thread, and must neither unwind nor run foreign code;
    /// with no `free`, for ever. On failure `free` was not called.
    pub(super) unsafe fn from_parts(
        data: *mut c_void,
        size: usize,
        free: zmq_sys::zmq_free_fn,
        hint: *mut c_void,
    ) -> Result<RawMessage, Errno> {
        let mut message = MaybeUninit::<zmq_msg_t>::uninit();
        // SAFETY: `message` is writable; the rest is this function's own contract.
        if unsafe { zmq_sys::zmq_msg_init_data(message.as_mut_ptr(), data, size, free, hint) } == -1
        {
            return Err(Errno::last());
        }
        // SAFETY: zmq_msg_init_data succeeded.
        Ok(RawMessage(unsafe { message.assume_init() }))
    }

    /// Takes a vector over without a copy; its capacity travels as the hint.
    pub(crate) fn from_vec(vec: Vec<u8>) -> Result<RawMessage, Vec<u8>> {
        extern "C" fn free(data: *mut c_void, capacity: *mut c_void) {
            // SAFETY: `data` and `capacity` are those of the vector taken apart below, given back
            // once. The length does not matter to the allocator.
            drop(unsafe { Vec::from_raw_parts(data.cast::<u8>(), 0, capacity.addr()) });
        }
        let mut vec = ManuallyDrop::new(vec);
        let hint = std::ptr::without_provenance_mut(vec.capacity());
        let (data, length) = (vec.as_mut_ptr(), vec.len());
        // SAFETY: the vector's bytes stay where they are until `free` rebuilds it, `u8` may be
        // read and freed from any thread, and freeing runs no user code.
        unsafe { RawMessage::from_parts(data.cast(), length, Some(free), hint) }
            .map_err(|_| ManuallyDrop::into_inner(vec))
    }

    /// Shares a slice without a copy; its length travels as the hint.
    pub(crate) fn from_arc(bytes: Arc<[u8]>) -> Result<RawMessage, Arc<[u8]>> {
        extern "C" fn free(data: *mut c_void, length: *mut c_void) {
            let bytes =
                std::ptr::slice_from_raw_parts(data.cast::<u8>().cast_const(), length.addr());
            // SAFETY: made of the very pointer and length that `Arc::into_raw` gave, once.
            drop(unsafe { Arc::from_raw(bytes) });
        }
        let length = bytes.len();
        let data = Arc::into_raw(bytes);
        let hint = std::ptr::without_provenance_mut(length);
        // SAFETY: the count held by `data` keeps the bytes until `free` gives it back; they are
        // only read, as messages without a copy of their own never offer `&mut [u8]`.
        unsafe {
            RawMessage::from_parts(
                data.cast_mut().cast::<u8>().cast(),
                length,
                Some(free),
                hint,
            )
        }
        // SAFETY: a failed call did not run `free`, so the count is still ours.
        .map_err(|_| unsafe { Arc::from_raw(data) })
    }

    /// A message that points at bytes which live for ever.
    pub(crate) fn from_static(bytes: &'static [u8]) -> Result<RawMessage, Errno> {
        let data = bytes.as_ptr().cast_mut().cast();
        // SAFETY: `'static` bytes are readable for ever and from any thread, and nothing writes
        // through a message of this crate that it did not allocate itself.
        unsafe { RawMessage::from_parts(data, bytes.len(), None, std::ptr::null_mut()) }
    }

    /// Takes over a message that C has initialised.
    ///
    /// # Safety
    /// `message` is initialised, nobody else uses or closes it, and nobody writes its bytes any
    /// more, which are readable and can be let go of on any thread.
    pub(super) unsafe fn from_raw(message: zmq_msg_t) -> RawMessage {
        RawMessage(message)
    }

    /// Gives the message up without closing it.
    pub(crate) fn into_raw(self) -> zmq_msg_t {
        let message = ManuallyDrop::new(self);
        // SAFETY: read once, since the original is neither used nor dropped.
        unsafe { std::ptr::read(&raw const message.0) }
    }

    pub(crate) fn as_ptr(&self) -> *const zmq_msg_t {
        &raw const self.0
    }

    #[inline]
    pub(super) fn as_mut_ptr(&mut self) -> *mut zmq_msg_t {
        &raw mut self.0
    }

    /// For the calls that take a mutable pointer in C and only read.
    #[inline]
    fn as_reading_ptr(&self) -> *mut zmq_msg_t {
        (&raw const self.0).cast_mut()
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        // SAFETY: the size of this very message.
        unsafe { self.slice_of(self.len()) }
    }

    /// The bytes, for a caller who knows already how many.
    ///
    /// # Safety
    /// The message has at least `size` bytes.
    #[inline]
    pub(super) unsafe fn slice_of(&self, size: usize) -> &[u8] {
        if size == 0 {
            return &[]; // the pointer may be null
        }
        // SAFETY: the message is initialised, and zmq_msg_data only reads it.
        let data = unsafe { zmq_sys::zmq_msg_data(self.as_reading_ptr()) };
        // SAFETY: `data` is readable for `size` bytes while the message is neither changed nor
        // moved, which the borrow of `self` forbids; nobody writes them (see `as_mut_slice`).
        unsafe { std::slice::from_raw_parts(data.cast(), size) }
    }

    /// The bytes, to be written.
    ///
    /// # Safety
    /// The message was made by `zeroed` or `copied`, and was never sent, received or shared:
    /// otherwise other messages may hold the same bytes.
    #[inline]
    unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        let size = self.len();
        // SAFETY: the message is initialised.
        let data = unsafe { zmq_sys::zmq_msg_data(self.as_mut_ptr()) };
        if size == 0 {
            return &mut [];
        }
        // SAFETY: writable for `size` bytes, and this message's alone by the contract above.
        unsafe { std::slice::from_raw_parts_mut(data.cast(), size) }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the message is initialised, and zmq_msg_size only reads it.
        unsafe { zmq_sys::zmq_msg_size(&raw const self.0) }
    }

    #[inline]
    pub(crate) fn more(&self) -> bool {
        // SAFETY: the message is initialised, and zmq_msg_more only reads it.
        unsafe { zmq_sys::zmq_msg_more(&raw const self.0) != 0 }
    }

    /// `zmq_msg_get(3)`.
    pub(crate) fn get(&self, property: libc::c_int) -> Result<libc::c_int, Errno> {
        // SAFETY: the message is initialised, and zmq_msg_get only reads it.
        match unsafe { zmq_sys::zmq_msg_get(&raw const self.0, property) } {
            -1 => Err(Errno::last()),
            value => Ok(value),
        }
    }

    /// `zmq_msg_gets(3)`.
    pub(crate) fn gets(&self, property: &CStr) -> Option<&CStr> {
        // SAFETY: the message is initialised, and zmq_msg_gets only reads it; `property` ends with
        // a NUL.
        let text = unsafe { zmq_sys::zmq_msg_gets(&raw const self.0, property.as_ptr()) };
        // SAFETY: the text belongs to the message's metadata, which lives as long as the message,
        // unchanged, and ends with a NUL.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
    }

    /// `zmq_msg_routing_id(3)`: 0 is none.
    #[cfg(feature = "draft")]
    pub(crate) fn routing_id(&self) -> u32 {
        // SAFETY: the message is initialised, and zmq_msg_routing_id only reads it.
        unsafe { zmq_sys::zmq_msg_routing_id(self.as_reading_ptr()) }
    }

    /// `zmq_msg_set_routing_id(3)`.
    #[cfg(feature = "draft")]
    pub(crate) fn set_routing_id(&mut self, id: NonZeroU32) {
        // SAFETY: the message is initialised and exclusively borrowed. Only 0 is refused.
        let _ = unsafe { zmq_sys::zmq_msg_set_routing_id(self.as_mut_ptr(), id.get()) };
    }

    /// `zmq_msg_group(3)`: the empty group is none.
    #[cfg(feature = "draft")]
    pub(crate) fn group(&self) -> &CStr {
        // SAFETY: the message is initialised, and zmq_msg_group only reads it.
        let group = unsafe { zmq_sys::zmq_msg_group(self.as_reading_ptr()) };
        // SAFETY: the group is NUL-terminated, and stays where it is while the message is neither
        // changed nor moved, which the borrow of `self` forbids.
        unsafe { CStr::from_ptr(group) }
    }

    /// `zmq_msg_set_group(3)`, unless the message has a group that lies outside of it.
    #[cfg(feature = "draft")]
    pub(crate) fn set_group(&mut self, group: &Group) -> Result<(), Errno> {
        if self.group().count_bytes() > Group::LONGEST {
            // libzmq would write into the pointer to it, and free what came of that.
            return Err(Errno(libc::EINVAL));
        }
        // SAFETY: the message is initialised and exclusively borrowed. Both groups are short, so they
        // lie in the message itself: nothing is shared, and nothing to be freed.
        match unsafe { zmq_sys::zmq_msg_set_group(self.as_mut_ptr(), group.as_c_str().as_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(()),
        }
    }

    /// `zmq_msg_copy(3)`: a second message with the same bytes. Writes to the source.
    pub(crate) fn share(&mut self) -> Result<RawMessage, Errno> {
        let mut copy = RawMessage::new();
        // SAFETY: both messages are initialised and exclusively borrowed.
        match unsafe { zmq_sys::zmq_msg_copy(copy.as_mut_ptr(), self.as_mut_ptr()) } {
            -1 => Err(Errno::last()),
            _ => Ok(copy),
        }
    }
}

impl Drop for RawMessage {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the message is initialised and not used again. Its one error, EFAULT, is for
        // messages that are not initialised.
        let _ = unsafe { zmq_sys::zmq_msg_close(self.as_mut_ptr()) };
    }
}

impl Message {
    /// An empty message, then `fill`. Moving what libzmq knows the address of copies its 64 bytes:
    /// here once less than from `new`.
    #[inline]
    pub(crate) fn filled<E>(
        fill: impl FnOnce(&mut Message) -> Result<(), E>,
    ) -> Result<Message, E> {
        let mut message = MaybeUninit::<Message>::uninit();
        // SAFETY: `message` is writable, and both types around the `zmq_msg_t` are transparent.
        unsafe { zmq_sys::zmq_msg_init(message.as_mut_ptr().cast()) };
        // SAFETY: zmq_msg_init always succeeds.
        match fill(unsafe { message.assume_init_mut() }) {
            // SAFETY: initialised above.
            Ok(()) => Ok(unsafe { message.assume_init() }),
            Err(error) => {
                // SAFETY: initialised above, and not used again.
                unsafe { message.assume_init_drop() };
                Err(error)
            }
        }
    }
}

/// A message that was made here and that nobody else has seen, so that it may be written.
#[repr(transparent)]
pub(crate) struct UniqueMessage(RawMessage);

impl UniqueMessage {
    pub(crate) fn zeroed(size: usize) -> Result<UniqueMessage, Errno> {
        RawMessage::zeroed(size).map(UniqueMessage)
    }

    #[inline]
    pub(crate) fn copied(bytes: &[u8]) -> Result<UniqueMessage, Errno> {
        RawMessage::copied(bytes).map(UniqueMessage)
    }

    /// Gives the uniqueness up.
    #[inline]
    pub(crate) fn into_message(self) -> RawMessage {
        self.0
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: only made by the two constructors above, and no method lends `self.0` out.
        unsafe { self.0.as_mut_slice() }
    }
}
