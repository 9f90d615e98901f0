//! The index in a file, and what it should be.

use std::iter::Peekable;

use block_cid::{Cid, Hash, Multihash, codec};

use super::{Finding, Run};
use crate::car::index::{Entries, Entry, Format, Record, Sorted};
use crate::car::{Index, Result};

/// What an index is sorted by: the hash where the format says it, the length of the digest, and it.
type Name = (Option<u64>, usize, Vec<u8>);

fn name_of(entry: &Entry) -> Name {
    (entry.code, entry.digest.len(), entry.digest.clone())
}

/// The sections of one multihash. Their places are in memory together.
struct Group {
    name: Name,
    code: u64,
    /// In order, in bytes from the start of the CARv1.
    offsets: Vec<u64>,
}

impl Run<'_> {
    /// Compares the index with the sections that there are. Of sections that have one multihash the
    /// index has to have one.
    pub(super) fn compare(&mut self, index: &Index, sections: Sorted) -> Result<()> {
        let mut sections = sections.peekable();
        let mut said = Said {
            entries: index.entries().peekable(),
            last: None,
        };
        while let Some(group) = next_group(&mut sections, index.format())? {
            let mut found = false;
            while let Some(entry) = said.next_to(Some(&group.name))? {
                let is_there = name_of(&entry) == group.name
                    && group.offsets.binary_search(&entry.offset).is_ok();
                found |= is_there;
                if !is_there {
                    self.misleads(entry)?;
                }
            }
            if !found && !said.unsorted() {
                self.lacks(&group)?;
            }
        }
        while let Some(entry) = said.next_to(None)? {
            self.misleads(entry)?;
        }
        match said.unsorted() {
            true => self.find(Finding::Unsorted),
            false => Ok(()),
        }
    }

    fn misleads(&mut self, entry: Entry) -> Result<()> {
        let offset = self.car.start().saturating_add(entry.offset);
        let digest = entry.digest;
        self.find(Finding::Misleading { digest, offset })
    }

    fn lacks(&mut self, group: &Group) -> Result<()> {
        let header = self.car.header();
        let full = header.is_some_and(|header| header.is_fully_indexed());
        let (_, _, digest) = &group.name;
        match (Multihash::wrap(group.code, digest), group.offsets.first()) {
            (Ok(hash), Some(offset)) if full || group.code != Hash::IDENTITY.code() => {
                let cid = Box::new(Cid::new_v1(codec::RAW, hash));
                let offset = self.car.start() + offset;
                self.find(Finding::Unindexed { cid, offset })
            }
            _ => Ok(()),
        }
    }
}

/// The next sections of one name.
fn next_group(sections: &mut Peekable<Sorted>, format: Format) -> Result<Option<Group>> {
    let Some(first) = sections.next().transpose()? else {
        return Ok(None);
    };
    let named = |record: &Record| {
        let code = (format == Format::MultihashSorted).then_some(record.code);
        (code, record.digest.len(), record.digest.clone())
    };
    let mut group = Group {
        name: named(&first),
        code: first.code,
        offsets: vec![first.offset],
    };
    let same = |next: &Result<Record>| next.as_ref().is_ok_and(|next| named(next) == group.name);
    while let Some(next) = sections.next_if(same) {
        group.offsets.push(next?.offset);
    }
    Ok(Some(group))
}

/// What the index says, as long as it is in order.
struct Said<'a> {
    entries: Peekable<Entries<'a>>,
    last: Option<Name>,
}

impl Said<'_> {
    /// The next entry that is not behind this name.
    fn next_to(&mut self, name: Option<&Name>) -> Result<Option<Entry>> {
        if self.unsorted() {
            return Ok(None);
        }
        let near = |next: &Result<Entry>| match (next, name) {
            (Ok(next), Some(name)) => name_of(next) <= *name,
            _ => true,
        };
        let next = self.entries.next_if(near).transpose()?;
        if let Some(entry) = &next {
            self.last = Some(name_of(entry));
        }
        Ok(next)
    }

    /// Whether the next entry should have come before the last one. A search does not find it, and what
    /// follows cannot be compared.
    fn unsorted(&mut self) -> bool {
        match (self.entries.peek(), &self.last) {
            (Some(Ok(next)), Some(last)) => name_of(next) < *last,
            _ => false,
        }
    }
}
