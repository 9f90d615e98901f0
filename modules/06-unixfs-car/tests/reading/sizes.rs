//! Sizes that are not true are an error where they are read.

use std::io::{Read, Seek, SeekFrom};

use unixfs_car::unixfs::Data;
use unixfs_car::{Cid, Error, Reader};

use crate::build::{self, Leaves, Part, branch, leaf, node, sizes};
use crate::lies::{A, read};

/// The sizes are compared where they are read, and what is wrong is said with the byte.
#[test]
fn a_size_that_is_not_true_is_named() {
    let store = build::store();
    let [a, hello] = [A, "hello"].map(|text| leaf(&store, Leaves::Raw, text.as_bytes()));
    let said = |filesize, said: &[u64], parts: &[Cid]| {
        let data = Data {
            filesize,
            ..sizes(said)
        };
        node(&store, &data, parts)
    };
    // Nobody knows how much is below it, and so its parent's word is all there is.
    let vague = said(None, &[10], &[a.cid, a.cid]);
    for (name, cid, at, words) in [
        (
            "a leaf",
            said(Some(3), &[3], &[hello.cid]),
            0,
            "parent says 3",
        ),
        (
            "nothing",
            said(Some(0), &[0], &[hello.cid]),
            0,
            "parent says 0",
        ),
        (
            "a root",
            said(Some(50), &[5], &[hello.cid]),
            0,
            "says 50 bytes",
        ),
        (
            "a branch",
            branch(
                &store,
                &[
                    a,
                    Part {
                        size: 9,
                        ..branch(&store, &[hello])
                    },
                ],
            )
            .cid,
            10,
            "parent says 9",
        ),
        (
            "what is below",
            said(Some(25), &[20, 5], &[vague, hello.cid]),
            25,
            "",
        ),
        (
            "more below",
            said(Some(20), &[15, 5], &[vague, hello.cid]),
            20,
            "byte 15",
        ),
        (
            "less below",
            said(Some(30), &[25, 5], &[vague, hello.cid]),
            20,
            "byte 25",
        ),
        (
            "less at the end",
            said(Some(30), &[30], &[vague]),
            20,
            "no more",
        ),
        (
            "more at the end",
            said(Some(15), &[15], &[vague]),
            10,
            "more are there",
        ),
    ] {
        let read = Reader::open(&store, &cid).and_then(|mut reader| {
            while reader.chunk()?.is_some() {}
            Ok(())
        });
        match read {
            Ok(()) => assert!(words.is_empty(), "{name}"),
            Err(Error::File { offset, reason, .. }) => {
                assert_eq!(offset, at, "{name}: {reason}");
                assert!(
                    !words.is_empty() && reason.contains(words),
                    "{name}: {reason}"
                );
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
    // Byte 3 of the first one: its parent says that it has none.
    assert_eq!(
        read(&store, &said(Some(3), &[3], &[hello.cid]), 2),
        (String::new(), false)
    );
}

/// Kubo reads these numbers as negative ones, and gives nothing.
#[test]
fn a_size_beyond_all_measure_is_none() {
    let store = build::store();
    let part = leaf(&store, Leaves::Raw, A.as_bytes());
    for filesize in [1 << 63, u64::MAX, i64::MAX as u64] {
        let data = Data {
            filesize: Some(filesize),
            ..sizes(&[10])
        };
        let cid = node(&store, &data, &[part.cid]);
        let error = Reader::open(&store, &cid).unwrap_err();
        assert!(error.to_string().contains(&filesize.to_string()), "{error}");
        // What says so of itself alone can be asked for any byte.
        let cid = node(&store, &sizes(&[filesize]), &[part.cid]);
        let mut reader = Reader::open(&store, &cid).unwrap();
        assert_eq!(reader.size(), filesize);
        for at in [0, 9, filesize - 1] {
            reader.seek(SeekFrom::Start(at)).unwrap();
            assert!(reader.read(&mut [0]).is_err());
        }
        reader.seek(SeekFrom::Start(u64::MAX)).unwrap();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }
    // Sizes whose sum does not fit into 64 bits.
    let cid = node(
        &store,
        &sizes(&[1 << 63, 1 << 63, u64::MAX]),
        &[part.cid; 3],
    );
    let error = Reader::open(&store, &cid).unwrap_err().to_string();
    assert!(error.contains("more than any file has"), "{error}");
}
