//! A folder of CARs of others, read as a store: its CIDs may be any, and nothing is written to it.
//!
//! ```text
//! folder/one.car        CARv1: a header, and sections             the index in memory says where
//! folder/000002.car     a segment of ours, copied: its notes of   the blocks of a multihash lie
//!                       deletes count for it, and for those before
//!                       it that have the name of a segment, too
//! folder/notes.txt      no CAR: not looked at
//! ```
//!
//! Opening reads the heads of sections, and no blocks; whoever gets a block has it hashed. So a
//! damaged block costs itself, and nothing if another file has it, too. What is no section at all is
//! stepped over (`sections.rs`), and told by a [`check`](Engine::check), and at the end of a listing.
//! An identity CID needs no place here, since it is its block. The index takes about 60 bytes a block.

mod files;
mod index;
mod sections;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use block_cid::Hash;
use bytes::Bytes;
use datastore::disk::Mode;
use datastore::{Batch, Entries, Error, Key, Keys, Result};

use super::NAME;
use super::note::Note;
use super::section::{DAG_CBOR, parse, proves};
use crate::engine::{Engine, Flush, Options};
use crate::engines::usage;
use files::{Car, cars};
pub(crate) use files::{fault, is_folder};
use index::{Gone, Index, Place};
use sections::{Fault, Part, Section, Sections};

/// CARs of others as a store.
pub struct Sealed {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    options: Options,
    cars: Vec<Car>,
    index: Index,
    /// What is no section: the file, and where in it, [`u64::MAX`] for its end.
    damages: Vec<(PathBuf, Range<u64>)>,
}

impl Sealed {
    /// Opens the folder of CARs `options.dir`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a file does not begin as a CARv1, [`Error::Unsupported`] if one has a
    /// section of more than 64 MiB; [`Error::Io`]. With `options.tolerant` both are damages.
    pub fn open(options: &Options) -> Result<Sealed> {
        let mut parts = Parts {
            options: options.clone(),
            cars: Vec::new(),
            index: Index::default(),
            damages: Vec::new(),
        };
        for car in cars(&*options.disk, &options.dir)? {
            match car {
                Ok(car) => parts.cars.push(car),
                Err(Error::Corrupt { path, .. }) if options.tolerant => {
                    parts.damages.push((path, 0..u64::MAX));
                }
                Err(error) => return Err(error),
            }
        }
        for file in 0..parts.cars.len() {
            parts.read_heads(file)?;
        }
        parts.index.sort();
        Ok(Sealed {
            parts: Arc::new(parts),
        })
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(Error::ReadOnly {
            path: self.parts.options.dir.clone(),
            reason:
                "it is a folder of CARs, which are read as they are; bring them into a store with \
                     `migrate`, and write there"
                    .to_owned(),
        })
    }
}

impl Parts {
    fn read_heads(&mut self, number: usize) -> Result<()> {
        let Some(car) = self.cars.get(number).cloned() else {
            return Ok(());
        };
        let path = self.options.dir.join(&car.name);
        let failed = |error| Error::io("read", &path, error);
        let file = self.options.disk.open(&path, Mode::Read).map_err(failed)?;
        let mut sections = Sections::new(&*file, file.len().map_err(failed)?);
        // The id of a segment stands in the mark that it begins with.
        let mut id = None;
        loop {
            let part = match sections.next_part(car.begin) {
                Ok(Some(part)) => part,
                Ok(None) => return Ok(()),
                Err(Fault::Io(error)) => return Err(failed(error)),
                Err(Fault::TooLong { at, .. }) if self.options.tolerant => {
                    self.damages.push((path.clone(), at..u64::MAX));
                    return Ok(());
                }
                Err(Fault::TooLong { at, len }) => {
                    let what = format!(
                        "the section at byte {at} has {len} bytes, and 64 MiB are the most: move the \
                         file to another folder"
                    );
                    let error = std::io::Error::new(std::io::ErrorKind::InvalidData, what);
                    return Err(failed(error));
                }
            };
            let section = match part {
                Part::Damage(range) => {
                    self.damages.push((path.clone(), range));
                    continue;
                }
                Part::Section(section) => section,
            };
            let mut note = None;
            if car.segment && section.codec == u64::from(DAG_CBOR) {
                let value = file.read_vec(section.value, section.len).map_err(failed)?;
                note = Note::read(&value).filter(|_| proves(&section.multihash, &value));
            }
            match note.filter(|(_, _, at)| *at == section.at) {
                Some((Note::Mark, mark, at)) if at == car.begin => id = Some(mark),
                Some((Note::Mark, of, _)) if id == Some(of) => {}
                Some((Note::Deleted(blocks), of, _)) if id == Some(of) => {
                    let gone = match car.numbered {
                        true => Gone::Before,
                        false => Gone::Within,
                    };
                    for multihash in blocks {
                        self.index
                            .delete(&multihash, gone, number as u32, section.at);
                    }
                }
                _ if section.hash == Some(Hash::IDENTITY) => {}
                _ => self.add(number, &section),
            }
        }
    }

