//! How two CIDs differ, field by field.

use cid::Cid;

use crate::say;

/// Two CIDs that have to be the same; `whose` says where the wanted one comes from.
#[track_caller]
pub fn same(what: &str, yours: &str, whose: &str, wanted: &str, why: &str) {
    if yours != wanted {
        say::wrong(format!(
            "{what}\nyours  {yours}\n{whose:<6} {wanted}\n{}\nWhy it matters: {why}",
            difference(yours, wanted)
        ))
    }
}

/// How they differ, in words.
pub fn difference(yours: &str, wanted: &str) -> String {
    let (Ok(a), Ok(b)) = (Cid::try_from(yours), Cid::try_from(wanted)) else {
        return format!(
            "yours is no CID that a reader takes ({} characters)",
            yours.len()
        );
    };
    let (ha, hb) = (a.hash(), b.hash());
    if a.version() != b.version() {
        format!(
            "yours is of version {}, and {} is wanted",
            u64::from(a.version()),
            u64::from(b.version())
        )
    } else if a.codec() != b.codec() {
        let same = if ha == hb {
            "same hash, other codec"
        } else {
            "another codec, and another hash"
        };
        format!(
            "{same}: yours says {}, and {} is wanted",
            codec(a.codec()),
            codec(b.codec())
        )
    } else if ha.code() != hb.code() {
        format!(
            "another hash function: yours says 0x{:02x}, and 0x{:02x} is wanted",
            ha.code(),
            hb.code()
        )
    } else if ha.size() != hb.size() {
        format!(
            "the digest has {} bytes, and {} are wanted",
            ha.size(),
            hb.size()
        )
    } else if ha != hb {
        "the same fields, another digest: other bytes were hashed".into()
    } else {
        "the same CID, written in another base".into()
    }
}

/// A codec by name and number.
pub fn codec(code: u64) -> String {
    let name = match code {
        0x55 => "raw",
        0x70 => "dag-pb",
        0x71 => "dag-cbor",
        0x0200 => "json",
        _ => "which no codec of the lesson has",
    };
    format!("0x{code:02x} ({name})")
}
