//! The files of a pack store are CARs for programs that know nothing of us, whatever became of the
//! store. States that a power cut leaves are read the same way, beside the engine
//! (`src/engines/pack/tests/cars.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use block_cid::{Block, Blockstore};
use datastore::{Datastore, Key};
use persistent::{Kind, Persistent};
use testkit::cars::{self, Judge};
use testkit::kill::{Moments, at_random};
use testkit::kubo::Kubo;
use testkit::mount::in_memory;
use testkit::{Rng, run};

use crate::writer;

/// Lines that are in some file of a store, and lines that are in none.
#[derive(Default)]
struct Wanted {
    there: BTreeSet<String>,
    gone: BTreeSet<String>,
}

fn line(block: &Block) -> String {
    format!("{} {}", block.cid(), block.len())
}

/// Keeps the segments of the store in `path` as they are now.
fn keep(path: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for car in cars::below(&path.join("blocks")).unwrap() {
        fs::copy(&car, to.join(car.file_name().unwrap())).unwrap();
    }
}

/// Has each judge read all that was kept below `dir`, in one folder for each state.
fn judged(judges: &[Judge], dir: &Path, wanted: &BTreeMap<String, Wanted>) {
    for judge in judges {
        let said = judge
            .read_folders(dir)
            .unwrap_or_else(|error| panic!("{error}"));
        for (state, wanted) in wanted {
            let lines = &said[&dir.join(state)];
            assert!(lines.contains("root bafkqaaa"), "{state}: {lines:?}");
            let lost: Vec<_> = wanted.there.difference(lines).collect();
            assert!(lost.is_empty(), "{} lacks {lost:?} in {state}", judge.name);
            let back: Vec<_> = wanted.gone.intersection(lines).collect();
            assert!(back.is_empty(), "{} has {back:?} in {state}", judge.name);
        }
    }
}

#[test]
fn others_read_every_file_of_a_pack_store() {
    let judges = cars::all("the files of a pack store");
    let dir = in_memory();
    let config = crate::config(Kind::Pack, dir.path());
    let path = dir.path().join("store");
    let kept = dir.path().join("kept");
    let data = demo::Data::new(3);
    let blocks: Vec<Block> = (0..200u64)
        .map(|n| Block::raw(data.block(n, 1 + n as usize * 50)))
        .collect();
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for step in ["closed", "with deletes after an unclean end", "compacted"] {
        if step.contains("unclean") {
            // As a process leaves it that is killed.
            fs::write(path.join("lock"), "pid 1\n").unwrap();
            let car = path.join("blocks/000001.car");
            let torn = [&fs::read(&car).unwrap()[..], b"\x80\x01torn"].concat();
            fs::write(car, torn).unwrap();
        }
        let store = crate::open(&config);
        let this = wanted.entry(step.to_owned()).or_default();
        match step {
            "closed" => {
                store.blocks().put_many(&blocks[..100]).unwrap();
                this.there.extend(blocks[..100].iter().map(line));
            }
            "compacted" => {
                store.compact().unwrap();
                let (gone, there): (Vec<_>, Vec<_>) =
                    blocks.iter().enumerate().partition(|(n, _)| n % 2 == 0);
                this.there
                    .extend(there.iter().map(|(_, block)| line(block)));
                this.gone.extend(gone.iter().map(|(_, block)| line(block)));
            }
            _ => {
                assert!(store.found().unclean);
                store.blocks().put_many(&blocks[100..]).unwrap();
                let gone = blocks.iter().step_by(2).map(|block| *block.cid());
                gone.for_each(|cid| store.blocks().delete(&cid).unwrap());
                // What is deleted lies there until a compaction.
                this.there.extend(blocks.iter().map(line));
            }
        }
        store.close().unwrap();
        keep(&path, &kept.join(step));
    }
    assert!(
        cars::below(&kept.join("with deletes after an unclean end"))
            .unwrap()
            .len()
            > 1
    );
    judged(&judges, &kept, &wanted);
}

