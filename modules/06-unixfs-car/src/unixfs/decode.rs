//! From bytes to [`Data`].

use std::ops::Range;

use bytes::Bytes;
use dag_ipld::protobuf::{Fault, Field, Reader, Value};

use super::{Data, Mtime, Type};
use crate::{Error, Result};

impl Data {
    /// Reads the data of a node. What it says about sizes is not checked against anything here.
    /// The bytes of a file are shared with `bytes`.
    ///
    /// # Errors
    /// [`Error::Decode`], with the offset of what is wrong.
    pub fn decode(bytes: &Bytes) -> Result<Data> {
        read(bytes).map_err(|fault| Error::Decode {
            offset: fault.offset,
            reason: fault.reason,
        })
    }
}

fn read(bytes: &Bytes) -> Result<Data, Fault> {
    let mut kind = None;
    let mut data = Data::new(Type::Raw);
    data.blocksizes.reserve_exact(count_sizes(bytes)?);
    let mut reader = Reader::new(bytes);
    while let Some(Field {
        number,
        value,
        range,
    }) = reader.field()?
    {
        let start = range.start;
        match (number, value) {
            (1, Value::Varint(code)) => {
                let found = Type::from_code(code);
                kind = Some(found.ok_or_else(|| fault(start, format!("there is no type {code}")))?);
            }
            (2, Value::Bytes(range)) => data.data = Some(bytes.slice(range)),
            (3, Value::Varint(size)) => data.filesize = Some(size),
            (4, Value::Varint(size)) => data.blocksizes.push(size),
            (4, Value::Bytes(range)) => {
                for size in packed(bytes, range) {
                    data.blocksizes.push(size?);
                }
            }
            (5, Value::Varint(hash)) => data.hash_type = Some(hash),
            (6, Value::Varint(fanout)) => data.fanout = Some(fanout),
            // A number of 32 bits is read from one of 64 by leaving out the rest.
            (7, Value::Varint(mode)) => data.meta.mode = Some(mode as u32),
            (8, Value::Bytes(range)) => data.meta.mtime = Some(mtime(bytes, range)?),
            (1..=8, value) => {
                let reason = format!("field {number} cannot be {}", value.kind());
                return Err(fault(start, reason));
            }
            _ => {}
        }
    }
    data.kind = kind.ok_or_else(|| fault(bytes.len(), "there is no Type".to_owned()))?;
    Ok(data)
}

/// How many sizes are listed. They are counted first, so that memory is taken once: a list that
/// grows takes three times what it holds in the end.
fn count_sizes(bytes: &[u8]) -> Result<usize, Fault> {
    let mut reader = Reader::new(bytes);
    let mut count = 0;
    while let Some(field) = reader.field()? {
        count += match (field.number, field.value) {
            (4, Value::Varint(_)) => 1,
            (4, Value::Bytes(range)) => packed(bytes, range).count(),
            _ => 0,
        };
    }
    // Packed, a size may take one byte, and eight here. No writer packs them, and none has as many
    // chunks below 128 bytes in one node.
    if count > bytes.len() / 2 + 8192 {
        return Err(fault(
            0,
            format!("{count} packed blocksizes are more than any file has"),
        ));
    }
    Ok(count)
}

/// The numbers of a packed list.
fn packed(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Result<u64, Fault>> + '_ {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..range.end).filter(|rest| !rest.is_empty())?;
        // Bytes of which all but the last have the high bit.
        let len = rest
            .iter()
            .position(|byte| *byte < 0x80)
            .map(|last| last + 1);
        let start = at;
        at += len.unwrap_or(rest.len());
        let number = rest.iter().take(len.unwrap_or_default()).rev();
        Some(match len {
            Some(1..=9) => Ok(number.fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f))),
            Some(_) => Err(fault(start, "a blocksize has more than 63 bits".to_owned())),
            None => Err(fault(start, "the bytes end within a blocksize".to_owned())),
        })
    })
}

fn mtime(bytes: &[u8], range: Range<usize>) -> Result<Mtime, Fault> {
    let end = range.end;
    let mut reader = Reader::within(bytes, range);
    let (mut seconds, mut fraction) = (None, None);
    while let Some(field) = reader.field()? {
        match (field.number, field.value) {
            (1, Value::Varint(number)) => seconds = Some(number.cast_signed()),
            (2, Value::Fixed32(nanos)) => fraction = Some(nanos),
            (number @ 1..=2, value) => {
                let reason = format!("field {number} of mtime cannot be {}", value.kind());
                return Err(fault(field.range.start, reason));
            }
            _ => {}
        }
    }
    let seconds = seconds.ok_or_else(|| fault(end, "mtime has no seconds".to_owned()))?;
    Ok(Mtime { seconds, fraction })
}

fn fault(offset: usize, reason: String) -> Fault {
    Fault { offset, reason }
}
