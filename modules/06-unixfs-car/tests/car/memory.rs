//! How much memory a CAR takes that is larger than that.
//!
//! Counted by an allocator of the test's own, on the thread of the test. What other threads take (an
//! import reads on one of its own) is held by `tests/program/memory.rs`, from outside.

use std::io::{self, Read, Write};
use std::sync::Arc;

use block_cid::{Block, Blockstore};
use persistent::ops::Silent;
use unixfs_car::car::copy::copy;
use unixfs_car::car::index::{Builder, Format, Index, Scratch, Source};
use unixfs_car::car::verify::verify;
use unixfs_car::car::{File, Indexed, Reader, Version, Writer};

const MIB: u64 = 1 << 20;

/// Blocks whose index takes more than [`INDEX`] bytes while it is sorted in memory.
const SMALL: u64 = 60_000;
const INDEX: u64 = 6 * MIB;

/// The most bytes at once.
fn peak(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_max
}

fn scratch() -> Scratch {
    Scratch {
        memory: 1 << 20,
        dir: std::env::temp_dir(),
    }
}

/// A CAR with so many blocks, each in `len` bytes, in a file without a name.
fn large(version: Version, count: u64, len: usize) -> std::fs::File {
    let file = tempfile::tempfile().unwrap();
    let out = io::BufWriter::new(file);
    let mut writer = Writer::new(out, &[], version, &scratch()).unwrap();
    let data = demo::Data::new(9);
    for n in 0..count {
        writer.put(&Block::raw(data.block(n, len))).unwrap();
    }
    writer.finish().unwrap().into_inner().unwrap()
}

fn open(file: &std::fs::File) -> File {
    File::open(Arc::new(file.try_clone().unwrap()), "large.car".as_ref()).unwrap()
}

/// 24 MiB in blocks of 256 KiB, and 60,000 blocks of 32 bytes, which would take more than the limit as a
/// whole: the most is a group of blocks, a run of the sort, and what the buffers have.
#[test]
fn no_operation_has_a_whole_car_in_memory_or_a_whole_index() {
    for (count, len, limit) in [(96, 256 << 10, 16 * MIB), (SMALL, 32, INDEX)] {
        let written = std::cell::OnceCell::new();
        let most = peak(|| drop(written.set(large(Version::INDEXED, count, len))));
        assert!(most < limit, "written with {most} bytes");
        let file = written.into_inner().unwrap();
        let car = open(&file);
        assert!(car.len() > count * (len as u64 + 70));
        let works: [(&str, &dyn Fn()); 5] = [
            ("read", &|| {
                let mut reader = car.reader().unwrap();
                while !reader.group().unwrap().is_empty() {}
            }),
            ("verified", &|| {
                let report = verify(&car, &scratch(), &Silent, &mut |_| Ok(())).unwrap();
                assert_eq!((report.blocks, report.faults), (count, 0));
            }),
            ("searched", &|| {
                let indexed = Indexed::new(car.clone(), &scratch()).unwrap();
                assert!(!indexed.is_scanned());
                let block = Block::raw(demo::Data::new(9).block(count / 2, len));
                assert!(indexed.get(block.cid()).unwrap().is_some());
            }),
            ("scanned", &|| {
                let indexed = Indexed::scan(car.clone(), &scratch()).unwrap();
                assert_eq!(indexed.cids().unwrap().count() as u64, count);
            }),
            ("copied", &|| {
                let out = io::BufWriter::new(tempfile::tempfile().unwrap());
                let mut writer = Writer::new(out, &[], Version::INDEXED, &scratch()).unwrap();
                copy(&car, &mut writer, &Silent).unwrap();
                writer.finish().unwrap();
            }),
        ];
        for (name, work) in works {
            let most = peak(work);
            assert!(most < limit, "{count} blocks are {name} with {most} bytes");
        }
    }
}

