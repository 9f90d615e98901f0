//! CARs made for a test.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use block_cid::{Block, Cid, Hash, codec};
use unixfs_car::car::index::{Format, Scratch};
use unixfs_car::car::{File, Reader, Result, Version, Writer};

/// Every form that is written.
pub const VERSIONS: [Version; 4] = [
    Version::V1,
    Version::V2,
    Version::Indexed(Format::Sorted),
    Version::Indexed(Format::MultihashSorted),
];

/// Blocks under CIDs of every form: version 0 and 1, several codecs, hashes and lengths of digests, one of
/// identity, one empty.
pub fn blocks() -> Vec<Block> {
    let of = |codec: u64, hash, bytes: Vec<u8>| Block::new(codec, hash, bytes).unwrap();
    let v1 = of(codec::DAG_PB, Hash::SHA2_256, b"\x0a\x02\x08\x01".to_vec());
    let v0 = Block::claimed(Cid::new_v0(*v1.cid().hash()).unwrap(), v1.data().clone());
    let mut blocks = vec![
        v0.prove().unwrap(),
        of(codec::RAW, Hash::SHA2_256, Vec::new()),
        of(codec::RAW, Hash::IDENTITY, b"in its CID".to_vec()),
        of(codec::DAG_CBOR, Hash::SHA2_512, b"\x80".to_vec()),
        // A codec of two bytes.
        of(0x0129, Hash::BLAKE3, b"[]".to_vec()),
        of(codec::RAW, Hash::BLAKE2B_256, vec![9; 300]),
        of(codec::RAW, Hash::SHA1, b"git has these".to_vec()),
        of(codec::RAW, Hash::SHA2_256, vec![7; 100_000]),
    ];
    blocks.extend((0..50u32).map(|n| Block::raw(n.to_le_bytes().to_vec())));
    blocks
}

/// The roots of [`car`]: the first two blocks.
pub fn roots(blocks: &[Block]) -> Vec<Cid> {
    blocks.iter().take(2).map(|block| *block.cid()).collect()
}

/// Room for next to nothing, so that everything is sorted in a file.
pub fn tight() -> Scratch {
    Scratch {
        memory: 1000,
        dir: std::env::temp_dir(),
    }
}

/// A CAR of these blocks.
pub fn car(version: Version, roots: &[Cid], blocks: &[Block]) -> Vec<u8> {
    let scratch = Scratch::new(std::env::temp_dir());
    let mut writer = Writer::new(Cursor::new(Vec::new()), roots, version, &scratch).unwrap();
    for block in blocks {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// These bytes as a CAR in a file.
pub fn open(bytes: &[u8]) -> Result<File> {
    use std::io::Write;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    File::open(Arc::new(file), Path::new("made.car"))
}

/// All blocks, proven, or those before the error, and it.
pub fn read(bytes: &[u8]) -> (Vec<Block>, Result<()>) {
    let mut blocks = Vec::new();
    let mut reader = match Reader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (blocks, Err(error)),
    };
    loop {
        match reader.group() {
            Ok(group) if group.is_empty() => return (blocks, Ok(())),
            Ok(group) => blocks.extend(group.into_iter().map(|section| section.block)),
            Err(error) => return (blocks, Err(error)),
        }
    }
}
