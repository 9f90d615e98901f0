//! A folder of CARs of others is a store that is only read.

use std::collections::BTreeSet;
use std::fs;

use block_cid::{Block, Blockstore, Cid, Hash, car, codec};
use persistent::{Config, Kind, Persistent};
use testkit::fixtures;

use crate::run::{Ended, HELLO, Place};

/// Blocks under CIDs of every form, in two files, one of them in both.
fn foreign(place: &Place) -> Vec<Block> {
    fs::create_dir(place.path().join("cars")).unwrap();
    let of = |codec: u64, hash, text: &str| Block::new(codec, hash, text.to_owned()).unwrap();
    let v1 = of(codec::DAG_PB, Hash::SHA2_256, "version 0");
    let v0 = Block::claimed(Cid::new_v0(*v1.cid().hash()).unwrap(), v1.data().clone());
    let blocks = vec![
        v0,
        of(codec::RAW, Hash::SHA2_256, "Hello IPFS!"),
        of(codec::DAG_CBOR, Hash::SHA2_512, "another hash"),
        // A codec of two bytes.
        of(0x0129, Hash::BLAKE3, "dag-json"),
        of(codec::RAW, Hash::BLAKE2B_256, "as Filecoin has it"),
        of(codec::RAW, Hash::SHA2_256, &"long ".repeat(10_000)),
    ];
    let identity = Block::new(codec::RAW, Hash::IDENTITY, "in its CID").unwrap();
    for (name, part) in [("one", &blocks[..4]), ("two", &blocks[1..])] {
        let mut writer = car::Writer::new(Vec::new(), &[*blocks[2].cid()]).unwrap();
        for block in part.iter().chain([&identity]) {
            writer.put(block).unwrap();
        }
        place.file(format!("cars/{name}.car"), &writer.finish().unwrap());
    }
    place.file("cars/notes.txt", b"nobody looks here");
    blocks
}

/// Runs the program on the folder `cars`, as pack.
fn on_cars(place: &Place, args: &[&str]) -> Ended {
    place.run(&[&["-b", "pack", "--path", "cars"], args].concat())
}

#[test]
fn a_folder_of_cars_is_read_by_every_command_and_written_by_none() {
    let place = Place::new();
    let blocks = foreign(&place);
    let before = place.tree("cars");
    for block in &blocks {
        let cid = block.cid().to_string();
        let get = on_cars(&place, &["get", &cid]).good();
        assert_eq!(get.bytes, block.data()[..], "{cid}");
        assert!(get.err.contains("is a folder of CARs"), "{}", get.err);
        on_cars(&place, &["has", &cid]).good();
    }
    assert_eq!(
        on_cars(&place, &["ls"]).good().out.lines().count(),
        blocks.len()
    );
    let stat = on_cars(&place, &["stat", "--json"]).good().json().remove(0);
    let bytes: usize = blocks.iter().map(Block::len).sum();
    assert_eq!(
        (&stat["blocks"], &stat["bytes"]),
        (&blocks.len().into(), &bytes.into())
    );
    assert!(on_cars(&place, &["verify"]).good().out.contains("all good"));
    on_cars(&place, &["--read-only", "get", HELLO]).good();
    for args in [&["put", "cars/notes.txt"][..], &["rm", HELLO], &["compact"]] {
        on_cars(&place, args).bad(1, &["cars", "migrate"]);
    }
    on_cars(&place, &["--read-only", "put", "cars/notes.txt"]).bad(2, &["--read-only"]);
    place
        .run(&["-b", "redb", "--path", "cars", "ls"])
        .bad(1, &["read it as pack"]);
    on_cars(&place, &["backup", "saved.car"]).good();
    place.run(&["-b", "redb", "restore", "saved.car"]).good();
    place.run(&["migrate", "pack:cars", "pack:moved"]).good();
    for args in [&["-b", "redb"][..], &["-b", "pack", "--path", "moved"]] {
        let all = place.run(&[args, &["stat", "--json"]].concat()).good();
        assert_eq!(all.json()[0]["blocks"], blocks.len());
    }
    place
        .run(&["migrate", "--remove-source", "pack:cars", "pack:moved"])
        .bad(1, &["cars"]);
    assert!(before == place.tree("cars"), "something was written there");
}

