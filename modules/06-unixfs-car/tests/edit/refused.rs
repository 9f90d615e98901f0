//! Files that lie are not changed, and end nothing.

use block_cid::Blockstore;
use testkit::Rng;
use unixfs_car::edit::{Editor, MAX_SIZE};
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};
use unixfs_car::{Cid, Error, Reader};

use crate::build::{self, Leaves, branch, folder, leaf, node, sizes};

#[test]
fn sizes_that_are_not_true_are_an_error_where_they_count() {
    let store = build::store();
    let ten = leaf(&store, Leaves::Raw, b"0123456789").cid;
    let pb = leaf(&store, Leaves::Pb(Type::File), b"0123456789").cid;
    let inner = node(&store, &sizes(&[10, 10]), &[ten, ten]);
    let said = |all: &[u64], parts: &[Cid]| node(&store, &sizes(all), parts);
    let with_size = |filesize, parts: &[Cid]| {
        let data = Data {
            filesize: Some(filesize),
            ..sizes(&vec![10; parts.len()])
        };
        node(&store, &data, parts)
    };
    let short = Data {
        filesize: Some(100),
        ..Data::leaf(Type::File, "abc")
    };
    for (name, cid) in [
        ("a leaf shorter than said", said(&[12, 10], &[ten, ten])),
        ("a leaf longer than said", said(&[8, 10], &[ten, ten])),
        ("a node shorter than said", said(&[12, 10], &[pb, ten])),
        ("a branch shorter than said", said(&[50, 10], &[inner, ten])),
        ("fewer sizes than links", said(&[10], &[ten, ten])),
        ("more sizes than links", said(&[10, 10, 10], &[ten, ten])),
        ("a file longer than its parts", with_size(25, &[ten, ten])),
        ("a file shorter than its parts", with_size(15, &[ten, ten])),
        (
            "a file of all bytes there are",
            with_size(u64::MAX, &[ten, ten]),
        ),
        (
            "sizes beyond 64 bits",
            said(&[u64::MAX, u64::MAX], &[ten, ten]),
        ),
        ("one node that says more", node(&store, &short, &[])),
        (
            "a folder inside",
            said(&[10, 10], &[ten, folder(&store, &[])]),
        ),
        (
            "a symlink inside",
            said(&[10, 10], &[node(&store, &Data::symlink("x"), &[]), ten]),
        ),
    ] {
        let editor = Editor::new(&store);
        let mut refused = 0;
        for offset in [0, 1, 9, 11, 14] {
            refused += usize::from(editor.write(&cid, offset, &[b'x'; 20]).is_err());
            refused += usize::from(editor.truncate(&cid, offset).is_err());
        }
        assert!(refused > 0, "{name}");
        let _ = editor.append(&cid, b"more");
    }
}

#[test]
fn what_is_no_file_is_not_changed() {
    let store = build::store();
    let symlink = node(&store, &Data::symlink("x"), &[]);
    for cid in [folder(&store, &[]), symlink] {
        for end in [
            Editor::new(&store).write(&cid, 0, b"x"),
            Editor::new(&store).truncate(&cid, 0),
            Editor::new(&store).append(&cid, b"x"),
        ] {
            assert!(matches!(end, Err(Error::Kind { .. })), "{end:?}");
        }
    }
    let gone = *block_cid::Block::raw("gone").cid();
    let end = Editor::new(&store).write(&gone, 0, b"x");
    assert!(matches!(end, Err(Error::Missing { .. })), "{end:?}");
}

#[test]
fn a_file_does_not_get_larger_than_files_may_be() {
    let store = build::store();
    let cid = leaf(&store, Leaves::Raw, b"x").cid;
    let editor = Editor::new(&store);
    for end in [
        editor.write(&cid, u64::MAX, b"xy"),
        editor.write(&cid, MAX_SIZE, b"x"),
        editor.truncate(&cid, MAX_SIZE + 1),
        editor.truncate(&cid, u64::MAX),
    ] {
        assert!(matches!(end, Err(Error::File { .. })), "{end:?}");
    }
}

#[test]
fn a_missing_block_is_named_and_others_are_not_asked_for() {
    let store = build::store();
    let parts: Vec<_> = [b"one", b"two", b"six"]
        .map(|text| leaf(&store, Leaves::Raw, text))
        .into();
    let cid = branch(&store, &parts).cid;
    store.delete(&parts[1].cid).unwrap();
    let editor = Editor::new(&store);
    match editor.write(&cid, 1, b"NE TWO").unwrap_err() {
        Error::MissingPart { cid, offset, .. } => assert_eq!((*cid, offset), (parts[1].cid, 3)),
        other => panic!("{other}"),
    }
    // What is overwritten whole is read, too: nothing is guessed.
    assert!(editor.write(&cid, 3, b"TWO").is_err());
    for end in [
        editor.write(&cid, 0, b"ONE"),
        editor.write(&cid, 7, b"IX"),
        editor.append(&cid, b"ten"),
        editor.truncate(&cid, 7),
        editor.truncate(&cid, 2),
    ] {
        end.unwrap();
    }
}

#[test]
fn a_file_with_a_time_gets_the_time_of_its_change() {
    let store = build::store();
    let part = leaf(&store, Leaves::Raw, b"0123456789").cid;
    let meta = Meta {
        mode: Some(0o640),
        mtime: Some(Mtime::new(1, 0)),
    };
    let single = node(
        &store,
        &Data::leaf(Type::File, "0123456789").with_meta(meta),
        &[],
    );
    let many = node(&store, &sizes(&[10, 10]).with_meta(meta), &[part, part]);
    let plain = branch(&store, &[leaf(&store, Leaves::Raw, b"x"); 2]).cid;
    let now = Mtime::new(1_700_000_000, 5);
    let editor = Editor::new(&store).with_time(now);
    let meta_of = |cid: &Cid| Reader::open(&store, cid).unwrap().meta();
    for cid in [single, many] {
        for changed in [
            editor.write(&cid, 3, b"x").unwrap(),
            editor.append(&cid, b"x").unwrap(),
            editor.truncate(&cid, 3).unwrap(),
            editor.truncate(&cid, 300).unwrap(),
        ] {
            assert_eq!(
                (meta_of(&changed).mode, meta_of(&changed).mtime),
                (Some(0o640), Some(now))
            );
        }
        let kept = Editor::new(&store).write(&cid, 0, b"x").unwrap();
        assert_eq!(meta_of(&kept), meta);
    }
    assert!(meta_of(&editor.write(&plain, 0, b"y").unwrap()).is_empty());
}

/// Random changes of files whose nodes are damaged: an error, or another file, and nothing else.
#[test]
fn files_of_chance_are_changed_or_refused() {
    let mut rng = Rng::new(9);
    for _ in 0..1500 {
        let store = build::store();
        let root = build::file(&store, Leaves::Pb(Type::File), &[7; 200], 20, 3);
        let block = store.get(&root).unwrap().unwrap();
        let mut bytes = block.data().to_vec();
        for _ in 0..=rng.below(2) {
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] = rng.next() as u8;
        }
        let cid = build::put(&store, block_cid::codec::DAG_PB, bytes);
        let editor = Editor::new(&store).with_links(3);
        // A size of all the bytes there are would be zeros for years.
        let size = Reader::open(&store, &cid).map_or(0, |reader| reader.size());
        let at = rng.below(250).min(size);
        let _ = editor.write(&cid, at, &[1; 30]);
        let _ = editor.truncate(&cid, at);
        let _ = editor.append(&cid, &[1; 30]);
    }
}
