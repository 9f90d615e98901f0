//! The codecs, by their codes and names, and what they have in common.
//!
//! What is encoded decodes to the same value, except that plain json has one kind of number, and
//! floats that are whole come back as integers. The other way round only dag-cbor promises the
//! same bytes, which is why it is the codec to make new blocks with.

use std::fmt;
use std::str::FromStr;

use block_cid::codec;
use bytes::Bytes;

use crate::error::Refused;
use crate::{Cid, Error, Ipld, Result, cbor, dag_cbor, dag_json, json, pb};

/// A codec: how a value is spelled in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// Bytes that mean nothing more.
    Raw,
    /// Links and data, in a protobuf: files and folders.
    DagPb,
    /// CBOR with links, in one form only.
    DagCbor,
    /// JSON with links and bytes.
    DagJson,
    /// CBOR without links.
    Cbor,
    /// JSON without links.
    Json,
}

impl Codec {
    /// Every codec of this crate.
    pub const ALL: [Codec; 6] = [
        Codec::Raw,
        Codec::DagPb,
        Codec::DagCbor,
        Codec::DagJson,
        Codec::Cbor,
        Codec::Json,
    ];

    /// The codec of a [multicodec](https://github.com/multiformats/multicodec) code.
    ///
    /// # Errors
    /// [`Error::Codec`] for a code of another.
    pub fn from_code(code: u64) -> Result<Codec> {
        let known = Codec::ALL.into_iter().find(|codec| codec.code() == code);
        known.ok_or_else(|| Error::Codec {
            code,
            name: codec::display(code),
        })
    }

    /// The codec that a CID names.
    ///
    /// # Errors
    /// As [`Codec::from_code`].
    pub fn of(cid: &Cid) -> Result<Codec> {
        Codec::from_code(cid.codec())
    }

    /// Its code.
    pub const fn code(self) -> u64 {
        match self {
            Codec::Raw => codec::RAW,
            Codec::DagPb => codec::DAG_PB,
            Codec::DagCbor => codec::DAG_CBOR,
            Codec::DagJson => codec::DAG_JSON,
            Codec::Cbor => 0x51,
            Codec::Json => 0x0200,
        }
    }

    /// Its name, as `dag-pb`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Raw => "raw",
            Codec::DagPb => "dag-pb",
            Codec::DagCbor => "dag-cbor",
            Codec::DagJson => "dag-json",
            Codec::Cbor => "cbor",
            Codec::Json => "json",
        }
    }

    /// The value in a block. Bytes share its memory, except those of dag-json.
    ///
    /// Decoding does not recurse, and allocates for what is there, never for what is announced: 32
    /// bytes a value, and up to three times that while a list grows; beside it 32 bytes more for
    /// bytes, 72 for a map, 160 for a link, and text in its length. That is less than 176 bytes a
    /// byte of the block. The densest of 2 MiB, of nothing but empty maps, takes 220 MB;
    /// [`Codec::links`] takes 64 KiB for it.
    ///
    /// # Errors
    /// [`Error::Decode`], with the offset of what is wrong; [`Error::TooDeep`].
    pub fn decode(self, block: &Bytes) -> Result<Ipld> {
        match self {
            Codec::Raw => Ok(Ipld::from(block.clone())),
            Codec::DagPb => pb::Node::decode(block)?.to_ipld(),
            Codec::DagCbor => dag_cbor::decode(block),
            Codec::DagJson => dag_json::decode(block),
            Codec::Cbor => cbor::decode(block),
            Codec::Json => json::decode(block),
        }
    }

    /// The value in bytes that are to be encoded again, as `ipfs dag put` reads its input: for
    /// dag-cbor in any form ([`dag_cbor::decode_relaxed`]), else as [`Codec::decode`].
    ///
    /// # Errors
    /// As [`Codec::decode`].
    pub fn decode_relaxed(self, bytes: &Bytes) -> Result<Ipld> {
        match self {
            Codec::DagCbor => dag_cbor::decode_relaxed(bytes),
            _ => self.decode(bytes),
        }
    }

    /// The block of a value.
    ///
    /// # Errors
    /// [`Error::Encode`], with the path to what the codec has no form for.
    pub fn encode(self, value: &Ipld) -> Result<Vec<u8>> {
        match self {
            Codec::Raw => match value {
                Ipld::Bytes(bytes) => Ok(bytes.to_vec()),
                _ => Err(Refused::new(format!("raw is bytes, not a {}", value.kind())).by(self)),
            },
            Codec::DagPb => Ok(pb::Node::from_ipld(value)?.encode()),
            Codec::DagCbor => dag_cbor::encode(value),
            Codec::DagJson => dag_json::encode(value),
            Codec::Cbor => cbor::encode(value),
            Codec::Json => json::encode(value),
        }
    }

    /// Shows each link of a block to `see`, in its order, without making the value; raw, cbor and
    /// json have none.
    ///
    /// # Errors
    /// As [`Codec::decode_relaxed`], except that names of maps are not compared, and names of
    /// dag-pb may be no text. Links before the fault were shown.
    pub fn links(self, block: &[u8], see: &mut dyn FnMut(Cid)) -> Result<()> {
        match self {
            Codec::Raw | Codec::Cbor | Codec::Json => Ok(()),
            Codec::DagPb => pb::links(block, see),
            Codec::DagCbor => dag_cbor::links(block, see),
            Codec::DagJson => dag_json::links(block, see),
        }
    }
}

impl FromStr for Codec {
    type Err = Error;

    /// The codec of a name, as `dag-cbor`, or of a number.
    ///
    /// # Errors
    /// [`Error::Codec`] for a codec of others, [`Error::Blocks`] for what is none.
    fn from_str(text: &str) -> Result<Codec> {
        let code = codec::parse(text).map_err(|_| block_cid::Error::Name {
            kind: "codec",
            name: text.to_owned(),
            remedy: "raw, dag-pb, dag-cbor, dag-json, cbor and json are read and written here"
                .into(),
        })?;
        Codec::from_code(code)
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_and_names_are_those_of_the_multicodec_table() {
        for codec in Codec::ALL {
            assert_eq!(codec::name(codec.code()), Some(codec.name()));
            assert_eq!(Codec::from_code(codec.code()).unwrap(), codec);
            assert_eq!(codec.name().parse::<Codec>().unwrap(), codec);
        }
        let error = Codec::from_code(0x78).unwrap_err();
        assert!(error.to_string().contains("git-raw"), "{error}");
        // Whoever mistypes one is told all there are.
        let error = "nope".parse::<Codec>().unwrap_err().to_string();
        for codec in Codec::ALL {
            assert!(error.contains(codec.name()), "{error}");
        }
    }
}