#[test]
fn segments_of_ours_that_were_copied_are_such_a_folder_and_what_was_deleted_is_not_in_it() {
    let place = Place::new();
    let path = place.path().join("store");
    let config = Config::new(Kind::Pack).with_path(&path).with_min_free(0);
    let blocks: Vec<Block> = (0..50u32)
        .map(|n| Block::raw(n.to_be_bytes().to_vec()))
        .collect();
    for step in 0..3 {
        let store = Persistent::open(&config).unwrap();
        match step {
            0 => store.blocks().put_many(&blocks).unwrap(),
            1 => {
                let gone = blocks.iter().take(20).map(Block::cid);
                gone.for_each(|cid| store.blocks().delete(cid).unwrap());
            }
            _ => store.blocks().put_many(&blocks[..5]).unwrap(),
        }
        drop(store);
        // What ends without a word begins another file.
        fs::write(path.join("lock"), "pid 1\n").unwrap();
        let last = fs::read_dir(path.join("blocks")).unwrap().count();
        assert!(last > step);
    }
    fs::create_dir(place.path().join("cars")).unwrap();
    for entry in fs::read_dir(path.join("blocks")).unwrap() {
        let from = entry.unwrap().path();
        if from.extension().is_some_and(|end| end == "car") {
            fs::copy(
                &from,
                place.path().join("cars").join(from.file_name().unwrap()),
            )
            .unwrap();
        }
    }
    let listed = on_cars(&place, &["ls"]).good().out;
    for (n, block) in blocks.iter().enumerate() {
        let there = listed.contains(&block.cid().to_string());
        assert_eq!(there, !(5..20).contains(&n), "{n}");
    }
    assert!(
        on_cars(&place, &["verify"])
            .good()
            .out
            .contains("35 blocks")
    );
    // Not beside the store, which has an index and a lock.
    let blocks = path.join("blocks");
    let args = ["-b", "pack", "--path", blocks.to_str().unwrap(), "ls"];
    place.run(&args).bad(1, &["is a part of the store"]);
}

/// Two stores with one block, which the second has deleted.
#[test]
fn a_delete_counts_for_other_files_only_among_segments() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    for store in ["first", "second"] {
        let of = ["-b", "pack", "--path", store];
        place.run(&[&of[..], &["put", "hello.txt"]].concat()).good();
        if store == "second" {
            place.run(&[&of[..], &["rm", HELLO]].concat()).good();
        }
    }
    for (first, second, there) in [
        ("alice.car", "bob.car", true),
        ("000001.car", "000002.car", false),
        ("000001.car", "bob.car", true),
    ] {
        let cars = place.path().join("cars");
        let _ = fs::remove_dir_all(&cars);
        fs::create_dir(&cars).unwrap();
        for (from, to) in [("first", first), ("second", second)] {
            let segment = place.path().join(from).join("blocks/000001.car");
            fs::copy(segment, cars.join(to)).unwrap();
        }
        let has = on_cars(&place, &["has", HELLO]);
        assert_eq!(
            has.out.trim().ends_with("yes"),
            there,
            "{first} and {second}: {has:?}"
        );
    }
}

/// A file of others may have the root that segments have. Its dag-cbor blocks are no notes.
#[test]
fn a_car_that_begins_as_a_segment_does_has_all_its_blocks() {
    let place = Place::new();
    fs::create_dir(place.path().join("cars")).unwrap();
    let blocks = [
        Block::new(codec::DAG_CBOR, Hash::SHA2_256, &b"\xa1\x61a\x01"[..]).unwrap(),
        Block::raw("raw"),
    ];
    let empty: Cid = block_cid::text::parse("bafkqaaa").unwrap();
    let mut writer = car::Writer::new(Vec::new(), &[empty]).unwrap();
    for block in &blocks {
        writer.put(block).unwrap();
    }
    place.file("cars/one.car", &writer.finish().unwrap());
    for block in &blocks {
        on_cars(&place, &["has", &block.cid().to_string()]).good();
    }
    let verify = on_cars(&place, &["verify"]).good();
    assert!(verify.out.contains("2 blocks"), "{verify:?}");
}

