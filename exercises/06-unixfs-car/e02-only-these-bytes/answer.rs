//! 06-2: some bytes of a file, and of its blocks only those that have them.

use std::ops::Range;

use cid::Cid;

use crate::files::{Node, Store};

/// Why there are no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// This block is not here; it would begin at the byte `from` of the file.
    Missing { cid: Cid, from: u64 },
    /// This block is said to have so many bytes of the file, and has others.
    Size { cid: Cid, said: u64, is: u64 },
}

/// The bytes of the file in this range, which may end behind the file.
pub fn read(store: &Store, root: &Cid, range: Range<u64>) -> Result<Vec<u8>, Bad> {
    //~ todo: go down where the range is, and only there
    let mut out = Vec::new();
    below(store, root, 0, &range, &mut out)?;
    Ok(out)
    //~ end
}
//~ blank: a function for one block helps, which knows at which byte of the file it begins

/// Adds what this block has of the range; how many bytes of the file it has altogether.
fn below(
    store: &Store,
    cid: &Cid,
    from: u64,
    range: &Range<u64>,
    out: &mut Vec<u8>,
) -> Result<u64, Bad> {
    match store.get(cid) {
        None => Err(Bad::Missing { cid: *cid, from }),
        Some(Node::Leaf(bytes)) => {
            let size = bytes.len() as u64;
            let first = range.start.saturating_sub(from).min(size) as usize;
            let end = range.end.saturating_sub(from).min(size) as usize;
            out.extend_from_slice(&bytes[first..end]);
            Ok(size)
        }
        Some(Node::Parent(children)) => {
            let mut at = from;
            for (child, said) in children {
                let end = at.saturating_add(said);
                if at < range.end && end > range.start {
                    let is = below(store, &child, at, range, out)?;
                    if is != said {
                        return Err(Bad::Size {
                            cid: child,
                            said,
                            is,
                        });
                    }
                }
                at = end;
            }
            Ok(at - from)
        }
    }
}
//~ end
