//! CARs, of both versions.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use block_cid::{Block, Blockstore, Cid, Hash, car};
use datastore::disk::{DiskFile, Meta};
use persistent::ops::Silent;
use unixfs_car::car::header::{LEN, PRAGMA};
use unixfs_car::car::index::Scratch;
use unixfs_car::car::{File, Header, Indexed, Reader, verify};

use crate::limit::{SPARE, measured, within};

/// What a reader of a file has for its buffer.
const BUFFER: u64 = 1 << 20;

/// What a CAR says: its roots, its blocks with where each begins, and why there are no more.
#[derive(Debug, PartialEq)]
struct Said {
    roots: Vec<Cid>,
    blocks: Vec<(u64, Block)>,
    /// Where the last good section ends.
    end: u64,
    error: Option<String>,
}

/// Version 1.
pub(super) fn v1(bytes: &[u8]) {
    // Read section by section, it takes what a section takes.
    within(bytes, 4, || {
        car::Reader::new(bytes).map(|sections| sections.for_each(drop))
    })
    .ok();
    let whole = read(bytes);
    assert_eq!(read(Ragged { bytes, turn: 0 }), whole, "from ragged reads");
    let Ok(said) = whole else {
        return;
    };
    // Nothing of the framing has two forms, so that what was read is written again.
    let mut writer = car::Writer::new(Vec::new(), &said.roots).expect("they fitted into a header");
    for (offset, block) in &said.blocks {
        assert_eq!(writer.put(block).ok(), Some(*offset));
    }
    let written = writer.finish().expect("memory is written");
    assert_eq!(written.len() as u64, said.end);
    assert!(bytes.starts_with(&written), "it has another form");
}

fn read(input: impl Read) -> Result<Said, String> {
    let reader = car::Reader::new(input).map_err(|error| error.to_string())?;
    let roots = reader.roots().to_vec();
    Ok(said(reader, roots, car::Reader::offset))
}

/// All that a reader of sections gives, and where each begins.
fn said<R, E>(mut reader: R, roots: Vec<Cid>, offset: impl Fn(&R) -> u64) -> Said
where
    R: Iterator<Item = Result<Block, E>>,
    E: ToString,
{
    let mut said = Said {
        roots,
        blocks: Vec::new(),
        end: offset(&reader),
        error: None,
    };
    while let Some(block) = reader.next() {
        match block {
            Ok(block) => {
                said.blocks.push((said.end, block));
                said.end = offset(&reader);
            }
            Err(error) => said.error = Some(error.to_string()),
        }
    }
    said
}

/// Both versions, from a stream and from a file.
pub(super) fn v2(bytes: &[u8]) {
    header(bytes);
    let stream = stream(bytes);
    assert_eq!(
        self::stream(Ragged { bytes, turn: 0 }),
        stream,
        "from ragged reads"
    );
    let memory = Arc::new(Memory(bytes.to_vec()));
    let file = File::open(memory, Path::new("fuzz.car"));
    assert_eq!(file.is_ok(), stream.is_ok());
    let (Ok(file), Ok(said)) = (file, stream) else {
        return;
    };
    assert_eq!(file.roots(), said.roots);
    heads(&file, &said);
    let scratch = Scratch::new(std::env::temp_dir());
    let mut faults = 0;
    let mut tell = |finding: verify::Finding| {
        faults += u64::from(!finding.is_warning());
        Ok(())
    };
    let (report, used) = measured(|| verify(&file, &scratch, &Silent, &mut tell));
    let limit = 16 * bytes.len() as u64 + BUFFER + SPARE;
    assert!(
        used <= limit,
        "{used} bytes of memory, and {limit} are allowed"
    );
    let report = report.expect("memory is read");
    assert_eq!(report.faults, faults);
    if faults == 0 {
        assert_eq!(said.error, None);
        assert_eq!(report.blocks, said.blocks.len() as u64);
    }
    let Ok(store) = Indexed::new(file, &scratch) else {
        return;
    };
    let proven = |cid: &Cid| match store.get(cid) {
        Ok(Some(block)) => {
            let (cid, data) = block.into_parts();
            assert!(Block::checked(cid, data).is_ok(), "{cid} is not proven");
            true
        }
        _ => false,
    };
    let checked = |block: &Block| Block::checked(*block.cid(), block.data().clone()).is_ok();
    // Whatever the index says.
    let good = said.error.is_none() && said.blocks.iter().all(|(_, block)| checked(block));
    match store.cids() {
        Ok(listed) => listed
            .flatten()
            .for_each(|cid| assert!(proven(&cid) || !good)),
        Err(error) => assert!(!good, "{error}"),
    }
    for (_, block) in &said.blocks {
        let found = proven(block.cid());
        assert!(found || !good, "{} is good and not found", block.cid());
    }
}

/// The header of a CARv2 is given back.
fn header(bytes: &[u8]) {
    let header = bytes
        .strip_prefix(&PRAGMA)
        .and_then(|rest| rest.first_chunk::<LEN>());
    if let Some(header) = header
        && let Ok(decoded) = Header::decode(header)
    {
        assert_eq!(&decoded.encode(), header);
        assert!(decoded.index(bytes.len() as u64).is_err() || decoded.data_end() > 0);
    }
}

/// The sections, each by itself; and no group has a block that is not proven.
fn stream(input: impl Read) -> Result<Said, String> {
    let reader = Reader::new(input).map_err(|error| error.to_string())?;
    let roots = reader.roots().to_vec();
    Ok(said(reader, roots, Reader::offset))
}

/// The heads in a file are those of the sections in a stream, and groups have proven blocks alone.
fn heads(file: &File, said: &Said) {
    let heads: Vec<_> = file.heads().collect();
    for (head, (offset, block)) in heads.iter().zip(&said.blocks) {
        let head = head.as_ref().expect("a stream has it");
        assert_eq!((head.offset, head.cid), (*offset, *block.cid()));
        assert_eq!(file.block(head).ok().as_ref(), Some(block));
    }
    // They end at the same byte; a file knows its length, and may give another reason.
    let ended = heads.get(said.blocks.len()).map(|head| head.is_err());
    assert_eq!(ended.is_some(), said.error.is_some());
    assert!(ended.unwrap_or(true));
    let Ok(mut groups) = file.reader() else {
        return;
    };
    while let Ok(group) = groups.group() {
        if group.is_empty() {
            break;
        }
        for section in group {
            assert!(section.block.is_proven());
            let (cid, data) = section.block.into_parts();
            let inline = cid.hash().code() == Hash::IDENTITY.code();
            assert!(
                inline || Block::checked(cid, data).is_ok(),
                "{cid} is not proven"
            );
        }
    }
}

/// Gives a few bytes at a time, and is interrupted at times.
struct Ragged<'a> {
    bytes: &'a [u8],
    turn: usize,
}

impl Read for Ragged<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let few = buffer.len().min(1 + self.turn % 7);
        let buffer = buffer.get_mut(..few).unwrap_or_default();
        self.bytes.read(buffer)
    }
}

/// A file in memory that is only read.
#[derive(Debug)]
struct Memory(Vec<u8>);

impl DiskFile for Memory {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.0.get(from..).unwrap_or_default();
        rest.read(buffer)
    }

    fn look(&self) -> io::Result<Meta> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn write_at(&self, _: &[u8], _: u64) -> io::Result<usize> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }
}
