//! Files whose blocks say what is not so: an error, where `ipfs cat` of Kubo 0.43 may give bytes that are not
//! those of a range.

use std::io::{Read, Seek, SeekFrom};

use block_cid::codec;
use testkit::Trial;
use testkit::kubo::Kubo;
use unixfs_car::read::{MAX_BARREN, MAX_DEPTH};
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Cid, Error, Reader};

use crate::build::{self, Leaves, Part, Store, branch, folder, leaf, node, pack, put, sizes};

pub const A: &str = "aaaaaaaaaa";
const B: &str = "bbbbbbbbbb";
const C: &str = "cccccccccc";

/// A file that lies, what `ipfs cat` gives of it, and what `ipfs cat --offset 12` does; `None` where
/// that ends with an error, and so does a [`Reader`]. Those whose names begin with a dash have sizes that
/// can be believed.
type Lie = (&'static str, Cid, Option<String>, Option<String>);

fn lies(store: &Store) -> Vec<Lie> {
    let [a, b, c] = [A, B, C].map(|text| leaf(store, Leaves::Raw, text.as_bytes()).cid);
    let abc = [a, b, c];
    let all = Some([A, B, C].concat());
    let from_12 = Some([&B[2..], C].concat());
    let sized = |filesize, blocksizes: &[u64]| Data {
        filesize,
        ..sizes(blocksizes)
    };
    let said = |filesize, blocksizes: &[u64]| node(store, &sized(filesize, blocksizes), &abc);
    let tens = [10, 10, 10];
    let with_data = Data {
        data: Some("data".into()),
        ..sizes(&tens)
    };
    let short = Data {
        filesize: Some(100),
        ..Data::leaf(Type::File, A)
    };
    let raw = Data {
        kind: Type::Raw,
        ..sizes(&tens)
    };
    let within = node(store, &sizes(&[10, 10]), &[a, b]);
    vec![
        (
            "fewer bytes than the sizes",
            said(Some(5), &tens),
            all.clone(),
            Some(String::new()),
        ),
        (
            "more bytes than the sizes",
            said(Some(1000), &tens),
            all.clone(),
            from_12.clone(),
        ),
        (
            "- no size",
            said(None, &tens),
            all.clone(),
            Some(String::new()),
        ),
        (
            "a leaf longer than said",
            said(Some(24), &[4, 10, 10]),
            all.clone(),
            Some([&B[8..], C].concat()),
        ),
        (
            "a leaf shorter than said",
            said(Some(35), &[15, 10, 10]),
            all.clone(),
            Some([B, C].concat()),
        ),
        (
            "- fewer sizes than links",
            said(Some(30), &[10, 10]),
            all.clone(),
            None,
        ),
        (
            "- more sizes than links",
            said(Some(30), &[10, 10, 10, 10]),
            all.clone(),
            None,
        ),
        (
            "sizes of nothing",
            said(Some(30), &[0, 0, 0]),
            all.clone(),
            Some(String::new()),
        ),
        (
            "- data beside links",
            node(store, &with_data, &abc),
            all.clone(),
            from_12.clone(),
        ),
        (
            "one leaf that says more",
            node(store, &short, &[]),
            Some(A.into()),
            Some(String::new()),
        ),
        (
            "- a branch of type raw",
            node(store, &raw, &abc),
            all.clone(),
            from_12.clone(),
        ),
        (
            "a branch shorter than said",
            node(store, &sizes(&[50, 10]), &[within, c]),
            all,
            Some([&B[2..], C].concat()),
        ),
    ]
}

/// What is read from `at` on, and whether it ended without an error.
pub fn read(store: &Store, cid: &Cid, at: u64) -> (String, bool) {
    let Ok(mut reader) = Reader::open(store, cid) else {
        return (String::new(), false);
    };
    reader.seek_to(at);
    let mut found = Vec::new();
    let ended = reader.copy_to(&mut found).is_ok();
    (String::from_utf8(found).unwrap(), ended)
}

/// What a range does not read is not judged; so either it is a slice of the whole, or the whole cannot be
/// read.
#[test]
fn a_range_is_a_slice_of_the_whole_or_the_whole_is_an_error() {
    let store = build::store();
    for (name, cid, whole, from_12) in lies(&store) {
        let whole = whole.unwrap();
        let is_honest = name.starts_with('-');
        let (found, ended) = read(&store, &cid, 0);
        assert_eq!(ended, is_honest, "{name}");
        assert!(whole.starts_with(&found), "{name}");
        if is_honest {
            assert_eq!(found, whole, "{name}");
            // Kubo takes no size for a size of 0.
            let from_12 = from_12.map(|_| whole[12..].to_owned());
            let (found, ended) = read(&store, &cid, 12);
            assert_eq!(ended.then_some(found), from_12, "{name}, from byte 12");
        }
    }
}

/// To its end and back is how a length is asked for. It was an error where the sizes are not as many as
/// the links, and left out what is said to have no bytes.
#[test]
fn back_at_the_start_what_lies_is_read_as_from_the_start() {
    let store = build::store();
    for (name, cid, ..) in lies(&store) {
        let whole = read(&store, &cid, 0);
        let Ok(mut reader) = Reader::open(&store, &cid) else {
            continue;
        };
        for before in [0, 3, 15] {
            let _ = reader.by_ref().take(before).read_to_end(&mut Vec::new());
            for away in [SeekFrom::End(0), SeekFrom::Current(1)] {
                reader.seek(away).unwrap();
                reader.rewind().unwrap();
                let mut found = Vec::new();
                let ended = reader.copy_to(&mut found).is_ok();
                let found = (String::from_utf8(found).unwrap(), ended);
                assert_eq!(found, whole, "{name}, after {before} bytes and {away:?}");
                reader.rewind().unwrap();
            }
        }
    }
}

#[test]
fn kubo_reads_so_what_lies() {
    let Some(kubo) = Kubo::find("files that lie, against Kubo") else {
        return;
    };
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let lies = lies(&store);
    let car = place.path().join("lies.car");
    pack(&store, lies[0].1, &car);
    let repo = kubo.repo(&place.path().join("repo"));
    repo.run(["dag", "import", "--pin-roots=false", car.to_str().unwrap()]);
    let mut trial = Trial::new("kubo", "cat of files that lie", None);
    for (name, cid, whole, from_12) in &lies {
        let cid = cid.to_string();
        for (args, expected) in [
            (&["cat", &cid][..], whole),
            (&["cat", "--offset=12", &cid], from_12),
        ] {
            trial.one();
            let ran = repo.output(args, b"");
            let said = String::from_utf8(ran.stdout).unwrap();
            let said = Some(said).filter(|_| ran.status.success());
            assert_eq!(said, *expected, "{name}: {args:?}");
        }
    }
    trial.end("whole, and from a byte on");
}

#[test]
fn what_is_no_file_is_no_part_of_one() {
    let store = build::store();
    let a = leaf(&store, Leaves::Raw, A.as_bytes());
    let link = node(&store, &Data::symlink("a"), &[]);
    let cbor = put(&store, codec::DAG_CBOR, vec![0xa0]);
    let nothing = put(&store, codec::DAG_PB, Vec::new());
    for (name, part) in [
        ("an empty folder", folder(&store, &[])),
        ("a folder", folder(&store, &[("a", a.cid)])),
        ("a symlink", link),
        ("a block of dag-cbor", cbor),
        ("a node without data", nothing),
        ("what is no node", put(&store, codec::DAG_PB, "no node")),
    ] {
        let size = 1;
        let root = branch(&store, &[a, Part { cid: part, size }]).cid;
        let mut found = Vec::new();
        let error = Reader::open(&store, &root).unwrap().copy_to(&mut found);
        let error = error.unwrap_err().into_inner().unwrap();
        assert_eq!(found, A.as_bytes(), "{name}");
        match error.downcast_ref().unwrap() {
            Error::File { file, offset, .. } => assert_eq!((**file, *offset), (root, 10)),
            Error::Node { cid, .. } => assert_eq!(**cid, part),
            other => panic!("{name}: {other}"),
        }
        // Alone it is none, either.
        let error = Reader::open(&store, &part).unwrap_err();
        let named = match &error {
            Error::Kind { cid, .. } | Error::Node { cid, .. } => **cid,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(named, part, "{name}");
    }
}

#[test]
fn branches_below_branches_end_somewhere() {
    let store = build::store();
    let part = leaf(&store, Leaves::Raw, A.as_bytes());
    let deep = |depth| (0..depth).fold(part, |part, _| branch(&store, &[part]));
    let read = |cid: &Cid| {
        let mut reader = Reader::open(&store, cid).unwrap();
        let (mut first, mut last) = (Vec::new(), [0]);
        let whole = reader.copy_to(&mut first);
        reader.seek(SeekFrom::Start(9)).unwrap();
        (whole.is_ok(), reader.read_exact(&mut last).is_ok())
    };
    let most = deep(MAX_DEPTH + 1).cid;
    assert_eq!(read(&most), (true, true));
    let cid = deep(MAX_DEPTH + 2).cid;
    assert_eq!(read(&cid), (false, false));
    let error = Reader::open(&store, &cid).unwrap().chunk().unwrap_err();
    let named = matches!(&error, Error::File { file, offset: 0, .. } if **file == cid);
    assert!(named && error.to_string().contains("128"), "{error}");
}

/// A thousand times a thousand times nothing, twelve deep, in thirteen blocks.
#[test]
fn nothing_over_and_over_ends_somewhere() {
    let store = build::store();
    let nothing = leaf(&store, Leaves::Raw, b"");
    let bomb = (0..12).fold(nothing, |part, _| branch(&store, &vec![part; 1000]));
    let mut reader = Reader::open(&store, &bomb.cid).unwrap();
    let error = reader.chunk().unwrap_err();
    assert!(
        error.to_string().contains(&MAX_BARREN.to_string()),
        "{error}"
    );
    // Some nothing between the bytes is no harm.
    let a = leaf(&store, Leaves::Raw, A.as_bytes());
    let some = branch(&store, &vec![nothing; 1000]);
    let cid = branch(&store, &[a, some, a, some, a]).cid;
    let mut found = Vec::new();
    let mut reader = Reader::open(&store, &cid).unwrap();
    reader.copy_to(&mut found).unwrap();
    assert_eq!(found, [A, A, A].concat().as_bytes());
}

/// Branches as large as blocks may be, one below the other, would fill the memory.
#[test]
fn links_above_a_leaf_are_bounded() {
    let store = build::store();
    let part = leaf(&store, Leaves::Inline, b"");
    let wide = (0..4).fold(part, |part, _| branch(&store, &vec![part; 40_000]));
    let error = Reader::open(&store, &wide.cid)
        .unwrap()
        .chunk()
        .unwrap_err();
    assert!(
        error.to_string().contains("links above one leaf"),
        "{error}"
    );
}
