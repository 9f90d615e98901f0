//! What was there before.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use persistent::ops::Watch;
use unixfs_car::Error;
use unixfs_car::get::{MAX_DEPTH, Options, get};
use unixfs_car::unixfs::{Data, Type};

use crate::build::{self, Leaves, folder, leaf, node};
use crate::tree::contents;
use crate::write::write;

#[test]
fn a_file_goes_where_it_is_said() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let at = |path: &str| place.path().join(path);
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let link = node(&store, &Data::symlink("nowhere"), &[]);
    write(&store, &text, &at("new/file")).unwrap();
    assert_eq!(fs::read(at("new/file")).unwrap(), b"text");
    // Into a folder that is there, under its own name.
    write(&store, &text, &at("new")).unwrap();
    assert_eq!(fs::read(at("new/name")).unwrap(), b"text");
    write(&store, &link, &at("new/")).unwrap();
    assert_eq!(fs::read_link(at("new/name")).unwrap(), Path::new("nowhere"));
    // A symlink to a folder is replaced, and not gone through; what is above it is the user's.
    symlink("new", at("to new")).unwrap();
    write(&store, &text, &at("to new/below")).unwrap();
    assert_eq!(fs::read(at("new/below")).unwrap(), b"text");
    write(&store, &text, &at("to new")).unwrap();
    assert!(fs::symlink_metadata(at("to new")).unwrap().is_file());
    // What has no name of its own is a folder that is there.
    write(&store, &text, &at("new/.")).unwrap();
    write(&store, &text, &at("new/../new/..")).unwrap();
    assert_eq!(fs::read(at("name")).unwrap(), b"text");
    assert_eq!(fs::read(at("new/name")).unwrap(), b"text");
}

#[test]
fn files_symlinks_and_empty_folders_are_replaced_and_nothing_else() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let inner = folder(&store, &[("file", text)]);
    let root = folder(
        &store,
        &[("a", text), ("b", text), ("c", text), ("d", inner)],
    );
    let to = place.path().join("out");
    fs::create_dir_all(to.join("c")).unwrap();
    fs::create_dir(to.join("d")).unwrap();
    fs::write(to.join("a"), "before").unwrap();
    fs::write(to.join("d/other"), "stays").unwrap();
    fs::write(to.join("other"), "stays").unwrap();
    symlink("other", to.join("b")).unwrap();
    write(&store, &root, &to).unwrap();
    let found = contents(&to);
    let file = |path: &str| found[Path::new(path)].1.as_slice();
    for path in ["a", "b", "c", "d/file"] {
        assert_eq!(file(path), b"text", "{path}");
    }
    assert_eq!(
        (file("other"), file("d/other")),
        (&b"stays"[..], &b"stays"[..])
    );

    // What is not replaced.
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("out");
    type Make = fn(&Path);
    let makes: [(&str, Make); 5] = [
        ("a", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("x"), "x").unwrap();
        }),
        ("a", |path| drop(UnixListener::bind(path).unwrap())),
        ("d", |path| fs::write(path, "before").unwrap()),
        ("d", |path| symlink("/", path).unwrap()),
        ("d", |path| symlink("nowhere", path).unwrap()),
    ];
    for (name, make) in makes {
        fs::create_dir(&to).unwrap();
        make(&to.join(name));
        let before = fs::symlink_metadata(to.join(name)).unwrap();
        let error = write(&store, &root, &to).unwrap_err();
        let Error::Partial { path, source, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(path, Path::new(name));
        assert!(matches!(*source, Error::InTheWay { .. }), "{source}");
        let after = fs::symlink_metadata(to.join(name)).unwrap();
        assert_eq!(before.file_type(), after.file_type());
        fs::remove_dir_all(&to).unwrap();
    }
    // Nor what the user named, if that is a link.
    fs::create_dir(&to).unwrap();
    symlink("out", place.path().join("link")).unwrap();
    let error = write(&store, &root, &place.path().join("link")).unwrap_err();
    assert!(matches!(error, Error::InTheWay { .. }), "{error}");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
}

#[test]
fn two_entries_of_one_name_are_an_error() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    let other = leaf(&store, Leaves::Pb(Type::File), b"other").cid;
    let link = node(&store, &Data::symlink(".."), &[]);
    let inner = folder(&store, &[("file", text)]);
    for (n, pair) in [
        [text, other],
        [text, link],
        [link, text],
        [link, link],
        [inner, text],
        [link, inner],
        [text, inner],
        [inner, inner],
    ]
    .into_iter()
    .enumerate()
    {
        let root = folder(&store, &[("a", pair[0]), ("a", pair[1]), ("b", text)]);
        let to = place.path().join(n.to_string());
        let error = write(&store, &root, &to).unwrap_err();
        let Error::Partial { path, source, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(path, Path::new("a"));
        let told = matches!(*source, Error::Name { .. } | Error::InTheWay { .. });
        assert!(told, "{n}: {source}");
        assert!(!to.join("b").exists());
    }
}

/// A disk that takes `A` for `a`: as soon as one is there, so is the other.
#[test]
fn names_that_a_disk_takes_for_one_are_an_error() {
    struct Folds<'a>(&'a Path);
    impl Watch for Folds<'_> {
        fn stops(&self) -> bool {
            let _ = fs::hard_link(self.0.join("A"), self.0.join("a"));
            false
        }
    }
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let [upper, lower] = [&b"upper"[..], b"lower"].map(|text| leaf(&store, Leaves::Raw, text).cid);
    let root = folder(&store, &[("A", upper), ("a", lower)]);
    let to = place.path().join("out");
    let folds = Folds(&to);
    let error = get(&store, &root, &to, b"", Options::default(), &folds).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("the same name on this disk"), "{source}");
    assert_eq!(fs::read(to.join("A")).unwrap(), b"upper");
}

#[test]
fn folders_below_folders_end_somewhere() {
    let (store, place) = (build::store(), tempfile::tempdir().unwrap());
    let text = leaf(&store, Leaves::Raw, b"text").cid;
    for (depth, fits) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false)] {
        let root = (0..depth).fold(text, |cid, _| folder(&store, &[("d", cid)]));
        let end = write(&store, &root, &place.path().join(depth.to_string()));
        assert_eq!(end.is_ok(), fits, "{end:?}");
    }
}
