//! Indexes: built, written, read, searched.

use block_cid::{Block, Cid, Hash, Multihash};
use proptest::prelude::*;
use unixfs_car::car::index::{Builder, Entry, Format, Index, Scratch, Source};

use crate::made::{blocks, tight};

fn build(format: Format, scratch: &Scratch, sections: &[(Multihash, u64)]) -> Vec<u8> {
    let mut builder = Builder::new(format, scratch);
    for (hash, offset) in sections {
        builder.add(hash, *offset).unwrap();
    }
    let mut bytes = Vec::new();
    builder.write(&mut bytes).unwrap();
    bytes
}

fn roomy() -> Scratch {
    Scratch::new(std::env::temp_dir())
}

/// Multihashes and places, each block twice.
fn sections() -> Vec<(Multihash, u64)> {
    let blocks = blocks();
    let twice = blocks.iter().chain(&blocks).enumerate();
    twice
        .map(|(n, block)| (*block.cid().hash(), 1000 - n as u64 * 3))
        .collect()
}

/// Written by hand, as the specification has it.
#[test]
fn the_formats_are_those_of_the_specification() {
    let sha2 = Multihash::wrap(0x12, &[0xaa; 32]).unwrap();
    let first = Multihash::wrap(0x12, &[0x11; 32]).unwrap();
    let sha1 = Multihash::wrap(0x11, &[0xbb; 20]).unwrap();
    let all = [(sha2, 7), (sha1, 5), (first, 0x0102), (sha2, 3)];
    let entry =
        |byte: u8, len: usize, offset: u64| [&vec![byte; len][..], &offset.to_le_bytes()].concat();
    let le8 = |n: u64| n.to_le_bytes().to_vec();
    let sorted = [
        vec![0x80, 0x08, 2, 0, 0, 0],
        vec![28, 0, 0, 0],
        le8(28),
        entry(0xbb, 20, 5),
        vec![40, 0, 0, 0],
        le8(120),
        entry(0x11, 32, 0x0102),
        entry(0xaa, 32, 3),
        entry(0xaa, 32, 7),
    ]
    .concat();
    assert_eq!(build(Format::Sorted, &roomy(), &all), sorted);
    let multihash = [
        vec![0x81, 0x08, 2, 0, 0, 0],
        le8(0x11),
        vec![1, 0, 0, 0, 28, 0, 0, 0],
        le8(28),
        entry(0xbb, 20, 5),
        le8(0x12),
        vec![1, 0, 0, 0, 40, 0, 0, 0],
        le8(120),
        entry(0x11, 32, 0x0102),
        entry(0xaa, 32, 3),
        entry(0xaa, 32, 7),
    ]
    .concat();
    assert_eq!(build(Format::MultihashSorted, &roomy(), &all), multihash);
    assert_eq!(
        build(Format::Sorted, &roomy(), &[]),
        [0x80, 0x08, 0, 0, 0, 0]
    );
    let none = build(Format::MultihashSorted, &roomy(), &[]);
    assert_eq!(none, [0x81, 0x08, 0, 0, 0, 0]);
    assert!(Index::open(Source::memory(none)).unwrap().is_empty());
}

#[test]
fn what_was_added_is_found_and_nothing_else() {
    let sections = sections();
    for format in Format::ALL {
        // In memory, and merged from many runs: the same bytes.
        let bytes = build(format, &roomy(), &sections);
        assert_eq!(build(format, &tight(), &sections), bytes);
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &[&[0xee; 77], &bytes[..], b"behind"].concat())
            .unwrap();
        let range = 77..77 + bytes.len() as u64 + 6;
        let in_file = Index::open(Source::file(std::sync::Arc::new(file), range)).unwrap();
        assert_eq!(in_file.trailing(), 6);
        for index in [Index::open(Source::memory(bytes)).unwrap(), in_file] {
            assert_eq!(
                (index.format(), index.len()),
                (format, sections.len() as u64)
            );
            for (hash, _) in &sections {
                let mut wanted: Vec<u64> = sections
                    .iter()
                    .filter_map(|(other, offset)| (other == hash).then_some(*offset))
                    .collect();
                wanted.sort_unstable();
                let found: Vec<u64> = index.find(hash).unwrap().map(Result::unwrap).collect();
                assert_eq!(found, wanted);
            }
            for absent in [
                *Block::raw("absent").cid().hash(),
                Multihash::wrap(0x12, &[0; 32]).unwrap(),
                Multihash::wrap(0x12, &[0xff; 32]).unwrap(),
                Multihash::wrap(0x12, &[0xff; 31]).unwrap(),
                Multihash::wrap(0x1e, &[]).unwrap(),
            ] {
                assert_eq!(index.find(&absent).unwrap().count(), 0);
            }
            let entries: Vec<Entry> = index.entries().map(Result::unwrap).collect();
            assert_eq!(entries.len(), sections.len());
            let key = |entry: &Entry| {
                (
                    entry.code,
                    entry.digest.len(),
                    entry.digest.clone(),
                    entry.offset,
                )
            };
            assert!(entries.is_sorted_by_key(key));
            assert!(
                entries
                    .iter()
                    .all(|entry| entry.code.is_some() == (format != Format::Sorted))
            );
        }
    }
}

