//! The bytes of the ledger.
//!
//! ```text
//! 0   8  "cairnack"
//! 8   8  sealed: bytes of this file that the last clean close left
//! 16  8  the sum of the last frame there
//! 24  8  the records there
//! 32  8  the records that were live when the file was last written anew
//! 40  8  1 while deletes may be missing from the records, else 0
//! 48  8  sum of the 48 bytes above
//! 56     frames: one for each commit, or several where it has more than 64 KiB of records
//!          8  sum of the rest of the frame, seeded with the sum of the frame before (the first: 0)
//!          4  length of the records, 1 to 65,536
//!          n  records: 1 byte what, 1 byte length, so many bytes
//! ```
//!
//! Numbers are little-endian, sums are XXH3 of 64 bits.
//!
//! | what | bytes | it says |
//! | --- | --- | --- |
//! | `+` | multihash | put, and on disk when it was acknowledged |
//! | `~` | multihash | put, and acknowledged before it was on disk |
//! | `-` | multihash | deleted, or about to be |
//! | `?` | multihash | put, and perhaps deleted since |
//! | `s` | offset | what was recorded before this offset is on disk |
//! | `u` | none | what was put before may have been deleted without a record |
//! | `l` | none | what was put before, and not on disk by any `s`, may be lost, and that was told |
//!
//! Since each sum goes into the next, the sum of the last frame is one of the whole file: a frame
//! that is missing, or in another place, does not fit.

use std::io;
use std::mem;

use datastore::disk::DiskFile;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Bytes before the first frame.
pub(crate) const HEADER: u64 = 56;

const MAGIC: &[u8; 8] = b"cairnack";

/// Bytes of a frame before its records.
const FRAME: usize = 12;

/// The most bytes of records in a frame.
const MAX: usize = 64 << 10;

/// How much is read at once.
const CHUNK: usize = 1 << 20;

/// A place between two frames, and what leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// Bytes from the start of the file.
    #[serde(rename = "bytes")]
    pub at: u64,
    /// The sum of the frame before.
    pub sum: u64,
    /// The records before.
    pub records: u64,
}

impl Point {
    /// Before the first frame.
    pub const START: Point = Point {
        at: HEADER,
        sum: 0,
        records: 0,
    };
}

/// What the first bytes of the file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Where the last clean close ended.
    pub sealed: Point,
    /// How many records were live when that was last counted.
    pub live: u64,
    /// Deletes may be missing from the records.
    pub loose: bool,
}

impl Header {
    pub const NEW: Header = Header {
        sealed: Point::START,
        live: 0,
        loose: false,
    };

    pub fn write(&self, file: &dyn DiskFile) -> io::Result<()> {
        let mut bytes = MAGIC.to_vec();
        let Point { at, sum, records } = self.sealed;
        for number in [at, sum, records, self.live, u64::from(self.loose)] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(xxh3_64(&bytes).to_le_bytes());
        file.write_all_at(&bytes, 0)
    }

    /// The header, or what is wrong with it.
    pub fn read(file: &dyn DiskFile) -> io::Result<Result<Header, Unreadable>> {
        let bytes = match file.read_vec(0, HEADER) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Err(Unreadable::Foreign));
            }
            read => read?,
        };
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Ok(Err(Unreadable::Foreign));
        };
        let mut numbers = rest.chunks_exact(8).map(number);
        let mut next = || numbers.next().unwrap_or_default();
        let sealed = Point {
            at: next(),
            sum: next(),
            records: next(),
        };
        let (live, loose, sum) = (next(), next() != 0, next());
        let summed = bytes.get(..48).unwrap_or_default();
        if xxh3_64(summed) != sum || sealed.at < HEADER {
            return Ok(Err(Unreadable::Damaged));
        }
        Ok(Ok(Header {
            sealed,
            live,
            loose,
        }))
    }
}

