//! From a value to bytes.

use super::LINK;
use crate::error::Refused;
use crate::ipld::{MAX_DEPTH, Map};
use crate::{Cid, Ipld};

/// Adds the head of an item: its kind, and its argument in as few bytes as it needs.
pub(crate) fn head(out: &mut Vec<u8>, kind: u8, argument: u64) {
    let kind = kind << 5;
    let bytes = argument.to_be_bytes();
    let (info, length) = match argument {
        0..24 => return out.push(kind | argument as u8),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(kind | info);
    out.extend_from_slice(bytes.get(8 - length..).unwrap_or_default());
}

/// Adds text.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Adds bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, 2, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Adds a link of dag-cbor.
pub(crate) fn link(out: &mut Vec<u8>, cid: &Cid) {
    head(out, 6, LINK);
    head(out, 2, 1 + cid.encoded_len() as u64);
    out.push(0);
    out.extend_from_slice(&cid.to_bytes());
}

/// Adds a value; `dag` says that it is dag-cbor.
pub(crate) fn value(
    out: &mut Vec<u8>,
    value: &Ipld,
    dag: bool,
    depth: usize,
) -> Result<(), Refused> {
    // What recurses is kept small, and so is its part of the stack.
    match value {
        Ipld::List(_) | Ipld::Map(_) if depth == MAX_DEPTH => return Err(Refused::deep()),
        Ipld::List(items) => {
            head(out, 4, items.len() as u64);
            for (n, item) in items.iter().enumerate() {
                self::value(out, item, dag, depth + 1).map_err(|refused| refused.below(n))?;
            }
        }
        Ipld::Map(map) => {
            head(out, 5, map.len() as u64);
            for (name, entry) in entries(map, dag) {
                text(out, name);
                self::value(out, entry, dag, depth + 1).map_err(|refused| refused.below(name))?;
            }
        }
        _ => scalar(out, value, dag)?,
    }
    Ok(())
}

fn scalar(out: &mut Vec<u8>, value: &Ipld, dag: bool) -> Result<(), Refused> {
    match value {
        Ipld::Bool(false) => out.push(0xf4),
        Ipld::Bool(true) => out.push(0xf5),
        Ipld::Integer(n) => integer(out, *n, dag)?,
        Ipld::Float(n) => float(out, *n, dag)?,
        Ipld::String(value) => text(out, value),
        Ipld::Bytes(value) => bytes(out, value),
        Ipld::Link(_) if !dag => return Err(Refused::new("cbor has no links, dag-cbor has")),
        Ipld::Link(cid) => link(out, cid),
        Ipld::Null | Ipld::List(_) | Ipld::Map(_) => out.push(0xf6),
    }
    Ok(())
}

/// The entries of a map in the order that the codec has them.
fn entries(map: &Map, dag: bool) -> Vec<(&String, &Ipld)> {
    let mut entries: Vec<_> = map.iter().collect();
    if dag {
        entries.sort_by_key(|(name, _)| (name.len(), *name));
    }
    entries
}

fn integer(out: &mut Vec<u8>, n: i128, dag: bool) -> Result<(), Refused> {
    // -1 - n for what is negative, without a bit more.
    let (kind, argument) = if n < 0 { (1, !n) } else { (0, n) };
    match u64::try_from(argument) {
        Ok(argument) => head(out, kind, argument),
        Err(_) if dag => {
            return Err(Refused::new(format!("{n} is not from -2^64 to 2^64 - 1")));
        }
        Err(_) => {
            head(out, 6, 2 + u64::from(kind));
            let digits = argument.to_be_bytes();
            let zeros = argument.leading_zeros() as usize / 8;
            bytes(out, digits.get(zeros..).unwrap_or_default());
        }
    }
    Ok(())
}

fn float(out: &mut Vec<u8>, n: f64, dag: bool) -> Result<(), Refused> {
    if dag && !n.is_finite() {
        return Err(Refused::new(format!("{n} is no number")));
    }
    if dag && n == 0.0 && n.is_sign_negative() {
        return Err(Refused::new("zero has no sign"));
    }
    out.push(0xfb);
    out.extend_from_slice(&n.to_be_bytes());
    Ok(())
}
