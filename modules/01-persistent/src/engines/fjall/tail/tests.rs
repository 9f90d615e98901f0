#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;

use super::*;

use datastore::{Batch as Writes, Key};

use crate::engine::{Engine, Flush, Options};
use crate::engines::fjall::Fjall;

const BATCHES: u8 = 20;

/// A store of some batches of three blocks each, and the bytes of its journal.
fn store(dir: &Path) -> (Options, Vec<u8>) {
    let options = Options::new(dir.join("fjall"));
    let engine = Fjall::open(&options).unwrap();
    for n in 0..BATCHES {
        let mut batch = Writes::new();
        for m in 0..3 {
            batch.put(Key::block(&[n, m, 7]).unwrap(), vec![n ^ m ^ 0x55; 700]);
        }
        engine.write(&batch, Flush::Yes).unwrap();
    }
    engine.close().unwrap();
    drop(engine);
    let journal = fs::read(options.dir.join("0.jnl")).unwrap();
    (options, journal)
}

fn written(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

fn keys(options: &Options) -> Result<usize> {
    Ok(Fjall::open(options)?.keys(&Key::blocks())?.count())
}

fn unclean(options: &Options) -> Options {
    Options {
        unclean: true,
        ..options.clone()
    }
}

#[test]
fn a_closed_store_with_a_page_of_zeros_is_refused_and_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let (options, mut journal) = store(dir.path());
    let path = options.dir.join("0.jnl");
    journal[8192..12288].fill(0);
    fs::write(&path, &journal).unwrap();
    for _ in 0..2 {
        let error = Fjall::open(&options).err().unwrap();
        let Error::Corrupt { path: named, what } = &error else {
            panic!("{error}");
        };
        assert!(*named == path && what.contains("salvage"), "{error}");
        assert!(what.contains("from byte 6"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), journal);
    }
}

#[test]
fn of_a_store_that_was_not_closed_what_fjall_cuts_off_is_put_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (options, mut journal) = store(dir.path());
    let end = written(&journal);
    journal[8192..12288].fill(0);
    fs::write(options.dir.join("0.jnl"), &journal).unwrap();
    let whole = keys(&unclean(&options)).unwrap();
    assert!((3..12).contains(&whole), "{whole}");
    let kept = aside::kept(&options.dir);
    assert_eq!(kept.len(), 1);
    let tail = &kept[0][..written(&kept[0])];
    assert!(journal[..end].ends_with(tail) && tail.len() > end - 8192);
    // It is whole now, and stays so.
    assert_eq!(keys(&options).unwrap(), whole);
    assert_eq!(keys(&unclean(&options)).unwrap(), whole);
    assert_eq!(aside::kept(&options.dir).len(), 1);
}

/// What a kill leaves: everything up to a byte, and zeros or nothing behind it.
#[test]
fn a_torn_end_opens_without_a_word_wherever_it_is_torn() {
    let dir = tempfile::tempdir().unwrap();
    let (options, journal) = store(dir.path());
    let path = options.dir.join("0.jnl");
    let end = written(&journal);
    let batch = end / usize::from(BATCHES);
    for torn in (end - batch - 40..end).step_by(37) {
        for zeros in [0, 1 << 20] {
            let mut bytes = journal[..torn].to_vec();
            bytes.resize(torn + zeros, 0);
            fs::write(&path, bytes).unwrap();
            check(&options.dir, &path, true).unwrap();
        }
    }
    let mut bytes = journal[..end - 20].to_vec();
    bytes.resize(end + 5000, 0);
    fs::write(&path, bytes).unwrap();
    assert_eq!(keys(&unclean(&options)).unwrap(), 3 * 19);
    assert!(aside::kept(&options.dir).is_empty());
}

#[test]
fn no_flipped_bit_of_a_closed_journal_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let (options, journal) = store(dir.path());
    let path = options.dir.join("0.jnl");
    let end = written(&journal);
    // The number of a batch is under no sum.
    let first_item = 13;
    for at in (first_item..end / usize::from(BATCHES)).step_by(11) {
        let mut bytes = journal[..end].to_vec();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, bytes).unwrap();
        check(&options.dir, &path, false).unwrap_err();
    }
    fs::write(&path, journal).unwrap();
    check(&options.dir, &path, false).unwrap();
}
