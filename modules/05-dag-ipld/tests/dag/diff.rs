//! Two DAGs: what changed, by path, and what they share.

use std::collections::{BTreeMap, BTreeSet};

use block_cid::{Block, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::{Change, Cid, Codec, Dag, Error, Ipld, Item, Trail, Walk, pb};
use proptest::prelude::*;

use crate::random::{Made, made};

fn diff(dag: &Dag<impl Blockstore>, before: &Cid, after: &Cid) -> Vec<Change> {
    let mut changes = Vec::new();
    dag.diff(before, after, &Walk::default(), |change| {
        changes.push(change);
        Ok::<_, Error>(())
    })
    .unwrap();
    changes
}

fn told(changes: &[Change]) -> Vec<String> {
    let side = |item: &Option<Item>| match item {
        None => "-".to_owned(),
        Some(Item::Link(_)) => "link".to_owned(),
        Some(Item::Value(value)) => {
            String::from_utf8(Codec::DagJson.encode(value).unwrap()).unwrap()
        }
    };
    let line = |c: &Change| format!("{} {} {}", c.path, side(&c.before), side(&c.after));
    changes.iter().map(line).collect()
}

#[test]
fn what_was_added_removed_and_changed_is_told_with_its_path() {
    let dag = Dag::new(Made::default().store());
    let add = |json: String| {
        let value = Codec::DagJson.decode(&Bytes::from(json)).unwrap();
        dag.add(Codec::DagCbor, Hash::SHA2_256, &value).unwrap()
    };
    let link = |cid: &Cid| format!(r#"{{"/":"{cid}"}}"#);
    let same = add(r#""same""#.into());
    let old = add(r#"{"a":[1,2,3],"gone":true}"#.into());
    let new = add(r#"{"a":[1,4],"more":{"x":null}}"#.into());
    let [same, old, new] = [same, old, new].map(|cid| link(&cid));
    let before = add(format!(r#"{{"s":{same},"c":{old},"t":1,"k":{same}}}"#));
    let after = add(format!(
        r#"{{"s":{same},"c":{new},"t":"1","k":5,"n":{same}}}"#
    ));
    let changes = diff(&dag, &before, &after);
    let expected = [
        "k link 5",
        "t 1 \"1\"",
        "n - link",
        "c/a/1 2 4",
        "c/a/2 3 -",
        "c/gone true -",
        r#"c/more - {"x":null}"#,
    ];
    assert_eq!(told(&changes), expected);
    assert_eq!(diff(&dag, &before, &before), []);
    let overlap = dag.overlap(&before, &after, &Walk::default()).unwrap();
    let blocks = [overlap.before, overlap.after, overlap.shared].map(|sum| sum.blocks);
    assert_eq!(blocks, [3, 3, 1]);
    let [before, after, shared] = [overlap.before, overlap.after, overlap.shared].map(|s| s.bytes);
    let share = shared as f64 / (before + after - shared) as f64;
    assert!((overlap.share().unwrap() - share).abs() < 1e-12);
}

fn folder(dag: &Dag<impl Blockstore>, links: &[(&str, Cid)], data: &'static [u8]) -> Cid {
    let link = |(name, cid): &(&str, Cid)| pb::Link {
        cid: *cid,
        name: Some(Bytes::from((*name).to_owned())),
        size: None,
    };
    let node = pb::Node {
        links: links.iter().map(link).collect(),
        data: Some(Bytes::from_static(data)),
    };
    let block = Block::new(Codec::DagPb.code(), Hash::SHA2_256, node.encode()).unwrap();
    dag.blocks().put(&block).unwrap();
    *block.cid()
}

#[test]
fn folders_are_compared_by_the_names_in_them() {
    let dag = Dag::new(Made::default().store());
    let raw = |text: &'static str| {
        let block = Block::raw(text);
        dag.blocks().put(&block).unwrap();
        *block.cid()
    };
    let (a, b, c) = (raw("a"), raw("b"), raw("c"));
    let docs = folder(&dag, &[("x", a)], b"f");
    let more = folder(&dag, &[("x", b)], b"f");
    let before = folder(&dag, &[("", a), ("", b), ("docs", docs), ("old", c)], b"f");
    let after = folder(&dag, &[("", a), ("", c), ("docs", more), ("new", c)], b"g");
    let changes = diff(&dag, &before, &after);
    let data = |byte| format!(r#"{{"/":{{"bytes":"{byte}"}}}}"#);
    let expected = [
        format!("Data {} {}", data("Zg"), data("Zw")),
        "old link -".to_owned(),
        "new - link".to_owned(),
        "Links/1 link link".to_owned(),
        "docs/x link link".to_owned(),
    ];
    assert_eq!(told(&changes), expected);
    // The same name twice: in their order.
    let before = folder(&dag, &[("n", a), ("n", b)], b"");
    let after = folder(&dag, &[("n", a), ("n", c)], b"");
    assert_eq!(told(&diff(&dag, &before, &after)), ["n link link"]);
}

/// What cannot be looked into, or says the same in other bytes, still differs.
#[test]
fn no_difference_goes_untold() {
    let mut made = Made::default();
    let one = made.add(Codec::Raw, 1, &[]);
    let two = made.add(Codec::Raw, 2, &[]);
    let cbor = made.add(Codec::DagCbor, 7, &[one]);
    let json = made.add(Codec::DagJson, 7, &[one]);
    let node = made.add(Codec::DagPb, 7, &[one]);
    let store = made.store();
    let dag = Dag::new(&store);
    for (before, after) in [(one, two), (cbor, json), (cbor, node), (one, cbor)] {
        let expected = [Change {
            path: Trail::default(),
            before: Some(Item::Link(before)),
            after: Some(Item::Link(after)),
        }];
        assert_eq!(diff(&dag, &before, &after), expected);
    }
    store.delete(&cbor).unwrap();
    assert_eq!(diff(&dag, &cbor, &json).len(), 1);
    let overlap = dag.overlap(&cbor, &json, &Walk::default()).unwrap();
    assert_eq!(
        (overlap.bad, overlap.before.blocks, overlap.after.blocks),
        (1, 0, 2)
    );
}

#[test]
fn limits_hold_for_pairs() {
    let mut made = Made::default();
    let (a, b) = (made.add(Codec::Raw, 1, &[]), made.add(Codec::Raw, 2, &[]));
    let before = made.add(Codec::DagCbor, 3, &[a]);
    let after = made.add(Codec::DagCbor, 3, &[b]);
    let dag = Dag::new(made.store());
    let within = |pairs| {
        let walk = Walk::default().with_max_blocks(pairs);
        dag.diff(&before, &after, &walk, |_| Ok::<_, Error>(()))
    };
    within(2).unwrap();
    assert!(matches!(within(1), Err(Error::Limit { limit: 1, .. })));
}

/// All that stands at every path, without any cleverness.
fn flat(made: &Made, cid: &Cid, path: &str, into: &mut BTreeMap<String, Cid>) {
    into.insert(path.to_owned(), *cid);
    for (at, link) in made.links[cid].iter().enumerate() {
        flat(made, link, &format!("{path}/{at}"), into);
    }
}

proptest! {
    /// Each difference is one, they are told both ways, and there is none only where there is none.
    #[test]
    fn what_is_told_is_so(made in made(), other in any::<prop::sample::Index>()) {
        let before = made.root();
        let after = made.cids[other.index(made.cids.len())];
        let dag = Dag::new(made.store());
        let changes = diff(&dag, &before, &after);
        prop_assert_eq!(changes.is_empty(), before == after);
        let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
        flat(&made, &before, "", &mut old);
        flat(&made, &after, "", &mut new);
        for change in &changes {
            let path = change.path.segments().into_iter().map(|s| format!("/{s}"));
            let path: String = path.filter(|s| s != "/list").collect();
            for (item, model) in [(&change.before, &old), (&change.after, &new)] {
                if let Some(Item::Link(cid)) = item {
                    prop_assert_eq!(model.get(&path), Some(cid), "{}", path);
                }
            }
            prop_assert!(change.before != change.after);
        }
        let mirrored = diff(&dag, &after, &before).into_iter().map(|change| Change {
            path: change.path,
            before: change.after,
            after: change.before,
        });
        // Keys of both sides come in the order of the first: only the order may differ.
        let key = |change: &Change| format!("{change:?}");
        let mirrored: BTreeSet<String> = mirrored.map(|change| key(&change)).collect();
        prop_assert_eq!(mirrored, changes.iter().map(key).collect());
    }

    #[test]
    fn blocks_in_common_are_those_of_both(made in made(), other in any::<prop::sample::Index>()) {
        let after = made.cids[other.index(made.cids.len())];
        let dag = Dag::new(made.store());
        let overlap = dag.overlap(&made.root(), &after, &Walk::default()).unwrap();
        let hashes = |root: Cid| {
            let mut all = BTreeMap::new();
            flat(&made, &root, "", &mut all);
            all.into_values().map(|cid| cid.hash().to_bytes()).collect::<BTreeSet<_>>()
        };
        let (old, new) = (hashes(made.root()), hashes(after));
        let sizes = [overlap.before, overlap.after, overlap.shared].map(|sum| sum.blocks as usize);
        prop_assert_eq!(sizes, [old.len(), new.len(), old.intersection(&new).count()]);
        prop_assert_eq!(overlap.bad, 0);
    }
}

/// JSON has no NaN and one zero, and CBOR has both kinds; what is in both blocks is not told.
#[test]
fn floats_are_compared_by_their_bits() {
    let dag = Dag::new(Made::default().store());
    let add = |x: f64, y: i128| {
        let value = Ipld::from([("x", Ipld::Float(x)), ("y", Ipld::Integer(y))]);
        dag.add(Codec::Cbor, Hash::SHA2_256, &value).unwrap()
    };
    let paths = |before, after| -> Vec<String> {
        let changes = diff(&dag, &before, &after);
        changes.iter().map(|c| c.path.to_string()).collect()
    };
    assert_eq!(paths(add(f64::NAN, 1), add(f64::NAN, 2)), ["y"]);
    assert_eq!(paths(add(-0.0, 1), add(0.0, 2)), ["x", "y"]);
    assert_eq!(paths(add(f64::INFINITY, 1), add(1.0, 1)), ["x"]);
}

/// Two blocks that differ in one link alone differ in nothing else, though the pair below was met before.
#[test]
fn a_pair_that_was_compared_is_not_told_again() {
    let mut made = Made::default();
    let mut side = |n| {
        let leaf = made.add(Codec::DagCbor, n, &[]);
        let [a, b] = [1, 2].map(|payload| made.add(Codec::DagCbor, payload, &[leaf]));
        made.add(Codec::DagCbor, 3, &[a, b])
    };
    let (before, after) = (side(10), side(20));
    let dag = Dag::new(made.store());
    assert_eq!(
        told(&diff(&dag, &before, &after)),
        ["list/0/list/0/payload 10 20"]
    );
}

#[test]
fn what_is_missing_on_both_sides_is_one_block() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let before = made.add(Codec::DagCbor, 2, &[leaf]);
    let after = made.add(Codec::DagCbor, 3, &[leaf]);
    let store = made.store();
    store.delete(&leaf).unwrap();
    let dag = Dag::new(store);
    let overlap = dag.overlap(&before, &after, &Walk::default()).unwrap();
    assert_eq!(overlap.bad, 1);
}

#[test]
fn a_link_in_place_of_a_value_is_told_as_both() {
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let before = made.add(Codec::DagCbor, 2, &[leaf]);
    let dag = Dag::new(made.store());
    let value = Ipld::from([("list", Ipld::from("x")), ("payload", Ipld::Integer(2))]);
    let after = dag.add(Codec::DagCbor, Hash::SHA2_256, &value).unwrap();
    let changes = diff(&dag, &before, &after);
    let list = Ipld::List(vec![Ipld::from(leaf)]);
    assert_eq!(changes[0].before, Some(Item::Value(list)));
    assert_eq!(changes[0].after, Some(Item::Value(Ipld::from("x"))));
}