/// Why there is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The file is no ledger.
    Foreign,
    /// It is one, and its header is not what was written.
    Damaged,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Put,
    Weak,
    Delete,
    Perhaps,
    Synced,
    Unsure,
    Dropped,
}

impl What {
    fn byte(self) -> u8 {
        match self {
            What::Put => b'+',
            What::Weak => b'~',
            What::Delete => b'-',
            What::Perhaps => b'?',
            What::Synced => b's',
            What::Unsure => b'u',
            What::Dropped => b'l',
        }
    }

    fn of(byte: u8) -> Option<What> {
        Some(match byte {
            b'+' => What::Put,
            b'~' => What::Weak,
            b'-' => What::Delete,
            b'?' => What::Perhaps,
            b's' => What::Synced,
            b'u' => What::Unsure,
            b'l' => What::Dropped,
            _ => return None,
        })
    }
}

/// Records on their way into a file, in frames. One buffer serves all commits.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// Where each frame begins in `bytes`.
    begin: Vec<usize>,
    records: u64,
}

impl Frames {
    /// Adds a record of at most 255 bytes.
    pub fn push(&mut self, what: What, bytes: &[u8]) {
        let used = self.begin.last().map(|begin| self.bytes.len() - begin);
        if used.is_none_or(|used| used + 2 + bytes.len() > FRAME + MAX) {
            self.begin.push(self.bytes.len());
            // Sum and length come when the frame is whole.
            self.bytes.extend([0; FRAME]);
        }
        let len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let bytes = bytes.get(..usize::from(len)).unwrap_or(bytes);
        self.bytes.extend_from_slice(&[what.byte(), len]);
        self.bytes.extend_from_slice(bytes);
        self.records += 1;
    }

    /// Bytes that wait to be written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes all frames behind `from` by one call, and gives the place behind them. They are
    /// forgotten also when that fails.
    pub fn write(&mut self, file: &dyn DiskFile, from: Point) -> io::Result<Point> {
        let mut to = from;
        let ends = self.begin.iter().skip(1).copied();
        let ends = ends.chain([self.bytes.len()]);
        let mut rest = &mut self.bytes[..];
        for (begin, end) in self.begin.iter().zip(ends) {
            let (frame, others) = mem::take(&mut rest).split_at_mut(end - begin);
            rest = others;
            let len = (end - begin - FRAME) as u32;
            if let Some(place) = frame.get_mut(8..FRAME) {
                place.copy_from_slice(&len.to_le_bytes());
            }
            to.sum = xxh3_64_with_seed(frame.get(8..).unwrap_or_default(), to.sum);
            if let Some(place) = frame.get_mut(..8) {
                place.copy_from_slice(&to.sum.to_le_bytes());
            }
        }
        to.at += self.bytes.len() as u64;
        to.records += self.records;
        let written = match self.bytes.is_empty() {
            true => Ok(()),
            false => file.write_all_at(&self.bytes, from.at),
        };
        self.bytes.clear();
        self.bytes.shrink_to(CHUNK);
        self.begin.clear();
        self.records = 0;
        written.map(|()| to)
    }
}

/// What is found on the way through a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note<'a> {
    /// A record that is what was written.
    Record(What, &'a [u8]),
    /// A delete at the torn end of the file: begun, and perhaps not done.
    Torn(&'a [u8]),
    /// Records that cannot be read.
    Gap,
}

/// How a way through a ledger ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Walked {
    /// Behind the last good frame.
    pub end: Point,
    /// Where the first frame begins that is not what was written.
    pub damage: Option<u64>,
    /// The file ends within a frame, as a write leaves it that did not come to its end.
    pub torn: bool,
}

