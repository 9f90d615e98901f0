//! A multihash that is looked for in the runs of an index, made ready once for all of them.

use super::bloom::Hash;

/// What a multihash begins with.
pub(super) type Fence = [u8; 16];

/// A multihash that is looked for, with what every run asks of it.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub multihash: &'a [u8],
    pub fence: Fence,
    /// The first half of the fence.
    pub begin: u64,
    pub hash: Hash,
}

impl Wanted<'_> {
    pub fn new(multihash: &[u8]) -> Wanted<'_> {
        let fence = fence(multihash);
        Wanted {
            multihash,
            fence,
            begin: half(&fence),
            hash: Hash::of(multihash),
        }
    }
}

/// The first half of a fence, as a number of the same order.
pub(super) fn half(fence: &Fence) -> u64 {
    fence
        .first_chunk()
        .map_or(0, |half| u64::from_be_bytes(*half))
}

/// What this multihash begins with; zeros behind one that is shorter.
pub(super) fn fence(multihash: &[u8]) -> Fence {
    let mut fence = Fence::default();
    fence
        .iter_mut()
        .zip(multihash)
        .for_each(|(to, from)| *to = *from);
    fence
}
