//! To and from the values of `ipld-core`, for libraries that take those.

use ipld_core::cid::CidGeneric;
use ipld_core::ipld::Ipld as Core;

use super::Ipld;
use crate::{Cid, Error, Result};

/// The same value in `ipld-core`'s type. Maps lose their order.
///
/// # Errors
/// [`Error::LongDigest`] for a link whose digest has more than 64 bytes.
pub fn to_core(value: &Ipld) -> Result<Core> {
    Ok(match value {
        Ipld::Null => Core::Null,
        Ipld::Bool(value) => Core::Bool(*value),
        Ipld::Integer(value) => Core::Integer(*value),
        Ipld::Float(value) => Core::Float(*value),
        Ipld::String(value) => Core::String(value.clone()),
        Ipld::Bytes(value) => Core::Bytes(value.to_vec()),
        Ipld::List(items) => Core::List(items.iter().map(to_core).collect::<Result<_>>()?),
        Ipld::Map(map) => {
            let entries = map.iter();
            let entries = entries.map(|(name, value)| Ok((name.clone(), to_core(value)?)));
            Core::Map(entries.collect::<Result<_>>()?)
        }
        Ipld::Link(cid) => Core::Link(short(cid)?),
    })
}

/// The same value in the type of this crate.
pub fn from_core(value: &Core) -> Ipld {
    match value {
        Core::Null => Ipld::Null,
        Core::Bool(value) => Ipld::Bool(*value),
        Core::Integer(value) => Ipld::Integer(*value),
        Core::Float(value) => Ipld::Float(*value),
        Core::String(value) => Ipld::String(value.clone()),
        Core::Bytes(value) => Ipld::Bytes(value.clone().into()),
        Core::List(items) => Ipld::List(items.iter().map(from_core).collect()),
        Core::Map(map) => {
            let entries = map.iter();
            Ipld::Map(
                entries
                    .map(|(name, value)| (name.clone(), from_core(value)))
                    .collect(),
            )
        }
        Core::Link(cid) => Ipld::from(long(cid)),
    }
}

/// The CID with room for 64 bytes of digest.
fn short(cid: &Cid) -> Result<CidGeneric<64>> {
    let hash = cid.hash();
    let long = |_| Error::LongDigest {
        cid: Box::new(*cid),
        len: hash.digest().len(),
    };
    let hash = hash.resize().map_err(long)?;
    Ok(CidGeneric::new(cid.version(), cid.codec(), hash)
        .unwrap_or_else(|_| CidGeneric::new_v1(cid.codec(), hash)))
}

/// The CID with room for 128 bytes of digest.
fn long(cid: &CidGeneric<64>) -> Cid {
    let hash = cid.hash().resize().expect("64 bytes have room in 128");
    Cid::new(cid.version(), cid.codec(), hash).unwrap_or_else(|_| Cid::new_v1(cid.codec(), hash))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_value_goes_there_and_back() {
        let v0 = "QmYNmQKp6SuaVrpgWRsPTgCQCnpxUYGq76YEKBXuj2N4H6";
        let v0 = block_cid::text::parse(v0).unwrap();
        let value = Ipld::from([
            ("z", Ipld::List(vec![Ipld::Null, Ipld::Bool(true)])),
            ("a", Ipld::from(v0)),
            ("b", Ipld::Bytes(vec![1, 2].into())),
            ("c", Ipld::Float(1.5)),
            ("d", Ipld::Integer(-(1 << 64))),
            ("e", Ipld::from("text")),
        ]);
        assert_eq!(from_core(&to_core(&value).unwrap()), value);
    }

    #[test]
    fn a_digest_that_has_no_room_is_named() {
        let hash = block_cid::Multihash::wrap(0x1e, &[7; 65]).unwrap();
        let cid = Cid::new_v1(0x55, hash);
        match to_core(&Ipld::List(vec![Ipld::from(cid)])) {
            Err(Error::LongDigest { cid: named, len }) => assert_eq!((*named, len), (cid, 65)),
            other => panic!("{other:?}"),
        }
    }
}