/// Gives every record between `from` and the byte `end`, with the offset of its frame.
///
/// Behind a damaged frame it goes on if the next one fits to it, and ends there if not.
pub(crate) fn walk<E: From<io::Error>>(
    file: &dyn DiskFile,
    from: Point,
    end: u64,
    each: &mut dyn FnMut(u64, Note<'_>) -> Result<(), E>,
) -> Result<Walked, E> {
    let mut window = Window::new(file, end);
    let mut walked = Walked {
        end: from,
        damage: None,
        torn: false,
    };
    // Where the next frame is looked for; ahead of `walked.end` behind a damaged one.
    let mut next = from;
    while next.at < end {
        let head = window.bytes(next.at, FRAME)?;
        let stored = number(head.get(..8).unwrap_or_default());
        let len = number(head.get(8..FRAME).unwrap_or_default()) as usize;
        let frame = window.bytes(next.at, FRAME.saturating_add(len.min(MAX)))?;
        let records = frame.get(FRAME..).unwrap_or_default();
        let whole = (1..=MAX).contains(&len) && records.len() == len;
        let summed = frame.get(8..).unwrap_or_default();
        if whole && xxh3_64_with_seed(summed, next.sum) == stored {
            if next.at != walked.end.at {
                each(walked.end.at, Note::Gap)?;
            }
            let mut rest = records;
            while let Some((what, bytes, others)) = record(rest) {
                each(next.at, Note::Record(what, bytes))?;
                next.records += 1;
                rest = others;
            }
            next.at += (FRAME + len) as u64;
            next.sum = stored;
            walked.end = next;
            continue;
        }
        if next.at != walked.end.at {
            // Two that do not fit: what follows is anything.
            break;
        }
        if !whole && (len <= MAX || frame.len() < FRAME) && tail_of_records(records) {
            walked.torn = true;
            let mut rest = records;
            while let Some((what, bytes, others)) = record(rest) {
                if what == What::Delete {
                    each(next.at, Note::Torn(bytes))?;
                }
                rest = others;
            }
            return Ok(walked);
        }
        walked.damage.get_or_insert(next.at);
        if !whole {
            break;
        }
        next.at += (FRAME + len) as u64;
        next.sum = stored;
    }
    if walked.damage.is_some() && walked.end.at < end {
        each(walked.end.at, Note::Gap)?;
    }
    Ok(walked)
}

/// The first record: what it says, its bytes, and what follows.
fn record(bytes: &[u8]) -> Option<(What, &[u8], &[u8])> {
    let [what, len, rest @ ..] = bytes else {
        return None;
    };
    let (body, rest) = rest.split_at_checked(usize::from(*len))?;
    Some((What::of(*what)?, body, rest))
}

/// Whether these are records of which the last may be cut short.
fn tail_of_records(mut bytes: &[u8]) -> bool {
    while let Some((_, _, rest)) = record(bytes) {
        bytes = rest;
    }
    match bytes {
        [] => true,
        [what] => What::of(*what).is_some(),
        [what, len, rest @ ..] => What::of(*what).is_some() && rest.len() < usize::from(*len),
    }
}

/// Up to eight bytes as a number.
fn number(bytes: &[u8]) -> u64 {
    let fold = |number, byte: &u8| number << 8 | u64::from(*byte);
    bytes.iter().rev().fold(0, fold)
}

/// A part of a file in memory.
struct Window<'a> {
    file: &'a dyn DiskFile,
    end: u64,
    at: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    fn new(file: &dyn DiskFile, end: u64) -> Window<'_> {
        Window {
            file,
            end,
            at: 0,
            bytes: Vec::new(),
        }
    }

    /// `len` bytes from `at` on, or as many as there are.
    fn bytes(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let there = self.end.saturating_sub(at);
        let len = usize::try_from(there).map_or(len, |there| there.min(len));
        let held = self.at..self.at + self.bytes.len() as u64;
        if at < held.start || at + len as u64 > held.end {
            let more = there.min(CHUNK.max(len) as u64);
            self.bytes = self.file.read_vec(at, more)?;
            self.at = at;
        }
        let from = (at - self.at) as usize;
        Ok(self.bytes.get(from..from + len).unwrap_or_default())
    }
}
