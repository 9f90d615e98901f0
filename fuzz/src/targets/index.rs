//! Indexes of CARs, of both formats.

use block_cid::Multihash;
use unixfs_car::car::index::{Builder, Entry, Index, Scratch, Source};

use crate::limit::within;

pub(super) fn check(bytes: &[u8]) {
    let Ok(index) = within(bytes, 16, || Index::open(Source::memory(bytes))) else {
        return;
    };
    let entries: Vec<Entry> = index
        .entries()
        .map(|entry| entry.expect("it is in memory"))
        .collect();
    assert_eq!(entries.len() as u64, index.len());
    assert_eq!(index.is_empty(), entries.is_empty());
    assert!(index.trailing() < bytes.len() as u64);
    let scratch = Scratch::new(std::env::temp_dir());
    let mut builder = Builder::new(index.format(), &scratch);
    for entry in &entries {
        builder
            .add(&hash(entry), entry.offset)
            .expect("it is in memory");
    }
    let again = builder.index().expect("it is in memory");
    let sorted: Vec<Entry> = again.entries().flatten().collect();
    assert_eq!(again.format(), index.format());
    assert_eq!(again.trailing(), 0);
    let mut wanted = entries.clone();
    wanted.sort_by_key(|entry| {
        (
            entry.code,
            entry.digest.len(),
            entry.digest.clone(),
            entry.offset,
        )
    });
    assert_eq!(sorted, wanted);
    for entry in &entries {
        let found = again.find(&hash(entry)).expect("it is in memory");
        let found: Vec<u64> = found.flatten().collect();
        assert!(found.contains(&entry.offset), "{entry:?} is not found");
        // In one that is not in order, it need not be; and there is an end.
        let found = index
            .find(&hash(entry))
            .map(|found| found.flatten().count());
        assert!(found.is_ok_and(|found| found <= entries.len()));
    }
}

fn hash(entry: &Entry) -> Multihash {
    let code = entry.code.unwrap_or(0x12);
    Multihash::wrap(code, &entry.digest).expect("longer digests are refused")
}
