//! What `verify` sees of flipped bits that no read of a block comes upon.

use datastore::disk::Mode;
use datastore::{Disk, Key};

use super::engine::{all, delete, disk, files, map, open, put, reader};
use crate::engine::{Engine, Flush};
use crate::engines::pack::section::{Frame, RAW};
use crate::engines::pack::segment::HEADER;

#[test]
fn a_flipped_bit_is_told_wherever_no_block_tells_it() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..30, Flush::Yes);
    delete(&store, (0..30).step_by(4), Flush::Yes);
    store.close().unwrap();
    let live = all(&store);
    store.check().unwrap();
    let (mut heads, mut dead, mut notes, mut values) = (0, 0, 0, 0);
    for path in files(&disk, ".car") {
        let bytes = disk.read(&path).unwrap().unwrap();
        let file = disk.open(&path, Mode::Write).unwrap();
        let flipped = |at: usize| {
            file.write_all_at(&[bytes[at] ^ 4], at as u64).unwrap();
            let seen = store.check();
            file.write_all_at(&[bytes[at]], at as u64).unwrap();
            seen
        };
        let told = |at: usize| {
            let error = flipped(at).unwrap_err().to_string();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(error.contains("1 of its places"), "{at}: {error}");
            assert!(error.contains(name), "{at}: {error}");
        };
        (0..HEADER.len()).for_each(told);
        let mut at = HEADER.len();
        while at < bytes.len() {
            let frame = Frame::read(&bytes[at..]).unwrap();
            let key = Key::block(frame.multihash(&bytes[at..])).unwrap();
            for byte in at..at + frame.value {
                told(byte);
                heads += 1;
            }
            let value = at + frame.value;
            if frame.codec != RAW {
                told(value + 3);
                notes += 1;
            } else {
                // Whoever reads it finds out, or nobody does.
                flipped(value + 3).unwrap();
                match live.contains_key(&key) {
                    true => values += 1,
                    false => dead += 1,
                }
            }
            at += frame.len;
        }
    }
    assert!(heads > 1000 && dead == 8 && notes > 2 && values == live.len());
    store.check().unwrap();
}

#[test]
fn damaged_places_are_counted_and_the_first_are_named() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..100, Flush::Yes);
    let paths = files(&disk, ".car");
    for path in &paths {
        disk.open(path, Mode::Write)
            .unwrap()
            .write_all_at(&[0], 3)
            .unwrap();
    }
    let count = paths.len();
    assert!(count > 2);
    let error = store.check().unwrap_err().to_string();
    assert!(error.contains(&format!("{count} of its places")), "{error}");
    assert!(
        error.contains("byte 0 of 000001.car, byte 0 of 000002.car"),
        "{error}"
    );
    // A segment that is not there.
    disk.remove_file(&paths[1]).unwrap();
    store.check().unwrap_err();
}

/// Whoever exchanges the names of files loses nothing by opening the store.
#[test]
fn a_segment_that_has_the_name_of_a_run_is_not_removed() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..25, Flush::Yes);
    store.close().unwrap();
    drop(store);
    let (car, run) = (&files(&disk, ".car")[0], &files(&disk, ".run")[0]);
    let bytes = disk.read(car).unwrap().unwrap();
    disk.rename(car, run).unwrap();
    let options = super::engine::options(&disk);
    let opened = crate::engines::pack::Pack::open_with(&options, super::engine::SMALL);
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("it begins as a segment"), "{error}");
    assert!(disk.read(run).unwrap().unwrap() == bytes);
}

/// A process that was killed in a write leaves the beginning of a section. That is no damage: nobody was
/// told that it was there, and the next writer cuts it off. Who only reads says so, too.
#[test]
fn a_torn_end_is_no_damage_to_one_who_reads() {
    let disk = disk();
    let store = open(&disk);
    put(&store, 0..20, Flush::Yes);
    let disk = disk.kill();
    let path = files(&disk, ".car").pop().unwrap();
    let bytes = disk.read(&path).unwrap().unwrap();
    let file = disk.open(&path, Mode::Write).unwrap();
    // The first section once more, but for its end.
    let first = Frame::read(&bytes[HEADER.len()..]).unwrap().len;
    let again = &bytes[HEADER.len()..HEADER.len() + first - 1];
    for len in [1, 30, again.len()] {
        file.write_all_at(&again[..len], bytes.len() as u64)
            .unwrap();
        file.set_len((bytes.len() + len) as u64).unwrap();
        let reader = reader(&disk);
        reader.check().unwrap();
        assert!(all(&reader) == map(0..20));
    }
    // What was flipped before it is told all the same.
    file.write_all_at(&[bytes[HEADER.len() + 2] ^ 4], HEADER.len() as u64 + 2)
        .unwrap();
    let error = reader(&disk).check().unwrap_err().to_string();
    assert!(error.contains("1 of its places"), "{error}");
}
