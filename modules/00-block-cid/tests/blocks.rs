//! What [`Blocks`] promises, over the memory store.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use block_cid::{
    Block, Blocks, Blockstore, Cid, Error, Hash, MAX_BLOCK, Multihash, Verify, codec, prove_all,
    to_v0, to_v1,
};
use bytes::Bytes;
use datastore::{Batch, Datastore, Entries, Key, Keys, MemStore, Op};

fn store() -> Blocks<MemStore> {
    Blocks::new(MemStore::new())
}

/// Different bytes for each `n`.
fn block(n: u32) -> Block {
    Block::raw(format!("block number {n}"))
}

fn key(cid: &Cid) -> Key {
    Key::block(&cid.hash().to_bytes()).unwrap()
}

/// A store that counts the calls that write and the blocks they write.
#[derive(Default)]
struct Counting {
    store: MemStore,
    puts: AtomicUsize,
    batches: AtomicUsize,
    gets: AtomicUsize,
}

impl Datastore for Counting {
    fn get(&self, key: &Key) -> datastore::Result<Option<Bytes>> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        self.store.get(key)
    }
    fn put(&self, key: &Key, value: &[u8]) -> datastore::Result<()> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        self.store.put(key, value)
    }
    fn delete(&self, key: &Key) -> datastore::Result<()> {
        self.store.delete(key)
    }
    fn query(&self, prefix: &Key) -> datastore::Result<Entries<'_>> {
        self.store.query(prefix)
    }
    fn size(&self, key: &Key) -> datastore::Result<Option<u64>> {
        self.store.size(key)
    }
    fn get_many(&self, keys: &[Key]) -> datastore::Result<Vec<Option<Bytes>>> {
        self.store.get_many(keys)
    }
    fn keys(&self, prefix: &Key) -> datastore::Result<Keys<'_>> {
        self.store.keys(prefix)
    }
    fn apply(&self, batch: Batch) -> datastore::Result<()> {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.store.apply(batch)
    }
    fn sync(&self) -> datastore::Result<()> {
        self.store.sync()
    }
    fn disk_usage(&self) -> datastore::Result<u64> {
        self.store.disk_usage()
    }
    fn close(&self) -> datastore::Result<()> {
        self.store.close()
    }
}

#[test]
fn v0_and_v1_and_every_codec_name_one_block() {
    let store = store();
    let node = Block::new(codec::DAG_PB, Hash::SHA2_256, "a node").unwrap();
    let v0 = to_v0(node.cid()).unwrap();
    store.put(&node).unwrap();
    let cbor = Cid::new_v1(codec::DAG_CBOR, *v0.hash());
    for cid in [v0, to_v1(&v0), cbor] {
        let got = store.get(&cid).unwrap().unwrap();
        assert_eq!(*got.cid(), cid, "the answer has the CID that was asked for");
        assert_eq!(got.data(), "a node");
        assert!(got.is_proven());
        assert!(store.has(&cid).unwrap());
        assert_eq!(store.size(&cid).unwrap(), Some(6));
    }
    let listed: Vec<Cid> = store.cids().unwrap().map(Result::unwrap).collect();
    assert_eq!(listed, [Cid::new_v1(codec::RAW, *v0.hash())]);
    store.delete(&v0).unwrap();
    assert!(!store.has(&cbor).unwrap(), "gone under every name");
}

#[test]
fn an_absent_block_is_none_and_deleting_it_succeeds() {
    let (store, cid) = (store(), *block(1).cid());
    assert_eq!(store.get(&cid).unwrap(), None);
    assert_eq!(store.size(&cid).unwrap(), None);
    assert_eq!(store.get_range(&cid, 0..1).unwrap(), None);
    assert!(!store.has(&cid).unwrap());
    store.delete(&cid).unwrap();
}

#[test]
fn a_wrong_cid_is_refused_and_both_are_named() {
    let (store, right, wrong) = (store(), block(1), block(2));
    let liar = Block::claimed(*right.cid(), wrong.data().clone());
    let many = [block(3), liar.clone(), block(4)];
    let errors = [
        Block::checked(*right.cid(), wrong.data().clone()).unwrap_err(),
        store.put(&liar).unwrap_err(),
        store.put_many(&many).unwrap_err(),
        liar.prove().unwrap_err(),
    ];
    for error in errors {
        let Error::WrongCid { claimed, actual } = &error else {
            panic!("{error}")
        };
        assert_eq!((**claimed, **actual), (*right.cid(), *wrong.cid()));
        let text = error.to_string();
        assert!(text.contains(&right.cid().to_string()), "{text}");
        assert!(text.contains(&wrong.cid().to_string()), "{text}");
    }
    assert_eq!(
        store.cids().unwrap().count(),
        0,
        "nothing of a refused batch is kept"
    );
}

