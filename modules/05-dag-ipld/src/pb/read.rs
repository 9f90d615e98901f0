//! The parts of a block of dag-pb, one after another.

use std::ops::Range;

use super::cid_at;
use crate::protobuf::{Fault, Field, Reader, Value};
use crate::{Cid, Codec, Error, Result};

/// A part of a node, with ranges of the block's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A link.
    Link {
        /// What it leads to.
        cid: Cid,
        /// Where its name is.
        name: Option<Range<usize>>,
        /// Its size.
        size: Option<u64>,
    },
    /// Where the data is.
    Data(Range<usize>),
}

/// Reads a block part by part, in memory that does not grow with it. After an error there is
/// nothing more.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    bytes: &'a [u8],
    reader: Reader<'a>,
    has_data: bool,
    /// What may not follow any more: links, once data came after them.
    links: Links,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Links {
    None,
    Open,
    Closed,
}

impl<'a> Parts<'a> {
    /// The parts of this block.
    pub fn new(bytes: &'a [u8]) -> Parts<'a> {
        Parts {
            bytes,
            reader: Reader::new(bytes),
            has_data: false,
            links: Links::None,
        }
    }

    fn part(&mut self) -> Result<Option<Part>, Fault> {
        let Some(field) = self.reader.field()? else {
            return Ok(None);
        };
        let start = field.range.start;
        let refuse = |reason: &str| Err(fault(start, format!("PBNode: {reason}")));
        match (field.number, field.value) {
            (1, Value::Bytes(_)) if self.has_data => refuse("a second Data"),
            (1, Value::Bytes(range)) => {
                self.has_data = true;
                if self.links == Links::Open {
                    self.links = Links::Closed;
                }
                Ok(Some(Part::Data(range)))
            }
            (2, Value::Bytes(_)) if self.links == Links::Closed => refuse("Links after Data"),
            (2, Value::Bytes(range)) => {
                self.links = Links::Open;
                self.link(range).map(Some)
            }
            (1 | 2, value) => refuse(&format!(
                "field {} has bytes, and this is {}",
                field.number,
                value.kind()
            )),
            (number, _) => refuse(&format!("there is no field {number}, only 1 and 2")),
        }
    }

    fn link(&self, message: Range<usize>) -> Result<Part, Fault> {
        let start = message.start;
        let mut reader = Reader::within(self.bytes, message);
        let (mut cid, mut name, mut size) = (None, None, None);
        let mut last = 0;
        while let Some(field) = reader.field()? {
            let Field {
                number,
                value,
                range: at,
            } = field;
            let refuse = |reason: String| Err(fault(at.start, format!("PBLink: {reason}")));
            if !(1..=3).contains(&number) {
                return refuse(format!("there is no field {number}, only 1, 2 and 3"));
            }
            if number <= last {
                return refuse(format!("field {number} after field {last}"));
            }
            last = number;
            match (number, value) {
                (1, Value::Bytes(range)) => {
                    let hash = self.bytes.get(range.clone()).unwrap_or_default();
                    let decoded = cid_at(hash, range.start);
                    cid = Some(decoded.map_err(|(offset, reason)| fault(offset, reason))?);
                }
                (2, Value::Bytes(range)) => name = Some(range),
                (3, Value::Varint(number)) => size = Some(number),
                (_, value) => {
                    let expected = if number == 3 { "a varint" } else { "bytes" };
                    let kind = value.kind();
                    return refuse(format!("field {number} has {expected}, and this is {kind}"));
                }
            }
        }
        let cid = cid.ok_or_else(|| fault(start, "PBLink: there is no Hash".to_owned()))?;
        Ok(Part::Link { cid, name, size })
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part>;

    fn next(&mut self) -> Option<Result<Part>> {
        let part = self.part().transpose()?;
        if part.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(part.map_err(|fault| Error::Decode {
            codec: Codec::DagPb,
            offset: fault.offset,
            reason: fault.reason,
        }))
    }
}

fn fault(offset: usize, reason: String) -> Fault {
    Fault { offset, reason }
}
