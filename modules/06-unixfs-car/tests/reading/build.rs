//! DAGs made link by link, so that they can lie.

use std::fs::File;
use std::path::Path;

use block_cid::{Block, Blocks, Blockstore, Hash, Verify, car, codec};
use bytes::Bytes;
use dag_ipld::pb::{Link, Node};
use datastore::MemStore;
use unixfs_car::Cid;
use unixfs_car::unixfs::{Data, Type};

/// Blocks in memory.
pub type Store = Blocks<MemStore>;

pub fn store() -> Store {
    Blocks::new(MemStore::new()).with_verify(Verify::Never)
}

/// A part of a file: its CID, and how many bytes of the file it has.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub cid: Cid,
    pub size: u64,
}

/// How leaves are kept.
#[derive(Clone, Copy, Debug)]
pub enum Leaves {
    Raw,
    Pb(Type),
    Inline,
}

pub fn put(store: &Store, codec: u64, bytes: impl Into<Bytes>) -> Cid {
    put_by(store, Hash::SHA2_256, codec, bytes)
}

pub fn put_by(store: &Store, hash: Hash, codec: u64, bytes: impl Into<Bytes>) -> Cid {
    let block = Block::new(codec, hash, bytes).unwrap();
    store.put(&block).unwrap();
    *block.cid()
}

pub fn leaf(store: &Store, leaves: Leaves, bytes: &[u8]) -> Part {
    let owned = bytes.to_vec();
    let cid = match leaves {
        Leaves::Raw => put(store, codec::RAW, owned),
        Leaves::Pb(kind) => put(store, codec::DAG_PB, Data::leaf(kind, owned).block()),
        Leaves::Inline => put_by(store, Hash::IDENTITY, codec::RAW, owned),
    };
    let size = bytes.len() as u64;
    Part { cid, size }
}

/// A node with this data and links without names.
pub fn node(store: &Store, data: &Data, links: &[Cid]) -> Cid {
    let links = links.iter().map(|cid| link("", *cid)).collect();
    named(store, data, links)
}

pub fn named(store: &Store, data: &Data, links: Vec<Link>) -> Cid {
    let data = Some(data.encode().into());
    put(store, codec::DAG_PB, Node { links, data }.encode())
}

pub fn link(name: &str, cid: Cid) -> Link {
    Link {
        cid,
        name: Some(name.to_owned().into()),
        size: Some(0),
    }
}

/// The data of a branch that says these sizes.
pub fn sizes(sizes: &[u64]) -> Data {
    Data {
        filesize: Some(sizes.iter().fold(0, |sum, size| sum.wrapping_add(*size))),
        blocksizes: sizes.to_vec(),
        ..Data::new(Type::File)
    }
}

/// A branch over these parts that says what is true.
pub fn branch(store: &Store, parts: &[Part]) -> Part {
    let said: Vec<u64> = parts.iter().map(|part| part.size).collect();
    let cids: Vec<Cid> = parts.iter().map(|part| part.cid).collect();
    Part {
        cid: node(store, &sizes(&said), &cids),
        size: said.iter().sum(),
    }
}

/// The branches above these parts, `width` links each.
pub fn above(store: &Store, mut parts: Vec<Part>, width: usize) -> Part {
    while parts.len() > 1 {
        parts = parts.chunks(width).map(|few| branch(store, few)).collect();
    }
    parts[0]
}

/// A file of these bytes in leaves of `chunk` bytes, branches of `width` links above them.
pub fn file(store: &Store, leaves: Leaves, bytes: &[u8], chunk: usize, width: usize) -> Cid {
    let parts: Vec<Part> = bytes
        .chunks(chunk)
        .map(|bytes| leaf(store, leaves, bytes))
        .collect();
    above(store, parts, width).cid
}

/// A plain folder.
pub fn folder(store: &Store, entries: &[(&str, Cid)]) -> Cid {
    let links = entries.iter().map(|(name, cid)| link(name, *cid)).collect();
    named(store, &Data::directory(), links)
}

/// All blocks.
pub fn blocks(store: &Store) -> Vec<Block> {
    let cids = store.cids().unwrap().map(Result::unwrap);
    cids.map(|cid| store.get(&cid).unwrap().unwrap()).collect()
}

/// Writes the blocks into a CAR.
pub fn pack(store: &Store, root: Cid, file: &Path) {
    let mut writer = car::Writer::new(File::create(file).unwrap(), &[root]).unwrap();
    for block in blocks(store) {
        writer.put(&block).unwrap();
    }
    writer.finish().unwrap();
}