    fn add(&mut self, file: usize, section: &Section) {
        let place = Place {
            file: file as u32,
            len: section.len as u32,
            at: section.value,
        };
        self.index.add(&section.multihash, place);
    }

    /// The block of this key: of its places the first that proves to have it.
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let multihash = key.as_block().unwrap_or_default();
        let mut failed = None;
        for place in self.index.find(multihash) {
            match self.read(multihash, *place) {
                Ok(value) => return Ok(Some(value)),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn read(&self, multihash: &[u8], place: Place) -> Result<Bytes> {
        let name = self.cars.get(place.file as usize).map(|car| &car.name);
        let path = self.options.dir.join(name.map_or("", String::as_str));
        let file = self.options.disk.open(&path, Mode::Read);
        let file = file.map_err(|error| Error::io("open", &path, error))?;
        let value = file.read_vec(place.at, u64::from(place.len));
        let value = value.map_err(|error| Error::io("read", &path, error))?;
        // What cannot be hashed here is given as it is: whoever asks for it cannot check it, either.
        if parse(multihash).is_some() && !proves(multihash, &value) {
            let at = place.at;
            let what = format!(
                "at byte {at} there is not the block that its CID names; get the file anew"
            );
            return Err(Error::Corrupt { path, what });
        }
        Ok(value.into())
    }

    /// The first place that is no section.
    fn damage(&self) -> Option<Error> {
        let (path, range) = self.damages.first()?;
        let more = match self.damages.len() - 1 {
            0 => String::new(),
            1 => ", and at one place more".to_owned(),
            more => format!(", and at {more} places more"),
        };
        let to = match range.end {
            u64::MAX => "its end".to_owned(),
            end => end.to_string(),
        };
        let from = range.start;
        Some(Error::Corrupt {
            path: path.clone(),
            what: format!("bytes {from} to {to} are no section of a CAR{more}; get the file anew"),
        })
    }

    /// The keys below `prefix`; then what is no section is told, since a block may have been there.
    fn keys(self: &Arc<Parts>, prefix: &Key) -> impl Iterator<Item = Result<Key>> + use<> {
        let tail = prefix.scope().blocks;
        let damage = tail.as_ref().and_then(|_| self.damage());
        let parts = Arc::clone(self);
        let mut next = tail.is_some().then_some(0);
        let all = std::iter::from_fn(move || {
            let (multihash, behind) = parts.index.entry(next?)?;
            next = Some(behind);
            Some(multihash.to_vec())
        });
        all.filter(move |multihash| {
            tail.as_ref()
                .is_some_and(|tail| multihash.starts_with(tail))
        })
        .map(|multihash| Key::block(&multihash))
        .chain(damage.map(Err))
    }
}

impl Engine for Sealed {
    fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.parts.get(key)
    }

    fn size(&self, key: &Key) -> Result<Option<u64>> {
        let mut places = self.parts.index.find(key.as_block().unwrap_or_default());
        Ok(places.next().map(|place| u64::from(place.len)))
    }

    fn write(&self, _: &Batch, _: Flush) -> Result<()> {
        self.refuse()
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }

    fn query(&self, prefix: &Key) -> Result<Entries<'static>> {
        let parts = Arc::clone(&self.parts);
        let read = move |key: Result<Key>| {
            let key = key?;
            let value = parts.get(&key)?;
            Ok(value.map(|value| (key, value)))
        };
        let keys = self.parts.keys(prefix);
        Ok(Box::new(keys.filter_map(move |key| read(key).transpose())))
    }

    fn keys(&self, prefix: &Key) -> Result<Keys<'static>> {
        Ok(Box::new(self.parts.keys(prefix)))
    }

    fn check(&self) -> Result<()> {
        self.parts.damage().map_or(Ok(()), Err)
    }

    fn compact(&mut self) -> Result<()> {
        self.refuse()
    }

    fn disk_usage(&self) -> Result<u64> {
        let Options { disk, dir, .. } = &self.parts.options;
        let cars = self.parts.cars.iter();
        cars.map(|car| usage::taken(&**disk, &dir.join(&car.name)))
            .sum()
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(NAME)
            .field("dir", &self.parts.options.dir)
            .finish()
    }
}
