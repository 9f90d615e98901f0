//! A bit that flips on the medium, in a store that was compacted and closed.

use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::Datastore;
use persistent::{Config, Kind, Persistent};
use serde_json::Value;

use crate::run::{Ended, Place, on_disk};

const BLOCKS: u64 = 200;
const BAD: u64 = 77;

fn data(n: u64) -> Vec<u8> {
    demo::Data::new(11).block(n, 4096).to_vec()
}

/// Flips one bit wherever the files of the store hold the bad block.
fn flip(place: &Place, kind: Kind) {
    let data = data(BAD);
    let part = &data[2000..2032];
    let mut found = 0;
    for (path, (mut bytes, _)) in place.tree(&format!("data/{kind}")) {
        let starts = bytes.windows(part.len()).enumerate();
        let places: Vec<usize> = starts
            .filter(|(_, window)| window[0] == part[0] && *window == part)
            .map(|(at, _)| at)
            .collect();
        for at in &places {
            bytes[at + 16] ^= 4;
        }
        if !places.is_empty() {
            found += places.len();
            fs::write(path, bytes).unwrap();
        }
    }
    assert!(found > 0, "{kind}: the block is not found on the disk");
}

fn copy(from: &Path, to: &Path) {
    let words = ["-r".as_ref(), from.as_os_str(), to.as_os_str()];
    testkit::mount::run("cp", &words).unwrap();
}

/// The last line of JSON.
#[track_caller]
fn sum(ended: &Ended) -> Value {
    ended.json().pop().unwrap()
}

#[test]
fn a_bit_that_flips_in_a_closed_store_costs_one_block() {
    for kind in on_disk() {
        let place = Place::new();
        let path = place.path().join("data").join(kind.name());
        let config = Config::new(kind).with_path(&path);
        let store = Persistent::open(&config).unwrap();
        let blocks: Vec<Block> = (0..BLOCKS).map(|n| Block::raw(data(n))).collect();
        store.blocks().put_many(&blocks).unwrap();
        store.compact().unwrap();
        store.close().unwrap();
        copy(&path, &place.path().join("whole"));
        flip(&place, kind);
        place.file("bad", &data(BAD));
        let cid = Block::raw(data(BAD)).cid().to_string();
        let run = |args: &[&str]| place.run(&[&["-b", kind.name()], args].concat());
        let again = || {
            run(&["put", "bad"]).good();
            assert_eq!(run(&["get", &cid]).good().bytes, data(BAD), "{kind}");
            run(&["compact"]).good();
            flip(&place, kind);
        };

        // All are listed, and one is named.
        let lines = |args: &[&str]| run(args).out.lines().count() as u64;
        assert_eq!(run(&["ls"]).good().out.lines().count() as u64, BLOCKS);
        assert_eq!(lines(&["ls", "-l"]), BLOCKS, "{kind}");
        assert_eq!(sum(&run(&["stat", "--json"]).good())["blocks"], BLOCKS);
        run(&["get", &cid]).bad(1, &[]);
        let verify = run(&["verify", "--json"]).bad(1, &[]);
        let found = verify.json();
        assert_eq!(found.len(), 2, "{kind}: {found:?}");
        assert_eq!(found[0]["cid"], *cid, "{kind}");
        assert_eq!(found[1]["damaged"], 1, "{kind}");
        // redb has sums of its pages, which tell it as well.
        let told = found[1]["store"].as_array().unwrap().len();
        assert_eq!(told, usize::from(kind == Kind::Redb), "{kind}: {found:?}");

        // The others are saved, and come over.
        let saved = run(&["backup", "--json", "saved.car"]).bad(1, &[]);
        let saved = sum(&saved);
        assert_eq!(saved["blocks"], BLOCKS - 1, "{kind}: {saved}");
        let left_out = [&saved["damaged"], &saved["missing"], &saved["unlisted"]];
        assert_eq!(left_out, [1, 0, 0], "{kind}: {saved}");
        let from = format!("{kind}:data/{kind}");
        let moved = run(&["migrate", &from, "file:moved", "--json"]).bad(1, &[]);
        assert_eq!(sum(&moved)["blocks"], BLOCKS - 1, "{kind}: {moved:?}");

        // What takes it away says so, and a put makes up for it.
        again();
        let verify = run(&["verify", "--quarantine", "--json"]).bad(1, &[]);
        let found = &verify.json()[0];
        assert_eq!(found["cid"], *cid, "{kind}");
        assert!(!found["mended"].is_null(), "{kind}: {found}");
        run(&["has", &cid]).bad(1, &[]);
        let missing = run(&["verify", "--json"]).bad(1, &[]);
        assert_eq!(missing.json()[0]["what"], "missing", "{kind}");
        again();
        run(&["rm", &cid]).good();
        run(&["verify"]).good();
        again();
        let from = format!("{kind}:whole");
        let fetched = run(&["verify", "--repair-from", &from, "--json"]).good();
        assert_eq!(sum(&fetched)["fetched"], 1, "{kind}: {fetched:?}");
        run(&["verify"]).good();
    }
}

/// A child looks at a store that was not closed. That the other keys are damaged is no reason to
/// refuse the blocks.
#[test]
fn a_pack_store_that_was_not_closed_gives_its_blocks_though_its_other_keys_are_damaged() {
    let place = Place::new();
    let path = place.fill(Kind::Pack, 3);
    fs::write(path.join("meta.redb"), vec![7; 9000]).unwrap();
    fs::write(path.join("lock"), "pid 1\n").unwrap();
    let listed = place.run(&["-b", "pack", "ls"]).bad(1, &["meta.redb"]);
    assert_eq!(listed.out.lines().count(), 3);
    let first = listed.out.lines().next().unwrap();
    place.run(&["-b", "pack", "get", first]).good();
    place
        .run(&["-b", "pack", "rm", first])
        .bad(1, &["meta.redb", "restore a backup"]);
    place.run(&["-b", "pack", "verify"]).bad(1, &[]);
}
