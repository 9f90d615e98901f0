//! Folders of the file system: what is taken, and what it says about itself.

use std::fs::{self, FileTimes};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use unixfs_car::import::{Added, Filter, Importer, Keep, Options, Rules, Say, Source, What};
use unixfs_car::unixfs::{Meta, Mtime};
use unixfs_car::{Dir, Profile};

use super::{cid, cid_with, profiled, store};

/// A folder with something of everything.
fn tree(path: &Path) {
    for folder in ["sub/deep", "empty", ".hidden"] {
        fs::create_dir_all(path.join(folder)).unwrap();
    }
    for (name, text) in [
        ("b.txt", "b"),
        ("a", "a"),
        ("sub/deep/c", "c"),
        ("sub/.d", "d"),
        (".hidden/e", "e"),
        ("é.o", "f"),
    ] {
        fs::write(path.join(name), text).unwrap();
    }
    symlink("../a", path.join("sub/link")).unwrap();
    symlink("nowhere", path.join("z")).unwrap();
}

fn file(name: &str, text: &'static str) -> Source<'static> {
    Source::bytes(text).named(name)
}

/// The same folder, told and not found, without what is hidden.
fn told() -> Vec<Source<'static>> {
    let deep = Source::folder(vec![file("c", "c")]).named("deep");
    vec![
        Source::symlink("nowhere").named("z"),
        file("é.o", "f"),
        Source::folder(vec![deep, Source::symlink("../a").named("link")]).named("sub"),
        file("a", "a"),
        file("b.txt", "b"),
        Source::folder(vec![]).named("empty"),
    ]
}

#[test]
fn a_folder_that_is_found_is_the_folder_that_is_told() {
    let place = tempfile::tempdir().unwrap();
    tree(place.path());
    assert_eq!(cid(Source::path(place.path())), cid(Source::folder(told())));
}

#[test]
fn hidden_entries_and_those_that_a_rule_names_are_left_out() {
    let place = tempfile::tempdir().unwrap();
    tree(place.path());
    let with = |filter: Filter| {
        let options = Options {
            filter,
            ..Options::default()
        };
        cid_with(Source::path(place.path()), options)
    };
    let rules = |rules: &[&'static str]| Rules::new(rules.iter().copied());
    let mut hidden = told();
    hidden.push(Source::folder(vec![file("e", "e")]).named(".hidden"));
    let deep = Source::folder(vec![file("c", "c")]).named("deep");
    let link = Source::symlink("../a").named("link");
    hidden[2] = Source::folder(vec![deep, link, file(".d", "d")]).named("sub");
    assert_eq!(
        with(Filter {
            hidden: true,
            ..Filter::default()
        }),
        cid(Source::folder(hidden))
    );
    // A name is ignored wherever it is, and with a folder all that is in it.
    let ignore = rules(&["*.o", "deep", "b*", "!b.txt"]);
    let mut some = told();
    some[2] = Source::folder(vec![Source::symlink("../a").named("link")]).named("sub");
    some.remove(1);
    assert_eq!(
        with(Filter {
            ignore,
            hidden: false
        }),
        cid(Source::folder(some))
    );
    // What is asked for by itself is taken.
    let ignore = rules(&["*"]);
    let path = place.path().join(".hidden/e");
    let options = Options {
        filter: Filter {
            ignore,
            hidden: false,
        },
        ..Options::default()
    };
    assert_eq!(
        cid_with(Source::path(path), options),
        cid(Source::bytes("e"))
    );
}

#[test]
fn links_are_followed_if_that_is_asked_for() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("folder")).unwrap();
    fs::write(place.path().join("folder/x"), "x").unwrap();
    symlink("folder", place.path().join("to-folder")).unwrap();
    symlink("folder/x", place.path().join("to-file")).unwrap();
    let options = Options {
        follow: true,
        ..Options::default()
    };
    let folder = |name: &str| Source::folder(vec![file("x", "x")]).named(name);
    let all = vec![folder("folder"), folder("to-folder"), file("to-file", "x")];
    assert_eq!(
        cid_with(Source::path(place.path()), options.clone()),
        cid(Source::folder(all))
    );
    let link = place.path().join("to-folder");
    assert_eq!(
        cid_with(Source::path(&link), options.clone()),
        cid(folder(""))
    );
    assert_eq!(cid(Source::path(&link)), cid(Source::symlink("folder")));
    // One that leads to the folder it is in has no end but that of the path.
    symlink(".", place.path().join("round")).unwrap();
    let importer = Importer::new(options).unwrap();
    let error = importer
        .add_source(Source::path(place.path()), &store())
        .unwrap_err();
    assert!(error.to_string().starts_with("cannot "), "{error}");
}

