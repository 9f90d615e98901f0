//! Runs and their merging, against a map.

use std::collections::BTreeMap;
use std::sync::Arc;

use block_cid::hash::sha2_256;
use datastore::{DiskFile, Key};
use testkit::Rng;

use super::engine::{SMALL, block, disk, options, put};
use crate::engine::{Engine, Flush};
use crate::engines::pack::index::Snapshot;
use crate::engines::pack::memory::Memory;
use crate::engines::pack::merge::Merge;
use crate::engines::pack::page::{At, PAGE};
use crate::engines::pack::run::{self, Fault, Run};
use crate::engines::pack::segment::{Place, Position};
use crate::engines::pack::wanted::Wanted;
use crate::engines::pack::writer::Writer;
use crate::engines::pack::{Limits, Pack};

type Map = BTreeMap<Key, At>;

fn key(n: u64) -> Key {
    Key::block(&sha2_256(&n.to_le_bytes()).to_bytes()).unwrap()
}

fn at(rng: &mut Rng) -> At {
    let at = Position {
        segment: rng.below(9) as u32 + 1,
        offset: rng.below(1 << 40),
    };
    match rng.once_in(5) {
        true => At::Deleted(at),
        false => At::Here(Place {
            at,
            len: rng.below(1 << 20) as u32 + 1,
        }),
    }
}

fn position(offset: u64) -> Position {
    Position { segment: 1, offset }
}

fn bytes_of(map: &Map, from: u64) -> Vec<u8> {
    let file = Memory::default();
    let of = position(from)..position(from + 10);
    let mut writer = Writer::new(&file, of);
    for (key, at) in map {
        writer.add(key, *at).unwrap();
    }
    writer.finish().unwrap();
    file.read_vec(0, file.len().unwrap()).unwrap()
}

fn open(bytes: &[u8], from: u64) -> Result<Arc<Run>, Fault> {
    let file = Memory::default();
    file.write_all_at(bytes, 0).unwrap();
    let of = position(from)..position(from + 10);
    Run::open(Box::new(file), of).map(Arc::new)
}

/// As the index looks for it.
fn find(run: &Run, key: &Key) -> Result<Option<At>, Fault> {
    let wanted = Wanted::new(key.as_block().unwrap());
    match run.may_have(run.share(&wanted), &wanted) {
        true => run.find(&wanted),
        false => Ok(None),
    }
}

fn random(seed: u64, count: u64, of: u64) -> Map {
    let mut rng = Rng::new(seed);
    (0..count)
        .map(|_| (key(rng.below(of)), at(&mut rng)))
        .collect()
}

#[test]
fn a_run_knows_what_it_was_given() {
    // Of one page, of one page of the filter, of many, and of more than one group of those.
    for (count, step) in [(1, 1), (2, 1), (70, 1), (3000, 1), (60_000, 37)] {
        let map = random(count, count, count * 3);
        let run = open(&bytes_of(&map, 0), 0).unwrap();
        assert_eq!(run.entries, map.len() as u64);
        for in_memory in [false, true] {
            if in_memory {
                run.load_filter().unwrap();
            }
            assert_eq!(run.has_filter(), in_memory);
            for n in (0..count * 3).step_by(step) {
                let key = key(n);
                let found = find(&run, &key).unwrap();
                assert_eq!(found, map.get(&key).copied(), "{n} of {count}");
            }
        }
        let (mut page, mut all) = (0, Map::new());
        while let Some((entries, next)) = run.entries(page).unwrap() {
            all.extend(entries);
            page = next;
        }
        assert!(all == map, "{count}");
    }
}

/// Keys that begin alike for longer than a fence is.
#[test]
fn keys_that_begin_alike_are_found() {
    let keys = (0..1000u32).map(|n| {
        let multihash = [&[0x12, 0x20][..], &[7; 28], &n.to_be_bytes()].concat();
        Key::block(&multihash).unwrap()
    });
    let mut rng = Rng::new(1);
    let map: Map = keys.map(|key| (key, at(&mut rng))).collect();
    let run = open(&bytes_of(&map, 0), 0).unwrap();
    for in_memory in [false, true] {
        if in_memory {
            run.load_filter().unwrap();
        }
        for (key, at) in &map {
            assert_eq!(find(&run, key).unwrap(), Some(*at));
        }
    }
}

