//! A path leads across fields, indices and links; where it does not, the answer says how far it got.

use block_cid::{Block, Blockstore, Fetcher, Hash};
use bytes::Bytes;
use dag_ipld::{Answer, Cid, Codec, Dag, Ipld, Path, Place, Scope, pb};
use proptest::prelude::*;

use crate::random::{Made, made};

fn path(root: Cid, segments: &[&str]) -> Path {
    segments
        .iter()
        .fold(Path::new(root), |path, segment| path.join(*segment))
}

/// Ada, and a list in which she stands: as `ipfs dag put` keeps them (Kubo 0.43 gave these CIDs).
fn ada() -> (Dag<impl Blockstore>, Cid, Cid) {
    let dag = Dag::new(Made::default().store());
    let add = |json: String| {
        let value = Codec::DagJson.decode(&Bytes::from(json)).unwrap();
        dag.add(Codec::DagCbor, Hash::SHA2_256, &value).unwrap()
    };
    let ada = add(r#"{"name":"ada","tags":["x","y"],"n":1}"#.to_owned());
    let link = format!(r#"{{"/":"{ada}"}}"#);
    let list = add(format!(r#"{{"who":{link},"list":[{link},7]}}"#));
    (dag, ada, list)
}

#[test]
fn paths_lead_where_kubo_leads_them() {
    let (dag, ada, list) = ada();
    for (segments, cid, remainder) in [
        (&[][..], list, &[][..]),
        (&["who"], ada, &[]),
        (&["who", "tags", "1"], ada, &["tags", "1"]),
        (&["list", "0"], ada, &[]),
        (&["list", "0", "name"], ada, &["name"]),
        (&["list", "1"], list, &["list", "1"]),
        // Digits are an index, as in Kubo, where they are a number for Go.
        (&["list", "01"], list, &["list", "01"]),
        (&["list"], list, &["list"]),
    ] {
        let remainder = remainder.iter().map(|s| (*s).to_owned()).collect();
        let found = dag.resolve(&path(list, segments)).unwrap();
        assert_eq!(
            found,
            Answer::Found(Place { cid, remainder }),
            "{segments:?}"
        );
        assert!(matches!(
            dag.get(&path(list, segments)).unwrap(),
            Answer::Found(_)
        ));
    }
    let value = |segments: &[&str]| dag.get(&path(list, segments)).unwrap().found().unwrap();
    assert_eq!(value(&["who", "tags", "1"]), Ipld::from("y"));
    assert_eq!(value(&["list", "1"]), Ipld::Integer(7));
    assert_eq!(value(&["who"]), dag.value(&ada).unwrap().unwrap());
    assert_eq!(value(&["list", "0", "n"]), Ipld::Integer(1));
}

#[test]
fn where_there_is_nothing_the_answer_says_what_there_is() {
    let (dag, _, list) = ada();
    for (segments, so_far, is) in [
        (&["none"][..], 0, "a map with \"who\", \"list\""),
        (&["list", "2"], 1, "a list of 2"),
        (&["list", "-1"], 1, "a list of 2"),
        (&["list", "+1"], 1, "a list of 2"),
        (&["list", ""], 1, "a list of 2"),
        (&["who", "name", "x"], 2, "a text"),
        (&["who", "n", "x", "y"], 2, "a number"),
        (&["list", "18446744073709551616"], 1, "a list of 2"),
    ] {
        let asked = path(list, segments);
        let Answer::Nothing(nothing) = dag.resolve(&asked).unwrap() else {
            panic!("{segments:?}");
        };
        assert_eq!(
            nothing.so_far,
            path(list, &segments[..so_far]),
            "{segments:?}"
        );
        assert_eq!(
            (nothing.segment.as_str(), nothing.is.as_str()),
            (segments[so_far], is)
        );
        let told = dag.get(&asked).unwrap().found().unwrap_err().to_string();
        assert!(
            told.contains(is) && told.contains(&format!("{:?}", segments[so_far])),
            "{told}"
        );
    }
}

#[test]
fn a_missing_block_is_named_with_the_path_so_far() {
    let (dag, ada, list) = ada();
    dag.blocks().delete(&ada).unwrap();
    for (segments, so_far, rest) in [
        (&["who", "name"][..], &["who"][..], &["name"][..]),
        (&["list", "0", "tags", "1"], &["list", "0"], &["tags", "1"]),
    ] {
        for answer in [
            dag.resolve(&path(list, segments))
                .unwrap()
                .found()
                .map(drop),
            dag.get(&path(list, segments)).unwrap().found().map(drop),
        ] {
            let told = answer.unwrap_err().to_string();
            assert!(told.contains(&ada.to_string()), "{told}");
            assert!(told.contains(&path(list, so_far).to_string()), "{told}");
            assert!(told.contains(&rest.join("/")), "{told}");
        }
        let Answer::Missing(missing) = dag.resolve(&path(list, segments)).unwrap() else {
            panic!("{segments:?}");
        };
        assert_eq!((missing.cid, missing.so_far), (ada, path(list, so_far)));
        assert_eq!(missing.rest, rest);
    }
    // The block before has the link: where it leads is known, what is there is not.
    let who = path(list, &["who"]);
    assert!(matches!(dag.resolve(&who).unwrap(), Answer::Found(Place { cid, .. }) if cid == ada));
    assert!(matches!(dag.get(&who).unwrap(), Answer::Missing(_)));
    let root = path(ada, &["name"]);
    assert!(matches!(dag.get(&root).unwrap(), Answer::Missing(m) if m.so_far == Path::new(ada)));
}

/// A folder with a file called `Links`: by name in `/ipfs/`, by field in `/ipld/`.
#[test]
fn dag_pb_goes_by_names_or_by_fields() {
    let mut made = Made::default();
    let file = made.add(Codec::Raw, 1, &[]);
    let other = made.add(Codec::Raw, 2, &[]);
    let link = |name: &str, cid| pb::Link {
        cid,
        name: Some(Bytes::from(name.to_owned())),
        size: Some(8),
    };
    let links = vec![
        link("Links", file),
        link("a.txt", other),
        link("a.txt", file),
    ];
    let node = pb::Node {
        links,
        data: Some(Bytes::from_static(b"\x08\x01")),
    };
    let block = Block::new(Codec::DagPb.code(), Hash::SHA2_256, node.encode()).unwrap();
    let store = made.store();
    store.put(&block).unwrap();
    let dag = Dag::new(store);
    let to = |scope, segments: &[&str]| {
        let path = path(*block.cid(), segments).with_scope(scope);
        dag.resolve(&path)
            .unwrap()
            .found()
            .map(|place| (place.cid, place.remainder.len()))
    };
    assert_eq!(to(Scope::Ipfs, &["Links"]).unwrap(), (file, 0));
    assert_eq!(
        to(Scope::Ipfs, &["a.txt"]).unwrap(),
        (other, 0),
        "the first of that name"
    );
    assert!(to(Scope::Ipfs, &["Data"]).is_err() && to(Scope::Ipfs, &["Links", "0"]).is_err());
    assert_eq!(to(Scope::Ipld, &["Links", "0", "Hash"]).unwrap(), (file, 0));
    assert_eq!(
        to(Scope::Ipld, &["Links", "1", "Name"]).unwrap(),
        (*block.cid(), 3)
    );
    assert_eq!(to(Scope::Ipld, &["Data"]).unwrap(), (*block.cid(), 1));
    assert!(to(Scope::Ipld, &["a.txt"]).is_err());
}

/// Another node has what this one lacks.
struct Far(Made);

impl Fetcher for Far {
    fn fetch(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        let far = self.0.blocks.get(cid);
        // As bytes that came from outside.
        Ok(far.map(|block| Block::claimed(*cid, block.data().clone())))
    }
}

#[test]
fn what_is_not_here_is_fetched_proven_and_kept() {
    let mut made = Made::default();
    let leaf = made.add(Codec::DagCbor, 1, &[]);
    let root = made.add(Codec::DagCbor, 2, &[leaf]);
    let here = Made::default().store();
    let dag = Dag::new(&here).with_fetcher(Far(made.clone()));
    let payload = path(root, &["list", "0", "payload"]);
    assert_eq!(
        dag.get(&payload).unwrap().found().unwrap(),
        Ipld::Integer(1)
    );
    assert!(here.has(&root).unwrap() && here.has(&leaf).unwrap());

    // A liar answers with the bytes of another block.
    let mut lie = made.clone();
    lie.blocks.insert(leaf, made.blocks[&root].clone());
    let here = Made::default().store();
    let dag = Dag::new(&here).with_fetcher(Far(lie));
    let error = dag.get(&payload).unwrap_err().to_string();
    assert!(error.contains("the block is not"), "{error}");
    assert!(!here.has(&leaf).unwrap());
}

proptest! {
    /// Every path of links leads to the block that stands there.
    #[test]
    fn every_path_resolves_to_its_block(made in made()) {
        let dag = Dag::new(made.store());
        let mut paths = vec![(Path::new(made.root()), made.root())];
        let mut at = 0;
        while let Some((path, cid)) = paths.get(at).cloned() {
            let place = dag.resolve(&path).unwrap().found().unwrap();
            prop_assert_eq!(place.cid, cid);
            prop_assert!(place.remainder.is_empty());
            let value = dag.get(&path).unwrap().found().unwrap();
            prop_assert_eq!(Some(value), dag.value(&cid).unwrap());
            let named = dag_ipld::links(Codec::of(&cid).unwrap(), made.blocks[&cid].data()).unwrap();
            let listed: Vec<Cid> = dag.links(&cid).unwrap().unwrap().iter().collect();
            prop_assert_eq!(&listed, &made.links[&cid]);
            prop_assert!(named.iter().map(|link| link.cid).eq(listed));
            for link in named {
                let segments = link.path.segments().into_iter();
                let path = segments.fold(path.clone(), |path, segment| path.join(segment.to_string()));
                paths.push((path, link.cid));
            }
            at += 1;
        }
    }
}
