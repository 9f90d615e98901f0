//! Which place a name has, and which places are taken.

use block_cid::murmur3;

/// The hash of a name, and how many of its bits have said a place already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashBits {
    hash: u64,
    used: u32,
}

impl HashBits {
    /// The bits of the hash of `name`, from the first on.
    pub fn of(name: &[u8]) -> HashBits {
        HashBits {
            hash: murmur3::x64_64(name),
            used: 0,
        }
    }

    /// The bits of a hash that is known already.
    pub(crate) fn of_hash(hash: u64) -> HashBits {
        HashBits { hash, used: 0 }
    }

    /// The whole hash. A trie lists its names in the order of these.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The place that the next `bits` say, or `None` if the hash has no more.
    pub fn next(&mut self, bits: u32) -> Option<usize> {
        let end = self.used.checked_add(bits).filter(|end| *end <= 64)?;
        let place = self.hash.checked_shl(self.used)?.checked_shr(64 - bits)?;
        self.used = end;
        usize::try_from(place).ok()
    }

    /// Whether its first `count` bits are those of `path`.
    pub fn begins_with(&self, path: u64, count: u32) -> bool {
        let first = self.hash.checked_shr(64_u32.saturating_sub(count));
        first.unwrap_or(0) == path
    }

    /// With the first `used` bits taken.
    pub fn after(self, used: u32) -> HashBits {
        HashBits { used, ..self }
    }

    /// How many bits were taken.
    pub fn used(&self) -> u32 {
        self.used
    }
}

/// The most places that a node has.
pub const MAX_FANOUT: usize = 1024;

/// The places of a node that are taken: a bit each, the first the lowest bit of the last byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Places {
    /// The first place in the lowest bit of the first word.
    words: [u64; MAX_FANOUT / 64],
}

impl Places {
    /// No place is taken.
    pub fn none() -> Places {
        Places {
            words: [0; MAX_FANOUT / 64],
        }
    }

    /// Those in the data of a node with `fanout` places; `None` if there are places above that.
    /// Leading zeros may be there or not.
    pub fn decode(bytes: &[u8], fanout: usize) -> Option<Places> {
        if bytes.len() > fanout / 8 {
            return None;
        }
        let mut places = Places::none();
        for (at, byte) in bytes.iter().rev().enumerate() {
            *places.words.get_mut(at / 8)? |= u64::from(*byte) << (8 * (at % 8));
        }
        Some(places)
    }

    /// As they are in the data of a node: without leading zeros.
    pub fn encode(&self) -> Vec<u8> {
        let bytes = self.words.iter().rev().flat_map(|word| word.to_be_bytes());
        bytes.skip_while(|byte| *byte == 0).collect()
    }

    /// Whether this place is taken.
    pub fn has(&self, place: usize) -> bool {
        let word = self.words.get(place / 64).copied().unwrap_or(0);
        word >> (place % 64) & 1 == 1
    }

    /// Takes the place.
    pub fn insert(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// Gives the place up.
    pub fn remove(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / 64) {
            *word &= !(1 << (place % 64));
        }
    }

    /// How many places below this one are taken: the number of its link.
    pub fn below(&self, place: usize) -> usize {
        let whole = self.words.iter().take(place / 64);
        let whole: u32 = whole.map(|word| word.count_ones()).sum();
        let word = self.words.get(place / 64).copied().unwrap_or(0);
        (whole + (word & ((1 << (place % 64)) - 1)).count_ones()) as usize
    }

    /// How many places are taken.
    pub fn count(&self) -> usize {
        self.below(MAX_FANOUT)
    }

    /// Those that are taken, from the first on.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..MAX_FANOUT).filter(|place| self.has(*place))
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The hash of "a" is 85 55 55 65 f6 59 78 89, as `murmur3-x64-64.json` has it.
    #[test]
    fn places_are_bits_of_the_hash_from_the_first_on() {
        let mut bytes = HashBits::of(b"a");
        let places: Vec<_> = std::iter::from_fn(|| bytes.next(8)).collect();
        assert_eq!(places, [0x85, 0x55, 0x55, 0x65, 0xf6, 0x59, 0x78, 0x89]);
        let mut threes = HashBits::of(b"a");
        let places: Vec<_> = std::iter::from_fn(|| threes.next(3)).collect();
        assert_eq!(places.len(), 21);
        assert_eq!(places.get(..4), Some(&[0b100, 0b001, 0b010, 0b101][..]));
        assert_eq!(threes.used(), 63);
        let mut tens = HashBits::of(b"a").after(60);
        assert_eq!((tens.next(10), tens.next(4)), (None, Some(9)));
        assert_eq!(tens.next(0).and(tens.next(1)), None);
    }

    #[test]
    fn the_first_place_is_the_lowest_bit_of_the_last_byte() {
        let mut places = Places::none();
        for place in [0, 9, 63, 64, 255] {
            places.insert(place);
        }
        let bytes = places.encode();
        assert_eq!(bytes.len(), 32);
        assert_eq!((bytes.first(), bytes.last()), (Some(&0x80), Some(&0x01)));
        assert_eq!(Places::decode(&bytes, 256), Some(places.clone()));
        assert_eq!(Places::decode(&bytes, 128), None, "a byte too many");
        assert_eq!(places.iter().collect::<Vec<_>>(), [0, 9, 63, 64, 255]);
        let below = [0, 1, 10, 64, 65, 256].map(|place| places.below(place));
        assert_eq!(below, [0, 1, 2, 3, 4, 5]);
        places.remove(255);
        assert_eq!(places.encode().len(), 9, "leading zeros are left out");
        assert_eq!(places.count(), 4);
        assert!(Places::none().encode().is_empty());
    }
}
