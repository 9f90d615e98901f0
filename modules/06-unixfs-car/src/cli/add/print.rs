//! The lines, in the order in which `ipfs add` has them: files as they are added, and when all of a path
//! is there its folders, each after those in it.

use std::io::Write;

use anyhow::Result;
use block_cid::Cid;
use unixfs_car::hamt::HashBits;
use unixfs_car::import::{Added, What};

use super::flags::Add;
use crate::cli::base::shown;
use crate::cli::name::printable;

/// Prints what was added.
pub struct Print<'a> {
    add: &'a Add,
    out: &'a mut dyn Write,
    folders: Vec<(Vec<u8>, Cid)>,
    /// Those of them that are tries.
    tries: Vec<Vec<u8>>,
    last: Option<Cid>,
}

impl<'a> Print<'a> {
    pub fn new(add: &'a Add, out: &'a mut dyn Write) -> Print<'a> {
        Print {
            add,
            out,
            folders: Vec::new(),
            tries: Vec::new(),
            last: None,
        }
    }

    /// Files and links are printed; folders have to wait.
    pub fn added(&mut self, added: &[Added]) -> Result<()> {
        for Added { path, root, what } in added {
            self.last = Some(root.cid);
            let What::Folder { sharded } = what else {
                self.line(&root.cid, path)?;
                continue;
            };
            if self.prints_lines() {
                self.folders.push((path.clone(), root.cid));
                self.tries.extend(sharded.then(|| path.clone()));
            }
        }
        // A script that waits for a line gets it before the next batch is read.
        Ok(self.out.flush()?)
    }

    /// The folders of what was added so far.
    pub fn folders(&mut self) -> Result<()> {
        let mut folders = std::mem::take(&mut self.folders);
        let mut tries = std::mem::take(&mut self.tries);
        if !tries.is_empty() {
            // They came by their names, and in a trie Kubo goes by their hashes.
            tries.sort_unstable();
            folders.sort_by_cached_key(|(path, _)| place(path, &tries));
        }
        folders
            .iter()
            .try_for_each(|(path, cid)| self.line(cid, path))
    }

    /// What is printed at the end.
    pub fn last(&mut self) -> Result<()> {
        if let (true, Some(cid)) = (self.add.quieter, self.last) {
            writeln!(self.out, "{}", self.shown(&cid)?)?;
        }
        Ok(())
    }

    fn prints_lines(&self) -> bool {
        !self.add.quieter && !self.add.silent
    }

    fn line(&mut self, cid: &Cid, path: &[u8]) -> Result<()> {
        if !self.prints_lines() {
            return Ok(());
        }
        let shown = self.shown(cid)?;
        if self.add.quiet {
            writeln!(self.out, "{shown}")?;
        } else if path.is_empty() && !self.add.wrap_with_directory {
            // What has no name is called by its CID.
            writeln!(self.out, "added {shown} {cid}")?;
        } else {
            writeln!(self.out, "added {shown} {}", printable(path))?;
        }
        Ok(())
    }

    fn shown(&self, cid: &Cid) -> Result<String> {
        shown(cid, self.add.cid_base, self.add.upgrade_cidv0_in_output)
    }
}

/// What folders are sorted by: name after name, each with its hash before it if its folder is a trie, and
/// a folder after all that begins like it.
fn place(path: &[u8], tries: &[Vec<u8>]) -> Vec<(bool, u64, Vec<u8>)> {
    let mut key = Vec::new();
    let mut start = 0;
    // The folder around it all has no name.
    let names = path
        .split(|byte| *byte == b'/')
        .filter(|_| !path.is_empty());
    for name in names {
        let above = path.get(..start).unwrap_or_default();
        let above = above.strip_suffix(b"/").unwrap_or(above);
        let is_in_trie = tries.binary_search_by(|trie| trie[..].cmp(above)).is_ok();
        let hash = if is_in_trie {
            HashBits::of(name).hash()
        } else {
            0
        };
        key.push((false, hash, name.to_vec()));
        start += name.len() + 1;
    }
    key.push((true, 0, Vec::new()));
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_after_what_is_in_them_by_name_or_by_hash() {
        let sorted = |tries: &[&str]| {
            let tries: Vec<Vec<u8>> = tries.iter().map(|trie| trie.as_bytes().to_vec()).collect();
            let mut paths = ["", "a", "a/x", "a/x/z", "a/y", "a.b", "b"];
            paths.sort_by_cached_key(|path| place(path.as_bytes(), &tries));
            paths
        };
        assert_eq!(sorted(&[]), ["a/x/z", "a/x", "a/y", "a", "a.b", "b", ""]);
        // The hashes of x and y begin with 6d and 19, those of a, a.b and b with 85, e6 and 7a.
        assert_eq!(sorted(&["a"]), ["a/y", "a/x/z", "a/x", "a", "a.b", "b", ""]);
        assert_eq!(sorted(&[""]), ["b", "a/x/z", "a/x", "a/y", "a", "a.b", ""]);
    }
}
