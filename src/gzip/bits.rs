//! A stream of bits, the lowest of each byte first.

pub(super) struct Bits {
    bytes: Vec<u8>,
    /// Those that do not fill a byte yet.
    pending: u64,
    count: u32,
}

impl Bits {
    /// A stream that goes on after whole bytes.
    pub(super) fn after(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            pending: 0,
            count: 0,
        }
    }

    /// Appends the lowest `count` bits, at most 32, of a number that has no others.
    pub(super) fn push(&mut self, value: u32, count: u32) {
        self.pending |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// Fills the last byte with zeros.
    pub(super) fn align(&mut self) {
        if self.count > 0 {
            self.push(0, 8 - self.count);
        }
    }

    /// Appends whole bytes to a stream that is aligned.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0, "bytes begin at a byte");
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
