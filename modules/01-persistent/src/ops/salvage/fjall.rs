//! The journals, blob files and tables of fjall.
//!
//! ```text
//! blob   "BLOB"         4 bytes
//!        sum           16
//!        number         8
//!        key length     2
//!        value length   4
//!        as stored      4
//!        key, value
//! ```
//!
//! (`vlog/blob_file/writer.rs` of lsm-tree 3.) A journal's are those of the engine's `item.rs`, and
//! tables are read by `table.rs`.

use std::fs;
use std::path::Path;

use super::rescue::Rescue;
use super::scan::{Form, records, unpacked};
use super::{Result, table};
use crate::engines::fjall::item;

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
    head: item::HEAD,
    key: item::KEY,
    value: item::VALUE,
    stored: item::STORED,
    begins: item::begins,
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
