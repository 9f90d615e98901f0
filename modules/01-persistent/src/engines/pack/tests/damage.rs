//! A segment with flipped bits, holes and hostile blocks.

use std::collections::BTreeSet;
use std::io;

use block_cid::Hash;
use block_cid::hash::sha2_256;
use datastore::DiskFile;
use testkit::Rng;

use crate::engines::pack::memory::Memory;
use crate::engines::pack::note::Note;
use crate::engines::pack::scan::{Effort, Found, Named, Spent, scan};
use crate::engines::pack::section::{Frame, RAW, head, proves};
use crate::engines::pack::segment::HEADER;

const ID: [u8; 16] = *b"sixteen letters.";

/// A segment, and where its sections begin.
#[derive(Default)]
struct Log {
    bytes: Vec<u8>,
    begins: Vec<usize>,
}

impl Log {
    fn new() -> Log {
        let mut log = Log {
            bytes: HEADER.to_vec(),
            begins: Vec::new(),
        };
        log.mark();
        log
    }

    fn mark(&mut self) {
        self.note(&Note::Mark);
    }

    fn note(&mut self, note: &Note) {
        let at = self.bytes.len() as u64;
        self.bytes.extend(note.section(&ID, at));
    }

    fn put(&mut self, value: &[u8]) {
        self.begins.push(self.bytes.len());
        self.bytes.extend(section(value));
    }
}

fn section(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    head(RAW, &sha2_256(value).to_bytes(), value.len(), &mut bytes);
    bytes.extend(value);
    bytes
}

/// What is found: blocks by their bytes and by their multihashes, deletes by theirs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    blocks: BTreeSet<Vec<u8>>,
    named: BTreeSet<Vec<u8>>,
    deleted: BTreeSet<Vec<u8>>,
    damaged: u64,
}

fn look(bytes: &[u8], effort: Effort) -> (Seen, Spent) {
    look_with(bytes, effort, &|_, _, _| false)
}

fn look_with(bytes: &[u8], effort: Effort, named: &Named<'_>) -> (Seen, Spent) {
    let file = Memory::default();
    file.write_all_at(bytes, 0).unwrap();
    let mut seen = Seen::default();
    let spent = scan::<io::Error>(
        &file,
        HEADER.len() as u64..bytes.len() as u64,
        effort,
        named,
        &mut |found| {
            match found {
                Found::Block {
                    at,
                    len,
                    multihash,
                    value,
                } => {
                    let section = &bytes[at as usize..at as usize + len as usize];
                    assert_eq!(Frame::read(section).unwrap().value(section), value);
                    assert!(proves(multihash, value));
                    seen.named.insert(multihash.to_vec());
                    seen.blocks.insert(value.to_vec());
                }
                Found::Loose {
                    multihash, value, ..
                } => {
                    assert!(proves(&multihash, value));
                    seen.named.insert(multihash);
                    seen.blocks.insert(value.to_vec());
                }
                Found::Deleted { blocks, .. } => seen.deleted.extend(blocks),
                Found::Damage { from, to } => seen.damaged += to - from,
            }
            Ok(())
        },
    )
    .unwrap();
    (seen, spent)
}

/// Sections of many lengths; of those of 256 bytes a flipped bit of the length leads to the next
/// but one.
fn sixty() -> (Log, Seen) {
    let mut log = Log::new();
    let mut seen = Seen::default();
    for n in 0..60u64 {
        let len = [218, 218, 218, 0, 1, 91, 92, 600, 1000, 3000][n as usize % 10];
        let value = [&n.to_be_bytes()[..], &Rng::new(n).bytes(len)].concat();
        log.put(&value);
        seen.named.insert(sha2_256(&value).to_bytes());
        seen.blocks.insert(value);
        if n % 10 == 9 {
            let gone = vec![sha2_256(&n.to_be_bytes()).to_bytes()];
            log.begins.push(log.bytes.len());
            log.note(&Note::Deleted(gone.clone()));
            seen.deleted.extend(gone);
        }
    }
    (log, seen)
}

#[test]
fn a_whole_segment_is_found_whole() {
    let (log, all) = sixty();
    let (seen, spent) = look(&log.bytes, Effort::Opening);
    assert_eq!(seen, all);
    assert_eq!(spent, Spent::default());
}

/// Every bit of the head of every section: no block is lost, and no delete.
#[test]
fn a_flipped_bit_in_a_head_loses_nothing() {
    let (log, all) = sixty();
    let mut flips = 0;
    let stride = testkit::run::count("CAIRN_STRIDE", 11, 1);
    for begin in &log.begins {
        let frame = Frame::read(&log.bytes[*begin..]).unwrap();
        for bit in (begin % stride..frame.value * 8).step_by(stride) {
            let mut bytes = log.bytes.clone();
            bytes[begin + bit / 8] ^= 1 << (bit % 8);
            let (seen, _) = look(&bytes, Effort::Opening);
            assert!(seen.blocks == all.blocks, "{begin}, bit {bit}");
            assert!(seen.deleted == all.deleted, "{begin}, bit {bit}");
            assert!(seen.damaged > 0);
            flips += 1;
        }
    }
    testkit::report(&format!(
        "pack heads: {flips} flipped bits, 0 blocks and 0 deletes lost"
    ));
}