/// A counter that counts nothing proves nothing.
#[test]
fn a_whole_index_in_memory_would_be_seen() {
    let most = peak(|| {
        let scratch = Scratch {
            memory: usize::MAX,
            ..scratch()
        };
        let mut index = Builder::new(Format::MultihashSorted, &scratch);
        for n in 0..SMALL {
            index
                .add(Block::raw(n.to_le_bytes().to_vec()).cid().hash(), n)
                .unwrap();
        }
        assert!(index.index().unwrap().len() == SMALL);
    });
    assert!(most > INDEX, "{most} bytes");
}

/// FAULTS C2 and figure 21: while n bytes are decoded, at most 4 n + 64 KiB are taken, whatever they
/// announce.
#[test]
fn what_is_announced_takes_no_memory() {
    let empty = crate::made::car(Version::V1, &[], &[]);
    let section = |len: &[u8]| [&empty[..], len].concat();
    let le8 = |n: u64| n.to_le_bytes();
    let bombs: Vec<Vec<u8>> = vec![
        vec![0xff, 0xff, 0x3f],
        section(&[0xff, 0xff, 0xff, 0x01]),
        // {"roots": [2^64 - 1 of them
        [
            &[0x14, 0xa2, 0x65][..],
            b"roots",
            &[0x9b],
            &[0xff; 8],
            &[0; 3],
        ]
        .concat(),
        // A root of 2^32 bytes.
        [
            &[0x12, 0xa2, 0x65][..],
            b"roots",
            &[0x81, 0xd8, 0x2a, 0x5a],
            &[0xff; 4],
            &[0; 2],
        ]
        .concat(),
        [
            &b"\x0a\xa1\x67version\x02"[..],
            &[0; 16],
            &le8(51),
            &le8(1 << 60),
            &le8(0),
        ]
        .concat(),
        [
            &b"\x0a\xa1\x67version\x02"[..],
            &[0; 16],
            &le8(1 << 60),
            &le8(11),
            &le8(0),
        ]
        .concat(),
    ];
    for bomb in bombs {
        let most = peak(|| {
            if let Ok(mut reader) = Reader::new(&bomb[..]) {
                while reader.group().is_ok_and(|group| !group.is_empty()) {}
            }
        });
        let limit = 4 * bomb.len() as u64 + (64 << 10);
        assert!(most <= limit, "{} bytes took {most}", bomb.len());
    }
    for bytes in [
        [&[0x81, 0x08][..], &[0xff; 4], &[0xff; 64]].concat(),
        [
            &[0x80, 0x08, 1, 0, 0, 0, 40, 0, 0, 0][..],
            &le8(40 << 40),
            &[0; 40],
        ]
        .concat(),
    ] {
        let most = peak(|| drop(Index::open(Source::memory(bytes.clone()))));
        assert!(most <= 4 * bytes.len() as u64 + (64 << 10), "{most}");
    }
}

/// A hole of 1 GiB before the data of a CARv2 is stepped over.
#[test]
fn padding_takes_no_memory() {
    struct Zeros(u64);
    impl Read for Zeros {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let len = (to.len() as u64).min(self.0) as usize;
            to[..len].fill(0);
            self.0 -= len as u64;
            Ok(len)
        }
    }
    let hole = 1 << 30;
    let data = crate::made::car(Version::V1, &[], &crate::made::blocks());
    let mut head = Vec::new();
    head.write_all(b"\x0a\xa1\x67version\x02").unwrap();
    let header = unixfs_car::car::Header {
        data_offset: 51 + hole,
        index_offset: 0,
        ..unixfs_car::car::Header::new(data.len() as u64)
    };
    head.write_all(&header.encode()).unwrap();
    let most = peak(|| {
        let input = head.chain(Zeros(hole)).chain(&data[..]);
        let reader = Reader::new(input).unwrap();
        assert_eq!(
            reader.filter(|block| block.is_ok()).count(),
            crate::made::blocks().len()
        );
    });
    assert!(most < MIB, "{most} bytes");
}
