//! Where the block of a multihash lies: the index of a CARv2, or one of its own (`.carindex`).
//!
//! ```text
//! 81 08                     the format: 0x0401 is MultihashIndexSorted, 0x0400 IndexSorted
//!
//! 01 00 00 00               hashes: one                     only MultihashIndexSorted has
//!   12 00 00 00 00 00 00 00   sha2-256                      these two lines
//!   01 00 00 00               lengths of digests: one
//!     28 00 00 00               40 bytes for each entry: the digest and 8
//!     50 00 00 00 00 00 00 00   80 bytes of entries
//!     01ba4719…  4e 00 00 …     digest, and where its section begins, in bytes from the start
//!     9f86d081…  7b 00 00 …     of the CARv1; in the order of digests
//! ```
//!
//! All numbers are little-endian. IndexSorted does not say by which hash a digest was made. Identity CIDs
//! have no entries, unless the header of the CARv2 says that it is fully indexed.
//!
//! Neither reading nor writing has an index in memory as a whole. [`Index`] searches in the file, and
//! reads its tables alone: every count in them is compared with the bytes that are there before it is
//! believed. [`Builder`] sorts what fits into a given room, and merges runs from a file beyond that.
//!
//! [Specification](https://ipld.io/specs/transport/car/carv2/#index-format).

mod builder;
mod entries;
mod run;
mod source;
mod table;

use block_cid::Multihash;

use super::{Error, Result};
pub use builder::{Builder, Scratch};
pub use entries::{Entries, Entry};
pub use run::{Record, Sorted};
pub use source::Source;
use table::{Bucket, Tables};

/// How an index is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// By digest: 0x0400.
    Sorted,
    /// By hash and digest: 0x0401.
    #[default]
    MultihashSorted,
}

impl Format {
    /// Both.
    pub const ALL: [Format; 2] = [Format::Sorted, Format::MultihashSorted];

    /// The code, as in the multicodec table.
    pub fn code(self) -> u64 {
        match self {
            Format::Sorted => 0x0400,
            Format::MultihashSorted => 0x0401,
        }
    }

    /// The name, as in the multicodec table.
    pub fn name(self) -> &'static str {
        match self {
            Format::Sorted => "car-index-sorted",
            Format::MultihashSorted => "car-multihash-index-sorted",
        }
    }
}

/// An index that can be searched. It says where to look: what lies there has to be proven.
#[derive(Clone, Debug)]
pub struct Index {
    source: Source,
    tables: Tables,
}

impl Index {
    /// Reads the tables of an index.
    ///
    /// # Errors
    /// [`Error::Index`] if a count cannot be true, or what is sorted is not in order;
    /// [`Error::IndexFormat`] if it is in another format; [`Io`](block_cid::Error::Io).
    pub fn open(source: Source) -> Result<Index> {
        let tables = Tables::read(&source)?;
        Ok(Index { source, tables })
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.tables.format
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        let counts = self.tables.buckets.iter().map(|bucket| bucket.count);
        counts.sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes follow the index in its source.
    pub fn trailing(&self) -> u64 {
        self.source.len() - self.tables.end
    }

    /// All entries, in their order.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(&self.source, &self.tables.buckets)
    }

    /// Where sections begin that have this multihash, in bytes from the start of the CARv1; in
    /// IndexSorted also one with the same digest by another hash.
    ///
    /// # Errors
    /// [`Io`](block_cid::Error::Io), here and of the iterator.
    pub fn find(&self, hash: &Multihash) -> Result<impl Iterator<Item = Result<u64>> + '_> {
        let digest = hash.digest().to_vec();
        let fits = |bucket: &&Bucket| {
            bucket.digest == digest.len() && bucket.code.is_none_or(|code| code == hash.code())
        };
        let place = match self.tables.buckets.iter().find(fits) {
            Some(bucket) => Some((bucket, self.lower_bound(bucket, &digest)?)),
            None => None,
        };
        let from = place.into_iter().flat_map(move |(bucket, first)| {
            let entries = first..bucket.count;
            entries.map(move |n| self.entry(bucket, n))
        });
        Ok(from
            .take_while(move |entry| match entry {
                Ok((found, _)) => *found == digest,
                Err(_) => true,
            })
            .map(|entry| entry.map(|(_, offset)| offset)))
    }

    /// The first entry whose digest is not below this one.
    fn lower_bound(&self, bucket: &Bucket, digest: &[u8]) -> Result<u64> {
        let (mut low, mut high) = (0, bucket.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if *self.entry(bucket, middle)?.0 < *digest {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn entry(&self, bucket: &Bucket, n: u64) -> Result<(Vec<u8>, u64)> {
        let width = bucket.width();
        let mut bytes = self.source.read(bucket.start + n * width, width)?;
        let offset = bytes.split_off(bucket.digest);
        let offset = offset.try_into().map_or(0, u64::from_le_bytes);
        Ok((bytes, offset))
    }
}