/// Flips a bit at every byte of a file in turn: what is not hit is there, and what is hit is told.
#[test]
fn a_damaged_section_costs_itself_and_is_told() {
    let place = Place::new();
    fs::create_dir(place.path().join("cars")).unwrap();
    let blocks: Vec<Block> = (0..6u32)
        .map(|n| Block::raw(n.to_be_bytes().repeat(10)))
        .collect();
    let mut writer = car::Writer::new(Vec::new(), &[]).unwrap();
    let begins: Vec<u64> = blocks
        .iter()
        .map(|block| writer.put(block).unwrap())
        .collect();
    let bytes = writer.finish().unwrap();
    let config = Config::new(Kind::Pack)
        .with_path(place.path().join("cars"))
        .read_only();
    for bit in 8 * begins[0] as usize..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        place.file("cars/flipped.car", &flipped);
        let store = Persistent::open(&config).unwrap();
        let hit = begins.iter().rposition(|at| *at <= bit as u64 / 8).unwrap();
        let mut lost = 0;
        for (n, block) in blocks.iter().enumerate() {
            match store.blocks().get(block.cid()) {
                Ok(Some(found)) => assert_eq!(found.data(), block.data(), "bit {bit}"),
                other => {
                    assert_eq!(n, hit, "bit {bit}: {other:?}");
                    lost += 1;
                }
            }
        }
        let watch = persistent::ops::Silent;
        let mut faults = 0;
        let report = persistent::ops::verify(&store, &Default::default(), &watch, &mut |_| {
            faults += 1;
            Ok(())
        });
        let report = report.unwrap();
        assert!(
            faults + report.store.len() >= lost,
            "bit {bit} is not told: {report:?}"
        );
    }
}

/// What is good comes first, whoever goes through the folder, and then what is damaged is told.
#[test]
fn a_damaged_car_is_told_by_who_lists_saves_or_moves_it() {
    let place = Place::new();
    let blocks = foreign(&place);
    let path = place.path().join("cars/two.car");
    let bytes = fs::read(&path).unwrap();
    // The last is one that no other file has.
    let left = blocks.len() - 1;
    let lost = blocks[left].cid();
    let cut = bytes.len() - 50;
    fs::write(&path, &bytes[..cut]).unwrap();
    let damage = format!("to {cut} are no section of a CAR");
    let ls = on_cars(&place, &["ls"]).bad(1, &["two.car is damaged", &damage]);
    assert_eq!(ls.out.lines().count(), left, "{ls:?}");
    on_cars(&place, &["stat"]).bad(1, &["two.car is damaged"]);
    let verify = on_cars(&place, &["verify"]).bad(1, &[]);
    assert_eq!(verify.out.matches(&damage).count(), 1, "{verify:?}");

    let count = |args: &[&str]| {
        let stat = place.run(&[args, &["stat", "--json"]].concat()).good();
        stat.json()[0]["blocks"].as_u64().unwrap() as usize
    };
    let backup = on_cars(&place, &["backup", "saved.car"]).bad(1, &[]);
    assert!(backup.out.contains(&damage), "{backup:?}");
    place.run(&["-b", "file", "restore", "saved.car"]);
    assert_eq!(count(&["-b", "file"]), left);
    let migrate = place
        .run(&["migrate", "pack:cars", "redb:moved"])
        .bad(1, &[]);
    assert!(migrate.out.contains(&damage), "{migrate:?}");
    assert_eq!(count(&["-b", "redb", "--path", "moved"]), left);

    // A file that begins as none is stepped over by `salvage` alone.
    place.file("cars/none.car", b"no CAR");
    on_cars(&place, &["ls"]).bad(1, &["none.car"]);
    let before = place.tree("cars");
    let salvage = on_cars(&place, &["salvage", "redb:fresh"]).bad(1, &[]);
    for said in [
        "none.car: bytes 0 to its end",
        "and at one place more",
        "more may be lost",
    ] {
        assert!(salvage.out.contains(said), "{salvage:?}");
    }
    let of_fresh = ["-b", "redb", "--path", "fresh"];
    assert_eq!(count(&of_fresh), left);
    let has = place.run(&[&of_fresh[..], &["has", &lost.to_string()]].concat());
    assert_eq!(has.code, Some(1), "{has:?}");
    assert!(before == place.tree("cars"), "something was written there");
    fs::remove_file(place.path().join("cars/none.car")).unwrap();
    fs::write(&path, &bytes).unwrap();
    on_cars(&place, &["salvage", "redb:whole"]).good();
    assert_eq!(count(&["-b", "redb", "--path", "whole"]), left + 1);
}

