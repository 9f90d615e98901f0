//! Going through a segment, section by section, and proving each.
//!
//! ```text
//! section  section  section  ?????????????  section  section
//! proven   proven   proven   damage         proven   proven     a hash each
//!                            └ resync.rs finds where it ends
//! ```
//!
//! The length of a section says where the next begins, so that one flipped bit in a length hides all
//! that follows. Cutting off there would lose half of a segment on average; finding the next section
//! again (`resync.rs`) loses one block; and as what lies between is then known to be one section, its
//! head is known, too: of a flipped bit in a head nothing is lost (`loose.rs`).

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use block_cid::Hash;
use block_cid::hash::hash_many;
use datastore::DiskFile;

use super::note::{Id, Note};
use super::section::{DAG_CBOR, Frame, MAX_HEAD, proves};
use super::segment::HEADER;
use super::window::{PIECE, Window};

/// Something in a segment. Offsets are from its beginning, in bytes.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// A block, proven.
    Block {
        at: u64,
        len: u32,
        multihash: &'a [u8],
        value: &'a [u8],
    },
    /// These multihashes were deleted.
    Deleted {
        at: u64,
        len: u32,
        blocks: Vec<Vec<u8>>,
    },
    /// A block, proven, the head of whose section is damaged, and where that ends.
    Loose {
        multihash: Vec<u8>,
        value: &'a [u8],
        end: u64,
    },
    /// What lies here is no section. Something loose may have come from it.
    Damage { from: u64, to: u64 },
}

/// How much work is done to find sections in what is damaged: bytes that may be hashed for each
/// that is damaged, beside each byte once and 4 MiB in any case.
///
/// A block full of heads that are none, each of which claims a megabyte, makes whoever believes
/// them hash that megabyte thousands of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// When a store is opened: 8. The next mark ends the search at last.
    Opening,
    /// When it is salvaged: 4,096.
    Salvage,
}

impl Effort {
    pub fn factor(self) -> u64 {
        match self {
            Effort::Opening => 8,
            Effort::Salvage => 4096,
        }
    }
}

pub(super) type Emit<'e, E> = dyn FnMut(Found<'_>) -> Result<(), E> + 'e;

/// Whether the index names a section that begins there, has so many bytes and this multihash.
pub(super) type Named<'n> = dyn Fn(u64, usize, &[u8]) -> bool + 'n;

/// Goes through the sections of `file` in `part`, at whose beginning one begins; gives each to `emit`,
/// by where they begin, and what lies between. Behind a damage, up to the next mark, they may overlap.
pub(super) fn scan<E: From<io::Error>>(
    file: &dyn DiskFile,
    part: Range<u64>,
    effort: Effort,
    named: &Named<'_>,
    emit: &mut Emit<'_, E>,
) -> Result<Spent, E> {
    let mut scan = Scan::new(file, part.end, effort, named)?;
    let mut at = part.start;
    while at < part.end {
        let end = scan.proven(at, emit)?;
        if end == at {
            at = scan.damaged(at, emit)?;
        } else {
            at = end;
        }
    }
    Ok(scan.spent)
}

/// What a scan took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// Bytes that are no sections.
    pub damaged: u64,
    /// Bytes that lie between those and the next mark, or are those.
    pub searched: u64,
    /// Bytes that were hashed to find sections in what was searched.
    pub hashed: u64,
}

pub(super) struct Scan<'a> {
    pub(super) window: Window<'a>,
    pub(super) to: u64,
    pub(super) effort: Effort,
    /// The id of the segment, as far as it is readable.
    pub(super) id: Option<Id>,
    /// Sections behind a damage that are proven already.
    pub(super) known: HashSet<u64>,
    /// What the index knows.
    pub(super) named: &'a Named<'a>,
    /// Where the chain of sections broke last.
    pub(super) broken: u64,
    /// Where no mark begins, to the one that does.
    pub(super) marked: Range<u64>,
    pub(super) spent: Spent,
}

