//! Files out of their blocks.

use std::io::{Seek, SeekFrom};

use block_cid::{Blockstore, Cid, codec};
use bytes::Bytes;
use dag_ipld::pb;
use testkit::Rng;
use unixfs_car::Reader;
use unixfs_car::read::{MAX_DEPTH, MAX_LINKS};
use unixfs_car::unixfs::{Data, Type};

use crate::bag::Bag;
use crate::limit::measured;

/// What the branches above a leaf may take: links and their ends, and the nodes that they are read from.
const BRANCHES: u64 = MAX_LINKS as u64 * 176;

/// Files may have parts over and over again; so many bytes are read.
const MOST: usize = 64 << 10;

pub(super) fn check(bytes: &[u8]) {
    let bag = Bag::new(bytes);
    let limit = BRANCHES + 100 * bytes.len() as u64 + MOST as u64;
    let ((read, ended), used) = measured(|| read(&bag, 0, MOST));
    assert!(
        used <= limit,
        "{used} bytes of memory, and {limit} are allowed"
    );
    if bag.is_empty() {
        return;
    }
    bag.refill();
    let mut plain = Plain {
        bag: &bag,
        bytes: Vec::new(),
        honest: true,
    };
    let whole = plain.read(&bag.root(), 0);
    if bag.is_empty() || matches!(whole, Err(Refused::Kind) if read.is_empty()) {
        return;
    }
    let Plain {
        bytes: whole,
        honest,
        ..
    } = plain;
    // Where the sizes lie, reading ends with an error, and what comes before is right.
    let common = whole.len().min(if honest { MOST } else { read.len() });
    assert_eq!(
        read.get(..common),
        whole.get(..common),
        "read from the start"
    );
    if !ended || !honest || read.len() != whole.len() {
        return;
    }
    let mut rng = Rng::new(bag.first.into());
    for _ in 0..4 {
        bag.refill();
        let at = rng.below(whole.len() as u64 + 3);
        let count = rng.below(9);
        let (part, _) = self::read(&bag, at, count as usize);
        let end = whole.len().min((at + count) as usize);
        let wanted = whole.get(at as usize..end).unwrap_or_default();
        assert!(
            bag.is_empty() || part == wanted,
            "{count} bytes from {at} on"
        );
    }
}

/// Up to `most` bytes from `at` on, and whether reading came to an end without an error.
fn read(bag: &Bag, at: u64, most: usize) -> (Vec<u8>, bool) {
    let Ok(mut reader) = Reader::open(bag, &bag.root()) else {
        return (Vec::new(), false);
    };
    // Behind the end, and back.
    let far = reader.seek(SeekFrom::End(i64::from(bag.first)));
    assert!(far.is_ok() || reader.size() > i64::MAX as u64);
    let sought = reader.seek(SeekFrom::Start(at));
    assert_eq!(sought.ok(), Some(at));
    let mut read = Vec::new();
    let mut reader = reader.with_end(at.saturating_add(most as u64));
    loop {
        match reader.chunk() {
            Ok(Some(chunk)) => read.extend(chunk),
            Ok(None) => return (read, true),
            Err(_) => return (read, false),
        }
    }
}

/// A reader that knows no sizes and no seeking.
struct Plain<'a> {
    bag: &'a Bag,
    bytes: Vec<u8>,
    /// Whether the sizes are those of what is there.
    honest: bool,
}

enum Refused {
    /// It is something else than a file.
    Kind,
    /// Its blocks make no file.
    Damaged,
}

impl Plain<'_> {
    fn read(&mut self, cid: &Cid, depth: usize) -> Result<(), Refused> {
        let block = self.bag.get(cid).ok().flatten().ok_or(Refused::Damaged)?;
        if cid.codec() == codec::RAW {
            self.bytes.extend(block.data());
            return Ok(());
        }
        if cid.codec() != codec::DAG_PB || depth > MAX_DEPTH || self.bytes.len() > MOST {
            return Err(Refused::Damaged);
        }
        let node = pb::Node::decode(block.data()).map_err(|_| Refused::Damaged)?;
        let data = Data::decode(node.data.as_ref().unwrap_or(&Bytes::new()));
        let data = data.map_err(|_| Refused::Damaged)?;
        if !matches!(data.kind, Type::File | Type::Raw) {
            return Err(Refused::Kind);
        }
        if node.links.is_empty() {
            let bytes = data.data.unwrap_or_default();
            self.honest &= is_said(data.filesize, bytes.len());
            self.bytes.extend(bytes);
            return Ok(());
        }
        self.honest &= data.blocksizes.len() == node.links.len();
        let first = self.bytes.len();
        for (at, link) in node.links.iter().enumerate() {
            let start = self.bytes.len();
            self.read(&link.cid, depth + 1)?;
            let size = (self.bytes.len() - start) as u64;
            self.honest &= data.blocksizes.get(at) == Some(&size);
        }
        self.honest &= is_said(data.filesize, self.bytes.len() - first);
        Ok(())
    }
}

/// Whether a node that says `said` has so many bytes.
fn is_said(said: Option<u64>, bytes: usize) -> bool {
    said.is_none_or(|said| said == bytes as u64)
}
