//! Whether a CAR is good. Each thing that can be wrong with one is made, and has to be named.

use block_cid::{Block, Cid, Multihash};
use persistent::ops::Silent;
use unixfs_car::car::index::{Builder, Format, Scratch};
use unixfs_car::car::verify::{Finding, Report, verify};
use unixfs_car::car::{Error, Header, Version};

use crate::made::{VERSIONS, blocks, car, open, roots, tight};

/// What is found, in words, and what is counted.
fn found(bytes: &[u8]) -> (Vec<String>, Report) {
    let mut reports = Vec::new();
    for scratch in [Scratch::new(std::env::temp_dir()), tight()] {
        let mut findings = Vec::new();
        let mut tell = |finding: Finding| {
            let mark = if finding.is_warning() {
                "warning: "
            } else {
                ""
            };
            findings.push(format!("{mark}{finding}"));
            Ok(())
        };
        let report = verify(&open(bytes).unwrap(), &scratch, &Silent, &mut tell).unwrap();
        let warnings = findings
            .iter()
            .filter(|text| text.starts_with("warning"))
            .count() as u64;
        assert_eq!(report.warnings, warnings);
        assert_eq!(report.faults, findings.len() as u64 - warnings);
        reports.push((findings, report));
    }
    assert_eq!(reports[0], reports[1], "it depends on the room");
    reports.remove(0)
}

type Entries = Vec<(Multihash, u64)>;

/// The CAR, with the entries of its index changed.
fn with_entries(bytes: &[u8], format: Format, change: impl Fn(&mut Entries)) -> Vec<u8> {
    let header = Header::decode(bytes[11..51].try_into().unwrap()).unwrap();
    let file = open(bytes).unwrap();
    let heads = file.heads().map(Result::unwrap);
    let mut entries: Entries = heads
        .filter(|head| head.cid.hash().code() != 0)
        .map(|head| (*head.cid.hash(), head.offset - 51))
        .collect();
    change(&mut entries);
    let mut index = Builder::new(format, &tight());
    for (hash, offset) in entries {
        index.add(&hash, offset).unwrap();
    }
    let mut out = bytes[..header.index_offset as usize].to_vec();
    index.write(&mut out).unwrap();
    out
}

#[test]
fn a_good_car_is_good() {
    let blocks = blocks();
    let twice = [&blocks[..], &blocks].concat();
    let bytes: usize = blocks.iter().map(Block::len).sum();
    for version in VERSIONS {
        for (blocks, times) in [(&blocks, 1), (&twice, 2)] {
            let (findings, report) = found(&car(version, &roots(blocks), blocks));
            assert_eq!(findings, [""; 0], "{version:?}");
            assert_eq!(report.blocks, blocks.len() as u64);
            assert_eq!(report.bytes, (bytes * times) as u64);
            let entries = report.index.map(|(_, entries)| entries);
            let indexed = matches!(version, Version::Indexed(_));
            assert_eq!(entries, indexed.then_some((blocks.len() - times) as u64));
        }
    }
}

#[test]
fn every_block_that_is_wrong_is_named() {
    let blocks = blocks();
    for version in VERSIONS {
        let mut bytes = car(version, &roots(&blocks), &blocks);
        let heads: Vec<_> = open(&bytes).unwrap().heads().map(Result::unwrap).collect();
        let wrong = [3, 4, 20, blocks.len() - 1];
        for n in wrong {
            bytes[heads[n].block.0 as usize] ^= 1;
        }
        let (findings, report) = found(&bytes);
        assert_eq!(report.blocks, (blocks.len() - wrong.len()) as u64);
        assert_eq!(findings.len(), wrong.len(), "{findings:?}");
        for (finding, n) in findings.iter().zip(wrong) {
            let begins = format!("{}  at byte {}: ", heads[n].cid, heads[n].offset);
            assert!(finding.starts_with(&begins), "{finding}");
        }
    }
}

#[test]
fn what_is_no_section_is_named_and_what_follows_is_not_judged() {
    let blocks = blocks();
    let mut bytes = car(Version::INDEXED, &[*Block::raw("absent").cid()], &blocks);
    let head = open(&bytes).unwrap().heads().nth(5).unwrap().unwrap();
    bytes[head.offset as usize] = 0;
    let (findings, report) = found(&bytes);
    assert_eq!((report.blocks, findings.len()), (5, 1), "{findings:?}");
    let wanted = format!("at byte {}: a section of length 0", head.offset);
    assert!(findings[0].contains(&wanted), "{findings:?}");
}

