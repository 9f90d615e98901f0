//! 05-2: from a CID and a path to a value.

use cid::Cid;

use crate::blocks::Blocks;
use crate::value::Value;

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A block is not here: its CID, the path that leads to it, and what of the path is left.
    Missing {
        cid: String,
        so_far: String,
        rest: String,
    },
    /// What `so_far` leads to has no entry of this name.
    NoEntry { so_far: String, name: String },
}

/// The value at the end of a path such as `posts/0/title`, which begins in the block `root`. A link on the way is
/// followed, and one at its end, too. Slashes at the ends, or two in a row, mean nothing.
pub fn get(blocks: &Blocks, root: &Cid, path: &str) -> Result<Value, Stop> {
    //~ todo: one name after the other; before each, follow the link if there is one
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let mut here = Value::Link(*root);
    for at in 0..=names.len() {
        let (so_far, rest) = names.split_at(at);
        if let Value::Link(cid) = here {
            here = blocks.get(&cid).ok_or_else(|| Stop::Missing {
                cid: cid.to_string(),
                so_far: so_far.join("/"),
                rest: rest.join("/"),
            })?;
        }
        if let Some(name) = rest.first() {
            here = entry(&here, name).cloned().ok_or_else(|| Stop::NoEntry {
                so_far: so_far.join("/"),
                name: name.to_string(),
            })?;
        }
    }
    Ok(here)
    //~ end
}

/// The entry of a map by its name, or of a list by its index: 0, 1, 2, written in one way only.
pub fn entry<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    //~ todo: what is a name in a list?
    match value {
        Value::Map(map) => map.get(name),
        Value::List(list) => {
            let index: usize = name.parse().ok()?;
            list.get(index).filter(|_| index.to_string() == name)
        }
        _ => None,
    }
    //~ end
}
