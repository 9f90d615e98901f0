//! A disk in memory that does what a real one does: links lead on, `..` leads up, and a name ends at NUL.

use std::collections::BTreeMap;

/// What stands under a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    File,
    /// Entries.
    Folder,
    /// A text, which leads on.
    Link,
}

/// Files, folders and links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// By path, which begins with a slash and has no link in it.
    nodes: BTreeMap<String, (Kind, Vec<u8>)>,
}

/// The path that was there already, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken(pub String);

impl Disk {
    /// The entries of a folder, by name.
    pub fn entries(&self, path: &str) -> Vec<(String, Kind)> {
        let folder = format!("{}/", self.resolve(path, true));
        let inside = |(path, node): (&String, &(Kind, Vec<u8>))| {
            let name = path.strip_prefix(&folder)?;
            (!name.contains('/')).then(|| (name.to_owned(), node.0))
        };
        self.nodes.iter().filter_map(inside).collect()
    }

    /// The bytes of a file; a link is followed.
    pub fn read(&self, path: &str) -> Vec<u8> {
        let node = self.nodes.get(&self.resolve(path, true));
        node.map(|(_, bytes)| bytes.clone()).unwrap_or_default()
    }

    /// Where a link leads, as it was written.
    pub fn target(&self, path: &str) -> String {
        let node = self.nodes.get(&self.resolve(path, false));
        node.map(|(_, text)| String::from_utf8_lossy(text).into_owned())
            .unwrap_or_default()
    }

    /// Makes a folder, where nothing is yet.
    pub fn make_folder(&mut self, path: &str) -> Result<(), Taken> {
        self.make(path, Kind::Folder, b"")
    }

    /// Makes a file, where nothing is yet.
    pub fn make_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), Taken> {
        self.make(path, Kind::File, bytes)
    }

    /// Makes a link, where nothing is yet, whatever its target is.
    pub fn make_link(&mut self, path: &str, target: &str) -> Result<(), Taken> {
        self.make(path, Kind::Link, target.as_bytes())
    }

    fn make(&mut self, path: &str, kind: Kind, bytes: &[u8]) -> Result<(), Taken> {
        let real = self.resolve(path, false);
        if self.nodes.contains_key(&real) {
            return Err(Taken(real));
        }
        self.nodes.insert(real, (kind, bytes.to_vec()));
        Ok(())
    }

    /// A line for each path that begins with this one.
    pub fn told(&self, path: &str) -> Vec<String> {
        let below = self.nodes.iter().filter(|(at, _)| at.starts_with(path));
        let line = |(at, (kind, bytes)): (&String, &(Kind, Vec<u8>))| {
            let at = at.strip_prefix(path).unwrap_or_default();
            format!("{kind:?} {at:?} {:?}", String::from_utf8_lossy(bytes))
        };
        below.map(line).collect()
    }

    /// What is not in this folder.
    pub fn outside(&self, folder: &str) -> Vec<String> {
        let within = format!("{folder}/");
        let paths = self.nodes.keys();
        paths
            .filter(|path| !path.starts_with(&within) && *path != folder)
            .cloned()
            .collect()
    }

    /// The path without links.
    fn resolve(&self, path: &str, last: bool) -> String {
        let path = path.split('\0').next().unwrap_or_default();
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut real = String::new();
        let mut links = 0;
        while let Some(name) = left.pop() {
            match name.as_str() {
                "" | "." => {}
                ".." => real.truncate(real.rfind('/').unwrap_or(0)),
                name => {
                    let next = format!("{real}/{name}");
                    match self.nodes.get(&next) {
                        Some((Kind::Link, target)) if links < 40 && (last || !left.is_empty()) => {
                            links += 1;
                            let target = String::from_utf8_lossy(target).into_owned();
                            if target.starts_with('/') {
                                real.clear();
                            }
                            left.extend(target.split('/').rev().map(str::to_owned));
                        }
                        _ => real = next,
                    }
                }
            }
        }
        real
    }
}