#[test]
fn a_flipped_bit_in_a_block_loses_that_block() {
    let (log, all) = sixty();
    let mut rng = Rng::new(3);
    for begin in &log.begins {
        let frame = Frame::read(&log.bytes[*begin..]).unwrap();
        if frame.codec != RAW {
            continue;
        }
        let value = begin + frame.value;
        for _ in 0..4 {
            let bit = rng.below((frame.len - frame.value) as u64 * 8) as usize;
            let mut bytes = log.bytes.clone();
            bytes[value + bit / 8] ^= 1 << (bit % 8);
            let (seen, _) = look(&bytes, Effort::Opening);
            let lost: Vec<_> = all.blocks.difference(&seen.blocks).collect();
            assert!(lost == [&log.bytes[value..begin + frame.len]], "{begin}");
            assert_eq!(seen.blocks.len(), 59, "what was never put is there");
            assert_eq!(seen.deleted, all.deleted);
        }
    }
}

/// The id in the first mark, or all of that mark.
#[test]
fn deletes_are_known_though_the_first_mark_is_damaged() {
    let (log, all) = sixty();
    let mark = Note::Mark.section(&ID, 0).len();
    for bit in (0..mark * 8).step_by(testkit::run::count("CAIRN_STRIDE", 5, 1)) {
        let mut bytes = log.bytes.clone();
        bytes[HEADER.len() + bit / 8] ^= 1 << (bit % 8);
        let (seen, _) = look(&bytes, Effort::Opening);
        assert!(
            seen.blocks == all.blocks && seen.deleted == all.deleted,
            "{bit}"
        );
    }
}

#[test]
fn of_a_segment_that_is_cut_all_whole_sections_are_found() {
    let (log, _) = sixty();
    for cut in (HEADER.len()..log.bytes.len()).step_by(97) {
        let (seen, _) = look(&log.bytes[..cut], Effort::Opening);
        let whole = log.begins.iter().filter(|begin| {
            let frame = Frame::read(&log.bytes[**begin..]).unwrap();
            *begin + frame.len <= cut && frame.codec == RAW
        });
        assert_eq!(seen.blocks.len(), whole.count(), "{cut}");
    }
}

/// What a power cut leaves: zeros, or nothing, where sectors were not written.
#[test]
fn of_a_segment_with_holes_the_rest_is_found() {
    let (log, all) = sixty();
    let mut rng = Rng::new(5);
    for _ in 0..50 {
        let mut bytes = log.bytes.clone();
        let first = rng.below(bytes.len() as u64 / 512) as usize;
        let from = (first * 512).max(HEADER.len());
        let to = (from + 512 * (1 + rng.below(8) as usize)).min(bytes.len());
        bytes[from..to].fill(0);
        let (seen, _) = look(&bytes, Effort::Opening);
        for (n, begin) in log.begins.iter().enumerate() {
            let end = log.begins.get(n + 1).copied().unwrap_or(log.bytes.len());
            let frame = Frame::read(&log.bytes[*begin..]).unwrap();
            if frame.codec == RAW && (end <= from || *begin >= to) {
                let value = &log.bytes[begin + frame.value..end];
                assert!(seen.blocks.contains(value), "{from} to {to}: {begin}");
            }
        }
        assert!(
            seen.blocks.is_subset(&all.blocks),
            "what was never put is there"
        );
    }
}

/// Bytes full of heads, each of which claims many more.
fn hostile() -> Vec<u8> {
    let mut hostile = Vec::new();
    while hostile.len() < 256 << 10 {
        head(RAW, &sha2_256(&hostile).to_bytes(), 200_000, &mut hostile);
    }
    hostile
}

/// In its length, so that whatever comes next has to be found; or in its first bytes, so that it is
/// lost, and all that lies in it is looked at.
#[test]
fn a_hostile_block_is_searched_within_its_budget() {
    let hostile = hostile();
    let mut log = Log::new();
    log.put(&hostile);
    log.put(&hostile[1..]);
    for n in 0..10u64 {
        log.mark();
        log.put(&Rng::new(n).bytes(100_000));
    }
    for (byte, found) in [(0, 12), (60, 11)] {
        let mut bytes = log.bytes.clone();
        bytes[log.begins[0] + byte] ^= 1;
        let (seen, spent) = look(&bytes, Effort::Opening);
        assert_eq!(seen.blocks.len(), found);
        let allowed = (4 << 20) + spent.searched + 8 * spent.damaged;
        assert!(spent.hashed <= allowed, "{spent:?}");
        assert!(spent.searched < 1 << 20, "not past the mark: {spent:?}");
        // Of a length that is hit all is told before anything in the block is looked at.
        assert_eq!(spent.hashed > 4 << 20, byte == 60, "{spent:?}");
        testkit::report(&format!(
            "pack hostile block: {} KiB hashed for {} KiB of damage, {} KiB before the next mark",
            spent.hashed >> 10,
            spent.damaged >> 10,
            spent.searched >> 10
        ));
    }
}

