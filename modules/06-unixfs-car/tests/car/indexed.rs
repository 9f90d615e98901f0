//! A CAR as a blockstore that is only read.

use std::collections::BTreeSet;

use block_cid::{Block, Blockstore, Cid, Hash, to_v1};
use unixfs_car::car::index::{Builder, Format, Scratch};
use unixfs_car::car::{Header, Indexed, Version};

use crate::made::{VERSIONS, blocks, car, open, tight};

fn indexed(bytes: &[u8]) -> Indexed {
    Indexed::new(open(bytes).unwrap(), &Scratch::new(std::env::temp_dir())).unwrap()
}

/// The CAR with another index behind its data.
fn with_index(bytes: &[u8], add: impl Fn(&Block, u64, &mut Builder)) -> Vec<u8> {
    let header = Header::decode(bytes[11..51].try_into().unwrap()).unwrap();
    let file = open(bytes).unwrap();
    let mut index = Builder::new(Format::MultihashSorted, &tight());
    for head in file.heads() {
        let head = head.unwrap();
        let block = file.block(&head).unwrap();
        add(&block, head.offset - file.start(), &mut index);
    }
    let mut out = bytes[..header.index_offset as usize].to_vec();
    index.write(&mut out).unwrap();
    out
}

#[test]
fn every_promise_of_a_blockstore_that_reading_needs_is_kept() {
    let blocks = blocks();
    let twice = [&blocks[..], &blocks].concat();
    for version in VERSIONS {
        let store = indexed(&car(version, &[], &twice));
        assert_eq!(store.is_scanned(), !matches!(version, Version::Indexed(_)));
        assert!(store.refused().is_none());
        for block in &blocks {
            // By its multihash, under any CID.
            for cid in [
                *block.cid(),
                to_v1(block.cid()),
                Cid::new_v1(0x71, *block.cid().hash()),
            ] {
                let found = store.get(&cid).unwrap().unwrap();
                assert_eq!((found.cid(), found.data()), (&cid, block.data()));
                assert!(found.is_proven());
                assert_eq!(store.size(&cid).unwrap(), Some(block.len() as u64));
                assert!(store.has(&cid).unwrap());
                let range = store.get_range(&cid, 1..3).unwrap().unwrap();
                let wanted = block.data().get(1..3.min(block.len()));
                assert_eq!(range, wanted.unwrap_or_default());
            }
        }
        let absent = *Block::raw("absent").cid();
        assert!(store.get(&absent).unwrap().is_none() && !store.has(&absent).unwrap());
        let inline = *Block::new(0x55, Hash::IDENTITY, "not in the file")
            .unwrap()
            .cid();
        assert_eq!(
            store.get(&inline).unwrap().unwrap().data(),
            "not in the file"
        );
        let forged = Cid::new_v1(0x55, block_cid::Multihash::wrap(0x12, &[0; 4]).unwrap());
        assert!(store.get(&forged).is_err() && store.size(&forged).is_err());
        // Each once, as raw; none of identity.
        let listed: Vec<Cid> = store.cids().unwrap().map(Result::unwrap).collect();
        let named = |cid: &Cid| Cid::new_v1(0x55, *cid.hash());
        let kept = blocks
            .iter()
            .map(Block::cid)
            .filter(|cid| cid.hash().code() != 0);
        let wanted: BTreeSet<Cid> = kept.map(named).collect();
        assert_eq!(listed.len(), wanted.len());
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), wanted);
        let many = [absent, *blocks[3].cid(), *blocks[0].cid()];
        let found = store.get_many(&many).unwrap();
        assert!(found[0].is_none() && found[2].as_ref().unwrap().data() == blocks[0].data());
        for refused in [
            store.put(&blocks[0]),
            store.put_many(&blocks),
            store.delete(blocks[0].cid()),
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(
                error.contains("made.car") && error.contains("`import`"),
                "{error}"
            );
        }
        store.sync().unwrap();
    }
}