#[test]
fn a_claimed_block_with_the_right_bytes_is_kept() {
    for hash in [
        "sha2-256",
        "sha2-512",
        "sha3-256",
        "blake2b-256",
        "blake2s-256",
        "blake3",
        "sha1",
    ] {
        let store = store();
        let block = Block::new(codec::RAW, hash.parse().unwrap(), "these bytes").unwrap();
        store
            .put(&Block::claimed(*block.cid(), block.data().clone()))
            .unwrap();
        assert_eq!(store.get(block.cid()).unwrap(), Some(block), "{hash}");
    }
}

#[test]
fn proving_many_names_the_first_wrong_one() {
    let mut blocks: Vec<Block> = (0..40)
        .map(|n| Block::claimed(*block(n).cid(), block(n).data().clone()))
        .collect();
    blocks[17] = Block::claimed(*block(17).cid(), "something else");
    blocks[18] = Block::new(codec::RAW, Hash::BLAKE3, "by another hash").unwrap();
    blocks[30] = Block::claimed(*block(30).cid(), "and else");
    let error = prove_all(&mut blocks).unwrap_err().to_string();
    assert!(error.contains(&block(17).cid().to_string()), "{error}");
    assert!(blocks[..17].iter().all(Block::is_proven));
    assert!(!blocks[17].is_proven());
    blocks[17] = block(17);
    blocks[30] = block(30);
    prove_all(&mut blocks).unwrap();
    assert!(blocks.iter().all(Block::is_proven));
}

/// What lies damaged in a store is an error to every reader, and is healed by a put.
#[test]
fn a_corrupt_block_is_never_returned() {
    let store = store();
    for n in 0..40 {
        store.put(&block(n)).unwrap();
    }
    let (hurt, cids) = (
        block(7),
        (0..40).map(|n| *block(n).cid()).collect::<Vec<_>>(),
    );
    for bit in 0..hurt.len() * 8 {
        let mut bytes = hurt.data().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damaged = Block::raw(bytes.clone());
        store.store().put(&key(hurt.cid()), &bytes).unwrap();
        let errors = [
            store.get(hurt.cid()).unwrap_err(),
            store.get_many(&cids).unwrap_err(),
            store.get_range(hurt.cid(), 0..1).unwrap_err(),
        ];
        for error in errors {
            let Error::Corrupt { cid, actual } = &error else {
                panic!("{error}")
            };
            assert_eq!((**cid, **actual), (*hurt.cid(), *damaged.cid()));
            assert!(error.to_string().contains("put the block again"), "{error}");
        }
    }
    let mut cut = hurt.data().clone();
    cut.truncate(3);
    store.store().put(&key(hurt.cid()), &cut).unwrap();
    store.get(hurt.cid()).unwrap_err();
    store.put(&hurt).unwrap();
    assert_eq!(
        store.get_many(&cids).unwrap().into_iter().flatten().count(),
        40
    );
}

#[test]
fn reads_are_believed_only_where_that_was_asked_for() {
    let store = store().with_verify(Verify::Never);
    store.put(&block(1)).unwrap();
    store
        .store()
        .put(&key(block(1).cid()), b"0123456789")
        .unwrap();
    let cid = *block(1).cid();
    assert_eq!(store.get(&cid).unwrap().unwrap().data(), "0123456789");
    assert_eq!(store.get_range(&cid, 2..4).unwrap().unwrap(), "23");
    assert_eq!(
        store.get_many(&[cid]).unwrap()[0].as_ref().unwrap().data(),
        "0123456789"
    );
    // What is put is hashed all the same.
    store.put(&Block::claimed(cid, "lies")).unwrap_err();
}

#[test]
fn proven_blocks_are_not_hashed_again() {
    // A trusted block with a wrong CID gets in, which shows that nothing hashed it.
    let (store, cid) = (store(), *block(1).cid());
    let trusted = Block::trusted(cid, "not those bytes");
    store.put(&trusted).unwrap();
    store.put_many(&[trusted]).unwrap();
    assert!(matches!(store.get(&cid), Err(Error::Corrupt { .. })));
}