#[test]
fn a_block_that_is_damaged_in_one_file_comes_from_another() {
    let place = Place::new();
    let block = &foreign(&place)[1];
    let at = |name: &str| {
        let bytes = fs::read(place.path().join(name)).unwrap();
        let found = bytes
            .windows(block.len())
            .position(|part| part == block.data());
        (bytes, found.unwrap())
    };
    for (name, good) in [("cars/one.car", true), ("cars/two.car", false)] {
        let (mut bytes, found) = at(name);
        bytes[found] ^= 1;
        place.file(name, &bytes);
        match good {
            true => assert_eq!(
                on_cars(&place, &["get", HELLO]).good().bytes,
                block.data()[..]
            ),
            false => drop(on_cars(&place, &["get", HELLO]).bad(1, &["one.car", "damaged"])),
        }
    }
    let verify = on_cars(&place, &["verify"]).bad(1, &[]);
    assert!(
        verify.out.contains("1 damaged; get the files anew"),
        "{verify:?}"
    );
}

#[test]
fn what_is_no_carv1_is_refused_by_name() {
    let place = Place::new();
    foreign(&place);
    for (name, bytes, words) in [
        (
            "cut.car",
            &b"\x19\xa2"[..],
            &["cut.car", "CARv1", "move it"][..],
        ),
        ("empty.car", b"", &["empty.car", "move it"]),
        ("two.car", b"\x0a\xa1\x67version\x02", &["two.car", "CARv2"]),
    ] {
        let kept = fs::read(place.path().join("cars/two.car")).unwrap();
        place.file(format!("cars/{name}"), bytes);
        on_cars(&place, &["ls"]).bad(1, words);
        fs::remove_file(place.path().join("cars").join(name)).unwrap();
        place.file("cars/two.car", &kept);
    }
    #[cfg(unix)]
    {
        let link = place.path().join("cars/link.car");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        on_cars(&place, &["ls"]).bad(1, &["link.car", "leads nowhere", "remove it"]);
        fs::remove_file(link).unwrap();
    }
    // A section of 65 MiB.
    let block = Block::raw(vec![7; 65 << 20]);
    let mut writer = car::Writer::new(Vec::new(), &[]).unwrap();
    let at = writer.put(&block).unwrap();
    place.file("cars/long.car", &writer.finish().unwrap());
    let byte = format!("byte {at}");
    on_cars(&place, &["ls"]).bad(1, &["long.car", &byte, "64 MiB", "another folder"]);
}

/// CARs of other implementations, against what another reader says is in them.
#[test]
fn cars_of_others_have_what_others_find_in_them() {
    let table = "car/expectations-all-cars.json";
    let Some(table_of) = fixtures::json(table) else {
        return;
    };
    let mut ran = 0;
    for case in table_of["cases"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let Some(path) = fixtures::named(file) else {
            continue;
        };
        let place = Place::new();
        fs::create_dir(place.path().join("cars")).unwrap();
        fs::copy(path, place.path().join("cars/it.car")).unwrap();
        ran += 1;
        if case["version"] == 2 {
            // The remedy that is named helps.
            let error = on_cars(&place, &["ls"])
                .bad(1, &["it.car", "CARv2", "tail -c"])
                .err;
            let command = error.split('`').nth(1).unwrap();
            let command = command.replace("FILE", "cars/it.car").replace("NEW", "new");
            let mut shell = std::process::Command::new("sh");
            let shell = shell.args(["-c", &command]).current_dir(place.path());
            assert!(shell.status().unwrap().success());
            fs::rename(
                place.path().join("new.car"),
                place.path().join("cars/it.car"),
            )
            .unwrap();
        } else if case["version"] != 1 {
            let listed = on_cars(&place, &["ls"]);
            assert!(matches!(listed.code, Some(0 | 1)), "{file}: {listed:?}");
            continue;
        }
        let stat = on_cars(&place, &["stat", "--json"]).good().json().remove(0);
        let bytes = fs::read(place.path().join("cars/it.car")).unwrap();
        let blocks = car::Reader::new(&bytes[..]).unwrap().map(Result::unwrap);
        let cids: BTreeSet<Cid> = blocks.map(|block| *block.cid()).collect();
        assert_eq!(case["distinct"], cids.len(), "{file}");
        let kept = cids.iter().filter(|cid| cid.hash().code() != 0);
        let kept: BTreeSet<_> = kept.map(|cid| cid.hash().to_bytes()).collect();
        assert_eq!(stat["blocks"], kept.len(), "{file}");
        on_cars(&place, &["verify"]).good();
    }
    fixtures::ran(table, ran);
}