/// Flips through the whole file: an answer is right, or an error.
#[test]
fn a_flipped_bit_in_a_run_never_answers_wrong() {
    let map = random(9, 2000, 4000);
    let whole = bytes_of(&map, 0);
    let mut rng = Rng::new(11);
    let keys: Vec<Key> = (0..4000).map(key).collect();
    let flips = testkit::run::count("CAIRN_FLIPS", 300, 10_000);
    let (mut refused, mut failed) = (0, 0);
    for _ in 0..flips {
        let mut bytes = whole.clone();
        let bit = rng.below(bytes.len() as u64 * 8) as usize;
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(run) = open(&bytes, 0) else {
            refused += 1;
            continue;
        };
        let page = bit / 8 / PAGE;
        if rng.once_in(2) && run.load_filter().is_err() {
            failed += 1;
            continue;
        }
        for key in keys.iter().skip(rng.below(40) as usize).step_by(40) {
            match find(&run, key) {
                Ok(found) => assert_eq!(found, map.get(key).copied(), "bit {bit}, {key}"),
                Err(Fault::Damaged) => failed += 1,
                Err(Fault::Io(error)) => panic!("{error}"),
            }
        }
        assert!(
            run.entries(page).is_err() || run.load_filter().is_err(),
            "bit {bit} is not seen"
        );
    }
    testkit::report(&format!(
        "pack runs: {flips} flipped bits, {refused} runs refused, {failed} looks of the others, 0 silent"
    ));
}

#[test]
fn a_page_of_another_run_or_place_is_not_believed() {
    let (a, b) = (
        bytes_of(&random(1, 2000, 9000), 0),
        bytes_of(&random(2, 2000, 9000), 10),
    );
    for (from, to, source) in [(PAGE, 0, &a), (0, 0, &b)] {
        let mut bytes = a.clone();
        bytes[to..to + PAGE].copy_from_slice(&source[from..from + PAGE]);
        let run = open(&bytes, 0).unwrap();
        assert!(run.entries(0).is_err());
    }
    assert!(open(&b, 0).is_err(), "a run of another stretch");
    for cut in [0, 1, 63, 64, PAGE, a.len() - 1] {
        assert!(open(&a[..cut], 0).is_err(), "{cut}");
    }
}

#[test]
fn merging_keeps_the_newest_of_each_key() {
    let maps: Vec<Map> = (0..6).map(|n| random(n, 300 * (n + 1), 2000)).collect();
    let mut wanted = Map::new();
    maps.iter().for_each(|map| wanted.extend(map.clone()));
    let runs = (0..5).map(|n| open(&bytes_of(&maps[n], n as u64 * 10), n as u64 * 10).unwrap());
    let table = maps[5].iter().map(|(key, at)| (key.clone(), *at)).collect();
    let mut merge = Merge::new(Snapshot {
        tables: vec![table],
        runs: runs.collect::<Vec<_>>().into_iter().rev().collect(),
    })
    .unwrap();
    let mut found = Vec::new();
    while let Some(entry) = merge.next().unwrap() {
        found.push(entry);
    }
    assert!(found.iter().is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!(found.into_iter().collect::<Map>(), wanted);
}

#[test]
fn the_name_of_a_run_is_its_stretch() {
    let of = position(26)..Position {
        segment: 300,
        offset: 1 << 33,
    };
    let name = run::name(&of);
    assert_eq!(name, "000001-000000001a-00012c-0200000000.run");
    assert_eq!(run::stretch(&name), Some(of.clone()));
    for other in [
        "",
        "1-2-3-4.run",
        &name.to_uppercase(),
        &format!("{name}.new"),
    ] {
        assert_eq!(run::stretch(other), None, "{other}");
    }
    assert_eq!(run::stretch(&run::name(&(of.end..of.start))), None);
}

#[test]
fn an_index_takes_little_memory() {
    let map = random(3, 100_000, 10_000_000);
    let run = open(&bytes_of(&map, 0), 0).unwrap();
    run.load_filter().unwrap();
    let each = run.memory() as f64 / map.len() as f64;
    testkit::report(&format!("pack runs: {each:.2} bytes of memory an entry"));
    assert!(each < 1.6, "{each}");
}

/// What does not fit is left on disk, the largest first.
#[test]
fn filters_are_in_memory_as_far_as_there_is_room() {
    let disk = disk();
    let options = options(&disk);
    for (pages, in_memory) in [(0, 0), (1, 1), (2, 2), (100, 100)] {
        let limits = Limits {
            filters: pages * PAGE as u64,
            ..SMALL
        };
        let store = Pack::open_with(&options, limits).unwrap();
        let first = pages * 100;
        for n in (first..first + 100).step_by(10) {
            put(&store, n..n + 10, Flush::No);
        }
        store.flush().unwrap();
        let runs = store.core.index.runs();
        let kept: Vec<u64> = runs
            .iter()
            .filter(|run| run.has_filter())
            .map(|run| run.entries)
            .collect();
        assert_eq!(kept.len(), in_memory.min(runs.len()), "{runs:?}");
        let least = runs.iter().filter(|run| !run.has_filter());
        let least = least.map(|run| run.entries).min();
        assert!(least.is_none_or(|least| kept.iter().all(|kept| *kept <= least)));
        for n in 0..100 {
            assert!(store.has(&block(first + n).0).unwrap());
            assert!(!store.has(&block(1_000_000 + n).0).unwrap());
        }
        store.close().unwrap();
    }
}