/// By IndexSorted the hash is not known: a digest that two hashes share leads to both.
#[test]
fn only_multihash_index_sorted_tells_hashes_apart() {
    let digest = [5; 32];
    let [sha2, blake3] = [0x12, 0x1e].map(|code| Multihash::wrap(code, &digest).unwrap());
    let sections = [(sha2, 1), (blake3, 2)];
    for (format, wanted) in [(Format::Sorted, 2), (Format::MultihashSorted, 1)] {
        let index = Index::open(Source::memory(build(format, &roomy(), &sections))).unwrap();
        assert_eq!(index.find(&sha2).unwrap().count(), wanted);
    }
}

#[test]
fn an_index_too_large_for_its_room_is_searched_in_a_file() {
    for (scratch, count) in [(roomy(), 3), (tight(), 500)] {
        let mut builder = Builder::new(Format::MultihashSorted, &scratch);
        let cid = |n: u64| *Block::raw(n.to_le_bytes().to_vec()).cid();
        for n in 0..count {
            builder.add(cid(n).hash(), n).unwrap();
        }
        let index = builder.index().unwrap();
        for n in 0..count {
            let found: Vec<u64> = index
                .find(cid(n).hash())
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(found, [n]);
        }
    }
}

/// A folder that cannot be written is an error, and not a wrong index.
#[test]
fn without_a_place_to_sort_in_it_fails() {
    let scratch = Scratch {
        memory: 100,
        dir: "/nowhere/at/all".into(),
    };
    let mut builder = Builder::new(Format::Sorted, &scratch);
    let cid: Cid = *Block::new(0x55, Hash::SHA2_256, "x").unwrap().cid();
    let error = builder.add(cid.hash(), 0).unwrap_err().to_string();
    assert!(error.contains("sort the index"), "{error}");
}

proptest! {
    #[test]
    fn any_bytes_are_an_index_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300), format in 0usize..2) {
        let begin = [[0x80, 0x08], [0x81, 0x08]][format];
        let bytes = [&begin[..], &[1, 0, 0, 0], &bytes].concat();
        if let Ok(index) = Index::open(Source::memory(bytes)) {
            prop_assert_eq!(index.entries().count() as u64, index.len());
            let _ = index.find(Block::raw("x").cid().hash()).unwrap().count();
        }
    }

    #[test]
    fn any_entries_come_back(
        entries in proptest::collection::vec((0usize..4, any::<[u8; 32]>(), any::<u64>()), 0..60),
        memory in 0usize..3000,
    ) {
        let kinds = [(0x12, 32), (0x11, 20), (0x1e, 32), (0x00, 3)];
        let sections: Vec<(Multihash, u64)> = entries.iter().map(|(kind, digest, offset)| {
            let (code, len) = kinds[*kind];
            (Multihash::wrap(code, &digest[..len]).unwrap(), *offset)
        }).collect();
        let scratch = Scratch { memory, dir: std::env::temp_dir() };
        for format in Format::ALL {
            let bytes = build(format, &scratch, &sections);
            prop_assert_eq!(&bytes, &build(format, &roomy(), &sections));
            let index = Index::open(Source::memory(bytes)).unwrap();
            prop_assert_eq!(index.trailing(), 0);
            for (hash, offset) in &sections {
                prop_assert!(index.find(hash).unwrap().any(|found| found.unwrap() == *offset));
            }
        }
    }
}
