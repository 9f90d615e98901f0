//! 05-1: DAG-CBOR, to the byte.

use std::collections::BTreeMap;

use cid::Cid;

use crate::value::Value;

/// Why bytes are no DAG-CBOR, in your words.
pub type Refused = &'static str;

/// How deep values may be in values.
pub const DEPTH: usize = 128;

/// The bytes of a value: there is one way to write each.
pub fn encode(value: &Value) -> Vec<u8> {
    //~ todo: a head, and what follows it; the keys of a map in the order of DAG-CBOR
    match value {
        Value::Null => vec![0xf6],
        Value::Bool(yes) => vec![0xf4 + u8::from(*yes)],
        Value::Int(n) if *n >= 0 => head(0, *n as u64),
        Value::Int(n) => head(1, (-1 - n) as u64),
        Value::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
        Value::Text(text) => [head(3, text.len() as u64), text.clone().into()].concat(),
        Value::List(list) => {
            let parts = list.iter().map(encode);
            head(4, list.len() as u64)
                .into_iter()
                .chain(parts.flatten())
                .collect()
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| (key.len(), *key));
            let mut out = head(5, map.len() as u64);
            for (key, value) in entries {
                out.extend(encode(&Value::Text(key.clone())));
                out.extend(encode(value));
            }
            out
        }
        Value::Link(cid) => {
            let bytes = [vec![0], cid.to_bytes()].concat();
            [head(6, 42), encode(&Value::Bytes(bytes))].concat()
        }
    }
    //~ end
}

/// The head of an item: the major type in three bits, and a number in as few bytes as it fits.
pub fn head(major: u8, number: u64) -> Vec<u8> {
    //~ todo: up to 23 in the same byte; else 24 to 27, and 1, 2, 4 or 8 bytes
    let (low, len) = match number {
        0..=23 => (number as u8, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    let mut head = vec![major << 5 | low];
    head.extend_from_slice(&number.to_be_bytes()[8 - len..]);
    head
    //~ end
}

/// The value of these bytes, if they are what `encode` writes for it.
pub fn decode(bytes: &[u8]) -> Result<Value, Refused> {
    //~ todo: read it; and is this the one way to write it?
    let mut rest = bytes;
    let value = item(&mut rest, DEPTH)?;
    if encode(&value) != bytes {
        return Err("there is another way to write this, and that one is right");
    }
    Ok(value)
    //~ end
}
//~ blank: a function that reads one item, and leaves the rest, helps

/// Reads an item, in which there are so many levels at most.
fn item(rest: &mut &[u8], depth: usize) -> Result<Value, Refused> {
    let depth = depth.checked_sub(1).ok_or("too deep")?;
    let first = take(rest, 1)?[0];
    let number = match first & 31 {
        low @ 0..=23 => u64::from(low),
        low @ 24..=27 => {
            let bytes = take(rest, 1 << (low - 24))?.iter();
            bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
        }
        _ => return Err("an item without a length"),
    };
    Ok(match (first >> 5, number) {
        (0, _) => Value::Int(number.into()),
        (1, _) => Value::Int(-1 - i128::from(number)),
        (2, _) => Value::Bytes(take(rest, number)?.to_vec()),
        (3, _) => Value::Text(text(take(rest, number)?)?),
        (4, _) => Value::List(
            (0..number)
                .map(|_| item(rest, depth))
                .collect::<Result<_, _>>()?,
        ),
        (5, _) => {
            let mut map = BTreeMap::new();
            for _ in 0..number {
                let Value::Text(key) = item(rest, depth)? else {
                    return Err("a key is no text");
                };
                map.insert(key, item(rest, depth)?);
            }
            Value::Map(map)
        }
        (6, 42) => match item(rest, depth)? {
            Value::Bytes(bytes) if bytes.first() == Some(&0) => {
                Value::Link(Cid::try_from(&bytes[1..]).map_err(|_| "a link to no CID")?)
            }
            _ => return Err("a link without the zero byte"),
        },
        (7, 20) => Value::Bool(false),
        (7, 21) => Value::Bool(true),
        (7, 22) => Value::Null,
        _ => return Err("no kind of value that there is"),
    })
}

fn text(bytes: &[u8]) -> Result<String, Refused> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "a text that is not UTF-8")
}

fn take<'a>(rest: &mut &'a [u8], len: u64) -> Result<&'a [u8], Refused> {
    let len = usize::try_from(len).map_err(|_| "cut off")?;
    let (taken, left) = rest.split_at_checked(len).ok_or("cut off")?;
    *rest = left;
    Ok(taken)
}
//~ end
