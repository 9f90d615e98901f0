//! Entries put into folders and taken out: whatever the way there, the folder is the one that an import
//! makes, as one node or as a trie.

use std::collections::BTreeMap;

use block_cid::codec;
use testkit::{Rng, Trial, run};
use unixfs_car::edit::Editor;
use unixfs_car::folder::{Estimate, Sharding};
use unixfs_car::hamt::Fanout;
use unixfs_car::unixfs::{Data, Meta, Mtime};
use unixfs_car::{Cid, Dir, Error, Folder, Result, Root, Sink};

use crate::build::{self, Leaves, Store, folder, leaf, link, named, put};
use crate::counted::Counted;

struct To<'a>(&'a Store);

impl Sink for To<'_> {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        Ok(put(self.0, codec::DAG_PB, block))
    }
}

pub fn child(store: &Store, rng: &mut Rng) -> Root {
    let len = rng.below(20);
    let text = format!("text {len}");
    let part = leaf(store, Leaves::Raw, text.as_bytes());
    Root {
        cid: part.cid,
        bytes: part.size,
        dag: part.size,
    }
}

/// A file of four bytes.
fn text(store: &Store) -> Root {
    let cid = leaf(store, Leaves::Raw, b"text").cid;
    let (bytes, dag) = (4, 4);
    Root { cid, bytes, dag }
}

/// The folder of these entries as an import makes it, as a trie or not.
fn import(store: &Store, entries: &BTreeMap<String, Root>, meta: Meta, sharding: Sharding) -> Root {
    let mut folder = Folder::new(meta);
    for (name, child) in entries {
        folder.push(name.as_bytes(), child).unwrap();
    }
    folder.finish(&sharding, &mut To(store)).unwrap()
}

#[test]
fn folders_change_into_what_an_import_makes() {
    let seed = run::seed("folders");
    let rounds = run::count("CAIRN_FOLDERS", 60, 20_000);
    let mut trial = Trial::new("edits", "folders changed forty times", seed);
    let (mut plain, mut sharded) = (0, 0);
    for round in 0..rounds {
        trial.one();
        let mut rng = Rng::of(seed, &[round as u64]);
        let store = build::store();
        let estimates = [Estimate::Links, Estimate::Block];
        let sharding = Sharding {
            threshold: 100 + rng.below(900),
            estimate: estimates[rng.below(2) as usize],
            fanout: Fanout::new(8 << rng.below(4)).unwrap(),
            ..Sharding::default()
        };
        let meta = Meta {
            mode: rng.once_in(2).then_some(0o750),
            mtime: rng.once_in(2).then(|| Mtime::new(5, 5)),
        };
        let editor = Editor::new(&store).with_sharding(sharding);
        let mut entries = BTreeMap::new();
        let mut cid = put(
            &store,
            codec::DAG_PB,
            Data::directory().with_meta(meta).block(),
        );
        for _ in 0..40 {
            let name = format!("{}", rng.below(25));
            let was = entries.len();
            let root = if rng.below(5) < 2 {
                let there = entries.remove(&name).is_some();
                let removed = editor.remove(&cid, name.as_bytes()).unwrap();
                assert_eq!(removed.is_some(), there, "round {round}");
                removed
            } else {
                let child = child(&store, &mut rng);
                entries.insert(name.clone(), child);
                Some(editor.insert(&cid, name.as_bytes(), &child).unwrap())
            };
            let Some(root) = root else { continue };
            cid = root.cid;
            let is_sharded = Dir::open(&store, &cid).unwrap().is_sharded();
            let form = |threshold| Sharding {
                threshold,
                ..sharding
            };
            let made = import(&store, &entries, meta, form(u64::from(is_sharded)));
            assert_eq!(root, made, "round {round}, sharded {is_sharded}");
            // What grew is what an import of it is.
            if entries.len() > was {
                let dir = import(&store, &entries, meta, sharding);
                assert!(is_sharded || dir.cid == cid, "round {round}");
            }
            plain += usize::from(!is_sharded);
            sharded += usize::from(is_sharded);
        }
    }
    assert!(plain > rounds && sharded > rounds, "{plain}, {sharded}");
    trial.end(&format!("{plain} times one node, {sharded} times a trie"));
}

