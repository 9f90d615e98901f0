//! Bytes, a reader, a file: the same CID, and the same bytes out again.

use std::fs;
use std::io::{self, Read};

use demo::Data;
use proptest::prelude::*;
use unixfs_car::import::{Importer, Keep, Say, Source};
use unixfs_car::unixfs::{Meta, Mtime};
use unixfs_car::{Layout, Profile, Reader};

use super::{cid, cid_with, profiled, store};

/// Gives at most so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(to.len());
        self.0.read(&mut to[..len])
    }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let chunkers = [
        "size-1",
        "size-100",
        "size-4096",
        "rabin-64",
        "rabin-500-1000-2000",
        "buzhash",
    ];
    let chunker = proptest::sample::select(chunkers.to_vec());
    let profile = proptest::sample::select(Profile::ALL.to_vec());
    let inline = proptest::option::of(0_usize..64);
    (profile, chunker, 2_usize..20, any::<bool>(), inline).prop_map(
        |((_, profile), chunker, links, trickle, inline)| Profile {
            chunker: chunker.parse().unwrap(),
            layout: if trickle {
                Layout::Trickle
            } else {
                Layout::Balanced
            },
            links,
            inline,
            ..profile
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_file_has_one_cid_whatever_the_way_in(
        profile in any_profile(),
        seed: u64,
        len in 0_usize..5_000,
        piece in 1_usize..3_000,
    ) {
        let bytes = Data::new(seed).block(0, len);
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        fs::write(&path, &bytes).unwrap();
        let importer = Importer::new(profiled(profile)).unwrap();
        let blocks = store();
        let root = importer.add_source(Source::bytes(bytes.clone()), &blocks).unwrap();
        let reader = importer.add_source(Source::reader(Slow(&bytes, piece)), &store()).unwrap();
        let file = importer.add_source(Source::path(&path), &store()).unwrap();
        let only = importer.add(Source::path(&path), None, &(), &mut |_| Ok(())).unwrap();
        prop_assert_eq!(root, reader);
        prop_assert_eq!(root, file);
        prop_assert_eq!(root, only);
        prop_assert_eq!(root.bytes, len as u64);
        let mut read = Vec::new();
        Reader::open(&blocks, &root.cid).unwrap().read_to_end(&mut read).unwrap();
        prop_assert_eq!(read, bytes);
    }
}

/// A batch has 8 MiB, or 4096 parts: this is more than one of each.
#[test]
fn a_file_of_several_batches_has_one_cid_too() {
    let bytes = Data::new(7).block(0, (20 << 20) + 5);
    for chunker in ["size-4000", "size-262144", "rabin-1000", "buzhash"] {
        let profile = Profile {
            chunker: chunker.parse().unwrap(),
            ..Profile::UNIXFS_V1_2025
        };
        let importer = Importer::new(profiled(profile)).unwrap();
        let blocks = store();
        let root = importer
            .add_source(Source::bytes(bytes.clone()), &blocks)
            .unwrap();
        let slow = Source::reader(Slow(&bytes, 100_000));
        assert_eq!(
            importer.add_source(slow, &store()).unwrap(),
            root,
            "{chunker}"
        );
        let mut read = Vec::new();
        let mut reader = Reader::open(&blocks, &root.cid).unwrap();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == bytes, "{chunker}");
    }
}

/// `ipfs add --mode=0644 --mtime=5 --mtime-nsecs=7` of "x", by Kubo 0.43.
#[test]
fn what_is_said_about_a_file_is_said_by_its_source_or_by_the_importer() {
    let meta = Meta {
        mode: Some(0o644),
        mtime: Some(Mtime::new(5, 7)),
    };
    let mut options = profiled(Profile::KUBO);
    options.keep = Keep {
        mode: Say::This(0o644),
        mtime: Say::This(Mtime::new(5, 7)),
    };
    let said = cid_with(Source::bytes("x"), options.clone());
    assert_eq!(cid(Source::bytes("x").with_meta(meta)), said);
    let half = Meta { mode: None, ..meta };
    assert_eq!(cid_with(Source::bytes("x").with_meta(half), options), said);
    assert_eq!(said.to_string(), KUBO_SAYS);
}

const KUBO_SAYS: &str = "Qmf4ZEUxxJPJ8ctGB6r8cH4iMJZ7FBLprDpaKoyF1a2RWh";
