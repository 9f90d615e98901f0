//! Writing a run (`run.rs`), page by page, as its entries come.

use std::io;
use std::ops::Range;

use datastore::{DiskFile, Key};
use xxhash_rust::xxh3::Xxh3;

use super::bloom::{Filter, SHARED};
use super::page::{At, Maker, PAGE};
use super::run::{GROUP, MAGIC, PAGES, VERSION, filter_seed, seed};
use super::segment::Position;
use super::wanted::{Fence, fence};

/// Writes a run. Nothing of it is durable before the file and its name are flushed.
pub(super) struct Writer<'a> {
    file: &'a dyn DiskFile,
    of: Range<Position>,
    seed: u64,
    page: Maker,
    /// The pages that are not written yet.
    buffer: Vec<u8>,
    written: u64,
    fences: Vec<Fence>,
    /// What the page begins with that is in the making.
    first: Option<Fence>,
    filter: Filter,
    /// The pages of the filter that are not written yet.
    filters: Vec<u8>,
    entries: u64,
}

impl<'a> Writer<'a> {
    /// To an empty file.
    pub fn new(file: &'a dyn DiskFile, of: Range<Position>) -> Writer<'a> {
        let seed = seed(&of);
        Writer {
            file,
            of,
            seed,
            page: Maker::default(),
            buffer: Vec::new(),
            written: 0,
            fences: Vec::new(),
            first: None,
            filter: Filter::new(seed),
            filters: Vec::new(),
            entries: 0,
        }
    }

    /// Adds an entry; they come in the order of their keys, each once.
    pub fn add(&mut self, key: &Key, at: At) -> io::Result<()> {
        let multihash = key.as_block().unwrap_or_default();
        if !self.page.add(multihash, at) {
            self.end_page()?;
            // Any entry fits an empty page.
            self.page.add(multihash, at);
        }
        self.first.get_or_insert_with(|| fence(multihash));
        self.filter.add(multihash);
        self.entries += 1;
        Ok(())
    }

    fn end_page(&mut self) -> io::Result<()> {
        let number = self.fences.len() as u64;
        self.fences.push(self.first.take().unwrap_or_default());
        self.buffer
            .append(&mut self.page.finish(self.seed.wrapping_add(number)));
        if self.fences.len().is_multiple_of(SHARED) {
            self.end_filter();
        }
        if self.fences.len().is_multiple_of(GROUP) {
            self.buffer.append(&mut self.filters);
        }
        if self.buffer.len() >= PAGES * PAGE {
            self.write()?;
        }
        Ok(())
    }

    fn end_filter(&mut self) {
        let number = self.fences.len().div_ceil(SHARED) - 1;
        let mut page = self.filter.finish(filter_seed(self.seed, number));
        self.filters.append(&mut page);
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is left, and what stands at the end.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.page.is_empty() {
            self.end_page()?;
        }
        if !self.fences.len().is_multiple_of(SHARED) {
            self.end_filter();
        }
        self.buffer.append(&mut self.filters);
        self.write()?;
        let fences = self.fences.as_flattened();
        self.file.write_all_at(fences, self.written)?;
        self.written += fences.len() as u64;
        let mut end = MAGIC.to_vec();
        end.extend((self.fences.len() as u64).to_le_bytes());
        end.extend(self.entries.to_le_bytes());
        end.extend([0; 8]);
        for position in [self.of.start, self.of.end] {
            end.extend(position.segment.to_le_bytes());
            end.extend(position.offset.to_le_bytes());
        }
        let mut sum = Xxh3::with_seed(VERSION);
        sum.update(fences);
        sum.update(&end);
        end.extend(sum.digest().to_le_bytes());
        self.buffer = end;
        self.write()
    }
}