/// What a store gives of blocks of sha2-256, as a judge says it.
fn given(store: &Persistent) -> BTreeSet<String> {
    let entries = store.query(&Key::blocks()).unwrap();
    let blocks = entries.map(|entry| {
        let (key, value) = entry.unwrap();
        let block = Block::raw(value);
        assert_eq!(key.as_block(), Some(&*block.cid().hash().to_bytes()));
        line(&block)
    });
    blocks.collect()
}

#[test]
fn others_read_what_a_killed_writer_left() {
    let judges = cars::all("the files of a pack store whose writers were killed");
    let dir = in_memory();
    let kept = dir.path().join("kept");
    let mut rng = Rng::new(run::seed("cars, kill"));
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for kill in 0..run::count("CAIRN_KILLS", 6, 300) {
        let seed = kill as u64;
        let child = writer::plan(Kind::Pack, dir.path(), "each", seed, &[0; 3], u64::MAX).start();
        let moments = Moments {
            early_once_in: u64::MAX,
            ..Moments::default()
        };
        at_random(child, &mut rng, &moments);
        let store = crate::open(&crate::config(Kind::Pack, dir.path()));
        assert!(store.found().unclean);
        // After an unclean end the next write begins a file.
        store
            .blocks()
            .put(&Block::raw(format!("after kill {kill}")))
            .unwrap();
        let state = kill.to_string();
        wanted.entry(state.clone()).or_default().there = given(&store);
        // As it is while it is open.
        keep(&dir.path().join("store"), &kept.join(state));
        store.close().unwrap();
    }
    let last = wanted.values().last().map(|last| last.there.len());
    assert!(last > Some(0), "nothing was written");
    judged(&judges, &kept, &wanted);
}

/// A judge that takes everything proves nothing.
#[test]
fn a_segment_with_a_flipped_bit_or_a_torn_end_is_refused_by_others() {
    let dir = in_memory();
    let store = crate::open(&crate::config(Kind::Pack, dir.path()));
    store.blocks().put(&Block::raw("Hello IPFS!")).unwrap();
    store.close().unwrap();
    let car = cars::below(&dir.path().join("store")).unwrap().remove(0);
    let bytes = fs::read(&car).unwrap();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let torn = [&bytes[..], b"\x80\x01torn"].concat();
    for judge in cars::all("a damaged segment") {
        for (bytes, good) in [(&bytes, true), (&flipped, false), (&torn, false)] {
            fs::write(&car, bytes).unwrap();
            let said = judge.read(std::slice::from_ref(&car));
            assert_eq!(said.is_ok(), good, "{}: {said:?}", judge.name);
        }
    }
}

/// Kubo takes segments, and pins nothing of them.
#[test]
fn kubo_imports_the_files_of_a_pack_store_and_pins_nothing() {
    let Some(kubo) = Kubo::find("a pack store as Kubo imports it") else {
        return;
    };
    let dir = in_memory();
    let repo = kubo.repo(&dir.path().join("ipfs"));
    let store = crate::open(&crate::config(Kind::Pack, dir.path()));
    let blocks: Vec<Block> = (0..20u32)
        .map(|n| Block::raw(n.to_be_bytes().to_vec()))
        .collect();
    store.blocks().put_many(&blocks).unwrap();
    store.close().unwrap();
    for car in cars::below(&dir.path().join("store")).unwrap() {
        repo.run(["dag", "import", "--pin-roots=false", car.to_str().unwrap()]);
    }
    for block in &blocks {
        let given = repo.run(["block", "get", &block.cid().to_string()]);
        assert_eq!(given, block.data()[..]);
    }
    let pins = String::from_utf8(repo.run(["pin", "ls"])).unwrap();
    let ours = blocks.iter().map(|block| block.cid().to_string());
    assert_eq!(ours.filter(|cid| pins.contains(cid)).count(), 0, "{pins}");
}
