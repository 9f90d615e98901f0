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
        if !is_sorted(index.entries())? {
            // A search finds some and not others, and neither can be compared.
            return self.find(Finding::Unsorted);
        }
        let mut sections = sections.peekable();
        let mut said = index.entries().peekable();
        while let Some(group) = next_group(&mut sections, index.format())? {
            let near = |next: &Result<Entry>| match next {
                Ok(next) => name_of(next) <= group.name,
                Err(_) => true,
            };
            let mut found = false;
            while let Some(entry) = said.next_if(near).transpose()? {
                let is_there = name_of(&entry) == group.name
                    && group.offsets.binary_search(&entry.offset).is_ok();
                found |= is_there;
                if !is_there {
                    self.misleads(entry)?;
                }
            }
            if !found {
                self.lacks(&group)?;
            }
        }
        said.try_for_each(|entry| self.misleads(entry?))
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

fn is_sorted(entries: Entries<'_>) -> Result<bool> {
    let mut last = None;
    for entry in entries {
        let name = name_of(&entry?);
        if last.is_some_and(|last: Name| name < last) {
            return Ok(false);
        }
        last = Some(name);
    }
    Ok(true)
}
