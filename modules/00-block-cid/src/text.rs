//! CIDs as text.

use cid::Version;

use crate::base::{self, Base};
use crate::{Cid, Error, Result, binary};

/// The length of a CIDv0 in characters: 34 bytes that begin with 12 20, in base58btc.
const V0_LEN: usize = 46;

/// The CID that `text` spells: in any base, or a path or URL that contains it after `/ipfs/`.
///
/// Stricter than the `cid` crate, which takes a CIDv0 with a base before it (`zQm…`), bytes that
/// follow the CID, and varints that are longer than they need be. Each of these gives one block
/// a second name; the [specification](https://github.com/multiformats/cid#decoding-algorithm)
/// has none of them.
///
/// # Errors
/// [`Error::Character`] with the position of a character outside the base; [`Error::Text`] with
/// what else is wrong.
pub fn parse(text: &str) -> Result<Cid> {
    let cid = match text.split_once("/ipfs/") {
        Some((_, after)) => after,
        None => text,
    };
    if cid.starts_with("Qm") {
        let bytes = base::decode_in(Base::Base58Btc, cid, text)?;
        let len = cid.chars().count();
        if len != V0_LEN {
            return Err(base::fault(
                text,
                format!("a CIDv0 has {V0_LEN} characters, and this one has {len}"),
            ));
        }
        return binary::decode(&bytes).map_err(|error| spelled(text, error));
    }
    if cid.is_empty() {
        return Err(base::fault(text, "it is empty"));
    }
    let (found, bytes) = base::decode(cid).map_err(|error| whole(text, cid, error))?;
    match binary::decode(&bytes) {
        Ok(cid) if cid.version() == Version::V0 => Err(base::fault(
            text,
            format!(
                "it is a CIDv0 written in {}; a CIDv0 has no base of its own and is written {cid}",
                base::name(found)
            ),
        )),
        Ok(cid) => Ok(cid),
        Err(error) => Err(spelled(text, error)),
    }
}

/// `cid` as text: CIDv0 in base58btc without prefix, CIDv1 in `base`, or base32 if that is
/// `None`.
///
/// # Errors
/// [`Error::Text`] if a CIDv0 is asked for in a base other than base58btc: it has to become CIDv1
/// first ([`to_v1`](crate::to_v1)).
pub fn display(cid: &Cid, base: Option<Base>) -> Result<String> {
    match base {
        None => Ok(cid.to_string()),
        Some(base) => cid.to_string_of_base(base).map_err(|_| {
            base::fault(
                &cid.to_string(),
                format!(
                    "a CIDv0 is not written in {}: convert it to CIDv1",
                    base::name(base)
                ),
            )
        }),
    }
}

/// What is wrong with the bytes, said about the text that spells them.
fn spelled(text: &str, error: Error) -> Error {
    match error {
        Error::Bytes { offset, reason, .. } => {
            base::fault(text, format!("byte {offset} of what it spells: {reason}"))
        }
        other => other,
    }
}

/// What is wrong with the CID, said about the path it stands in.
fn whole(text: &str, cid: &str, error: Error) -> Error {
    let before = text.chars().count() - cid.chars().count();
    match error {
        Error::Character {
            position,
            found,
            base,
            ..
        } if before > 0 => Error::Character {
            text: text.to_owned(),
            position: position + before,
            found,
            base,
        },
        other => other,
    }
}