/// What the index names is found whatever the search has come to.
#[test]
fn what_the_index_names_is_found_past_the_budget() {
    let victim = Rng::new(1).bytes(2 << 20);
    let mut log = Log::new();
    log.put(&hostile());
    log.put(&victim);
    // A length that is hit; and no mark follows, nor the end of a section.
    log.bytes[log.begins[0]] ^= 1;
    log.bytes.extend([7; 100]);
    let (begin, len) = (log.begins[1], log.bytes.len() - 100 - log.begins[1]);
    for known in [false, true] {
        let named = |at: u64, size: usize, multihash: &[u8]| {
            known && (at, size) == (begin as u64, len) && multihash == sha2_256(&victim).to_bytes()
        };
        let (seen, spent) = look_with(&log.bytes, Effort::Opening, &named);
        assert_eq!(seen.blocks.contains(&victim), known, "{spent:?}");
    }
}

/// The bytes are enough to tell by which hash they were named.
#[test]
fn a_flipped_bit_in_a_head_of_another_hash_loses_nothing() {
    for by in [Hash::SHA2_512, Hash::BLAKE3, Hash::BLAKE2B_256, Hash::SHA1] {
        let value = Rng::new(4).bytes(300);
        let multihash = block_cid::hash::hash(by, &value).unwrap().to_bytes();
        let mut log = Log::new();
        log.put(b"before");
        let begin = log.bytes.len();
        head(RAW, &multihash, value.len(), &mut log.bytes);
        let bits = (log.bytes.len() - begin) * 8;
        log.bytes.extend(&value);
        log.put(b"behind");
        for bit in 0..bits {
            let mut bytes = log.bytes.clone();
            bytes[begin + bit / 8] ^= 1 << (bit % 8);
            let (seen, _) = look(&bytes, Effort::Opening);
            assert!(seen.named.contains(&multihash), "{by}, bit {bit}");
            assert_eq!(seen.blocks.len(), 3, "{by}, bit {bit}");
        }
    }
}

/// A block that holds a section whose hash covers the rest of it and all of the next one: whoever
/// knows what comes next can make it.
#[test]
fn a_hostile_block_hides_none_that_comes_after_it() {
    let next = Rng::new(2).bytes(200);
    let rest = Rng::new(3).bytes(50);
    // All of it, or a part; and with an end that is torn, or not.
    let cases = [section(&next).len(), 100]
        .map(|len| [(len, 0), (len, 30)])
        .concat();
    for (covered, torn) in cases {
        let inner = [&rest[..], &section(&next)[..covered]].concat();
        let mut hostile = vec![7; 20];
        head(RAW, &sha2_256(&inner).to_bytes(), inner.len(), &mut hostile);
        hostile.extend(&rest);
        let mut log = Log::new();
        log.put(&hostile);
        log.put(&next);
        log.put(b"the end");
        log.bytes.extend(vec![7; torn]);
        let begin = log.begins[0];
        for bit in 0..320 {
            let mut bytes = log.bytes.clone();
            bytes[begin + bit / 8] ^= 1 << (bit % 8);
            let (seen, _) = look(&bytes, Effort::Opening);
            assert!(seen.blocks.contains(&next), "bit {bit}");
            assert!(seen.blocks.contains(&b"the end"[..]), "bit {bit}");
            // Of its head nothing is lost.
            let is_head = bit / 8 < log.begins[1] - begin - hostile.len();
            assert_eq!(seen.blocks.contains(&hostile), is_head, "bit {bit}");
        }
    }
}

/// A note in somebody's block deletes nothing, whatever is damaged.
#[test]
fn a_delete_in_a_block_is_not_believed() {
    let victim = Rng::new(1).bytes(300);
    let note = Note::Deleted(vec![sha2_256(&victim).to_bytes()]);
    let mut log = Log::new();
    log.put(&victim);
    // In its place, of another segment; and of this one, as it stood before: in a copy of it.
    let begin = log.bytes.len();
    let mut hostile = [vec![7; 50], section(b"a block that proves itself")].concat();
    let at = (begin + section(&vec![0; 500]).len() - 500 + hostile.len()) as u64;
    hostile.extend(note.section(b"another sixteen.", at));
    hostile.extend(note.section(&[0; 16], at));
    hostile.extend(note.section(&ID, 26));
    log.put(&hostile);
    log.put(b"the end");
    for bit in 0..(40 + 50) * 8 {
        let mut bytes = log.bytes.clone();
        bytes[begin + bit / 8] ^= 1 << (bit % 8);
        let (seen, _) = look(&bytes, Effort::Opening);
        assert!(seen.deleted.is_empty(), "bit {bit}");
        assert!(seen.blocks.contains(&victim) && seen.blocks.contains(&b"the end"[..]));
    }
}
