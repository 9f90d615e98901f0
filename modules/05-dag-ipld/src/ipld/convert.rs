//! To and from the values of `ipld-core`, for libraries that take those.

use std::collections::BTreeMap;

use bytes::Bytes;
use ipld_core::cid::CidGeneric;
use ipld_core::ipld::Ipld as Core;

use super::{Ipld, Map};
use crate::{Cid, Error, Result};

/// The same value in `ipld-core`'s type. Maps lose their order.
///
/// # Errors
/// [`Error::LongDigest`] for a link whose digest has more than 64 bytes.
pub fn to_core(value: &Ipld) -> Result<Core> {
    // What recurses is kept small, and so is its part of the stack.
    match value {
        Ipld::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(to_core(item)?);
            }
            Ok(Core::List(list))
        }
        Ipld::Map(map) => {
            let mut entries = BTreeMap::new();
            for (name, value) in map.iter() {
                entries.insert(name.clone(), to_core(value)?);
            }
            Ok(Core::Map(entries))
        }
        _ => scalar_to_core(value),
    }
}

fn scalar_to_core(value: &Ipld) -> Result<Core> {
    Ok(match value {
        Ipld::Bool(value) => Core::Bool(*value),
        Ipld::Integer(value) => Core::Integer(*value),
        Ipld::Float(value) => Core::Float(*value),
        Ipld::String(value) => Core::String(value.clone()),
        Ipld::Bytes(value) => Core::Bytes(value.to_vec()),
        Ipld::Link(cid) => Core::Link(short(cid)?),
        Ipld::Null | Ipld::List(_) | Ipld::Map(_) => Core::Null,
    })
}

/// The same value in the type of this crate.
pub fn from_core(value: &Core) -> Ipld {
    match value {
        Core::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.push(from_core(item));
            }
            Ipld::List(list)
        }
        Core::Map(map) => {
            let mut entries = Map::with_capacity(map.len());
            for (name, value) in map {
                entries.insert(name.clone(), from_core(value));
            }
            Ipld::from(entries)
        }
        _ => scalar_from_core(value),
    }
}

fn scalar_from_core(value: &Core) -> Ipld {
    match value {
        Core::Bool(value) => Ipld::Bool(*value),
        Core::Integer(value) => Ipld::Integer(*value),
        Core::Float(value) => Ipld::Float(*value),
        Core::String(value) => Ipld::String(value.clone()),
        Core::Bytes(value) => Ipld::from(Bytes::from(value.clone())),
        Core::Link(cid) => Ipld::from(long(cid)),
        Core::Null | Core::List(_) | Core::Map(_) => Ipld::Null,
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
            ("b", Ipld::from(Bytes::from(vec![1, 2]))),
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
