//! The codecs of this crate, by their codes and names.

use std::fmt;

use block_cid::codec;

use crate::{Cid, Error, Result};

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
        }
        let error = Codec::from_code(0x78).unwrap_err();
        assert!(error.to_string().contains("git-raw"), "{error}");
    }
}
