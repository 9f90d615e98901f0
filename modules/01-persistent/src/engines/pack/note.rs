//! What the log says beside blocks, as blocks of dag-cbor.
//!
//! ```text
//! {"id": 24 bytes, "cairn": "mark"}                       where a section begins
//! {"id": 24 bytes, "cairn": "rm", "blocks": [bytes, …]}   these multihashes are deleted
//!
//! id   16   the segment's, drawn by lot when it was made
//!      8    where the section of this note begins in it, in bytes, the lowest first
//! ```
//!
//! After a damage sections are searched for in what may be the inside of somebody's block. A mark
//! with the right id is no such block, nor is a delete: whoever made the block could not know it. Not
//! even a copy of the segment is believed, put as a block, since what stands in it is elsewhere then.
//! (Who reads the segment that is written to, and foresees at which byte his block will lie, can forge
//! a note; it is believed if the head of that block is damaged.) A section in its place in the chain
//! needs no such proof, but has it.

use std::hash::{BuildHasher, Hasher, RandomState};

use block_cid::hash::sha2_256;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::section::{DAG_CBOR, head};

/// What a segment is known by.
pub(super) type Id = [u8; 16];

/// How many deletes one note takes, so that it stays below what readers of CARs accept.
pub(super) const MAX_DELETES: usize = 10_000;

/// An id that nobody can foresee.
pub(super) fn new_id() -> Id {
    // Its keys come from the system.
    let secret = RandomState::new();
    let mut id = Id::default();
    for (n, half) in (0u64..).zip(id.chunks_mut(8)) {
        let mut hasher = secret.build_hasher();
        hasher.write_u64(n);
        half.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    id
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Here a section begins.
    Mark,
    /// The blocks of these multihashes are deleted.
    Deleted(Vec<Vec<u8>>),
}

#[derive(Serialize, Deserialize)]
struct Form {
    id: ByteBuf,
    cairn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<ByteBuf>>,
}

impl Note {
    /// The section of this note, which begins at this byte of the segment.
    pub fn section(&self, id: &Id, at: u64) -> Vec<u8> {
        let (cairn, blocks) = match self {
            Note::Mark => ("mark", None),
            Note::Deleted(blocks) => {
                let blocks = blocks.iter().cloned().map(ByteBuf::from).collect();
                ("rm", Some(blocks))
            }
        };
        let form = Form {
            id: ByteBuf::from([&id[..], &at.to_le_bytes()].concat()),
            cairn: cairn.to_owned(),
            blocks,
        };
        let value = serde_ipld_dagcbor::to_vec(&form).expect("bytes and text have a form");
        let mut out = Vec::new();
        let multihash = sha2_256(&value).to_bytes();
        head(DAG_CBOR, &multihash, value.len(), &mut out);
        out.extend(value);
        out
    }

    /// The note that these bytes are, the id of its segment, and where its section begins in that.
    /// One of a later version, or of somebody else, is `None`.
    pub fn read(value: &[u8]) -> Option<(Note, Id, u64)> {
        let form: Form = serde_ipld_dagcbor::from_slice(value).ok()?;
        let (id, at) = form.id.split_first_chunk()?;
        let at = u64::from_le_bytes(at.try_into().ok()?);
        let note = match (form.cairn.as_str(), form.blocks) {
            ("mark", None) => Note::Mark,
            ("rm", Some(blocks)) => {
                Note::Deleted(blocks.into_iter().map(ByteBuf::into_vec).collect())
            }
            _ => return None,
        };
        Some((note, *id, at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::section::{Frame, proves};
    use super::*;

    #[test]
    fn notes_are_read_back_from_canonical_dag_cbor() {
        let id = *b"0123456789abcdef";
        let deleted = Note::Deleted(vec![vec![0x12, 0x20, 7], vec![1]]);
        for note in [Note::Mark, deleted] {
            let bytes = note.section(&id, 4711);
            let frame = Frame::read(&bytes).unwrap();
            assert_eq!((frame.codec, frame.len), (DAG_CBOR, bytes.len()));
            let value = frame.value(&bytes);
            assert!(proves(frame.multihash(&bytes), value));
            assert_eq!(Note::read(value).unwrap(), (note, id, 4711));
        }
        let mark = Note::Mark.section(&id, 258);
        let wanted = b"\xa2\x62id\x58\x180123456789abcdef\x02\x01\0\0\0\0\0\0\x65cairn\x64mark";
        assert_eq!(mark[mark.len() - wanted.len()..], wanted[..]);
    }

    #[test]
    fn ids_differ() {
        let ids: std::collections::BTreeSet<Id> = (0..100).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 100);
    }
}