/// FAULTS C6: an index is only a hint.
#[test]
fn an_index_that_is_wrong_hides_no_block_and_never_gives_another() {
    let blocks = blocks();
    let whole = car(Version::INDEXED, &[], &blocks);
    let (first, second) = (blocks[3].cid(), blocks[5].cid());
    let all_are_found = |bytes: &[u8], why: &str| {
        let store = indexed(bytes);
        assert!(!store.is_scanned(), "{why}");
        assert!(store.get(first).unwrap().is_some(), "{why}");
        let text = store.refused().unwrap().to_string();
        assert!(text.contains(&first.to_string()), "{why}: {text}");
        assert!(text.contains("`car index`"), "{why}: {text}");
        for block in &blocks {
            let found = store.get(block.cid()).unwrap().unwrap();
            assert_eq!(found.data(), block.data(), "{why}");
        }
        // Sizes and lists come from it, too.
        assert!(indexed(bytes).has(first).unwrap(), "{why}");
        let listed = indexed(bytes).cids().unwrap().count();
        let whole = indexed(&whole).cids().unwrap().count();
        assert_eq!(listed, whole, "{why}");
        let absent = *Block::raw("absent").cid();
        assert!(indexed(bytes).get(&absent).unwrap().is_none(), "{why}");
    };
    let lead = |to: u64| {
        with_index(&whole, |block, offset, index| {
            let is_first = block.cid() == first;
            index
                .add(block.cid().hash(), if is_first { to } else { offset })
                .unwrap();
        })
    };
    let other = open(&whole).unwrap().heads().find_map(|head| {
        let head = head.unwrap();
        (head.cid == *second).then_some(head.offset - 51)
    });
    let far = [0, 1, 1 << 20, 1 << 40, u64::MAX, u64::MAX - 51];
    for to in far.into_iter().chain(other) {
        all_are_found(&lead(to), &format!("{first} at {to}"));
    }
    let lacks = with_index(&whole, |block, offset, index| {
        if block.cid() != first {
            index.add(block.cid().hash(), offset).unwrap();
        }
    });
    all_are_found(&lacks, "one is left out");
    let data = &whole[..Header::decode(whole[11..51].try_into().unwrap())
        .unwrap()
        .index_offset as usize];
    let le8 = |number: u64| number.to_le_bytes();
    for (why, index) in [
        ("no hashes", vec![0x81, 8, 0, 0, 0, 0]),
        ("no lengths", vec![0x80, 8, 0, 0, 0, 0]),
        (
            "digests of no bytes",
            [&[0x80, 8, 1, 0, 0, 0, 8, 0, 0, 0][..], &le8(8), &le8(1)].concat(),
        ),
        (
            "not in order",
            [
                &[0x80, 8, 1, 0, 0, 0, 72, 0, 0, 0][..],
                &le8(144),
                &[9; 72],
                &[0; 72],
            ]
            .concat(),
        ),
    ] {
        all_are_found(&[data, &index].concat(), why);
    }
    // It leads into a block that has in it what looks like a section.
    let fake = Block::claimed(*first, "not it");
    let inner = car(Version::V1, &[], &[fake]);
    let at = open(&inner)
        .unwrap()
        .heads()
        .next()
        .unwrap()
        .unwrap()
        .offset as usize;
    let trap = Block::raw(inner[at..].to_vec());
    let whole = car(Version::INDEXED, &[], &[trap.clone(), blocks[3].clone()]);
    let place = whole
        .windows(trap.len())
        .position(|some| some == &trap.data()[..]);
    let led = with_index(&whole, |block, _, index| {
        index
            .add(block.cid().hash(), place.unwrap() as u64 - 51)
            .unwrap();
    });
    let found = indexed(&led).get(first).unwrap().unwrap();
    assert_eq!(found.data(), blocks[3].data());
}

#[test]
fn of_two_places_in_an_index_one_is_right() {
    let blocks = blocks();
    let whole = car(Version::INDEXED, &[], &blocks);
    let store = indexed(&with_index(&whole, |block, offset, index| {
        index.add(block.cid().hash(), offset).unwrap();
        index.add(block.cid().hash(), 0).unwrap();
    }));
    assert!(
        blocks
            .iter()
            .all(|block| store.get(block.cid()).unwrap().is_some())
    );
}

#[test]
fn a_block_that_was_altered_is_never_given() {
    let blocks = blocks();
    for version in VERSIONS {
        let whole = car(version, &[], &blocks);
        let file = open(&whole).unwrap();
        for (block, head) in blocks.iter().zip(file.heads()) {
            let (at, len) = head.unwrap().block;
            if len == 0 || block.cid().hash().code() == 0 {
                continue;
            }
            let mut flipped = whole.clone();
            flipped[at as usize] ^= 0x40;
            let store = indexed(&flipped);
            let error = store.get(block.cid()).unwrap_err();
            assert!(matches!(error, block_cid::Error::Corrupt { .. }), "{error}");
            let next = blocks.iter().filter(|other| other.cid() != block.cid());
            assert!(
                next.clone()
                    .all(|other| store.get(other.cid()).unwrap().is_some())
            );
        }
    }
}

#[test]
fn without_an_index_a_car_that_is_cut_is_refused() {
    let whole = car(Version::V1, &[], &blocks());
    let cut = open(&whole[..whole.len() - 1]).unwrap();
    let error = Indexed::new(cut, &tight()).unwrap_err().to_string();
    assert!(error.contains("the CAR ends"), "{error}");
}
