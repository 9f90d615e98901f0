//! CARs into stores.

use std::io::{Cursor, Read};
use std::sync::mpsc::{Receiver, channel};

use block_cid::{Block, Blocks, Blockstore, MAX_BLOCK};
use datastore::{Datastore, MemStore};
use persistent::ops::{Silent, Watch};
use persistent::{Config, Kind, Persistent};
use unixfs_car::car::import::{Import, Imported, import};
use unixfs_car::car::{Error, Version};

use crate::made::{VERSIONS, blocks, car, roots};

fn bring(bytes: Vec<u8>, store: &dyn Blockstore) -> Result<Imported, Error> {
    import(Cursor::new(bytes), store, Import::default(), &Silent)
}

#[test]
fn every_version_comes_into_every_engine() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = blocks();
    let twice = [&blocks[..], &blocks].concat();
    for kind in Kind::built() {
        for (n, version) in VERSIONS.into_iter().enumerate() {
            let mut config = Config::new(kind).with_min_free(0);
            if kind.is_on_disk() {
                config = config.with_path(dir.path().join(format!("{kind}{n}")));
            }
            let store = Persistent::open(&config).unwrap();
            let done = bring(car(version, &roots(&blocks), &twice), &store.blocks()).unwrap();
            let bytes: usize = twice.iter().map(Block::len).sum();
            assert_eq!(
                (done.blocks, done.bytes),
                (twice.len() as u64, bytes as u64)
            );
            assert_eq!(done.roots, roots(&blocks));
            assert_eq!(done.version == 1, version == Version::V1);
            for block in &blocks {
                let found = store.blocks().get(block.cid()).unwrap().unwrap();
                assert_eq!(found.data(), block.data(), "{kind}");
            }
            // The one of identity is in its CID.
            assert_eq!(
                store.blocks().cids().unwrap().count(),
                blocks.len() - 1,
                "{kind}"
            );
            store.close().unwrap();
        }
    }
}

#[test]
fn what_comes_before_a_damage_is_in_the_store() {
    let blocks = blocks();
    let whole = car(Version::V1, &[], &blocks);
    let store = Blocks::new(MemStore::new());
    let error = bring(whole[..whole.len() - 1].to_vec(), &store).unwrap_err();
    let last = blocks[blocks.len() - 2].cid();
    let Error::After { last: told, source } = &error else {
        panic!("{error}");
    };
    assert_eq!(&**told, last);
    assert!(error.to_string().contains(&last.to_string()));
    assert!(source.to_string().contains("the CAR ends"), "{source}");
    assert!(store.has(last).unwrap());
    // Before anything there is nothing to tell.
    let error = bring(b"no CAR".to_vec(), &store).unwrap_err();
    assert!(matches!(error, Error::Blocks(_)), "{error}");
}

/// A block that the store does not take: those before it are there, and it is named.
#[test]
fn a_block_that_is_too_large_is_named() {
    let large = Block::raw(vec![1; MAX_BLOCK as usize + 1]);
    let blocks = [Block::raw("before"), large.clone(), Block::raw("behind")];
    let bytes = car(Version::V1, &[], &blocks);
    let store = Blocks::new(MemStore::new());
    let error = bring(bytes.clone(), &store).unwrap_err();
    let Error::After { last, source } = error else {
        panic!("{error}");
    };
    assert_eq!(&*last, blocks[0].cid());
    let text = source.to_string();
    assert!(
        text.contains(&large.cid().to_string()) && text.contains("2097153"),
        "{text}"
    );
    let there = blocks.iter().map(|block| store.has(block.cid()).unwrap());
    assert_eq!(there.collect::<Vec<_>>(), [true, false, false]);
    bring(bytes, &Blocks::new(MemStore::new()).with_max_block(3 << 20)).unwrap();
    // Sections end at 4 MiB unless more is asked for.
    let huge = car(Version::V1, &[], &[Block::raw(vec![1; 4 << 20])]);
    let store = Blocks::new(MemStore::new()).with_max_block(8 << 20);
    let error = bring(huge.clone(), &store).unwrap_err().to_string();
    assert!(error.contains("4194304 are the most"), "{error}");
    let how = Import {
        max_section: 8 << 20,
    };
    import(Cursor::new(huge), &store, how, &Silent).unwrap();
}

/// Bytes that come when they are sent, as of a pipe.
struct Pipe(Receiver<Vec<u8>>);

impl Read for Pipe {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let Ok(bytes) = self.0.recv() else {
            return Ok(0);
        };
        assert!(bytes.len() <= to.len(), "sent in pieces that fit");
        to[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

#[test]
fn a_car_is_imported_while_it_comes() {
    let blocks = blocks();
    let (send, pipe) = channel();
    let bytes = car(Version::INDEXED, &roots(&blocks), &blocks);
    let sender = std::thread::spawn(move || {
        for byte in bytes {
            // What follows the data is not read.
            let _ = send.send(vec![byte]);
        }
    });
    let store = Blocks::new(MemStore::new());
    let done = import(Pipe(pipe), &store, Import::default(), &Silent).unwrap();
    assert_eq!(done.blocks, blocks.len() as u64);
    sender.join().unwrap();
}

/// Stops once something was done.
struct AfterOne(std::sync::atomic::AtomicBool);

impl Watch for AfterOne {
    fn did(&self, blocks: u64, _: u64) {
        assert!(blocks > 0);
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    fn stops(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// Whoever waits for a pipe is stopped, too.
#[test]
fn an_import_is_stopped_while_nothing_comes() {
    let many: Vec<Block> = (0..3000u32)
        .map(|n| Block::raw(n.to_le_bytes().to_vec()))
        .collect();
    let (send, pipe) = channel();
    let bytes = car(Version::V1, &[], &many);
    // All but the end, which never comes.
    for piece in bytes[..bytes.len() - 1].chunks(8) {
        send.send(piece.to_vec()).unwrap();
    }
    let store = Blocks::new(MemStore::new());
    let input = std::io::BufReader::new(Pipe(pipe));
    let end = import(input, &store, Import::default(), &AfterOne(false.into()));
    assert!(matches!(end, Err(Error::Stopped)), "{end:?}");
    assert!(store.has(many[0].cid()).unwrap());
    drop(send);
}
