//! What fails ends all three threads, says why, and leaves nothing half told.

use std::fs;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use block_cid::{Block, Blockstore, Cids};
use bytes::Bytes;
use unixfs_car::import::{Added, Importer, Options, Source, Watch};
use unixfs_car::{Chunker, Cid, Error, Profile};

use super::{profiled, store};

/// Zeros without end.
struct Endless;

impl Read for Endless {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        to.fill(0);
        Ok(to.len())
    }
}

/// Fails after so many bytes.
struct Broken(u64);

impl Read for Broken {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0 {
            0 => Err(io::Error::other("the disk is on fire")),
            left => {
                let read = left.min(to.len() as u64);
                self.0 -= read;
                Ok(read as usize)
            }
        }
    }
}

/// A store that takes so many batches and no more.
struct Full(AtomicU64);

#[rustfmt::skip]
impl Blockstore for Full {
    fn get(&self, _: &Cid) -> block_cid::Result<Option<Block>> { Ok(None) }
    fn put(&self, _: &Block) -> block_cid::Result<()> { Ok(()) }
    fn size(&self, _: &Cid) -> block_cid::Result<Option<u64>> { Ok(None) }
    fn delete(&self, _: &Cid) -> block_cid::Result<()> { Ok(()) }
    fn cids(&self) -> block_cid::Result<Cids<'_>> { Ok(Box::new(std::iter::empty())) }
    fn sync(&self) -> block_cid::Result<()> { Ok(()) }
    fn put_many(&self, _: &[Block]) -> block_cid::Result<()> {
        match self.0.load(SeqCst) {
            0 => Err(block_cid::Error::io("write", io::Error::other("full"))),
            left => { self.0.store(left - 1, SeqCst); Ok(()) }
        }
    }
}

struct Stop(AtomicU64);

impl Watch for Stop {
    fn read(&self, bytes: u64) {
        self.0.fetch_add(bytes, SeqCst);
    }

    fn stops(&self) -> bool {
        self.0.load(SeqCst) > 30 << 20
    }
}

fn importer() -> Importer {
    Importer::new(Options::default()).unwrap()
}

#[test]
fn a_reader_that_fails_is_named_with_its_error() {
    for bytes in [0, 10, 40 << 20] {
        let source = Source::reader(Broken(bytes));
        let error = importer().add_source(source, &store()).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            (error.to_string().as_str(), cause.as_str()),
            ("cannot read the stream", "the disk is on fire")
        );
    }
}

#[test]
fn a_store_that_fails_ends_a_stream_without_end() {
    for batches in [0, 3] {
        let full = Full(batches.into());
        let error = importer()
            .add_source(Source::reader(Endless), &full)
            .unwrap_err();
        assert!(
            matches!(error, Error::Blocks(block_cid::Error::Io { .. })),
            "{error}"
        );
    }
}

#[test]
fn whoever_watches_can_stop_it() {
    let stop = Stop(AtomicU64::new(0));
    let error = importer()
        .add(Source::reader(Endless), None, &stop, &mut |_| Ok(()))
        .unwrap_err();
    assert!(matches!(error, Error::Stopped), "{error}");
    let read = stop.0.load(SeqCst);
    assert!(read < 31 << 20, "{read} bytes were read");
}

#[test]
fn whoever_is_told_can_end_it() {
    let files = (0..20_000).map(|n| Source::bytes(n.to_string()).named(n.to_string()));
    let mut told = 0;
    let error = importer().add(
        Source::folder(files.collect()),
        None,
        &(),
        &mut |added: &[Added]| {
            told += added.len();
            Err(Error::Stopped)
        },
    );
    assert!(matches!(error, Err(Error::Stopped)));
    assert!(told > 0 && told < 20_000, "{told}");
}

/// Hashing fails on the thread between: identity has no place for more than 128 bytes.
#[test]
fn a_hash_that_cannot_take_a_block_ends_it() {
    let profile = Profile {
        hash: block_cid::Hash::IDENTITY,
        chunker: Chunker::Size(200),
        ..Profile::KUBO
    };
    let importer = Importer::new(profiled(profile)).unwrap();
    let error = importer
        .add_source(Source::reader(Endless), &store())
        .unwrap_err();
    assert!(error.to_string().contains("up to 128 bytes"), "{error}");
}

#[test]
fn what_is_no_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let missing = place.path().join("missing");
    let error = importer()
        .add_source(Source::path(&missing), &store())
        .unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
    let socket = place.path().join("socket");
    let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [&socket, place.path()] {
        let error = importer()
            .add_source(Source::path(path), &store())
            .unwrap_err();
        assert!(
            matches!(&error, Error::Special { path } if *path == socket),
            "{error}"
        );
        assert!(error.to_string().contains("--ignore"), "{error}");
    }
    fs::remove_file(&socket).unwrap();
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let twice = ["a", "a"].map(|name| Source::bytes("x").named(name)).into();
    let error = importer()
        .add_source(Source::folder(twice), &store())
        .unwrap_err();
    assert!(
        matches!(&error, Error::Entry { name, .. } if name == "a"),
        "{error}"
    );
    let odd = vec![Source::bytes(Bytes::new()).named("a/b")];
    importer()
        .add_source(Source::folder(odd), &store())
        .unwrap_err();
}
