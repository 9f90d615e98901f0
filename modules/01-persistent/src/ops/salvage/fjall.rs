//! The journals, blob files and tables of fjall.
//!
//! ```text
//! journal   2, type, compression   1 byte each      blob   "BLOB"        4
//!           keyspace               8                       sum          16
//!           length of the key      2                       number        8
//!           of the value           4                       key length    2
//!           of it as it is stored  4                       value length  4
//!           key, value                                     as stored     4
//!                                                          key, value
//! ```
//!
//! (`journal/entry.rs` of fjall 3, `vlog/blob_file/writer.rs` of lsm-tree 3.) Tables are read by
//! `table.rs`.

use std::fs;
use std::path::Path;

use super::rescue::Rescue;
use super::scan::{Form, records, unpacked};
use super::{Result, table};

/// Reads the file at `path`, whatever it should be.
pub(super) fn read(path: &Path, rescue: &mut Rescue<'_>) -> Result<()> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            rescue.unreadable(path, error);
            return Ok(());
        }
    };
    records(&bytes, &JOURNAL, rescue)?;
    records(&bytes, &BLOB, rescue)?;
    table::read(&bytes, rescue)
}

const JOURNAL: Form = Form {
    head: 21,
    key: (11, 2),
    value: (13, 4),
    stored: (17, 4),
    begins: |head| matches!(head, [2, 0..=2, 0..=1, ..]),
    deletes: |head| !matches!(head, [_, 0, ..]),
    unpacked,
};

const BLOB: Form = Form {
    head: 38,
    key: (28, 2),
    value: (30, 4),
    stored: (34, 4),
    begins: |head| head.starts_with(b"BLOB"),
    deletes: |_| false,
    unpacked,
};
