//! A CAR as a blockstore that is only read.

use std::sync::OnceLock;

use block_cid::{Block, Blockstore, Cid, Cids, Hash, Multihash, codec};

use super::index::{Builder, Entry, Format, Scratch};
use super::{Error, File, Head, Index, Result};

/// The blocks of a CAR, found by its index, and proven whenever they are read.
///
/// The index in the file is a hint. Where it does not lead to a block, the heads of all sections are read
/// once, and from then on an index of our own answers: a block is absent if it is not in the file, and
/// never because the index says so.
#[derive(Debug)]
pub struct Indexed {
    car: File,
    scratch: Scratch,
    /// The index in the file, if it can be used.
    given: Option<Index>,
    /// That of all sections, once it was needed.
    own: OnceLock<Index>,
    refused: OnceLock<Error>,
}

impl Indexed {
    /// The blocks of this CAR. The index in it is used if there is one that can be read; otherwise the heads
    /// of all sections are read once.
    ///
    /// # Errors
    /// Those of [`scan`](Self::scan), and of reading the index.
    pub fn new(car: File, scratch: &Scratch) -> Result<Indexed> {
        let (given, refused) = match car.index() {
            Ok(index) => (index, None),
            Err(error @ (Error::Index { .. } | Error::IndexFormat { .. })) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        let indexed = match given {
            Some(_) => Indexed {
                car,
                scratch: scratch.clone(),
                given,
                own: OnceLock::new(),
                refused: OnceLock::new(),
            },
            None => Indexed::scan(car, scratch)?,
        };
        refused.map(|why| indexed.refused.set(why));
        Ok(indexed)
    }

    /// Reads the heads of all sections, whatever index there is.
    ///
    /// # Errors
    /// Those of [`File::heads`]; [`Io`](block_cid::Error::Io) of the file of the `scratch`.
    pub fn scan(car: File, scratch: &Scratch) -> Result<Indexed> {
        Ok(Indexed {
            own: index_of(&car, scratch)?.into(),
            car,
            scratch: scratch.clone(),
            given: None,
            refused: OnceLock::new(),
        })
    }

    /// The file.
    pub fn car(&self) -> &File {
        &self.car
    }

    /// Whether all heads were read, since the index in the file is none, or did not lead to a block.
    pub fn is_scanned(&self) -> bool {
        self.own.get().is_some()
    }

    /// Why the index in the file is not used, or not any more, if there is one.
    pub fn refused(&self) -> Option<&Error> {
        self.refused.get()
    }

    /// The index of all sections. Who asks while it is made makes another, and one is kept.
    fn own(&self) -> Result<&Index> {
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let own = index_of(&self.car, &self.scratch)?;
        Ok(self.own.get_or_init(|| own))
    }

    /// What `look` makes of the first section of this multihash. If the index in the file does not lead
    /// there, or `look` finds that it led to another block, all sections are gone through.
    fn find<T>(
        &self,
        cid: &Cid,
        look: impl Fn(&Head) -> block_cid::Result<T>,
    ) -> block_cid::Result<Option<T>> {
        let mut wrong = format!("it does not have {cid}");
        if let Some(given) = self.given.as_ref().filter(|_| !self.is_scanned()) {
            for offset in given.find(cid.hash()).map_err(outer)? {
                let found = self.head(offset.map_err(outer)?);
                wrong = match found {
                    Ok(head) if head.cid.hash() == cid.hash() => match look(&head) {
                        Err(error @ block_cid::Error::Corrupt { .. }) => error.to_string(),
                        found => return found.map(Some),
                    },
                    Ok(head) => format!(
                        "{cid} should begin at byte {}, where {} does",
                        head.offset, head.cid
                    ),
                    Err(Error::Blocks(error @ block_cid::Error::Io { .. })) => return Err(error),
                    Err(error) => format!("{cid} should be where it is not: {error}"),
                };
            }
        }
        let mut all = self
            .own()
            .and_then(|own| own.find(cid.hash()))
            .map_err(outer)?;
        let Some(offset) = all.next() else {
            return Ok(None);
        };
        let head = offset.and_then(|offset| self.head(offset));
        let found = look(&head.map_err(outer)?)?;
        if self.given.is_some() {
            let why = || Error::Misleading { reason: wrong };
            self.refused.get_or_init(why);
        }
        Ok(Some(found))
    }

    fn head(&self, offset: u64) -> Result<Head> {
        let at = self.car.start().saturating_add(offset);
        self.car.head(at)
    }

    fn refuse<T>(&self) -> block_cid::Result<T> {
        Err(block_cid::Error::Store(datastore::Error::ReadOnly {
            path: self.car.name().to_owned(),
            reason: "it is a CAR, which is read as it is; `import` brings its blocks into a store \
                     that can be written"
                .to_owned(),
        }))
    }
}

/// Where all sections lie, but for those of identity CIDs.
fn index_of(car: &File, scratch: &Scratch) -> Result<Index> {
    let mut builder = Builder::new(Format::MultihashSorted, scratch);
    for head in car.heads() {
        let head = head?;
        if head.cid.hash().code() != Hash::IDENTITY.code() {
            builder.add(head.cid.hash(), head.offset - car.start())?;
        }
    }
    builder.index()
}

/// Whether the block is in the CID itself; or why no block has such a CID.
fn is_inline(cid: &Cid) -> block_cid::Result<bool> {
    Hash::of(cid.hash()).map(|hash| hash == Hash::IDENTITY)
}

/// An error as blockstores have it.
fn outer(error: Error) -> block_cid::Error {
    match error {
        Error::Blocks(error) => error,
        error => block_cid::Error::io("read the CAR", std::io::Error::other(error)),
    }
}

impl Blockstore for Indexed {
    fn get(&self, cid: &Cid) -> block_cid::Result<Option<Block>> {
        if is_inline(cid)? {
            let digest = cid.hash().digest().to_vec();
            return Ok(Some(Block::trusted(*cid, digest)));
        }
        self.find(cid, |head| {
            let (_, data) = self.car.block(head).map_err(outer)?.into_parts();
            match Block::checked(*cid, data) {
                Err(block_cid::Error::WrongCid { claimed, actual }) => {
                    Err(block_cid::Error::Corrupt {
                        cid: claimed,
                        actual,
                    })
                }
                block => block,
            }
        })
    }

    fn size(&self, cid: &Cid) -> block_cid::Result<Option<u64>> {
        if is_inline(cid)? {
            return Ok(Some(cid.hash().digest().len() as u64));
        }
        self.find(cid, |head| Ok(head.block.1))
    }

    fn put(&self, _: &Block) -> block_cid::Result<()> {
        self.refuse()
    }

    fn put_many(&self, _: &[Block]) -> block_cid::Result<()> {
        self.refuse()
    }

    fn delete(&self, _: &Cid) -> block_cid::Result<()> {
        self.refuse()
    }

    fn sync(&self) -> block_cid::Result<()> {
        Ok(())
    }

    /// In the order of an index. All heads are read: the index in the file may have others, or fewer.
    fn cids(&self) -> block_cid::Result<Cids<'_>> {
        let mut last: Option<Entry> = None;
        let entries = self.own().map_err(outer)?.entries();
        Ok(Box::new(entries.filter_map(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(outer(error))),
            };
            let same = |last: &Entry| (last.code, &last.digest) == (entry.code, &entry.digest);
            if last.as_ref().is_some_and(same) {
                return None;
            }
            let hash = Multihash::wrap(entry.code?, &entry.digest).ok()?;
            last = Some(entry);
            Some(Ok(Cid::new_v1(codec::RAW, hash)))
        })))
    }
}
