//! Entries in key order, a page at a time.

use ::rocksdb::ReadOptions;
use bytes::Bytes;
use datastore::Result;

use super::Db;
use crate::engines::pages::{Bounds, Page, Scan};

impl Scan for Db {
    fn scan(&self, bounds: &Bounds<'_>, values: bool, page: &mut Page) -> Result<()> {
        let family = self.family(bounds.space)?;
        loop {
            let mut read = ReadOptions::default();
            // A pass over everything would push out of the cache what is asked for by name.
            read.fill_cache(false);
            if let Some(end) = bounds.end {
                read.set_iterate_upper_bound(end);
            }
            let mut entries = self.db.raw_iterator_cf_opt(family, read);
            let start = page.next().unwrap_or_else(|| bounds.start.to_vec());
            entries.seek(&start);
            while let Some((key, value)) = entries.item() {
                let value = if values {
                    Bytes::copy_from_slice(value)
                } else {
                    Bytes::new()
                };
                if !page.push(key, value) {
                    return Ok(());
                }
                entries.next();
            }
            // An iterator that met an error looks like one at its end.
            let Err(error) = entries.status() else {
                return Ok(());
            };
            let start = page.next().unwrap_or(start);
            let key = match values {
                true => None,
                false => self.unreadable(bounds.space, &start)?,
            };
            let is_in = |key: &Vec<u8>| bounds.end.is_none_or(|end| key.as_slice() < end);
            let key = key
                .filter(is_in)
                .ok_or_else(|| self.failed("read")(error))?;
            if !page.push(&key, Bytes::new()) {
                return Ok(());
            }
        }
    }
}
