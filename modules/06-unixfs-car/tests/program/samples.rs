//! Files and folders to show, in a store of the program and in one of Kubo's.

use block_cid::{Blockstore, codec};
use persistent::{Config, Durability, Kind, Persistent};
use testkit::Place;
use unixfs_car::Cid;
use unixfs_car::unixfs::{Data, Meta, Mtime, Type};

use crate::build::{self, Leaves, Store, folder, leaf, link, named, node, put, sizes};

pub fn place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_06-unixfs-car"))
}

/// Gives the blocks to the store that the program finds in `place`.
pub fn keep(place: &Place, store: &Store) {
    let path = place.path().join("data/pack");
    let config = Config::new(Kind::Pack).with_path(path);
    let kept = Persistent::open(&config.with_durability(Durability::Batch)).unwrap();
    kept.blocks().put_many(&build::blocks(store)).unwrap();
    datastore::Datastore::close(&kept).unwrap();
}

/// Folders of what there can be, by what they show.
pub fn folders(store: &Store) -> Vec<(&'static str, Cid)> {
    let text = leaf(store, Leaves::Raw, b"some text\n").cid;
    let large = build::file(store, Leaves::Raw, &[7; 5000], 100, 10);
    let node_file = leaf(store, Leaves::Pb(Type::File), b"in a node").cid;
    let empty = folder(store, &[]);
    let meta = |mode, seconds| Meta {
        mode,
        mtime: Some(Mtime::new(seconds, 1)),
    };
    let with = |data: Data, mode, seconds| node(store, &data.with_meta(meta(mode, seconds)), &[]);
    let file = || Data::leaf(Type::File, "kept");
    let mut links = vec![
        link("text", text),
        link("large", large),
        link("node", node_file),
        link("empty", empty),
        link("symlink", node(store, &Data::symlink("text"), &[])),
        link("cbor", put(store, codec::DAG_CBOR, vec![0xa0])),
    ];
    links[0].size = Some(10);
    links[5].size = Some(1);
    let modes = [0o644, 0o4755, 0o2644, 0o1777, 0o7000, 0o120_777];
    let kept: Vec<_> = modes
        .into_iter()
        .enumerate()
        .map(|(n, mode)| {
            link(
                &format!("file {mode:o}"),
                with(file(), Some(mode), n as i64 * 400_000_000),
            )
        })
        .chain([
            link("folder", with(Data::directory(), Some(0o750), -5)),
            link(
                "symlink",
                with(Data::symlink("x"), Some(0o777), 1_000_000_000),
            ),
            link("no mode", with(file(), None, 1_700_000_000)),
            link("mode 0", with(file(), Some(0), 253_402_300_799)),
            link("nothing", text),
        ])
        .collect();
    let names = [
        "plain",
        "ü 石塚",
        "a\\b",
        "\x1b[2J\x07\u{9b}2J",
        "a\nb\tc\rd\x7f",
        "photo\u{202e}gpj.exe",
        "a\u{a0}b\u{200d}c\u{feff}",
        "e\u{301} \u{1f469} \u{e0041}\"",
        "..",
        ".",
        "a/b",
        "\0",
    ];
    let names = names.map(|name| (name, text));
    vec![
        ("every kind", named(store, &Data::directory(), links)),
        ("what is kept", named(store, &Data::directory(), kept)),
        ("names", folder(store, &names)),
        ("nothing", empty),
        ("a file with parts", large),
        ("a file", node_file),
        ("raw", text),
        (
            "two of one name",
            folder(store, &[("a", text), ("a", large)]),
        ),
        (
            "no sizes",
            named(
                store,
                &Data::directory(),
                vec![dag_ipld::pb::Link {
                    cid: text,
                    name: Some("x".into()),
                    size: None,
                }],
            ),
        ),
        (
            "a file that lies",
            node(
                store,
                &Data {
                    filesize: Some(7),
                    ..sizes(&[10])
                },
                &[text],
            ),
        ),
    ]
}
