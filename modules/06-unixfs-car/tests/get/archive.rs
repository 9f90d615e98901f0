//! Tar archives: unpacked, they are what is written without one.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use block_cid::Blockstore;
use persistent::ops::Silent;
use unixfs_car::get::{Options, archive};
use unixfs_car::unixfs::{Data, Meta, Mtime};
use unixfs_car::{Cid, Error, Result};

use crate::build::{self, Leaves, Store, file, folder, leaf, link, named, node};
use crate::kubo::told;
use crate::write::write;

/// Later than what [`told`] takes for a time of its own.
const NOW: Mtime = Mtime {
    seconds: 1_750_000_000,
    fraction: None,
};

pub fn pack(store: &Store, cid: &Cid, options: Options) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    archive(store, cid, b"name", NOW, &mut bytes, options, &Silent)?;
    Ok(bytes)
}

/// What the `tar` of the system makes of an archive, in the folder `to`.
pub fn unpack(bytes: &[u8], to: &Path) {
    std::fs::create_dir(to).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-xp", "--warning=no-timestamp", "-f", "-", "-C"])
        .arg(to);
    let mut child = tar.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Permissions and times of every kind, long names, long targets.
fn sample(store: &Store) -> Cid {
    let text = leaf(store, Leaves::Raw, b"text").cid;
    let kept = |mode, seconds, nanos| Meta {
        mode: Some(mode),
        mtime: Some(Mtime::new(seconds, nanos)),
    };
    let large = file(store, Leaves::Raw, &[5; 3000], 100, 4);
    let block = file(store, Leaves::Raw, &[6; 1024], 512, 4);
    let before = Data::symlink("../".repeat(90)).with_meta(kept(0o777, -3, 500_000_000));
    let of = |data: Data, mode, seconds, nanos| {
        node(store, &data.with_meta(kept(mode, seconds, nanos)), &[])
    };
    let inner = folder(store, &[(&"x".repeat(255), text), ("block", block)]);
    let mut links = vec![
        link("empty", folder(store, &[])),
        link(
            "exact",
            of(
                Data::leaf(unixfs_car::unixfs::Type::File, "x"),
                0o604,
                1_000_000_000,
                123_456_789,
            ),
        ),
        link(&"folder ".repeat(20), inner),
        link("large", large),
        link("link", of(Data::symlink("../x/石塚"), 0o777, 5, 0)),
        link("long", node(store, &before, &[])),
        link("nothing", leaf(store, Leaves::Raw, b"").cid),
        link("old", of(Data::directory(), 0o1750, -3, 0)),
        link("ü \n \\", text),
        link("", text),
    ];
    links[9].name = Some(b"\xff not UTF-8".to_vec().into());
    let meta = kept(0o750, 1_234_567_890, 7);
    named(store, &Data::directory().with_meta(meta), links)
}

#[test]
fn an_archive_unpacks_to_what_is_written_without_one() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let root = sample(&store);
    let bytes = pack(&store, &root, Options::default()).unwrap();
    assert_eq!(bytes.len() % 512, 0);
    let [written, unpacked] = ["written", "unpacked"].map(|name| place.path().join(name));
    write(&store, &root, &written).unwrap();
    unpack(&bytes, &unpacked);
    assert_eq!(told(&unpacked.join("name")), told(&written));
    // A reader of another make sees the same names.
    let mut tar = tar::Archive::new(&bytes[..]);
    let names = tar
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path_bytes().into_owned());
    assert_eq!(names.count(), told(&written).len());
    // A file by itself.
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let alone = place.path().join("alone");
    unpack(&pack(&store, &text, Options::default()).unwrap(), &alone);
    assert_eq!(std::fs::read(alone.join("name")).unwrap(), b"text");
}

#[test]
fn names_that_lead_elsewhere_or_come_twice_are_refused() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"hostile").cid;
    let link = node(&store, &Data::symlink("/etc"), &[]);
    let inner = folder(&store, &[("passwd", text)]);
    for names in [
        &[("..", text)][..],
        &[("", text)],
        &[(".", inner)],
        &[("a/b", text)],
        &[("/a", text)],
        &[("a\0", text)],
        &[("a", link), ("a", inner)],
    ] {
        let end = pack(&store, &folder(&store, names), Options::default());
        assert!(matches!(end, Err(Error::Name { .. })), "{names:?}: {end:?}");
    }
}

#[test]
fn what_is_too_much_or_missing_is_an_error() {
    let store = build::store();
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let root = folder(&store, &[("a", text), ("b", text)]);
    let with = |max_bytes, max_entries| Options {
        setuid: false,
        max_bytes,
        max_entries,
    };
    for options in [with(Some(7), None), with(None, Some(2))] {
        let end = pack(&store, &root, options);
        assert!(matches!(end, Err(Error::Budget { .. })), "{end:?}");
    }
    store.delete(&text).unwrap();
    let end = pack(&store, &root, Options::default());
    assert!(matches!(end, Err(Error::Missing { .. })), "{end:?}");
}
