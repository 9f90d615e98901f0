//! Blocks that are not there, or are not what they were.

use std::io::{Read, Seek, SeekFrom};

use block_cid::{Block, Blocks, Blockstore};
use bytes::Bytes;
use datastore::{Datastore, Key};
use testkit::Rng;
use unixfs_car::{Cid, Error, Reader};

use crate::build::{self, Leaves, Part, branch, leaf};

/// Four leaves of 100 bytes below each of three branches.
fn twelve(store: &build::Store) -> (Cid, Vec<Part>, Vec<Part>, Vec<u8>) {
    let bytes = Rng::new(11).bytes(1200);
    let leaves: Vec<Part> = bytes
        .chunks(100)
        .map(|bytes| leaf(store, Leaves::Raw, bytes))
        .collect();
    let branches: Vec<Part> = leaves.chunks(4).map(|few| branch(store, few)).collect();
    let root = branch(store, &branches).cid;
    (root, branches, leaves, bytes)
}

#[test]
fn a_missing_leaf_is_named_with_its_first_byte_and_the_rest_can_be_read() {
    let store = build::store();
    let (root, branches, leaves, bytes) = twelve(&store);
    for (gone, offset, behind) in [(leaves[6], 600, 700), (branches[1], 400, 800)] {
        let block = store.get(&gone.cid).unwrap().unwrap();
        store.delete(&gone.cid).unwrap();
        let mut reader = Reader::open(&store, &root).unwrap();
        let mut found = Vec::new();
        let error = loop {
            match reader.chunk() {
                Ok(chunk) => found.extend(chunk.unwrap()),
                Err(error) => break error,
            }
        };
        assert_eq!(found, bytes[..offset], "all that is before it");
        let Error::MissingPart {
            cid,
            file,
            offset: at,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((*cid, *file, at), (gone.cid, root, offset as u64));
        // Asked again, it says so again; and what is behind it is there.
        reader.chunk().unwrap_err();
        let inner = reader.read(&mut [0]).unwrap_err().into_inner().unwrap();
        assert!(matches!(
            inner.downcast_ref(),
            Some(Error::MissingPart { .. })
        ));
        reader.seek(SeekFrom::Start(behind)).unwrap();
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[behind as usize..]);
        // Within it a byte is missing too, under its own number.
        reader.seek(SeekFrom::Start(offset as u64 + 42)).unwrap();
        match reader.chunk().unwrap_err() {
            Error::MissingPart { offset: at, .. } => assert_eq!(at, offset as u64 + 42),
            error => panic!("{error}"),
        }
        // Once it is there, the reader goes on where it stands.
        store.put(&block).unwrap();
        reader.seek(SeekFrom::Start(offset as u64 - 50)).unwrap();
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[offset - 50..]);
    }
}

#[test]
fn a_missing_root_is_named() {
    let store = build::store();
    let cid = *Block::raw("nobody has this").cid();
    let error = Reader::open(&store, &cid).unwrap_err();
    assert!(matches!(error, Error::Missing { cid: named } if *named == cid));
}

/// Of the leaves that are read ahead together one is damaged: those before it are given.
#[test]
fn a_damaged_leaf_takes_none_of_those_before_it() {
    let store = build::store();
    let (root, _, leaves, bytes) = twelve(&store);
    let mem = store.into_store();
    let mut damaged = bytes[600..700].to_vec();
    damaged[50] ^= 1;
    let key = Key::block(&leaves[6].cid.hash().to_bytes()).unwrap();
    mem.put(&key, &Bytes::from(damaged)).unwrap();
    let store = Blocks::new(mem);
    let mut reader = Reader::open(&store, &root).unwrap();
    let mut found = Vec::new();
    let error = reader.copy_to(&mut found).unwrap_err();
    assert_eq!(found, bytes[..600]);
    let error = error.into_inner().unwrap();
    let Some(Error::Blocks(block_cid::Error::Corrupt { cid, .. })) = error.downcast_ref() else {
        panic!("{error}");
    };
    assert_eq!(**cid, leaves[6].cid);
    reader.seek(SeekFrom::Start(700)).unwrap();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, bytes[700..]);
}
