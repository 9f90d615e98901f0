//! What is left when it does not go to its end.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use block_cid::Blockstore;
use persistent::ops::{Silent, Watch};
use unixfs_car::Error;
use unixfs_car::get::{Options, get};

use crate::build::{self, Leaves, Part, branch, folder, leaf};
use crate::tree::contents;
use crate::write::write;

#[test]
fn what_was_written_is_named_and_half_a_file_is_not_there() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let parts: Vec<Part> = [b"one", b"two", b"six"]
        .map(|text| leaf(&store, Leaves::Raw, text))
        .into();
    let broken = branch(&store, &parts).cid;
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let inner = folder(&store, &[("a", text), ("b", broken), ("c", text)]);
    let root = folder(&store, &[("inner", inner), ("z", text)]);
    store.delete(&parts[1].cid).unwrap();
    let to = place.path().join("out");
    let error = write(&store, &root, &to).unwrap_err();
    let said = error.to_string();
    let Error::Partial {
        to: told,
        path,
        files,
        source,
    } = error
    else {
        panic!("{said}");
    };
    assert_eq!(
        (told, path.as_path(), files),
        (to.clone(), Path::new("inner/b"), 1)
    );
    assert!(
        said.contains("inner/b") && said.contains("the file before it"),
        "{said}"
    );
    match *source {
        Error::MissingPart { cid, offset, .. } => assert_eq!((*cid, offset), (parts[1].cid, 3)),
        other => panic!("{other}"),
    }
    let found: Vec<_> = contents(&to).into_keys().collect();
    assert_eq!(found, ["", "inner", "inner/a"].map(Path::new));
    // Once it is there, the same again has all of it.
    store.put(&block_cid::Block::raw("two")).unwrap();
    write(&store, &root, &to).unwrap();
    assert_eq!(fs::read(to.join("inner/b")).unwrap(), b"onetwosix");
    // Alone it is not there at all, and a file that was there stays.
    store.delete(&parts[1].cid).unwrap();
    let alone = place.path().join("alone");
    for before in [None, Some("before")] {
        if let Some(text) = before {
            fs::write(&alone, text).unwrap();
        }
        let error = write(&store, &broken, &alone).unwrap_err();
        assert!(matches!(error, Error::MissingPart { .. }), "{error}");
        assert_eq!(fs::read_to_string(&alone).ok().as_deref(), before);
        let here: Vec<_> = contents(place.path()).into_keys().collect();
        assert!(
            here.iter()
                .all(|path| !path.to_string_lossy().contains(".get."))
        );
    }
}

#[test]
fn no_more_is_written_than_was_allowed() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, &[b'x'; 1000]).cid;
    let root = folder(&store, &[("a", text), ("b", text), ("c", text)]);
    for (max_bytes, max_entries, files) in [
        (Some(2999), None, Some(2)),
        (Some(3000), Some(4), None),
        (None, Some(3), Some(2)),
        (Some(0), None, Some(0)),
        (None, Some(0), Some(9)),
    ] {
        let to = place.path().join(format!("{max_bytes:?} {max_entries:?}"));
        let options = Options {
            max_bytes,
            max_entries,
            ..Options::default()
        };
        let end = get(&store, &root, &to, b"", options, &Silent);
        match (end, files) {
            (Ok(saved), None) => assert_eq!(saved.bytes, 3000),
            (Err(Error::Budget { limit: 0, .. }), Some(9)) => {}
            (Err(Error::Partial { files, source, .. }), expected) => {
                assert_eq!(Some(files), expected);
                assert!(matches!(*source, Error::Budget { .. }), "{source}");
            }
            (end, expected) => panic!("{end:?}, {expected:?}"),
        }
    }
}

#[test]
fn it_stops_when_it_is_asked_to() {
    struct Stops(AtomicU64);
    impl Watch for Stops {
        fn did(&self, _: u64, bytes: u64) {
            self.0.fetch_add(bytes, SeqCst);
        }
        fn stops(&self) -> bool {
            self.0.load(SeqCst) >= 5000
        }
    }
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let large = build::file(&store, Leaves::Raw, &[1; 100_000], 1000, 10);
    let to = place.path().join("out");
    let stops = Stops(AtomicU64::new(0));
    let error = get(&store, &large, &to, b"", Options::default(), &stops).unwrap_err();
    assert!(matches!(error, Error::Stopped), "{error}");
    assert_eq!(stops.0.load(SeqCst), 5000);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}
