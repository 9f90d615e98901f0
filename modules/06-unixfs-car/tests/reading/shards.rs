//! Sharded folders, and nodes that are none.

use std::collections::BTreeSet;

use block_cid::codec;
use dag_ipld::pb::Link;
use testkit::Rng;
use unixfs_car::hamt::{HashBits, Places};
use unixfs_car::unixfs::{Data, MURMUR3, Type};
use unixfs_car::{Cid, Dir, Error};

use crate::build::{self, Leaves, Store, leaf, link, named, put};
use crate::counted::Counted;

/// The data of a node with these places.
fn shard(fanout: u64, places: &Places) -> Data {
    Data {
        data: Some(places.encode().into()),
        hash_type: Some(MURMUR3),
        fanout: Some(fanout),
        ..Data::new(Type::HAMTShard)
    }
}

/// A node with these links at these places.
fn trie_node(store: &Store, fanout: u64, slots: Vec<(usize, String, Cid)>) -> Cid {
    let digits = format!("{:X}", fanout - 1).len();
    let mut places = Places::none();
    let links: Vec<Link> = slots
        .into_iter()
        .map(|(place, name, cid)| {
            places.insert(place);
            link(&format!("{place:0digits$X}{name}"), cid)
        })
        .collect();
    named(store, &shard(fanout, &places), links)
}

/// The trie of these names, in the plainest way.
fn trie(store: &Store, fanout: u64, names: &[String], cid: Cid, used: u32) -> Cid {
    let bits = fanout.trailing_zeros();
    let place = |name: &String| HashBits::of(name.as_bytes()).after(used).next(bits);
    let slots = (0..fanout as usize).filter_map(|slot| {
        let here: Vec<String> = names
            .iter()
            .filter(|name| place(name) == Some(slot))
            .cloned()
            .collect();
        match &here[..] {
            [] => None,
            [name] => Some((slot, name.clone(), cid)),
            _ => {
                let below = trie(store, fanout, &here, cid, used + bits);
                Some((slot, String::new(), below))
            }
        }
    });
    let slots = slots.collect();
    trie_node(store, fanout, slots)
}

fn folder_error(cid: &Cid, store: &Store) -> String {
    let opened = Dir::open(store, cid);
    let listed = opened.map(|dir| dir.into_entries().find_map(Result::err));
    match listed {
        Err(Error::Folder { reason, .. }) | Ok(Some(Error::Folder { reason, .. })) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_name_is_found_and_listed_once_in_tries_of_every_width() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let names: Vec<String> = (0..300).map(|n| format!("file-{n:05}.txt")).collect();
    for fanout in [8, 16, 64, 256, 1024] {
        let cid = trie(&store, fanout, &names, text, 0);
        let dir = Dir::open(&store, &cid).unwrap();
        assert!(dir.is_sharded());
        let listed: Vec<Vec<u8>> = dir.entries().map(|e| e.unwrap().name.to_vec()).collect();
        let sorted: BTreeSet<&[u8]> = listed.iter().map(|name| &name[..]).collect();
        assert!(sorted.into_iter().eq(names.iter().map(String::as_bytes)));
        assert_eq!(listed.len(), names.len());
        let hashes = listed.iter().map(|name| HashBits::of(name).next(60));
        assert!(hashes.is_sorted(), "by hash, fanout {fanout}");
        for name in &names {
            let found = dir.get(name.as_bytes()).unwrap().unwrap();
            assert_eq!((&found.name[..], found.cid), (name.as_bytes(), text));
            assert_eq!(dir.get(format!("{name}x").as_bytes()).unwrap(), None);
        }
    }
}

#[test]
fn a_look_up_reads_one_node_a_level() {
    let inner = build::store();
    let text = leaf(&inner, Leaves::Raw, b"text").cid;
    let names: Vec<String> = (0..2000).map(|n| n.to_string()).collect();
    let cid = trie(&inner, 8, &names, text, 0);
    let store = Counted::new(&inner);
    let dir = Dir::open(&store, &cid).unwrap();
    assert_eq!(store.blocks(), 1);
    for name in &names {
        dir.get(name.as_bytes()).unwrap().unwrap();
    }
    let most = store.blocks() as f64 / names.len() as f64;
    assert!(most < 4.0, "{most} nodes a name, of 2000 in tries of 8");
}

/// CVE-2023-23625, CVE-2023-23631: a fanout that is none took memory without end, or ended the program.
#[test]
fn cve_2023_23625_a_fanout_that_is_none_is_refused() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    for fanout in [
        0,
        1,
        2,
        3,
        4,
        7,
        12,
        255,
        257,
        2048,
        1 << 20,
        1 << 31,
        1 << 40,
        1 << 63,
        u64::MAX,
    ] {
        for links in [vec![], vec![link("00a", text)]] {
            let mut places = Places::none();
            if !links.is_empty() {
                places.insert(0);
            }
            let cid = named(&store, &shard(fanout, &places), links);
            let reason = folder_error(&cid, &store);
            assert!(reason.contains(&format!("fanout is {fanout}")), "{reason}");
        }
    }
    let mut data = shard(256, &Places::none());
    data.fanout = None;
    let cid = named(&store, &data, vec![]);
    assert!(folder_error(&cid, &store).contains("fanout is 0"));
}