#[test]
fn the_block_of_an_identity_cid_is_in_the_cid() {
    let store = Blocks::new(Counting::default());
    let inline = Block::new(codec::RAW, Hash::IDENTITY, "short").unwrap();
    let empty = Block::new(codec::RAW, Hash::IDENTITY, "").unwrap();
    let full = Block::new(codec::RAW, Hash::IDENTITY, vec![7; 128]).unwrap();
    store
        .put_many(&[inline.clone(), empty.clone(), full.clone()])
        .unwrap();
    store.put(&inline).unwrap();
    for block in [inline, empty, full] {
        let cid = block.cid();
        assert_eq!(store.get(cid).unwrap().as_ref(), Some(&block));
        assert_eq!(store.size(cid).unwrap(), Some(block.len() as u64));
        assert_eq!(
            store.get_range(cid, 0..2).unwrap(),
            Some(datastore::store::slice(block.data(), 0..2))
        );
        store.delete(cid).unwrap();
        assert!(store.has(cid).unwrap(), "it is in the CID, so it cannot go");
        store
            .put(&Block::claimed(*cid, "longer than short"))
            .unwrap_err();
    }
    assert_eq!(store.cids().unwrap().count(), 0);
    let Counting {
        puts,
        batches,
        gets,
        ..
    } = store.store();
    assert_eq!(
        (
            puts.load(Ordering::Relaxed),
            batches.load(Ordering::Relaxed)
        ),
        (0, 0)
    );
    assert_eq!(gets.load(Ordering::Relaxed), 0);
    Block::new(codec::RAW, Hash::IDENTITY, vec![7; 129]).unwrap_err();
}

#[test]
fn many_blocks_are_one_batch_that_shares_their_bytes() {
    struct Kept(std::sync::Mutex<Vec<Batch>>);
    impl Datastore for Kept {
        fn get(&self, _: &Key) -> datastore::Result<Option<Bytes>> {
            Ok(None)
        }
        fn put(&self, key: &Key, _: &[u8]) -> datastore::Result<()> {
            panic!("{key} was put alone")
        }
        fn delete(&self, _: &Key) -> datastore::Result<()> {
            Ok(())
        }
        fn query(&self, _: &Key) -> datastore::Result<Entries<'_>> {
            Ok(Box::new(std::iter::empty()))
        }
        fn apply(&self, batch: Batch) -> datastore::Result<()> {
            self.0.lock().unwrap().push(batch);
            Ok(())
        }
        fn sync(&self) -> datastore::Result<()> {
            Ok(())
        }
        fn disk_usage(&self) -> datastore::Result<u64> {
            Ok(0)
        }
        fn close(&self) -> datastore::Result<()> {
            Ok(())
        }
    }
    let blocks: Vec<Block> = (0..100).map(block).collect();
    let store = Blocks::new(Kept(Default::default()));
    store.put_many(&blocks).unwrap();
    let batches = store.into_store().0.into_inner().unwrap();
    assert_eq!(batches.len(), 1);
    for (op, block) in batches[0].ops().iter().zip(&blocks) {
        let Op::Put(at, bytes) = op else {
            panic!("{op:?}")
        };
        assert_eq!(*at, key(block.cid()));
        assert_eq!(
            bytes.as_ptr(),
            block.data().as_ptr(),
            "the bytes were copied"
        );
    }
}

#[test]
fn get_many_answers_in_order() {
    let store = store();
    store.put_many(&[block(1), block(2)]).unwrap();
    let inline = Block::new(codec::RAW, Hash::IDENTITY, "inline").unwrap();
    let cids = [
        *block(2).cid(),
        *block(9).cid(),
        *inline.cid(),
        *block(1).cid(),
        *block(2).cid(),
    ];
    let wanted = [
        Some(block(2)),
        None,
        Some(inline),
        Some(block(1)),
        Some(block(2)),
    ];
    assert_eq!(store.get_many(&cids).unwrap(), wanted);
    assert!(store.get_many(&[]).unwrap().is_empty());
}

