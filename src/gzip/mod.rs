//! Compression, byte for byte as that of Terraform and of its providers, which is Go's: two compressors hardly ever give the
//! same bytes, and the bytes are planned.
//!
//! Go's `compress/gzip` at its default level: matches are searched as level 6 of `compress/flate` does (`search`), and each
//! block is written in the form that is the shortest (`block`). Nothing is unpacked here.

mod bits;
mod block;
mod huffman;
mod search;

use bits::Bits;
use block::Block;
use search::Search;

/// No name, no time, and an operating system that is not told.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

/// What stands before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// `base64gzip` flushes the stream before it closes it.
    Flushed,
    /// Others only close it.
    Closed,
}

/// The text as one member of a gzip file.
pub fn compress(text: &[u8], ending: Ending) -> Vec<u8> {
    let mut bits = Bits::after(&HEADER);
    let mut block = Block::new(text);
    Search::new(text).run(&mut |token, reach| {
        if block.push(token, reach) {
            block.write(&mut bits);
        }
    });
    block.write(&mut bits);
    if ending == Ending::Flushed {
        block::write_stored(&mut bits, &[], block::Last::No);
    }
    block::write_stored(&mut bits, &[], block::Last::Yes);
    let mut sum = flate2::Crc::new();
    sum.update(text);
    let mut packed = bits.finish();
    packed.extend(sum.sum().to_le_bytes());
    packed.extend(sum.amount().to_le_bytes());
    packed
}
