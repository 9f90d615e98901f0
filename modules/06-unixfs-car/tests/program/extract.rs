//! `car extract`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use block_cid::{Block, Hash, codec};
use bytes::Bytes;
use dag_ipld::pb::{Link, Node};
use testkit::fixtures;
use unixfs_car::car::Version;
use unixfs_car::unixfs::Data;

use crate::run::{car, place};

/// What lies below a folder: the names, and what is in each.
fn tree(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(path) = todo.pop() {
        let name = path.strip_prefix(dir).unwrap().display().to_string();
        if path.is_symlink() {
            found.push((
                name,
                fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes(),
            ));
        } else if path.is_dir() {
            todo.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            found.push((name, b"folder".to_vec()));
        } else {
            found.push((name, fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn what_was_added_and_exported_is_extracted_from_every_version() {
    let place = place();
    let dir = place.path().join("in");
    fs::create_dir_all(dir.join("empty")).unwrap();
    fs::create_dir_all(dir.join("b/c")).unwrap();
    place.file("in/a.txt", b"some text\n");
    place.file("in/b/c/large", &vec![7; 600_000]);
    symlink("../a.txt", dir.join("b/link")).unwrap();
    let root = place
        .run(&["add", "-rQ", "in"])
        .good()
        .out
        .trim()
        .to_owned();
    for version in ["1", "2"] {
        place
            .run(&["export", &root, "-o", "a.car", "--car-version", version])
            .good();
        let out = format!("out{version}");
        let said = place.run(&["car", "extract", "a.car", "-o", &out]).good();
        assert_eq!(said.out, format!("Saving file(s) to {out}\n"));
        assert_eq!(tree(&place.path().join(&out)), tree(&dir));
        let path = format!("{root}/b/c/large");
        place.run(&["car", "extract", "a.car", &path]).good();
        assert!(place.read("large") == vec![7; 600_000]);
        let text = format!("{root}/a.txt");
        place
            .run(&["car", "extract", "a.car", &text, &path, "-o", "both"])
            .good();
        assert!(
            place.read("both/a.txt") == b"some text\n" && place.read("both/large").len() == 600_000
        );
    }
    place
        .run(&["car", "extract", "a.car", &format!("{root}/absent")])
        .bad(1, &["a.car", "absent"]);
    place
        .run(&["car", "extract", "a.car", "nonsense"])
        .bad(1, &["nonsense"]);
    place
        .run(&["car", "extract", "a.car", "--max-size", "1000"])
        .bad(1, &["error: cannot extract a.car", "bytes"]);
    place.file("no-roots.car", &car(Version::V1, &[], &[]));
    place
        .run(&["car", "extract", "no-roots.car"])
        .bad(2, &["names no roots"]);
    let half = car(Version::V1, &[Block::raw("x").cid().to_owned()], &[]);
    place.file("half.car", &half);
    let absent = Block::raw("x").cid().to_string();
    place
        .run(&["car", "extract", "half.car"])
        .bad(1, &["half.car", &absent]);
}

/// go-car #264: a symlink is written, and then a file through it.
#[test]
fn go_car_264_nothing_is_written_through_a_symlink() {
    let pb = |data: Data, links: Vec<(&str, &Block)>| {
        let link = |(name, block): (&str, &Block)| Link {
            cid: *block.cid(),
            name: Some(Bytes::copy_from_slice(name.as_bytes())),
            size: Some(1),
        };
        let links = links.into_iter().map(link).collect();
        let node = Node {
            links,
            data: Some(data.encode().into()),
        };
        Block::new(codec::DAG_PB, Hash::SHA2_256, node.encode()).unwrap()
    };
    let file = Block::raw("written outside");
    let link = pb(Data::symlink("../outside"), vec![]);
    let folder = pb(Data::directory(), vec![("file", &file)]);
    for names in [
        [("a", &link), ("a", &folder)],
        [("a", &folder), ("a", &link)],
    ] {
        let root = pb(Data::directory(), names.to_vec());
        let place = place();
        fs::create_dir(place.path().join("outside")).unwrap();
        let all = [root.clone(), link.clone(), folder.clone(), file.clone()];
        place.file("evil.car", &car(Version::V1, &[*root.cid()], &all));
        place
            .run(&["car", "extract", "evil.car", "-o", "out"])
            .bad(1, &["evil.car"]);
        assert_eq!(
            fs::read_dir(place.path().join("outside")).unwrap().count(),
            0
        );
    }
}

/// Files and folders of others; and those whose names lead elsewhere, which are refused.
#[test]
fn cars_of_others_are_extracted_or_refused() {
    let mut ran = 0;
    for (file, wanted) in [
        ("car/go-car-cmd/simple-unixfs.car", Some("a/1/A.txt")),
        (
            "gateway-conformance/fixtures/path_gateway_tar/fixtures.car",
            Some("ą/ę/file-źł.txt"),
        ),
        ("unixfs/boxo-gateway/example-test.car", Some("")),
        (
            "gateway-conformance/fixtures/path_gateway_tar/inside-root.car",
            None,
        ),
        (
            "gateway-conformance/fixtures/path_gateway_tar/outside-root.car",
            None,
        ),
    ] {
        let Some(path) = fixtures::named(file) else {
            continue;
        };
        let place = place();
        fs::copy(path, place.path().join("a.car")).unwrap();
        let ended = place.run(&["car", "extract", "a.car", "-o", "deep/out"]);
        let Some(wanted) = wanted else {
            ended.bad(1, &["its name has a / in it"]);
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
            continue;
        };
        ended.good();
        let found = tree(&place.path().join("deep/out"));
        assert!(
            found.len() > 1 && found.iter().any(|(name, _)| name == wanted),
            "{file}: {found:?}"
        );
        ran += 1;
    }
    fixtures::ran("CARs with folders", ran);
}