#[test]
fn an_index_is_compared_with_what_there_is() {
    let blocks = blocks();
    for format in Format::ALL {
        let whole = car(Version::Indexed(format), &roots(&blocks), &blocks);
        let with = |change: &dyn Fn(&mut Entries)| found(&with_entries(&whole, format, change)).0;
        assert_eq!(with(&|_| ()), [""; 0]);
        // An entry less.
        let lost = blocks[10].cid().hash();
        let findings = with(&|entries| entries.retain(|(hash, _)| hash != lost));
        assert_eq!(findings.len(), 1, "{findings:?}");
        let cid = Cid::new_v1(0x55, *lost).to_string();
        assert!(findings[0].starts_with(&cid) && findings[0].contains("not in the index"));
        // All of them.
        let findings = with(&|entries| entries.clear());
        assert_eq!(findings.len(), blocks.len() - 1);
        // One more, that leads nowhere.
        for (hash, digest) in [
            (*Block::raw("absent").cid().hash(), None),
            (Multihash::wrap(0x12, &[0; 32]).unwrap(), Some("00000000")),
            (
                Multihash::wrap(0x12, &[0xff; 32]).unwrap(),
                Some("ffffffff"),
            ),
            (Multihash::wrap(0xb220, &[1; 60]).unwrap(), Some("01010101")),
        ] {
            let findings = with(&|entries| entries.push((hash, 7)));
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert!(
                findings[0].contains("begins at byte 58, and it does not"),
                "{findings:?}"
            );
            assert!(digest.is_none_or(|digest| findings[0].contains(digest)));
        }
        // A place that is wrong: said, and not said where it is.
        let findings = with(&|entries| entries[20].1 += 1);
        assert_eq!(findings.len(), 2, "{findings:?}");
        // Two blocks have changed places.
        let findings = with(&|entries| {
            let place = entries[20].1;
            entries[20].1 = std::mem::replace(&mut entries[21].1, place);
        });
        assert_eq!(findings.len(), 4, "{findings:?}");
        // Twice the same.
        assert_eq!(with(&|entries| entries.push(entries[3])), [""; 0]);
    }
}

/// One section is enough of those that have one multihash.
#[test]
fn a_block_that_is_there_twice_needs_one_entry() {
    let blocks = blocks();
    let twice = [&blocks[..], &blocks].concat();
    let whole = car(Version::INDEXED, &roots(&blocks), &twice);
    let half = |entries: &mut Entries| entries.truncate(blocks.len() - 1);
    let bytes = with_entries(&whole, Format::MultihashSorted, half);
    assert_eq!(found(&bytes).0, [""; 0]);
}

#[test]
fn entries_that_are_not_in_order_are_named_once() {
    let blocks = blocks();
    let whole = car(Version::Indexed(Format::Sorted), &roots(&blocks), &blocks);
    let header = Header::decode(whole[11..51].try_into().unwrap()).unwrap();
    let file = open(&whole).unwrap();
    let index = file.index().unwrap().unwrap();
    // Two entries of 32 bytes and 8 change places.
    let first = index
        .entries()
        .position(|entry| entry.unwrap().digest.len() == 32)
        .unwrap();
    let before: usize = index
        .entries()
        .take(first)
        .map(|entry| entry.unwrap().digest.len() + 8)
        .sum();
    let widths = 2; // 20 bytes, and 32.
    let at = header.index_offset as usize + 6 + widths * 12 + before;
    let mut bytes = whole.clone();
    let (one, two) = bytes[at..at + 80].split_at_mut(40);
    one.swap_with_slice(two);
    let findings = found(&bytes).0;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("not in order"), "{findings:?}");
}

/// What is allowed, and yet worth a word.
#[test]
fn warnings_leave_a_car_good() {
    let blocks = blocks();
    let absent = *Block::raw("absent").cid();
    let inline = *Block::new(0x55, block_cid::Hash::IDENTITY, "")
        .unwrap()
        .cid();
    for version in VERSIONS {
        let (findings, report) = found(&car(version, &[], &blocks));
        assert_eq!(
            (findings, report.faults),
            (vec!["warning: it names no roots".into()], 0)
        );
        let (findings, report) = found(&car(version, &[absent, *blocks[9].cid()], &blocks));
        let text = format!("warning: root {absent} is not in the file");
        assert_eq!((findings, report.faults), (vec![text], 0));
        // Everybody has the block of an identity CID.
        assert_eq!(found(&car(version, &[inline], &blocks)).0, [""; 0]);
    }
    let whole = car(Version::INDEXED, &roots(&blocks), &blocks);
    let (findings, _) = found(&[&whole[..], b"junk"].concat());
    assert_eq!(findings, ["warning: 4 bytes at the end mean nothing"]);
    let plain = car(Version::V2, &roots(&blocks), &blocks);
    let (findings, _) = found(&[&plain[..], b"junk!"].concat());
    assert_eq!(findings, ["warning: 5 bytes at the end mean nothing"]);
    let header = Header::decode(whole[11..51].try_into().unwrap()).unwrap();
    let foreign = [&whole[..header.index_offset as usize], &[1, 0, 0, 0, 0]].concat();
    let (findings, _) = found(&foreign);
    assert!(
        findings[0].starts_with("warning: the index has the format 0x0001"),
        "{findings:?}"
    );
}

/// A header that says that all is indexed, identity CIDs too, is taken at its word.
#[test]
fn a_full_index_has_identities_too() {
    let blocks = blocks();
    let mut bytes = car(Version::INDEXED, &roots(&blocks), &blocks);
    bytes[11] = 0x80;
    let (findings, _) = found(&bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].starts_with(&blocks[2].cid().to_string()),
        "{findings:?}"
    );
}

#[test]
fn what_nobody_wants_to_hear_ends_it() {
    let bytes = car(Version::V1, &[], &blocks());
    let file = open(&bytes).unwrap();
    let refuse = &mut |_| Err(Error::Stopped);
    let end = verify(&file, &tight(), &Silent, refuse);
    assert!(matches!(end, Err(Error::Stopped)));
}
