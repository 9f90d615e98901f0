//! 06-5: a folder, saved and restored; and nothing outside of it.

use std::collections::BTreeSet;

use cid::Cid;

use crate::disk::{Disk, Kind, Taken};
use crate::vault::{Item, Vault};

/// How many items a backup may unfold to.
pub const MOST: usize = 10_000;

/// Why a backup is not restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// An entry of a folder has this name.
    Name(String),
    /// A link leads there.
    Outside(String),
    /// This item is not in the vault.
    Missing(Cid),
    /// There are more than `MOST` items.
    TooMany,
    /// Something is there already.
    Exists(String),
}

impl From<Taken> for Refused {
    fn from(taken: Taken) -> Refused {
        Refused::Exists(taken.0)
    }
}

/// Saves a folder, with all that is in it. Links are saved as links.
pub fn backup(disk: &Disk, path: &str, vault: &Vault) -> Cid {
    //~ todo: each entry by its kind, and then the folder
    let mut entries = Vec::new();
    for (name, kind) in disk.entries(path) {
        let at = format!("{path}/{name}");
        let cid = match kind {
            Kind::File => vault.put(Item::File(disk.read(&at))),
            Kind::Folder => backup(disk, &at, vault),
            Kind::Link => vault.put(Item::Link(disk.target(&at))),
        };
        entries.push((name, cid));
    }
    vault.put(Item::Folder(entries))
    //~ end
}

/// Restores a folder to the path `to`, where nothing is yet. If any of it is refused, nothing is written.
pub fn restore(vault: &Vault, root: &Cid, disk: &mut Disk, to: &str) -> Result<(), Refused> {
    //~ todo: look at all of it, and only then write
    let mut left = MOST;
    examine(vault, root, 0, &mut left)?;
    write(vault, root, disk, to)
    //~ end
}

/// Whether an entry of a folder may be called this.
pub fn is_name(name: &str) -> bool {
    //~ todo: what does a name lead to that is none?
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
    //~ end
}

/// Whether a link stays inside, if it stands in a folder so many levels below the root.
pub fn stays_inside(target: &str, level: usize) -> bool {
    //~ todo: it may lead up at its beginning only, and not further than to the root
    let mut parts = target.split('/').filter(|part| *part != ".").peekable();
    let mut up = 0;
    while parts.next_if_eq(&"..").is_some() {
        up += 1;
    }
    up <= level && parts.all(is_name)
    //~ end
}
//~ blank: looking and writing both go over the whole tree

/// Looks at an item, in a folder of this level if it is not the root.
fn examine(vault: &Vault, cid: &Cid, level: usize, left: &mut usize) -> Result<(), Refused> {
    *left = left.checked_sub(1).ok_or(Refused::TooMany)?;
    match vault.get(cid).ok_or(Refused::Missing(*cid))? {
        Item::File(_) => {}
        Item::Link(target) => {
            if !stays_inside(&target, level - 1) {
                return Err(Refused::Outside(target));
            }
        }
        Item::Folder(entries) => {
            let mut names = BTreeSet::new();
            for (name, cid) in entries {
                if !is_name(&name) || !names.insert(name.clone()) {
                    return Err(Refused::Name(name));
                }
                examine(vault, &cid, level + 1, left)?;
            }
        }
    }
    Ok(())
}

fn write(vault: &Vault, cid: &Cid, disk: &mut Disk, at: &str) -> Result<(), Refused> {
    match vault.get(cid).ok_or(Refused::Missing(*cid))? {
        Item::File(bytes) => disk.make_file(at, &bytes)?,
        Item::Link(target) => disk.make_link(at, &target)?,
        Item::Folder(entries) => {
            disk.make_folder(at)?;
            for (name, cid) in entries {
                write(vault, &cid, disk, &format!("{at}/{name}"))?;
            }
        }
    }
    Ok(())
}
//~ end
