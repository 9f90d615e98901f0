//! Files and folders as they stand at one moment.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use super::record::{Change, Names};

/// The number of a file or folder, which it keeps under every name.
pub(super) type Id = u64;

/// The number of the folder that everything is in.
pub(super) const ROOT: Id = 0;

/// A name, and the folder that it is in.
pub(super) type Entry = (Id, String);

#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Arc<Vec<u8>>),
    Folder(Arc<BTreeMap<String, Id>>),
}

impl Node {
    pub(super) fn file() -> Node {
        Node::File(Arc::default())
    }

    pub(super) fn folder() -> Node {
        Node::Folder(Arc::default())
    }
}

/// A file system. A copy shares what neither changes.
#[derive(Clone, Debug)]
pub(super) struct Image(HashMap<Id, Node>);

impl Image {
    pub(super) fn new() -> Image {
        Image(HashMap::from([(ROOT, Node::folder())]))
    }

    /// Adds a file or folder, which has no name yet.
    pub(super) fn add(&mut self, id: Id, node: Node) {
        self.0.insert(id, node);
    }

    pub(super) fn node(&self, id: Id) -> io::Result<&Node> {
        self.0
            .get(&id)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn names(&self, id: Id) -> io::Result<&BTreeMap<String, Id>> {
        match self.node(id)? {
            Node::Folder(names) => Ok(names),
            Node::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn bytes(&self, id: Id) -> io::Result<&[u8]> {
        match self.node(id)? {
            Node::File(bytes) => Ok(bytes),
            Node::Folder(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    /// What is at `path`. Paths begin at the root, whether they say so or not.
    pub(super) fn find(&self, path: &Path) -> io::Result<Id> {
        let mut at = ROOT;
        for part in path.components() {
            let Component::Normal(name) = part else {
                continue;
            };
            let name = name.to_str().ok_or(io::ErrorKind::InvalidInput)?;
            at = *self.names(at)?.get(name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(at)
    }

    /// The folder that `path` lies in, which is there, and its name in it.
    pub(super) fn entry(&self, path: &Path) -> io::Result<Entry> {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or(io::ErrorKind::InvalidInput)?;
        let folder = self.find(path.parent().unwrap_or(Path::new("")))?;
        self.names(folder)?;
        Ok((folder, name.to_owned()))
    }

    pub(super) fn get(&self, entry: &Entry) -> Option<Id> {
        self.names(entry.0).ok()?.get(&entry.1).copied()
    }

    /// Changes names, unless what they are taken from is not there.
    pub(super) fn rename(&mut self, names: &Names) {
        let there = |(entry, id): &(Entry, Id)| self.get(entry) == Some(*id);
        if !names.takes.iter().all(there) {
            return;
        }
        for ((folder, name), id) in &names.sets {
            if let Some(Node::Folder(entries)) = self.0.get_mut(folder) {
                let entries = Arc::make_mut(entries);
                match id {
                    Some(id) => entries.insert(name.clone(), *id),
                    None => entries.remove(name),
                };
            }
        }
    }

    /// Changes the bytes of a file.
    pub(super) fn change(&mut self, id: Id, change: &Change) {
        let Some(Node::File(bytes)) = self.0.get_mut(&id) else {
            return;
        };
        let bytes = Arc::make_mut(bytes);
        match change {
            Change::Len(len) => bytes.resize(*len as usize, 0),
            Change::Write { offset, bytes: new } => {
                let from = *offset as usize;
                let to = from + new.len();
                if bytes.len() < to {
                    bytes.resize(to, 0);
                }
                if let Some(place) = bytes.get_mut(from..to) {
                    place.copy_from_slice(new);
                }
            }
        }
    }
}
