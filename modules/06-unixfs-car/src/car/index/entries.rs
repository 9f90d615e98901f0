//! The entries of an index, from the first to the last.

use super::table::Bucket;
use super::{Result, Source};

/// How much is read at once.
const PIECE: u64 = 64 << 10;

/// What an index says of one section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The code of the hash; IndexSorted does not say it.
    pub code: Option<u64>,
    /// The digest.
    pub digest: Vec<u8>,
    /// Where the section begins, in bytes from the start of the CARv1.
    pub offset: u64,
}

/// The entries in their order; ends after the first error.
#[derive(Debug)]
pub struct Entries<'a> {
    source: &'a Source,
    buckets: std::slice::Iter<'a, Bucket>,
    /// The bucket that is read, and how many of its entries came before `piece`.
    bucket: Option<(&'a Bucket, u64)>,
    piece: std::vec::IntoIter<Entry>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(source: &'a Source, buckets: &'a [Bucket]) -> Entries<'a> {
        Entries {
            source,
            buckets: buckets.iter(),
            bucket: None,
            piece: Vec::new().into_iter(),
        }
    }

    /// The next entries of a bucket.
    fn read(&mut self, bucket: &'a Bucket, from: u64) -> Result<()> {
        let width = bucket.width();
        let count = (PIECE / width).min(bucket.count - from);
        let bytes = self
            .source
            .read(bucket.start + from * width, count * width)?;
        let entry = |bytes: &[u8]| {
            let (digest, offset) = bytes.split_at_checked(bucket.digest).unwrap_or_default();
            Entry {
                code: bucket.code,
                digest: digest.to_vec(),
                offset: offset.try_into().map_or(0, u64::from_le_bytes),
            }
        };
        let entries: Vec<Entry> = bytes.chunks_exact(width as usize).map(entry).collect();
        self.piece = entries.into_iter();
        self.bucket = Some((bucket, from + count));
        Ok(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Result<Entry>> {
        loop {
            if let Some(entry) = self.piece.next() {
                return Some(Ok(entry));
            }
            let (bucket, from) = match self.bucket.take() {
                Some((bucket, from)) if from < bucket.count => (bucket, from),
                _ => (self.buckets.next()?, 0),
            };
            if bucket.count == 0 {
                continue;
            }
            if let Err(error) = self.read(bucket, from) {
                self.buckets = [].iter();
                return Some(Err(error));
            }
        }
    }
}
