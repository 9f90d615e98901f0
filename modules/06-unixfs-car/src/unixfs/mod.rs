//! UnixFS: what the data of a node says about a file or a folder.
//!
//! Dag-pb gives a node links and data, and leaves open what they are. UnixFS is the protobuf in
//! the data:
//!
//! ```text
//! 08 02             Type       = 1   0 raw, 1 folder, 2 file, 3 metadata, 4 symlink, 5 shard
//! 12 06 68656c6c6f0a  Data     = 2   bytes of the file, the target of a symlink, the bits of a shard
//! 18 06             filesize   = 3   bytes of the file from here on down
//! 20 80 80 10       blocksizes = 4   of the same, those below each link; once for every link
//! 28 22             hashType   = 5   of a shard: 0x22, murmur3-x64-64
//! 30 80 02          fanout     = 6   of a shard: how many places it has
//! 38 a4 03          mode       = 7   permissions, as of chmod
//! 42 06 08 80 cb…   mtime      = 8   when it was changed: seconds = 1, nanos = 2 (four bytes)
//! ```
//!
//! The bytes make the CID, so there is one way to write them: fields by number, `blocksizes` each
//! with a number of its own (not packed, which is how newer protobufs write lists of numbers), and
//! what is unknown left out. Reading is as Kubo's: fields in any order, of one that comes twice the
//! last counts, lists packed or not, and what has other numbers is passed over.
//!
//! Sources: [UnixFS](https://specs.ipfs.tech/unixfs/), section "Data"; boxo's `unixfs.proto`.

mod decode;
mod meta;

use bytes::Bytes;
use dag_ipld::protobuf::{put_bytes, put_length, put_varint, varint_len};

pub use meta::{Meta, Mtime};

/// The code of the one hash that shards are made by: murmur3-x64-64.
pub const MURMUR3: u64 = 0x22;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Bytes of a file: a leaf below a trickle DAG, and of long ago.
    Raw = 0,
    /// A folder whose entries are the links.
    Directory = 1,
    /// A file, or a part of one, with bytes or links.
    File = 2,
    /// A MIME type for what the one link leads to. Nobody makes these.
    Metadata = 3,
    /// A symbolic link.
    Symlink = 4,
    /// A folder whose entries are in a trie of nodes, and a node of that trie.
    HAMTShard = 5,
}

impl Type {
    /// The type of this number.
    pub fn from_code(code: u64) -> Option<Type> {
        use Type::*;
        [Raw, Directory, File, Metadata, Symlink, HAMTShard]
            .into_iter()
            .find(|known| *known as u64 == code)
    }
}

/// The data of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// What it is.
    pub kind: Type,
    /// Bytes of a file, a symlink's target, or which places of a shard are taken.
    pub data: Option<Bytes>,
    /// Of a file: how many bytes there are from here on down.
    pub filesize: Option<u64>,
    /// Of a file: how many of these are below each link.
    pub blocksizes: Vec<u64>,
    /// Of a shard: the hash that says which place a name has.
    pub hash_type: Option<u64>,
    /// Of a shard: how many places there are.
    pub fanout: Option<u64>,
    /// Permissions and time.
    pub meta: Meta,
}

impl Data {
    /// One of this type that says no more.
    pub fn new(kind: Type) -> Data {
        Data {
            kind,
            data: None,
            filesize: None,
            blocksizes: Vec::new(),
            hash_type: None,
            fanout: None,
            meta: Meta::default(),
        }
    }

    /// A folder without permissions or time.
    pub fn directory() -> Data {
        Data::new(Type::Directory)
    }

    /// A symbolic link. The target is what the file system says, whether or not it leads anywhere.
    pub fn symlink(target: impl Into<Bytes>) -> Data {
        Data {
            data: Some(target.into()),
            ..Data::new(Type::Symlink)
        }
    }

    /// Bytes of a file, as a leaf of this type. No bytes are no field, as in Kubo.
    pub fn leaf(kind: Type, bytes: impl Into<Bytes>) -> Data {
        let bytes: Bytes = bytes.into();
        Data {
            filesize: Some(bytes.len() as u64),
            data: (!bytes.is_empty()).then_some(bytes),
            ..Data::new(kind)
        }
    }

    /// How many bytes the file has, or the target of the symlink; a folder has none of its own.
    pub fn size(&self) -> u64 {
        match self.kind {
            Type::File | Type::Raw => self.filesize.unwrap_or(0),
            Type::Symlink => self.data.as_ref().map_or(0, |target| target.len() as u64),
            _ => 0,
        }
    }

    /// With these permissions and this time.
    pub fn with_meta(mut self, meta: Meta) -> Data {
        self.meta = meta;
        self
    }

    /// The bytes, as they are in a node.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_len());
        self.encode_into(&mut out);
        out
    }

    /// The block of a node that has this data and no links. The bytes of a leaf are copied once.
    pub fn block(&self) -> Vec<u8> {
        let len = self.encoded_len();
        let mut out = Vec::with_capacity(1 + varint_len(len as u64) + len);
        // PBNode.Data
        put_length(&mut out, 1, len);
        self.encode_into(&mut out);
        out
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        put_varint(out, 1, self.kind as u64);
        if let Some(data) = &self.data {
            put_bytes(out, 2, data);
        }
        self.numbers()
            .for_each(|(field, value)| put_varint(out, field, value));
        self.meta.encode(out);
    }

    /// How many bytes that are.
    pub fn encoded_len(&self) -> usize {
        let data = self
            .data
            .as_ref()
            .map_or(0, |data| 1 + varint_len(data.len() as u64) + data.len());
        let numbers: usize = self.numbers().map(|(_, value)| 1 + varint_len(value)).sum();
        2 + data + numbers + self.meta.len()
    }

    /// The fields 3 to 6, which are all numbers.
    fn numbers(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let field = |number, value: Option<u64>| value.map(|value| (number, value));
        let sizes = self.blocksizes.iter().map(|size| (4, *size));
        (field(3, self.filesize).into_iter())
            .chain(sizes)
            .chain(field(5, self.hash_type))
            .chain(field(6, self.fanout))
    }
}

#[cfg(test)]
mod tests;
