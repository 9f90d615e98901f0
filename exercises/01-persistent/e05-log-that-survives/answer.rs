//! 01-5: a log: everything is appended to one file, which is read once at the start.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::folder::Folder;

/// The file.
const LOG: &str = "log";

/// What a compaction writes before it is the log.
const NEW: &str = "log.new";

/// The length of a deleted value.
const DELETED: u32 = u32::MAX;

/// What stands before a key and a value: checksum (4 bytes), length of the key (2), length of the value (4),
/// all little-endian. The checksum is that of everything behind itself.
const HEAD: usize = 10;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key.
    pub key: String,
    /// Its value, or `None` if it was deleted.
    pub value: Option<Vec<u8>>,
}

/// CRC-32C, bit by bit.
pub fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

/// A record as bytes.
pub fn encode(record: &Record) -> Vec<u8> {
    //~ todo: lengths, key, value; then the checksum in front
    let value = record.value.as_deref();
    let len = value.map_or(DELETED, |value| value.len() as u32);
    let mut body = Vec::new();
    body.extend_from_slice(&(record.key.len() as u16).to_le_bytes());
    body.extend_from_slice(&len.to_le_bytes());
    body.extend_from_slice(record.key.as_bytes());
    body.extend_from_slice(value.unwrap_or_default());
    let mut bytes = checksum(&body).to_le_bytes().to_vec();
    bytes.append(&mut body);
    bytes
    //~ end
}

/// The record at the start of `bytes`, and its length, if a whole one with a right checksum is there.
pub fn decode(bytes: &[u8]) -> Option<(Record, usize)> {
    //~ todo: believe no length before the checksum is right
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let sum = u32::from_le_bytes(head.get(..4)?.try_into().ok()?);
    let key_len = u16::from_le_bytes(head.get(4..6)?.try_into().ok()?) as usize;
    let len = u32::from_le_bytes(head.get(6..10)?.try_into().ok()?);
    let value_len = if len == DELETED { 0 } else { len as usize };
    let (key, rest) = rest.split_at_checked(key_len)?;
    let value = rest.get(..value_len)?;
    let end = HEAD + key_len + value_len;
    if checksum(bytes.get(4..end)?) != sum {
        return None;
    }
    let key = String::from_utf8(key.to_vec()).ok()?;
    let value = (len != DELETED).then(|| value.to_vec());
    Some((Record { key, value }, end))
    //~ end
}

/// A store in one file.
pub struct Log {
    folder: Arc<dyn Folder>,
    state: Mutex<State>,
}

/// What is known of the file.
#[derive(Debug, Default)]
pub struct State {
    //~ blank: where the record of each key is, where the log ends, whether a write failed
    /// Offset and length of the record of each key.
    index: BTreeMap<String, (u64, usize)>,
    /// Where the next record begins.
    end: u64,
    /// A write failed: what the file is then, nobody knows before it is read anew.
    broken: bool,
    //~ end
}

impl Log {
    /// Opens the log, and makes it if there is none. A record at the end that is not whole was never
    /// acknowledged, and is cut off. One that is damaged, with whole ones behind it, is an error of the kind
    /// `InvalidData`, and nothing is changed.
    pub fn open(folder: Arc<dyn Folder>) -> io::Result<Log> {
        //~ todo: read record after record; what is it that ends them?
        if folder.read(NEW)?.is_some() {
            folder.remove(NEW)?;
        }
        if folder.read(LOG)?.is_none() {
            folder.create(LOG)?;
        }
        folder.flush_names()?;
        let bytes = folder.read(LOG)?.unwrap_or_default();
        let mut state = State::default();
        let mut at = 0;
        while let Some((record, len)) = bytes.get(at..).and_then(decode) {
            state.note(&record, len);
            at += len;
        }
        if at < bytes.len() {
            let whole = |from| bytes.get(from..).and_then(decode).is_some();
            if (at + 1..bytes.len()).any(whole) {
                let text = format!("the log is damaged at byte {at}, and goes on behind it");
                return Err(io::Error::new(ErrorKind::InvalidData, text));
            }
            folder.cut(LOG, at as u64)?;
            folder.flush(LOG)?;
        }
        let state = Mutex::new(state);
        Ok(Log { folder, state })
        //~ end
    }

    /// Keeps a value. When this returns, it is on the disk.
    pub fn put(&self, key: &str, value: &[u8]) -> io::Result<()> {
        //~ todo: append, flush, and only then the index
        let key = key.to_owned();
        let value = Some(value.to_vec());
        self.write(&mut self.state(), &Record { key, value })
        //~ end
    }

    /// The value of a key, or `None`. One that is damaged is an error of the kind `InvalidData`.
    pub fn get(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        //~ todo: read the one record, and check it
        let state = self.state();
        let Some(&(offset, len)) = state.index.get(key) else {
            return Ok(None);
        };
        match decode(&self.folder.read_at(LOG, offset, len)?) {
            Some((record, _)) if record.key == key => Ok(record.value),
            _ => Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("the value of {key:?} is damaged"),
            )),
        }
        //~ end
    }

    /// Forgets a key. When this returns, it stays forgotten.
    pub fn delete(&self, key: &str) -> io::Result<()> {
        //~ todo: a log can only be appended to
        let mut state = self.state();
        if !state.index.contains_key(key) {
            return Ok(());
        }
        let key = key.to_owned();
        self.write(&mut state, &Record { key, value: None })
        //~ end
    }

    /// All keys, sorted.
    pub fn keys(&self) -> Vec<String> {
        //~ todo: from the index
        self.state().index.keys().cloned().collect()
        //~ end
    }

    /// Writes the log anew, without what was replaced or deleted.
    pub fn compact(&self) -> io::Result<()> {
        //~ todo: this is 01-3 again
        let mut state = self.state();
        let mut new = State::default();
        let mut bytes = Vec::new();
        for (key, &(offset, len)) in &state.index {
            let record = self.folder.read_at(LOG, offset, len)?;
            let (record, len) = decode(&record).ok_or_else(|| {
                io::Error::new(ErrorKind::InvalidData, format!("{key:?} is damaged"))
            })?;
            bytes.extend(encode(&record));
            new.note(&record, len);
        }
        self.folder.create(NEW)?;
        self.folder.append(NEW, &bytes)?;
        self.folder.flush(NEW)?;
        self.folder.rename(NEW, LOG)?;
        *state = new;
        self.folder.flush_names()
        //~ end
    }
    //~ blank: put and delete share how a record is written

    fn write(&self, state: &mut State, record: &Record) -> io::Result<()> {
        if state.broken {
            return Err(io::Error::other(
                "a write failed before: open the log again",
            ));
        }
        let bytes = encode(record);
        let written = self
            .folder
            .append(LOG, &bytes)
            .and_then(|()| self.folder.flush(LOG));
        match written {
            Ok(()) => state.note(record, bytes.len()),
            Err(_) => state.broken = true,
        }
        written
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    //~ end
}

impl State {
    //~ blank: open, put, delete and compact share what a record does to the index

    fn note(&mut self, record: &Record, len: usize) {
        let key = record.key.clone();
        match record.value {
            Some(_) => drop(self.index.insert(key, (self.end, len))),
            None => drop(self.index.remove(&key)),
        }
        self.end += len as u64;
    }
    //~ end
}