#[test]
fn a_folder_switches_at_the_limit_and_back() {
    let store = build::store();
    let child = text(&store);
    // 36 bytes of a CID, and a name of one letter.
    let sharding = Sharding {
        threshold: 3 * 37,
        ..Sharding::default()
    };
    let editor = Editor::new(&store).with_sharding(sharding);
    let is_sharded = |cid: &Cid| Dir::open(&store, cid).unwrap().is_sharded();
    let mut cid = folder(&store, &[]);
    for (name, sharded) in [
        (b"a", false),
        (b"b", false),
        (b"c", false),
        (b"d", true),
        (b"e", true),
    ] {
        cid = editor.insert(&cid, name, &child).unwrap().cid;
        assert_eq!(is_sharded(&cid), sharded, "{name:?}");
    }
    for (name, sharded) in [(b"a", true), (b"e", false), (b"b", false)] {
        cid = editor.remove(&cid, name).unwrap().unwrap().cid;
        assert_eq!(is_sharded(&cid), sharded, "{name:?}");
    }
    // By their number alone.
    let sharding = Sharding {
        estimate: Estimate::Disabled,
        max_links: 3,
        ..Sharding::default()
    };
    let editor = Editor::new(&store).with_sharding(sharding);
    for (name, sharded) in [(b"e", false), (b"f", true), (b"f", true), (b"g", true)] {
        cid = editor.insert(&cid, name, &child).unwrap().cid;
        assert_eq!(is_sharded(&cid), sharded, "{name:?}");
    }
    for (name, sharded) in [(b"g", true), (b"f", false)] {
        cid = editor.remove(&cid, name).unwrap().unwrap().cid;
        assert_eq!(is_sharded(&cid), sharded, "{name:?}");
    }
    // Never, if that is what is asked for.
    let never = Sharding {
        threshold: 0,
        ..Sharding::default()
    };
    let editor = Editor::new(&store).with_sharding(never);
    let large = (0..50).fold(cid, |cid, n| {
        let name = format!("name {n}");
        editor.insert(&cid, name.as_bytes(), &child).unwrap().cid
    });
    assert!(!is_sharded(&large));
}

#[test]
fn an_entry_replaced_may_end_a_trie_that_is_little_too_large() {
    let store = build::store();
    let mut rng = Rng::new(7);
    let child = child(&store, &mut rng);
    let names = ["a", "b", "c", "d"];
    let entries = names.map(|name| (name.to_owned(), child)).into();
    // Kubo counts the old entry with the two hex digits of its place, and the new one without its name.
    for (above, sharded) in [(3, false), (4, true)] {
        let sharding = Sharding {
            threshold: 4 * 37 - above,
            ..Sharding::default()
        };
        let trie = import(&store, &entries, Meta::default(), sharding);
        assert!(Dir::open(&store, &trie.cid).unwrap().is_sharded());
        let editor = Editor::new(&store).with_sharding(sharding);
        let same = editor.insert(&trie.cid, b"a", &child).unwrap();
        let dir = Dir::open(&store, &same.cid).unwrap();
        assert_eq!(dir.is_sharded(), sharded, "{above}");
    }
}

#[test]
fn of_a_trie_the_nodes_on_the_way_are_read_and_made() {
    let inner = build::store();
    let child = text(&inner);
    let entries = (0..5000).map(|n| (n.to_string(), child)).collect();
    let sharding = Sharding {
        threshold: 1,
        ..Sharding::default()
    };
    let root = import(&inner, &entries, Meta::default(), sharding);
    let store = Counted::new(&inner);
    let editor = Editor::new(&store).with_sharding(Sharding::default());
    let before = build::blocks(&inner).len();
    let larger = editor.insert(&root.cid, b"new", &child).unwrap();
    let made = build::blocks(&inner).len() - before;
    assert!(store.blocks() <= 6 && made <= 4, "{made}");
    // 5000 entries of 40 bytes may be too few for a trie: it is counted, up to the limit.
    let same = editor.remove(&larger.cid, b"new").unwrap().unwrap();
    assert!(!Dir::open(&inner, &same.cid).unwrap().is_sharded());
}

#[test]
fn what_cannot_be_is_refused() {
    let store = build::store();
    let child = text(&store);
    let root = folder(&store, &[("a", child.cid)]);
    let editor = Editor::new(&store);
    for name in [&b""[..], b".", b"..", b"a/b", b"a\0"] {
        let end = editor.insert(&root, name, &child);
        assert!(matches!(end, Err(Error::Entry { .. })), "{end:?}");
    }
    assert_eq!(editor.remove(&root, b"b").unwrap(), None);
    for cid in [
        child.cid,
        leaf(&store, Leaves::Pb(unixfs_car::unixfs::Type::File), b"x").cid,
    ] {
        let end = editor.insert(&cid, b"a", &child);
        assert!(matches!(end, Err(Error::Kind { .. })), "{end:?}");
        let end = editor.remove(&cid, b"a");
        assert!(matches!(end, Err(Error::Kind { .. })), "{end:?}");
    }
    // Of two of one name, both go; what has no size keeps none.
    let mut links = vec![
        link("a", child.cid),
        link("a", child.cid),
        link("b", child.cid),
    ];
    links[2].size = None;
    let twice = named(&store, &Data::directory(), links);
    let once = editor.remove(&twice, b"a").unwrap().unwrap();
    let entries: Vec<_> = Dir::open(&store, &once.cid)
        .unwrap()
        .entries()
        .map(Result::unwrap)
        .collect();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].size, None);
    // A trie whose node on the way is not there.
    let entries = (0..500).map(|n| (n.to_string(), child)).collect();
    let sharding = Sharding {
        threshold: 1,
        ..Sharding::default()
    };
    let root = import(&store, &entries, Meta::default(), sharding);
    let other = build::store();
    let block = block_cid::Blockstore::get(&store, &root.cid)
        .unwrap()
        .unwrap();
    block_cid::Blockstore::put(&other, &block).unwrap();
    let editor = Editor::new(&other);
    let ends: Vec<_> = (0..500)
        .map(|n| editor.insert(&root.cid, n.to_string().as_bytes(), &child))
        .collect();
    assert!(
        ends.iter()
            .any(|end| matches!(end, Err(Error::Missing { .. })))
    );
}
