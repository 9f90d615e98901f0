//! Paths: a CID, and names of entries below it.
//!
//! ```text
//! /ipfs/bafy…/photos/2024/me.jpg    bafy…/photos    bafy…    ipfs://bafy…/photos
//! ```
//!
//! They are read as `ipfs cat` reads them: `.` and `..` are resolved within the text, a slash at the
//! end says nothing, and nothing is decoded, so that `%20` is three characters of a name. A name
//! is looked up in a folder, plain or sharded. A symlink is not followed on the way, and neither
//! does Kubo: where it leads depends on where it lies.

use std::fmt;

use block_cid::{Blockstore, codec, text};
use bytes::Bytes;
use dag_ipld::pb;

use crate::dir::Dir;
use crate::node::{self, Node};
use crate::{Cid, Error, Result};

/// A CID, and names of entries below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub root: Cid,
    /// The names, from the root on. File names are bytes, as a rule UTF-8.
    pub names: Vec<Bytes>,
}

impl Path {
    /// The path in these bytes, as a rule UTF-8.
    ///
    /// # Errors
    /// [`Error::Path`] if there is no CID where it should be, or the path is of another kind.
    pub fn parse(path: &[u8]) -> Result<Path> {
        let refuse = |reason: String| Error::Path {
            text: String::from_utf8_lossy(path).into_owned(),
            reason,
        };
        let (uri, below) = (spaced(path), [b"/ipfs/", path].concat());
        // What is no path of a space is a CID, and perhaps a path below it.
        let names = Some(clean(&uri)).filter(|names| {
            let first = names.first();
            uri.starts_with(b"/") && first.is_some_and(|first| SPACES.contains(first))
        });
        let names = names.unwrap_or_else(|| clean(&below));
        let [space, root, names @ ..] = &names[..] else {
            return Err(refuse("it has no CID; /ipfs/CID/name is a path".into()));
        };
        match *space {
            b"ipfs" => {}
            b"ipns" => {
                let reason = "names of IPNS are not looked up here; give the CID they lead to";
                return Err(refuse(reason.into()));
            }
            _ => {
                let reason = "it goes by fields, not by files; 05-dag-ipld resolves it";
                return Err(refuse(reason.into()));
            }
        }
        let root = text::parse(&String::from_utf8_lossy(root));
        Ok(Path {
            root: root.map_err(|error| {
                // The text is told once, where it is all of the path.
                let again = format!("{:?} is no CID: ", String::from_utf8_lossy(path));
                let told = error.to_string();
                refuse(told.strip_prefix(&again).unwrap_or(&told).to_owned())
            })?,
            names: names.iter().copied().map(Bytes::copy_from_slice).collect(),
        })
    }

    /// The last name, or the CID if there is none: what `get` calls a file on disk.
    pub fn last(&self) -> Bytes {
        let root = || Bytes::from(self.root.to_string());
        self.names.last().cloned().unwrap_or_else(root)
    }

    /// What it leads to. Reads the folders on the way, and nothing of what is at the end.
    ///
    /// # Errors
    /// [`Error::NoEntry`] if a folder has no such name; [`Error::Kind`] if there is a file or a
    /// symlink where a folder should be; [`Error::Missing`] if a block on the way is not there.
    pub fn resolve(&self, store: &impl Blockstore) -> Result<Cid> {
        let mut cid = self.root;
        for (depth, name) in self.names.iter().enumerate() {
            cid = step(store, &cid, name)?.ok_or_else(|| Error::NoEntry {
                name: String::from_utf8_lossy(name).into_owned(),
                path: self.to(depth),
            })?;
        }
        Ok(cid)
    }

    /// The path up to `depth` names below the root.
    fn to(&self, depth: usize) -> String {
        let names = self.names.iter().take(depth).cloned().collect();
        let root = self.root;
        Path { root, names }.to_string()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/ipfs/{}", self.root)?;
        for name in &self.names {
            write!(f, "/{}", String::from_utf8_lossy(name))?;
        }
        Ok(())
    }
}

/// What `name` leads to below the node that `cid` names.
fn step(store: &impl Blockstore, cid: &Cid, name: &Bytes) -> Result<Option<Cid>> {
    let block = node::block(store, cid)?;
    match Node::of(&block) {
        Ok(node) => Ok(Dir::of(store, cid, node)?.get(name)?.map(|entry| entry.cid)),
        // A node of dag-pb that is nothing of UnixFS: its links have names all the same.
        Err(_) if cid.codec() == codec::DAG_PB => {
            let node = pb::Node::decode(block.data());
            let node = node.map_err(|error| Error::node(cid, error.into()))?;
            let named = |link: &&pb::Link| link.name.as_ref() == Some(name);
            Ok(node.links.iter().find(named).map(|link| link.cid))
        }
        Err(error) => Err(error),
    }
}

/// What a path may begin with.
const SPACES: [&[u8]; 3] = [b"ipfs", b"ipns", b"ipld"];

/// A path in place of a URI: `/ipfs/CID` for `ipfs://CID` and `ipfs:CID`.
fn spaced(path: &[u8]) -> Vec<u8> {
    for space in SPACES {
        if let Some((scheme, rest)) = path.split_at_checked(space.len())
            && scheme.eq_ignore_ascii_case(space)
            && let Some(rest) = rest.strip_prefix(b":")
        {
            let rest = rest.strip_prefix(b"//").unwrap_or(rest);
            return [b"/", space, b"/", rest].concat();
        }
    }
    path.to_vec()
}

/// The names in it, without those that say nothing.
fn clean(path: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names
}
