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
                let data = bytes.get(range).unwrap_or_default();
                fields.add(field.range, 0, "Data", preview(data));
            }
            _ => {}
        }
    }
    Ok(())
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