#[test]
fn empty_folders_are_left_out_if_that_is_asked_for() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("outer/empty")).unwrap();
    fs::create_dir_all(place.path().join("hiding/.only")).unwrap();
    fs::write(place.path().join("x"), "x").unwrap();
    let options = Options {
        empty_dirs: false,
        ..Options::default()
    };
    // The outer folder was not empty when it was looked at.
    let kept = vec![Source::folder(vec![]).named("outer"), file("x", "x")];
    assert_eq!(
        cid_with(Source::path(place.path()), options.clone()),
        cid(Source::folder(kept))
    );
    let alone = Source::path(place.path().join("outer/empty"));
    assert_eq!(
        cid_with(alone, options.clone()),
        cid(Source::folder(vec![]))
    );
    let wrapped = Source::folder(vec![Source::path(place.path().join("outer/empty"))]);
    assert_eq!(cid_with(wrapped, options), cid(Source::folder(vec![])));
}

#[test]
fn permissions_and_times_are_those_of_the_file_system() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("folder");
    fs::create_dir(&path).unwrap();
    for (name, mode) in [("plain", 0o640), ("odd", 0o4755), ("none", 0)] {
        fs::write(path.join(name), name).unwrap();
        set(&path.join(name), mode, 1_600_000_000);
    }
    symlink("plain", path.join("link")).unwrap();
    set(&path, 0o1750, 5);
    let link_time = fs::symlink_metadata(path.join("link"))
        .unwrap()
        .modified()
        .unwrap();
    let keep = Keep {
        mode: Say::ItsOwn,
        mtime: Say::ItsOwn,
    };
    let options = Options {
        keep,
        ..Options::default()
    };
    let meta = |mode, seconds| Meta {
        mode,
        mtime: Some(Mtime::new(seconds, 9)),
    };
    let link = Meta {
        mode: None,
        mtime: Some(link_time.into()),
    };
    let told = Source::folder(vec![
        file("plain", "plain").with_meta(meta(Some(0o640), 1_600_000_000)),
        file("odd", "odd").with_meta(meta(Some(0o4755), 1_600_000_000)),
        // A file that nobody may read says nothing of permissions, as in Kubo.
        file("none", "none").with_meta(meta(None, 1_600_000_000)),
        Source::symlink("plain").named("link").with_meta(link),
    ]);
    let told = told.with_meta(meta(Some(0o1750), 5));
    if fs::read(path.join("none")).is_err() {
        // Only root reads it.
        fs::remove_file(path.join("none")).unwrap();
        return;
    }
    assert_eq!(cid_with(Source::path(&path), options.clone()), cid(told));
    let raw = Profile {
        raw_leaves: Some(true),
        ..options.profile
    };
    let error = Importer::new(Options {
        profile: raw,
        ..options
    })
    .unwrap_err();
    assert!(error.to_string().contains("--raw-leaves"), "{error}");
}

fn set(path: &Path, mode: u32, seconds: u64) {
    let time = UNIX_EPOCH + Duration::new(seconds, 9);
    let open = fs::File::open(path).unwrap();
    open.set_times(FileTimes::new().set_modified(time)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_is_added_is_told_in_order_with_its_path() {
    let importer = Importer::new(profiled(Profile::KUBO)).unwrap();
    let mut all: Vec<Added> = Vec::new();
    let source = Source::folder(vec![
        Source::folder(told()).named("top"),
        Source::bytes("nobody calls it"),
    ]);
    let blocks = store();
    let root = importer
        .add(source, Some(&blocks), &(), &mut |added| {
            all.extend_from_slice(added);
            Ok(())
        })
        .unwrap();
    let unnamed = cid(Source::bytes("nobody calls it")).to_string();
    let paths: Vec<(String, bool)> = all
        .iter()
        .map(|added| {
            let is_folder = matches!(added.what, What::Folder { sharded: false });
            (String::from_utf8(added.path.clone()).unwrap(), is_folder)
        })
        .collect();
    let wanted = [
        ("top/z", false),
        ("top/é.o", false),
        ("top/sub/deep/c", false),
        ("top/sub/deep", true),
        ("top/sub/link", false),
        ("top/sub", true),
        ("top/a", false),
        ("top/b.txt", false),
        ("top/empty", true),
        ("top", true),
        (&unnamed, false),
        ("", true),
    ];
    assert_eq!(paths, wanted.map(|(path, is)| (path.to_owned(), is)));
    assert_eq!(all.last().unwrap().root, root);
    let dir = Dir::open(&blocks, &root.cid).unwrap();
    assert!(dir.get(unnamed.as_bytes()).unwrap().is_some());
}

#[test]
fn a_folder_deeper_than_any_stack_is_added() {
    let mut source = Source::folder(vec![file("x", "x")]);
    for _ in 0..5_000 {
        source = Source::folder(vec![source.named("d")]);
    }
    let importer = Importer::new(profiled(Profile::KUBO)).unwrap();
    let mut folders = 0;
    let count = &mut |added: &[Added]| {
        folders += added.len();
        Ok(())
    };
    importer.add(source, None, &(), count).unwrap();
    assert_eq!(folders, 5_002);
}
