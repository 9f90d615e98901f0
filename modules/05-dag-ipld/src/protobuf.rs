//! Protobuf: numbered fields in a row.
//!
//! Each field is a varint (its number times 8, plus a wire type) and a value. Two wire types
//! carry all of dag-pb and UnixFS: 0 is a varint, 2 is a length and so many bytes, which may be a
//! message again. Nothing says where a message ends or what its fields are called: both come
//! from outside.
//!
//! ```text
//! 12 0b            field 2, wire type 2, 11 bytes:
//!    0a 04 01550000   field 1, wire type 2, 4 bytes
//!    12 01 61         field 2, wire type 2, 1 byte
//!    18 05            field 3, wire type 0, the number 5
//! ```
//!
//! The reader here takes what Go's `protowire` takes: varints of up to ten bytes, the shortest
//! or not, since blocks in other forms exist and have their CIDs. Groups (wire types 3 and 4) are
//! refused: no format of IPFS has them. Nothing is allocated: a value is a range of the bytes.
//!
//! Source: [Encoding](https://protobuf.dev/programming-guides/encoding/).

use std::ops::Range;

use block_cid::varint;

/// The longest varint of protobuf, in bytes: 64 bits in groups of 7.
const MAX_VARINT: usize = 10;

/// The largest number of a field.
const MAX_NUMBER: u64 = (1 << 29) - 1;

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct Fault {
    /// Where the fault begins, in bytes from the start of what the reader was given.
    pub offset: usize,
    /// The rule they break.
    pub reason: String,
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its number.
    pub number: u64,
    /// Its value.
    pub value: Value,
    /// All its bytes, from the first of its number to the last of its value.
    pub range: Range<usize>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1: 8 bytes, the lowest first.
    Fixed64(u64),
    /// Wire type 2: where the bytes are.
    Bytes(Range<usize>),
    /// Wire type 5: 4 bytes, the lowest first.
    Fixed32(u32),
}

impl Value {
    /// What the wire type is called.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Varint(_) => "a varint",
            Value::Fixed64(_) => "8 bytes",
            Value::Bytes(_) => "a length and bytes",
            Value::Fixed32(_) => "4 bytes",
        }
    }
}

/// Reads the fields of a message.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// Up to the end of the message.
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads all of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// Reads a message within `bytes`; offsets count from the start of `bytes`.
    pub fn within(bytes: &'a [u8], message: Range<usize>) -> Reader<'a> {
        Reader {
            bytes: bytes.get(..message.end).unwrap_or(bytes),
            at: message.start,
        }
    }

    /// The next field, or `None` at the end of the message.
    ///
    /// # Errors
    /// [`Fault`], if the bytes from here on are no field.
    pub fn field(&mut self) -> Result<Option<Field>, Fault> {
        let start = self.at;
        if start >= self.bytes.len() {
            return Ok(None);
        }
        let key = self.varint("the number of a field")?;
        let (number, wire) = (key >> 3, key & 7);
        if number == 0 || number > MAX_NUMBER {
            return Err(fault(start, format!("there is no field number {number}")));
        }
        let value = match wire {
            0 => Value::Varint(self.varint("a varint")?),
            1 => Value::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let at = self.at;
                let length = self.varint("the length of a field")?;
                let left = self.bytes.len() - self.at;
                let Some(length) = usize::try_from(length).ok().filter(|n| *n <= left) else {
                    let reason =
                        format!("a field of {length} bytes is announced, and {left} are left");
                    return Err(fault(at, reason));
                };
                self.at += length;
                Value::Bytes(self.at - length..self.at)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err(fault(start, format!("there is no wire type {wire} here"))),
        };
        let range = start..self.at;
        Ok(Some(Field {
            number,
            value,
            range,
        }))
    }

    fn varint(&mut self, what: &str) -> Result<u64, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut number = 0;
        for (n, byte) in rest.iter().take(MAX_VARINT).enumerate() {
            // The tenth byte has room for bit 63 alone.
            if n == MAX_VARINT - 1 && *byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * n);
            if *byte < 0x80 {
                self.at += n + 1;
                return Ok(number);
            }
        }
        let reason = match rest.len() < MAX_VARINT {
            true => format!("the bytes end within {what}"),
            false => format!("{what} has more than 64 bits"),
        };
        Err(fault(self.at, reason))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let value = rest
            .first_chunk()
            .ok_or_else(|| fault(self.at, format!("the bytes end within {N} bytes")))?;
        self.at += N;
        Ok(*value)
    }
}

