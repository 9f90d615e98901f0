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
fn an_index_that_misleads_is_an_error_and_never_a_wrong_block() {
    let blocks = blocks();
    let whole = car(Version::INDEXED, &[], &blocks);
    let (first, second) = (blocks[3].cid(), blocks[5].cid());
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
    for to in [
        other.unwrap(),
        0,
        1,
        1 << 20,
        1 << 40,
        u64::MAX,
        u64::MAX - 51,
    ] {
        let store = indexed(&lead(to));
        assert!(!store.is_scanned());
        for error in [store.get(first).map(drop), store.has(first).map(drop)] {
            let text = error.unwrap_err().to_string();
            let says = text.contains("its index is wrong") && text.contains(&first.to_string());
            assert!(says && text.contains("`car index`"), "{to}: {text}");
        }
        assert!(store.get(second).unwrap().is_some(), "{to}");
        let scanned = Indexed::scan(store.car().clone(), &tight()).unwrap();
        assert!(scanned.get(first).unwrap().is_some(), "{to}");
    }
    // Of two places one is right.
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
