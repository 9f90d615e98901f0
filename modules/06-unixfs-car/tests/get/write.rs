//! What is written.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use persistent::ops::Silent;
use testkit::Rng;
use unixfs_car::get::{Options, Saved, get};
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};
use unixfs_car::{Cid, Result};

use crate::build::{self, Leaves, Store, file, folder, leaf, link, named, node};
use crate::tree::{contents, tree};

/// Writes `cid` as `to`, or into it as `name`.
pub fn write(store: &Store, cid: &Cid, to: &Path) -> Result<Saved> {
    get(store, cid, to, b"name", Options::default(), &Silent)
}

fn meta(mode: u32, seconds: i64, nanos: u32) -> Meta {
    Meta {
        mode: Some(mode),
        mtime: Some(Mtime::new(seconds, nanos)),
    }
}

#[test]
fn a_folder_is_there_with_all_that_is_in_it() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let bytes = Rng::new(1).bytes(10_000);
    let large = file(&store, Leaves::Raw, &bytes, 300, 5);
    let empty = leaf(&store, Leaves::Pb(Type::File), b"").cid;
    let symlink = node(&store, &Data::symlink("../elsewhere/nothing"), &[]);
    let inner = folder(&store, &[("large", large), ("石塚 \"\n", empty)]);
    let nothing = folder(&store, &[]);
    let mut links = vec![
        link("inner", inner),
        link("link", symlink),
        link("nothing", nothing),
    ];
    links.push(link("x", empty));
    links[3].name = Some(b"\xff not UTF-8".to_vec().into());
    let root = named(&store, &Data::directory(), links);
    let to = place.path().join("made/too/out");
    let saved = write(&store, &root, &to).unwrap();
    assert_eq!((saved.files, saved.folders, saved.symlinks), (3, 3, 1));
    assert_eq!((saved.bytes, saved.stripped), (10_000, 0));
    let found = contents(&to);
    let not_utf8 = Path::new(std::ffi::OsStr::from_bytes(b"\xff not UTF-8"));
    let expected = [
        (Path::new(""), 'd', &b""[..]),
        (Path::new("inner"), 'd', b""),
        (Path::new("inner/large"), 'f', &bytes),
        (Path::new("inner/石塚 \"\n"), 'f', b""),
        (Path::new("link"), 'l', b"../elsewhere/nothing"),
        (Path::new("nothing"), 'd', b""),
        (not_utf8, 'f', b""),
    ];
    let expected =
        expected.map(|(path, kind, content)| (path.to_owned(), (kind, content.to_vec())));
    assert_eq!(found, expected.into());
    // Once more over it: all is as it was.
    write(&store, &root, &to).unwrap();
    assert_eq!(contents(&to), found);
}

#[test]
fn permissions_and_times_are_those_that_were_kept() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let kept = |data: Data, meta| node(&store, &data.with_meta(meta), &[]);
    let inner = named(
        &store,
        &Data::directory().with_meta(meta(0o500, 77, 5)),
        vec![link(
            "file",
            kept(
                Data::leaf(Type::File, "x"),
                meta(0o400, -86_400, 999_999_999),
            ),
        )],
    );
    let entries = [
        ("inner", inner),
        (
            "link",
            kept(Data::symlink("x"), meta(0o700, 1_000_000_000, 1)),
        ),
        (
            "mode 0",
            kept(
                Data::leaf(Type::File, "x"),
                Meta {
                    mode: Some(0),
                    mtime: None,
                },
            ),
        ),
        (
            "other bits",
            kept(
                Data::leaf(Type::File, "x"),
                meta(0o171_755, i64::from(u32::MAX), 0),
            ),
        ),
    ];
    let root = folder(&store, &entries);
    let to = place.path().join("out");
    write(&store, &root, &to).unwrap();
    let found = tree(&to, None);
    let of = |path: &str| {
        let thing = &found[Path::new(path)];
        (thing.mode, thing.mtime)
    };
    assert_eq!(of("inner"), (0o500, (77, 5)));
    assert_eq!(of("inner/file"), (0o400, (-86_400, 999_999_999)));
    assert_eq!(of("link").1, (1_000_000_000, 1));
    assert_eq!(of("other bits"), (0o1755, (u32::MAX.into(), 0)));
    // What says nothing has what a new file has.
    fs::write(place.path().join("plain"), "x").unwrap();
    let plain = fs::metadata(place.path().join("plain")).unwrap();
    assert_eq!(of("mode 0").0, plain.permissions().mode() & 0o7777);
    fs::set_permissions(to.join("inner"), fs::Permissions::from_mode(0o700)).unwrap();
}

