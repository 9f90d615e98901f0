//! A CAR as a blockstore that is only read.

use block_cid::{Block, Blockstore, Cid, Cids, Hash, codec};

use super::index::{Builder, Entry, Format, Scratch};
use super::{Error, File, Head, Index, Result};

/// The blocks of a CAR, found by its index, and proven whenever they are read.
///
/// Where an index leads to another block than it says, that is an error and not an absent block. A block
/// that an index does not have is absent, be it in the file or not: [`verify`](super::verify()) compares
/// them, and [`scan`](Self::scan) makes an index that is right.
#[derive(Debug)]
pub struct Indexed {
    car: File,
    index: Index,
    refused: Option<Error>,
    scanned: bool,
}

impl Indexed {
    /// The blocks of this CAR. The index in it is used if there is one that can be read; otherwise the heads
    /// of all sections are read once.
    ///
    /// # Errors
    /// Those of [`scan`](Self::scan), and of reading the index.
    pub fn new(car: File, scratch: &Scratch) -> Result<Indexed> {
        let (index, refused) = match car.index() {
            Ok(index) => (index, None),
            Err(error @ (Error::Index { .. } | Error::IndexFormat { .. })) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        match index {
            Some(index) => Ok(Indexed {
                car,
                index,
                refused,
                scanned: false,
            }),
            None => Ok(Indexed {
                refused,
                ..Indexed::scan(car, scratch)?
            }),
        }
    }

    /// Reads the heads of all sections, whatever index there is.
    ///
    /// # Errors
    /// Those of [`File::heads`]; [`Io`](block_cid::Error::Io) of the file of the `scratch`.
    pub fn scan(car: File, scratch: &Scratch) -> Result<Indexed> {
        let mut builder = Builder::new(Format::MultihashSorted, scratch);
        for head in car.heads() {
            let head = head?;
            if head.cid.hash().code() != Hash::IDENTITY.code() {
                builder.add(head.cid.hash(), head.offset - car.start())?;
            }
        }
        let index = builder.index()?;
        Ok(Indexed {
            car,
            index,
            refused: None,
            scanned: true,
        })
    }

    /// The file.
    pub fn car(&self) -> &File {
        &self.car
    }

    /// Whether all heads were read, since there is no index in the file, or none that can be used.
    pub fn is_scanned(&self) -> bool {
        self.scanned
    }

    /// Why the index in the file was not used, if there is one.
    pub fn refused(&self) -> Option<&Error> {
        self.refused.as_ref()
    }

    /// The first section of this multihash that is where the index says; of those that are not, why.
    fn find(&self, cid: &Cid) -> block_cid::Result<Option<Head>> {
        let mut wrong = None;
        for offset in self.index.find(cid.hash()).map_err(outer)? {
            let offset = offset.map_err(outer)?;
            match self.head(offset) {
                Ok(head) if head.cid.hash() == cid.hash() => return Ok(Some(head)),
                Ok(head) => drop(wrong.get_or_insert_with(|| {
                    self.misleads(format!(
                        "{cid} should begin at byte {}, where {} does",
                        head.offset, head.cid
                    ))
                })),
                Err(Error::Blocks(error @ block_cid::Error::Io { .. })) => return Err(error),
                Err(error) => drop(wrong.get_or_insert_with(|| {
                    self.misleads(format!("{cid} should be where it is not: {error}"))
                })),
            }
        }
        wrong.map_or(Ok(None), Err)
    }

    fn head(&self, offset: u64) -> Result<Head> {
        let at = self.car.start().saturating_add(offset);
        self.car.head(at)
    }

    fn misleads(&self, what: String) -> block_cid::Error {
        block_cid::Error::Store(datastore::Error::Corrupt {
            path: self.car.name().to_owned(),
            what: format!("its index is wrong: {what}; `car index` makes it anew"),
        })
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
        let Some(head) = self.find(cid)? else {
            return Ok(None);
        };
        let (_, data) = self.car.block(&head).map_err(outer)?.into_parts();
        match Block::checked(*cid, data) {
            Err(block_cid::Error::WrongCid { claimed, actual }) => Err(block_cid::Error::Corrupt {
                cid: claimed,
                actual,
            }),
            block => block.map(Some),
        }
    }

    fn size(&self, cid: &Cid) -> block_cid::Result<Option<u64>> {
        if is_inline(cid)? {
            return Ok(Some(cid.hash().digest().len() as u64));
        }
        Ok(self.find(cid)?.map(|head| head.block.1))
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

    /// In the order of the index. Each head is read, to see that it is there.
    fn cids(&self) -> block_cid::Result<Cids<'_>> {
        let mut last: Option<Entry> = None;
        let mut entries = self.index.entries();
        Ok(Box::new(std::iter::from_fn(move || {
            loop {
                let entry = match entries.next()? {
                    Ok(entry) => entry,
                    Err(error) => return Some(Err(outer(error))),
                };
                let same = |last: &Entry| (last.code, &last.digest) == (entry.code, &entry.digest);
                if last.as_ref().is_some_and(same) {
                    continue;
                }
                let head = self.head(entry.offset);
                last = Some(entry);
                match head {
                    Ok(head) if head.cid.hash().code() == Hash::IDENTITY.code() => {}
                    Ok(head) => return Some(Ok(Cid::new_v1(codec::RAW, *head.cid.hash()))),
                    Err(error) => return Some(Err(outer(error))),
                }
            }
        })))
    }
}
