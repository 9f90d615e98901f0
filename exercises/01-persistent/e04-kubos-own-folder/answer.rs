//! 01-4: the folder in which Kubo keeps blocks (flatfs), read and written.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use data_encoding::BASE32_NOPAD;

/// Which characters of a block's name are the name of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharding {
    /// So many before the last one. Kubo's default is `next-to-last/2`.
    NextToLast(usize),
    /// The first.
    Prefix(usize),
    /// The last.
    Suffix(usize),
}

/// Reads what the file `SHARDING` says, as `/repo/flatfs/shard/v1/next-to-last/2`, which ends in a line feed.
/// An error of the kind `InvalidData` names what is unknown.
pub fn sharding(text: &str) -> io::Result<Sharding> {
    //~ todo: the version has to be v1, the function one of three, the rest a number
    let unknown = || io::Error::new(ErrorKind::InvalidData, format!("unknown sharding {text:?}"));
    let rest = text.trim_end().strip_prefix("/repo/flatfs/shard/v1/");
    let (function, number) = rest
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(unknown)?;
    let number = number.parse().map_err(|_| unknown())?;
    match function {
        "next-to-last" => Ok(Sharding::NextToLast(number)),
        "prefix" => Ok(Sharding::Prefix(number)),
        "suffix" => Ok(Sharding::Suffix(number)),
        _ => Err(unknown()),
    }
    //~ end
}

/// The name of a block: its multihash in base32 (RFC 4648), in upper case and without padding.
pub fn name(multihash: &[u8]) -> String {
    //~ todo: data_encoding has this base
    BASE32_NOPAD.encode(multihash)
    //~ end
}

/// The folder of a block by its name. Where the name is too short, `_` stands in for what is missing: before
/// it, and for `Prefix` behind it.
pub fn shard(sharding: Sharding, name: &str) -> String {
    //~ todo: fill up, then cut out
    match sharding {
        Sharding::NextToLast(n) => {
            let filled = "_".repeat(n + 1) + name;
            filled[filled.len() - n - 1..filled.len() - 1].to_owned()
        }
        Sharding::Prefix(n) => (name.to_owned() + &"_".repeat(n))[..n].to_owned(),
        Sharding::Suffix(n) => {
            let filled = "_".repeat(n) + name;
            filled[filled.len() - n..].to_owned()
        }
    }
    //~ end
}

/// Kubo's `blocks` folder.
#[derive(Debug)]
pub struct Blocks {
    dir: PathBuf,
    sharding: Sharding,
}

impl Blocks {
    /// Opens a folder that has a file `SHARDING`.
    pub fn open(dir: &Path) -> io::Result<Blocks> {
        //~ todo: read the file
        let sharding = sharding(&fs::read_to_string(dir.join("SHARDING"))?)?;
        let dir = dir.to_owned();
        Ok(Blocks { dir, sharding })
        //~ end
    }

    /// The block with this multihash, or `None`.
    pub fn get(&self, multihash: &[u8]) -> io::Result<Option<Vec<u8>>> {
        //~ todo: absent is no error
        match fs::read(self.path(multihash)) {
            Ok(block) => Ok(Some(block)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
        //~ end
    }

    /// Keeps a block. Nobody who reads the folder may see half of it; surviving a loss of power is 01-3.
    pub fn put(&self, multihash: &[u8], block: &[u8]) -> io::Result<()> {
        //~ todo: write in the folder `.temp`, as Kubo does, and rename
        let path = self.path(multihash);
        let temp = self.dir.join(".temp");
        fs::create_dir_all(&temp)?;
        let temp = temp.join(name(multihash));
        fs::write(&temp, block)?;
        fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        fs::rename(&temp, &path)
        //~ end
    }

    /// The multihashes of all blocks, in any order. What is no block is left out.
    pub fn list(&self) -> io::Result<Vec<Vec<u8>>> {
        //~ todo: a block is a file NAME.data in the folder of its name
        let mut found = Vec::new();
        for folder in fs::read_dir(&self.dir)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?.file_name();
                let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".data")) else {
                    continue;
                };
                let is_here = folder.file_name() == *shard(self.sharding, name);
                if let (true, Ok(multihash)) = (is_here, BASE32_NOPAD.decode(name.as_bytes())) {
                    found.push(multihash);
                }
            }
        }
        Ok(found)
        //~ end
    }
    //~ blank: where a block is

    fn path(&self, multihash: &[u8]) -> PathBuf {
        let name = name(multihash);
        let folder = self.dir.join(shard(self.sharding, &name));
        folder.join(name + ".data")
    }
    //~ end
}