/// CVE-2023-23626: a bitfield whose size is no multiple of 8, or below 0, ended the program.
#[test]
fn cve_2023_23626_bits_of_any_length_are_read_or_refused() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    for fanout in (-8_i64..=70).map(i64::cast_unsigned) {
        for len in 0..=20 {
            let data = Data {
                data: Some(vec![0; len].into()),
                ..shard(fanout, &Places::none())
            };
            let cid = named(&store, &data, vec![]);
            let fits = [8, 16, 32, 64].contains(&fanout) && len as u64 <= fanout / 8;
            assert_eq!(
                Dir::open(&store, &cid).is_ok(),
                fits,
                "{fanout}, {len} bytes"
            );
            let cid = named(&store, &data, vec![link("00a", text)]);
            assert!(Dir::open(&store, &cid).is_err(), "a link without a bit");
            let full = Data {
                data: Some(vec![0xff; len].into()),
                ..data
            };
            let cid = named(&store, &full, vec![link("00a", text)]);
            assert!(Dir::open(&store, &cid).is_err(), "bits without links");
        }
    }
}

#[test]
fn a_trie_that_is_none_says_why() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let place = |name: &str| HashBits::of(name.as_bytes()).next(8).unwrap();
    let at = |place: usize, name: &str, cid: Cid| {
        let mut places = Places::none();
        places.insert(place);
        named(&store, &shard(256, &places), vec![link(name, cid)])
    };
    let here = place("a");
    let wrong_hash = Data {
        hash_type: Some(0x23),
        ..shard(256, &Places::none())
    };
    let no_hash = Data {
        hash_type: None,
        ..shard(256, &Places::none())
    };
    let empty = named(&store, &shard(256, &Places::none()), vec![]);
    let plain = build::folder(&store, &[]);
    for (cid, said) in [
        (named(&store, &wrong_hash, vec![]), "0x23"),
        (named(&store, &no_hash, vec![]), "does not say its hash"),
        (at(here, "", text), "is called \"\""),
        (at(here, "8", text), "is called \"8\""),
        (at(here, "86a", text), "is called \"86a\""),
        (at(here, "85b", text), "has another place"),
        (at(here + 1, "86a", text), "has another place"),
        (at(here, "85", empty), "no entries"),
        (at(here, "85", plain), "no node of a sharded folder"),
        (at(here, "85", text), "it is a file"),
    ] {
        let reason = folder_error(&cid, &store);
        assert!(reason.contains(said), "{reason:?}, not {said:?}");
    }
    // Empty it is one, at the top.
    assert_eq!(Dir::open(&store, &empty).unwrap().entries().count(), 0);
    let gone = *block_cid::Block::new(codec::DAG_PB, block_cid::Hash::SHA2_256, "gone")
        .unwrap()
        .cid();
    let cid = at(here, "85", gone);
    let dir = Dir::open(&store, &cid).unwrap();
    assert!(matches!(dir.get(b"a"), Err(Error::Missing { cid }) if *cid == gone));
    assert_eq!(dir.get(b"b").unwrap(), None, "which does not go there");
    let listed: Vec<_> = dir.entries().collect();
    assert!(matches!(&listed[..], [Err(Error::Missing { .. })]));
    // A name of the wrong place is not found, whoever looks there.
    let cid = at(here, "85b", text);
    assert_eq!(Dir::open(&store, &cid).unwrap().get(b"a").unwrap(), None);
}

/// Nodes one below the other, as deep as the bits of a hash go and deeper, and the same node over
/// and over.
#[test]
fn depth_and_repetition_end_somewhere() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    for fanout in [8_u64, 256, 1024] {
        let bits = fanout.trailing_zeros();
        let levels = 64 / bits;
        let chain = |depth: u32| {
            let mut cid = text;
            for level in (0..depth).rev() {
                let place = HashBits::of(b"a")
                    .after((level * bits).min(64 - bits))
                    .next(bits)
                    .unwrap();
                let name = if level + 1 == depth { "a" } else { "" };
                cid = trie_node(&store, fanout, vec![(place, name.to_owned(), cid)]);
            }
            Dir::open(&store, &cid).unwrap()
        };
        let deepest = chain(levels);
        assert_eq!(deepest.entries().filter(Result::is_ok).count(), 1);
        assert!(deepest.get(b"a").unwrap().is_some());
        for depth in [levels + 1, levels + 2, 100] {
            let deep = chain(depth);
            let listed: Vec<_> = deep.entries().collect();
            assert!(
                matches!(&listed[..], [Err(Error::Folder { .. })]),
                "{depth}"
            );
            assert!(
                matches!(deep.get(b"a"), Err(Error::Folder { .. })),
                "{depth}"
            );
        }
    }
    // 1024 to the power of six entries, in seven blocks.
    let place = HashBits::of(b"a").after(50).next(10).unwrap();
    let mut cid = trie_node(&store, 1024, vec![(place, "a".to_owned(), text)]);
    for _ in 0..5 {
        let slots = (0..1024).map(|place| (place, String::new(), cid)).collect();
        cid = trie_node(&store, 1024, slots);
    }
    let listed: Vec<_> = Dir::open(&store, &cid).unwrap().into_entries().collect();
    assert!(
        matches!(&listed[..], [Err(Error::Folder { .. })]),
        "{}",
        listed.len()
    );
}

/// Any change of a byte of a node is an error or another folder, and never the end of the program.
#[test]
fn nodes_of_chance_are_read_or_refused() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let names: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    let cid = trie(&store, 16, &names, text, 0);
    let block = block_cid::Blockstore::get(&store, &cid).unwrap().unwrap();
    let mut rng = Rng::new(5);
    for _ in 0..3000 {
        let mut bytes = block.data().to_vec();
        for _ in 0..=rng.below(3) {
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] = rng.next() as u8;
        }
        let cid = put(&store, codec::DAG_PB, bytes);
        if let Ok(dir) = Dir::open(&store, &cid) {
            let listed = dir.entries().take(100).count();
            assert!(listed < 100);
            for name in &names {
                let _ = dir.get(name.as_bytes());
            }
        }
    }
}
