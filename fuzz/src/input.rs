//! Values out of the bytes of an input. Whatever the bytes are, they mean something, and where they
//! end all that follows is zero.

pub struct Input<'d> {
    rest: &'d [u8],
}

impl<'d> Input<'d> {
    pub fn new(rest: &'d [u8]) -> Input<'d> {
        Input { rest }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 != 0
    }

    /// A byte says how many of the eight that a number can have follow.
    pub fn number(&mut self) -> u64 {
        let length = self.below(9);
        let mut bytes = [0; 8];
        let taken = self.take(length);
        bytes[..taken.len()].copy_from_slice(taken);
        u64::from_le_bytes(bytes)
    }

    /// A byte says how many follow.
    pub fn bytes(&mut self) -> &'d [u8] {
        let length = self.byte();
        self.take(usize::from(length))
    }

    /// At most `length` bytes.
    pub fn take(&mut self, length: usize) -> &'d [u8] {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    pub fn rest(&mut self) -> &'d [u8] {
        self.take(usize::MAX)
    }
}
