//! The fields of dag-pb.

use std::ops::Range;

use super::{Fields, cid, preview};
use crate::protobuf::{Reader, Value};
use crate::{Codec, Error, Result, pb};

pub(super) fn read(bytes: &[u8], fields: &mut Fields) -> Result<()> {
    let wrong = |fault: crate::protobuf::Fault| Error::Decode {
        codec: Codec::DagPb,
        offset: fault.offset,
        reason: fault.reason,
    };
    let mut reader = Reader::new(bytes);
    // Parts knows what is right, and a field is told only once its part was.
    let mut parts = pb::Parts::new(bytes);
    let mut at = 0;
    while !fields.is_full()
        && let Some(part) = parts.next().transpose()?
    {
        let Some(field) = reader.field().map_err(wrong)? else {
            break;
        };
        match (part, field.value) {
            (pb::Part::Link { cid, .. }, Value::Bytes(message)) => {
                let meaning = format!("a link, {} bytes", message.len());
                fields.add(field.range, 0, format!("Links/{at}"), meaning);
                link(bytes, message, &cid, fields).map_err(wrong)?;
                at += 1;
            }
            (pb::Part::Data(range), _) => {
                let data = bytes.get(range.clone()).unwrap_or_default();
                let inner = unixfs(bytes, range).unwrap_or_default();
                let meaning = match inner.is_empty() {
                    true => preview(data),
                    false => format!("UnixFS, {} bytes", data.len()),
                };
                fields.add(field.range, 0, "Data", meaning);
                for (range, name, meaning) in inner {
                    fields.add(range, 1, name, meaning);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the data of a node says of a file or a folder, if it is UnixFS, which module 06 teaches; `None` if it is
/// anything else.
fn unixfs(bytes: &[u8], data: Range<usize>) -> Option<Vec<(Range<usize>, String, String)>> {
    const KINDS: [&str; 6] = [
        "raw",
        "folder",
        "file",
        "metadata",
        "symlink",
        "shard of a folder",
    ];
    let mut reader = Reader::within(bytes, data);
    let (mut told, mut sizes) = (Vec::new(), 0..);
    while let Some(field) = reader.field().ok()? {
        let (name, meaning) = match (field.number, field.value) {
            (1, Value::Varint(code)) => {
                let kind = KINDS.get(usize::try_from(code).ok()?)?;
                ("Type".to_owned(), (*kind).to_owned())
            }
            (2, Value::Bytes(range)) => ("Data".to_owned(), preview(bytes.get(range)?)),
            (3, Value::Varint(size)) => ("filesize".to_owned(), format!("{size} bytes")),
            (4, Value::Varint(size)) => (
                format!("blocksizes/{}", sizes.next()?),
                format!("{size} of them below this link"),
            ),
            (5, Value::Varint(code)) => ("hashType".to_owned(), format!("0x{code:x}")),
            (6, Value::Varint(places)) => ("fanout".to_owned(), format!("{places} places")),
            (7, Value::Varint(mode)) => ("mode".to_owned(), format!("{mode:04o}")),
            (8, Value::Bytes(range)) => ("mtime".to_owned(), format!("{} bytes", range.len())),
            _ => return None,
        };
        told.push((field.range, name, meaning));
    }
    // Other messages begin otherwise, and no message at all is none of UnixFS.
    told.first().filter(|(_, name, _)| name == "Type")?;
    Some(told)
}

fn link(
    bytes: &[u8],
    message: Range<usize>,
    to: &crate::Cid,
    fields: &mut Fields,
) -> std::result::Result<(), crate::protobuf::Fault> {
    let mut reader = Reader::within(bytes, message);
    while let Some(field) = reader.field()? {
        let (name, meaning) = match field.value {
            Value::Bytes(range) if field.number == 2 => {
                ("Name", preview(bytes.get(range).unwrap_or_default()))
            }
            Value::Varint(size) => ("Tsize", format!("{size} bytes in the blocks below")),
            _ => ("Hash", cid(to)),
        };
        fields.add(field.range, 1, name, meaning);
    }
    Ok(())
}
