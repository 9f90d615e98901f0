//! 06-4: CARs, written and read as a stream.

use std::io::{self, ErrorKind, Read};

use cid::Cid;

use crate::naming;
use crate::proto::varint;

/// How many bytes a section may have.
pub const LONGEST: u64 = 4 << 20;

/// A block, and the CID that it came with.
pub type Block = (Cid, Vec<u8>);

/// Why a stream is no CAR.
#[derive(Debug)]
pub enum Bad {
    /// It ends within something.
    CutOff,
    /// The header is none, or has not one root.
    Header,
    /// A section has so many bytes, or claims to have.
    Long(u64),
    /// A section does not begin with a CID.
    NoCid,
    /// These are not the bytes that the CID names.
    Digest(Cid),
    /// The stream cannot be read.
    Io(io::Error),
}

/// A CAR of version 1: the header, and each block.
pub fn write(root: &Cid, blocks: &[Block]) -> Vec<u8> {
    //~ todo: each section is a length, and then so many bytes
    let mut car = section(&header(root));
    for (cid, block) in blocks {
        car.extend(section(&[&cid.to_bytes(), &block[..]].concat()));
    }
    car
    //~ end
}

/// The root of a CAR, and its blocks, which are read when they are asked for.
pub fn open<R: Read>(mut from: R) -> Result<(Cid, Blocks<R>), Bad> {
    //~ todo: the first section is the header; `root_of` reads it
    let first = next_section(&mut from)?.ok_or(Bad::CutOff)?;
    let root = root_of(&first).ok_or(Bad::Header)?;
    let blocks = Blocks { from, over: false };
    Ok((root, blocks))
    //~ end
}

/// The blocks of a CAR.
pub struct Blocks<R> {
    /// What is behind the last block that was read.
    pub from: R,
    /// After an error there is nothing more.
    pub over: bool,
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = Result<Block, Bad>;

    fn next(&mut self) -> Option<Self::Item> {
        //~ todo: the next section, or the end; and what it is, proven
        if self.over {
            return None;
        }
        let next = next_section(&mut self.from).transpose()?.and_then(block);
        self.over = next.is_err();
        Some(next)
        //~ end
    }
}
//~ blank: a section is written in one place, and read in one place

fn section(bytes: &[u8]) -> Vec<u8> {
    [&varint(bytes.len() as u64), bytes].concat()
}

/// The bytes of the next section, or `None` where the stream ends before one.
fn next_section(from: &mut impl Read) -> Result<Option<Vec<u8>>, Bad> {
    let mut len = 0;
    for at in 0.. {
        let mut byte = [0];
        match from.read_exact(&mut byte) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && at == 0 => return Ok(None),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(Bad::CutOff),
            other => other.map_err(Bad::Io)?,
        }
        len |= u64::from(byte[0] & 0x7f) << (7 * at);
        if len > LONGEST || at == 8 {
            return Err(Bad::Long(len));
        }
        if byte[0] < 0x80 {
            break;
        }
    }
    let mut bytes = Vec::new();
    from.take(len).read_to_end(&mut bytes).map_err(Bad::Io)?;
    if (bytes.len() as u64) < len {
        return Err(Bad::CutOff);
    }
    Ok(Some(bytes))
}

fn block(section: Vec<u8>) -> Result<Block, Bad> {
    let mut rest = &section[..];
    let cid = Cid::read_bytes(&mut rest).map_err(|_| Bad::NoCid)?;
    if naming::v1(cid.codec(), rest).hash() != cid.hash() {
        return Err(Bad::Digest(cid));
    }
    Ok((cid, rest.to_vec()))
}
//~ end

/// The header of a CAR with one root, in DAG-CBOR: `{"roots": [root], "version": 1}`.
pub fn header(root: &Cid) -> Vec<u8> {
    let cid = root.to_bytes();
    let mut out = b"\xa2\x65roots\x81\xd8\x2a\x58".to_vec();
    out.extend([cid.len() as u8 + 1, 0]);
    out.extend(cid);
    out.extend(b"\x67version\x01");
    out
}

/// The root that a header names, if it is one of version 1 with one root.
pub fn root_of(bytes: &[u8]) -> Option<Cid> {
    let cid = Cid::read_bytes(bytes.get(13..)?).ok()?;
    (header(&cid) == bytes).then_some(cid)
}
