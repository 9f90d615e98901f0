//! Memory of a folder that is large: goal A5.
//!
//! Counted by an allocator of the test's own, on the thread of the test.

use block_cid::{Block, Hash, codec};
use testkit::run;
use unixfs_car::folder::Sharding;
use unixfs_car::unixfs::Meta;
use unixfs_car::{Cid, Folder, Result, Root, Sink};

/// Of a folder of a million names, in bytes.
const MOST: u64 = 256 << 20;

/// Names nodes and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        Ok(*Block::new(codec::DAG_PB, Hash::SHA2_256, block)?.cid())
    }
}

/// The most bytes that a trie of so many names takes while it is made.
fn peak(names: u64) -> u64 {
    let cid = *Block::raw("x").cid();
    let measured = allocation_counter::measure(|| {
        let mut folder = Folder::new(Meta::default());
        for n in 0..names {
            let (bytes, dag) = (n, n);
            let name = format!("file-{n:07}.txt");
            folder
                .push(name.as_bytes(), &Root { cid, bytes, dag })
                .unwrap();
        }
        folder.finish(&Sharding::default(), &mut Nowhere).unwrap();
    });
    measured.bytes_max
}

#[test]
fn a_trie_of_a_million_names_takes_256_mib() {
    let names = run::count("CAIRN_NAMES", 100_000, 1_000_000) as u64;
    let most = peak(names);
    run::report(&format!("a trie of {names} names: {} MiB", most >> 20));
    assert!(most * 1_000_000 <= MOST * names, "{most} bytes");
    // A counter that counts nothing proves nothing: the names alone are so many bytes.
    assert!(most > 16 * names, "{most} bytes");
}