#[test]
fn a_block_over_the_limit_is_refused_and_there_is_a_way_past_it() {
    let limit = usize::try_from(MAX_BLOCK).unwrap();
    let (fits, large) = (Block::raw(vec![1; limit]), Block::raw(vec![1; limit + 1]));
    let store = store();
    store.put(&fits).unwrap();
    for error in [
        store.put(&large),
        store.put_many(&[block(1), large.clone()]),
    ] {
        let error = error.unwrap_err();
        assert!(
            matches!(
                error,
                Error::TooLarge {
                    len: 2_097_153,
                    limit: 2_097_152,
                    ..
                }
            ),
            "{error}"
        );
        for word in [
            "Kubo",
            "--allow-big-block",
            "bitswap",
            "2097153",
            "with_max_block",
        ] {
            assert!(
                error.to_string().contains(word),
                "{word} is not in: {error}"
            );
        }
    }
    assert!(!store.has(block(1).cid()).unwrap());
    let store = store.with_max_block(u64::MAX);
    store.put(&large).unwrap();
    assert_eq!(store.size(large.cid()).unwrap(), Some(2_097_153));
}

#[test]
fn ranges_are_cut_where_the_block_ends() {
    let (store, block) = (store(), Block::raw("0123456789"));
    store.put(&block).unwrap();
    for (range, wanted) in [
        (0..10, "0123456789"),
        (2..5, "234"),
        (8..20, "89"),
        (50..60, ""),
    ] {
        assert_eq!(
            store.get_range(block.cid(), range).unwrap().unwrap(),
            wanted
        );
    }
}

/// FAULTS C4: what may not name a block gets in nowhere, and is asked for nowhere.
#[test]
fn weak_hashes_and_short_digests_are_refused_at_every_entry() {
    let bytes = b"some bytes";
    let of = |name: &str, len: usize| {
        block_cid::hash::hash_to(name.parse().unwrap(), len, bytes).unwrap()
    };
    let refused = [
        ("md5", of("md5", 16)),
        ("murmur3-x64-64", of("murmur3-x64-64", 8)),
        ("blake2b-152", of("blake2b-152", 19)),
        ("shake-128", of("shake-128", 32)),
        ("19 bytes of sha2-256", of("sha2-256", 19)),
        ("no bytes of sha2-256", of("sha2-256", 0)),
        (
            "33 bytes of sha2-256",
            Multihash::wrap(0x12, &[0; 33]).unwrap(),
        ),
        (
            "a hash that nobody knows",
            Multihash::wrap(0x9999, &[0; 32]).unwrap(),
        ),
    ];
    let store = store();
    for (name, hash) in refused {
        let cid = Cid::new_v1(codec::RAW, hash);
        let block = Block::claimed(cid, &bytes[..]);
        let answers = [
            ("get", store.get(&cid).map(drop)),
            ("has", store.has(&cid).map(drop)),
            ("size", store.size(&cid).map(drop)),
            ("get_range", store.get_range(&cid, 0..1).map(drop)),
            ("get_many", store.get_many(&[cid]).map(drop)),
            ("delete", store.delete(&cid)),
            ("put", store.put(&block)),
            ("put trusted", store.put(&Block::trusted(cid, &bytes[..]))),
            ("put_many", store.put_many(std::slice::from_ref(&block))),
            ("prove", block.prove().map(drop)),
            ("checked", Block::checked(cid, &bytes[..]).map(drop)),
        ];
        for (call, answer) in answers {
            assert!(
                matches!(answer, Err(Error::Hash { .. })),
                "{call} took {name}"
            );
        }
    }
    let short = Cid::new_v1(codec::RAW, of("sha2-256", 20));
    store.put(&Block::claimed(short, &bytes[..])).unwrap();
    assert_eq!(store.get(&short).unwrap().unwrap().data(), &bytes[..]);
    Block::new(codec::RAW, "md5".parse().unwrap(), &bytes[..]).unwrap_err();
}

#[test]
fn errors_of_the_store_below_are_kept() {
    let store = store();
    store.store().close().unwrap();
    let error = store.get(block(1).cid()).unwrap_err();
    assert!(
        matches!(error, Error::Store(datastore::Error::Closed)),
        "{error}"
    );
    assert!(
        error.source().is_none(),
        "transparent: the error is that of the store"
    );
}

/// Through `&dyn`, `Box` and `Arc`, the batch stays one batch.
#[test]
fn a_store_behind_a_pointer_is_a_store() {
    let store = std::sync::Arc::new(Blocks::new(Counting::default()));
    let boxed: Box<dyn Blockstore> = Box::new(store.clone());
    boxed.put_many(&[block(1), block(2)]).unwrap();
    assert_eq!(store.store().batches.load(Ordering::Relaxed), 1);
    assert_eq!(boxed.get(block(2).cid()).unwrap(), Some(block(2)));
    assert!((*boxed).has(block(1).cid()).unwrap());
    boxed.sync().unwrap();
}
