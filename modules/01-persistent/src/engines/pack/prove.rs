//! Looking at what lies under the blocks: `verify` asks for it.
//!
//! ```text
//! header  mark  section  ????  section  rm      every segment from end to end, one a thread
//!               live           dead
//! ```
//!
//! All of it is hashed: the heads of blocks that nobody needs any more, marks and notes of deletes
//! have nothing else that tells a flipped bit, and other readers of CARs stumble over each. A block
//! whose own bytes are damaged is not told here: whoever reads it finds out, and knows its name; and
//! if it was deleted, or put again, nobody needs those.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use datastore::{Error, Key, Result};

use super::core::{Core, lock};
use super::scan::Found;
use super::section::{Frame, MAX_HEAD, RAW};
use super::segment::{self, HEADER};
use super::walk;

/// So many damaged places are named; all are counted.
const NAMED: usize = 5;

/// What was seen in a segment, or in several.
#[derive(Debug, Default)]
struct Seen {
    /// Blocks that the index names, where it names them.
    live: u64,
    damaged: u64,
    /// The first of the damaged places.
    places: Vec<String>,
}

impl Seen {
    fn damage(&mut self, place: String) {
        self.damaged += 1;
        if self.places.len() < NAMED {
            self.places.push(place);
        }
    }

    fn add(&mut self, more: Seen) {
        self.live += more.live;
        self.damaged += more.damaged;
        self.places.extend(more.places);
        self.places.truncate(NAMED);
    }
}

impl Core {
    /// Looks at every byte of the segments, and whether all blocks that the index names are there;
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::Corrupt`], which counts the damaged places and names the first few; those of reading.
    pub fn prove(self: &Arc<Self>) -> Result<()> {
        // Nothing moves meanwhile.
        let _compaction = lock(&self.compaction);
        if let Some(error) = self.unmended.get() {
            return Err(error.clone());
        }
        let numbers = self.segments.numbers()?;
        let mut all = Seen::default();
        for seen in self.at_once(&numbers, |number| self.seen(number))? {
            all.add(seen);
        }
        let mut named = 0u64;
        for key in walk::keys(self, &Key::blocks())? {
            key?;
            named += 1;
        }
        if all.damaged > 0 {
            let what = format!(
                "{} of its places are damaged, and no other reader of CARs gets past them: {}{}; \
                 salvage the store",
                all.damaged,
                all.places.join(", "),
                if all.damaged > NAMED as u64 {
                    ", …"
                } else {
                    ""
                },
            );
            let path = self.segments.dir().to_owned();
            return Err(Error::Corrupt { path, what });
        }
        if named != all.live {
            self.refuse_gone()?;
            let what = format!(
                "the index names {named} blocks, of which {} are there; open the store again \
                 for writing, without its files that end in .run, which are made anew",
                all.live
            );
            let path = self.segments.dir().to_owned();
            return Err(Error::Corrupt { path, what });
        }
        Ok(())
    }

    /// Refuses a log of which a segment is gone that the index names.
    fn refuse_gone(self: &Arc<Self>) -> Result<()> {
        let there = self.segments.numbers()?;
        let mut gone = BTreeMap::new();
        for key in walk::keys(self, &Key::blocks())? {
            if let Some(place) = self.place(&key?)?
                && there.binary_search(&place.at.segment).is_err()
            {
                *gone.entry(place.at.segment).or_insert(0u64) += 1;
            }
        }
        let Some((number, blocks)) = gone.pop_first() else {
            return Ok(());
        };
        let more = match gone.len() {
            0 => String::new(),
            more => format!(", and so are {more} files more"),
        };
        Err(Error::Corrupt {
            path: self.segments.path(number),
            what: format!(
                "the file is gone, and {blocks} blocks were in it{more}; bring it back from a copy, \
                 or put those blocks again"
            ),
        })
    }

    fn seen(&self, number: u32) -> Result<Seen> {
        let mut seen = Seen::default();
        let path = self.segments.path(number);
        let file = self.segments.file(number)?;
        let len = self.segments.len(number)?;
        let place = |at: u64| format!("byte {at} of {}", segment::name(number));
        let read = |at: u64, len: u64| {
            let bytes = file.read_vec(at, len);
            bytes.map_err(|error| Error::io("read", &path, error))
        };
        let begin = HEADER.len() as u64;
        if read(0, begin.min(len))? != HEADER {
            seen.damage(place(0));
        }
        let torn = self.torn.get().and_then(|torn| torn.get(&number));
        // Whether the head alone is what is damaged.
        let mut loose = false;
        self.each(number, begin, len, &mut |found| {
            match found {
                Found::Block {
                    at, len, multihash, ..
                } => seen.live += u64::from(self.is_at(multihash, number, at, len)?),
                Found::Loose { .. } => loose = true,
                // What a killed writer left, and the next one cuts off.
                Found::Damage { from, to } if to == len && torn == Some(&from) => loose = false,
                Found::Damage { from, to } => {
                    let len = to - from;
                    let head = read(from, len.min(MAX_HEAD as u64))?;
                    let frame = Frame::read(&head).filter(|frame| frame.len as u64 == len);
                    match frame.filter(|frame| frame.codec == RAW && !loose) {
                        Some(frame) => {
                            let multihash = frame.multihash(&head);
                            let live = self.is_at(multihash, number, from, len as u32)?;
                            seen.live += u64::from(live);
                        }
                        None => seen.damage(place(from)),
                    }
                    loose = false;
                }
                Found::Deleted { .. } => {}
            }
            Ok(())
        })?;
        Ok(seen)
    }

    /// Does the same with many segments, one a thread; on a disk of a test one after another.
    pub(super) fn at_once<T: Send>(
        &self,
        numbers: &[u32],
        work: impl Fn(u32) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let cores = match self.segments.disk().is_os() {
            true => thread::available_parallelism().map_or(1, usize::from),
            false => 1,
        };
        let next = AtomicUsize::new(0);
        let go = || {
            let mut done = Vec::new();
            while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((*number, work(*number)));
            }
            done
        };
        let mut done = thread::scope(|scope| {
            // Without one that cannot be had the others do what there is.
            let threads: Vec<_> = (1..cores.min(numbers.len()))
                .filter_map(|_| thread::Builder::new().spawn_scoped(scope, go).ok())
                .collect();
            let mut done = go();
            for thread in threads {
                match thread.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, result)| result).collect()
    }
}