fn fault(offset: usize, reason: String) -> Fault {
    Fault { offset, reason }
}

/// Adds a field of wire type 0.
pub fn put_varint(out: &mut Vec<u8>, number: u64, value: u64) {
    varint::encode(number << 3, out);
    varint::encode(value, out);
}

/// Adds a field of wire type 2.
pub fn put_bytes(out: &mut Vec<u8>, number: u64, value: &[u8]) {
    put_length(out, number, value.len());
    out.extend_from_slice(value);
}

/// Adds the head of a field of wire type 2, whose `length` bytes follow.
pub fn put_length(out: &mut Vec<u8>, number: u64, length: usize) {
    varint::encode(number << 3 | 2, out);
    varint::encode(length as u64, out);
}

/// How many bytes a varint takes.
pub const fn varint_len(value: u64) -> usize {
    // 7 bits a byte, and 0 takes one, too.
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u64, Value)>, Fault> {
        let mut reader = Reader::new(bytes);
        let mut fields = Vec::new();
        while let Some(field) = reader.field()? {
            fields.push((field.number, field.value));
        }
        Ok(fields)
    }

    #[test]
    fn fields_are_read_as_they_were_written() {
        let mut out = Vec::new();
        put_varint(&mut out, 3, u64::MAX);
        put_bytes(&mut out, 1, b"abc");
        out.extend([0x15, 1, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0, 0, 0]);
        let fields = read(&out).unwrap();
        let expected = [
            (3, Value::Varint(u64::MAX)),
            (1, Value::Bytes(13..16)),
            (2, Value::Fixed32(1)),
            (2, Value::Fixed64(2)),
        ];
        assert_eq!(fields, expected);
        for end in 0..out.len() {
            let cut = read(out.get(..end).unwrap());
            assert_eq!(cut.is_ok(), [0, 11, 16, 21].contains(&end), "{end}");
        }
    }

    #[test]
    fn what_is_no_field_is_refused_where_it_begins() {
        for (bytes, offset) in [
            (&[0x08, 1, 0x03, 1][..], 2),
            (&[0x08, 1, 0x00, 1], 2),
            (&[0x08, 0xff], 1),
            (&[0x12, 3, 1, 2], 1),
            (
                &[
                    0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
                ],
                1,
            ),
            (
                &[
                    0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2,
                ],
                1,
            ),
            (
                &[
                    0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,
                ],
                1,
            ),
            (&[0x80, 0x80, 0x80, 0x80, 0x10, 1], 0),
        ] {
            assert_eq!(read(bytes).unwrap_err().offset, offset, "{bytes:x?}");
        }
    }

    #[test]
    fn a_varint_may_be_longer_than_it_has_to_be() {
        let fields = read(&[0x88, 0x00, 0x85, 0x80, 0x80, 0x00]).unwrap();
        assert_eq!(fields, [(1, Value::Varint(5))]);
    }

    #[test]
    fn the_length_of_a_varint_is_that_of_its_bytes() {
        for bits in 0..64 {
            for value in [1 << bits, (1 << bits) - 1, u64::MAX >> bits] {
                let mut out = Vec::new();
                varint::encode(value, &mut out);
                assert_eq!(varint_len(value), out.len(), "{value}");
            }
        }
    }
}