impl<'a> Scan<'a> {
    fn new(
        file: &'a dyn DiskFile,
        to: u64,
        effort: Effort,
        named: &'a Named<'a>,
    ) -> io::Result<Scan<'a>> {
        let mut window = Window::new(file, to);
        // Where the first mark has it, whatever else of that is damaged.
        let mark = Note::Mark.section(&Id::default(), 0);
        let place = mark.windows(16).position(|bytes| bytes == [0; 16]);
        let at = HEADER.len() + place.unwrap_or_default();
        let id = Id::try_from(window.at(at as u64, 16)?).ok();
        Ok(Scan {
            window,
            to,
            effort,
            id,
            known: HashSet::new(),
            named,
            broken: 0,
            marked: 0..0,
            spent: Spent::default(),
        })
    }

    /// Emits the proven sections from `at` on, as many as there are in a piece; where they end.
    fn proven<E: From<io::Error>>(&mut self, at: u64, emit: &mut Emit<'_, E>) -> Result<u64, E> {
        let batch = self.chain(at)?;
        let proven = self.prove(&batch);
        let mut good = true;
        let mut end = at;
        for ((at, frame), proven) in batch.into_iter().zip(proven) {
            good &= proven;
            if good {
                self.known.remove(&at);
                end = at + frame.len as u64;
                self.emit(at, &frame, emit)?;
            } else if proven {
                self.known.insert(at);
            }
        }
        Ok(end)
    }

    /// The sections from `at` on by what their lengths say, with all their bytes in the window.
    fn chain(&mut self, mut at: u64) -> io::Result<Vec<(u64, Frame)>> {
        self.window.move_to(at, PIECE.min(MAX_HEAD as u64))?;
        if let Some(frame) = self.frame(at) {
            self.window.move_to(at, frame.len as u64)?;
        }
        let mut batch = Vec::new();
        while let Some(frame) = self.frame(at) {
            if self.window.from(at).len() < frame.len {
                break;
            }
            batch.push((at, frame));
            at += frame.len as u64;
        }
        Ok(batch)
    }

    /// The head at `at`, as far as it is in the window, if the section ends in the segment.
    pub(super) fn frame(&self, at: u64) -> Option<Frame> {
        let frame = Frame::read(self.window.from(at))?;
        (at + frame.len as u64 <= self.to).then_some(frame)
    }

    /// Which of these sections hash.
    fn prove(&self, batch: &[(u64, Frame)]) -> Vec<bool> {
        let parts = batch.iter().map(|(at, frame)| {
            let bytes = self.window.from(*at);
            (*at, frame.multihash(bytes), frame.value(bytes))
        });
        let parts: Vec<(u64, &[u8], &[u8])> = parts.collect();
        let is_usual = |multihash: &[u8]| multihash.starts_with(&[0x12, 0x20]);
        let inputs: Vec<&[u8]> = parts
            .iter()
            .filter(|(at, multihash, _)| is_usual(multihash) && !self.known.contains(at))
            .map(|(_, _, value)| *value)
            .collect();
        let made = hash_many(Hash::SHA2_256, &inputs).unwrap_or_default();
        let mut made = made.into_iter();
        let prove = |(at, multihash, value): &(u64, &[u8], &[u8])| {
            if self.known.contains(at) {
                true
            } else if is_usual(multihash) {
                let made = made.next();
                made.is_some_and(|made| multihash.get(2..) == Some(made.digest()))
            } else {
                proves(multihash, value)
            }
        };
        parts.iter().map(prove).collect()
    }

    /// Emits a proven section, all of which is in the window.
    pub(super) fn emit<E>(&self, at: u64, frame: &Frame, emit: &mut Emit<'_, E>) -> Result<(), E> {
        let bytes = self.window.from(at);
        let (multihash, value) = (frame.multihash(bytes), frame.value(bytes));
        let len = frame.len as u32;
        if frame.codec != DAG_CBOR {
            return emit(Found::Block {
                at,
                len,
                multihash,
                value,
            });
        }
        match self.note(at, value) {
            Some(Note::Deleted(blocks)) => emit(Found::Deleted { at, len, blocks }),
            Some(Note::Mark) | None => Ok(()),
        }
    }

    /// The note of the section at `at`, if the id of the segment is in it, and this place: in the inside
    /// of somebody's block may be anything else.
    pub(super) fn note(&self, at: u64, value: &[u8]) -> Option<Note> {
        let (note, id, place) = Note::read(value)?;
        let ours = self.id.is_some_and(|ours| near(&ours, &id));
        (ours && place == at).then_some(note)
    }
}

/// Whether two hashes, or ids, are one, of which a part is damaged: half of their bytes are the same.
pub(super) fn near(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
    a.len() == b.len() && same * 2 >= a.len()
}
