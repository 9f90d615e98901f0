//! 00-3: any CID, read or refused.

/// What a CID says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// 0 or 1.
    pub version: u64,
    /// What the bytes of the block mean; a CIDv0 is always dag-pb.
    pub codec: u64,
    /// The code of the hash.
    pub hash: u64,
    /// The digest.
    pub digest: Vec<u8>,
}

/// Why bytes are no CID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They end before the CID does.
    CutOff,
    /// A varint has more than nine bytes.
    LongVarint,
    /// A varint is longer than its number needs.
    NotMinimal,
    /// There is no such version in binary.
    Version(u64),
    /// A digest of so many bytes; 128 are the most.
    LongDigest(u64),
    /// So many bytes follow the CID.
    Trailing(usize),
}

/// The code of dag-pb.
pub const DAG_PB: u64 = 0x70;

/// The number at the start of `bytes`, and what follows it.
pub fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Refused> {
    //~ todo: at most nine bytes, and no zero byte at the end of several
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if at == 9 {
            return Err(Refused::LongVarint);
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            if byte == 0 && at > 0 {
                return Err(Refused::NotMinimal);
            }
            return Ok((number, &bytes[at + 1..]));
        }
    }
    Err(if bytes.len() < 9 {
        Refused::CutOff
    } else {
        Refused::LongVarint
    })
    //~ end
}

/// Reads a CID in binary: all of `bytes`. One that begins with `12 20` is a CIDv0.
pub fn read(bytes: &[u8]) -> Result<Fields, Refused> {
    //~ todo: version and codec, unless it is a CIDv0; then hash, length, digest, and nothing more
    let (version, codec, rest) = if bytes.starts_with(&[0x12, 0x20]) {
        (0, DAG_PB, bytes)
    } else {
        let (version, rest) = varint(bytes)?;
        if version != 1 {
            return Err(Refused::Version(version));
        }
        let (codec, rest) = varint(rest)?;
        (version, codec, rest)
    };
    let (hash, rest) = varint(rest)?;
    let (length, rest) = varint(rest)?;
    if length > 128 {
        return Err(Refused::LongDigest(length));
    }
    let (digest, rest) = rest
        .split_at_checked(length as usize)
        .ok_or(Refused::CutOff)?;
    if !rest.is_empty() {
        return Err(Refused::Trailing(rest.len()));
    }
    Ok(Fields {
        version,
        codec,
        hash,
        digest: digest.to_vec(),
    })
    //~ end
}