/// Times of any number, and those that are none, take no harm.
#[test]
fn times_that_no_disk_has_are_no_error() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    for (n, seconds) in [i64::MIN, -62_135_596_800, i64::MAX, 1 << 40]
        .into_iter()
        .enumerate()
    {
        for fraction in [None, Some(0), Some(1), Some(1_000_000_000), Some(u32::MAX)] {
            let mtime = Some(Mtime { seconds, fraction });
            let data = Data::leaf(Type::File, "x").with_meta(Meta { mode: None, mtime });
            let cid = node(&store, &data, &[]);
            write(&store, &cid, &place.path().join(n.to_string())).unwrap();
        }
    }
}

/// RUSTSEC-2026-0067: permissions and times that went through a link, to another file.
#[test]
fn rustsec_2026_0067_permissions_and_times_go_through_no_link() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    fs::write(place.path().join("outside"), "outside").unwrap();
    fs::create_dir(place.path().join("folder")).unwrap();
    let before = tree(place.path(), Some(&place.path().join("out")));
    let out = place.path().join("out");
    fs::create_dir(&out).unwrap();
    for name in ["file", "link", "dangling"] {
        symlink("../outside", out.join(name)).unwrap();
    }
    symlink("../folder", out.join("folder")).unwrap();
    let all = meta(0o777, 7, 7);
    let kept = |data: Data| node(&store, &data.with_meta(all), &[]);
    let file = kept(Data::leaf(Type::File, "inside"));
    let link = kept(Data::symlink("../outside"));
    let entries = [
        ("dangling", link),
        ("file", file),
        ("folder", file),
        ("link", link),
    ];
    write(&store, &folder(&store, &entries), &out).unwrap();
    let mut after = tree(place.path(), Some(&out));
    // A folder was made in it.
    after.get_mut(Path::new("")).unwrap().mtime = before[Path::new("")].mtime;
    assert_eq!(after, before);
    let found = contents(&out);
    assert_eq!(found[Path::new("folder")], ('f', b"inside".to_vec()));
    assert_eq!(found[Path::new("link")], ('l', b"../outside".to_vec()));
}

#[test]
fn set_user_id_is_given_to_whom_asks_for_it() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let file = node(
        &store,
        &Data::leaf(Type::File, "x").with_meta(meta(0o6755, 1, 0)),
        &[],
    );
    let data = Data::directory().with_meta(meta(0o3775, 1, 0));
    let root = named(&store, &data, vec![link("file", file), link("same", file)]);
    for (setuid, modes, stripped) in [(false, [0o1775, 0o755], 3), (true, [0o3775, 0o6755], 0)] {
        let options = Options {
            setuid,
            ..Options::default()
        };
        let to = place.path().join(setuid.to_string());
        let saved = get(&store, &root, &to, b"", options, &Silent).unwrap();
        assert_eq!(saved.stripped, stripped);
        let found = tree(&to, None);
        assert_eq!(["", "file"].map(|path| found[Path::new(path)].mode), modes);
    }
}

#[test]
fn a_sharded_folder_is_written_like_any_other() {
    use unixfs_car::folder::Sharding;
    use unixfs_car::{Folder, Root, Sink};

    struct To<'a>(&'a Store);
    impl Sink for To<'_> {
        fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
            Ok(build::put(self.0, block_cid::codec::DAG_PB, block))
        }
    }

    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"text");
    let child = Root {
        cid: text.cid,
        bytes: 4,
        dag: 4,
    };
    let mut folder = Folder::new(Meta::default());
    for n in 0..3000 {
        folder.push(format!("file {n}").as_bytes(), &child).unwrap();
    }
    let sharding = Sharding {
        threshold: 1,
        ..Sharding::default()
    };
    let root = folder.finish(&sharding, &mut To(&store)).unwrap();
    let to = place.path().join("out");
    let saved = write(&store, &root.cid, &to).unwrap();
    assert_eq!((saved.files, saved.bytes), (3000, 12_000));
    let found = contents(&to);
    assert_eq!(found.len(), 3001);
    assert!(
        found
            .values()
            .all(|(kind, content)| *kind == 'd' || content == b"text")
    );
}
