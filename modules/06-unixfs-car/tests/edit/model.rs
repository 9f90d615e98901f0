//! Whatever is done to a file is what would be done to its bytes.

use std::io::{Read, Seek, SeekFrom};

use cid::Version;
use testkit::{Rng, Trial, run};
use unixfs_car::edit::Editor;
use unixfs_car::unixfs::Type;
use unixfs_car::{Chunker, Cid, Reader};

use crate::build::{self, Leaves, Store, branch, file, leaf, put, put_by};

/// Files to begin with: of no bytes, of one block, of many, from here and from elsewhere.
fn beginnings(store: &Store, rng: &mut Rng) -> (Cid, Vec<u8>) {
    let len = [0, 1, 7, 64, 500, 1300][rng.below(6) as usize];
    let bytes = rng.bytes(len);
    let raw = block_cid::codec::RAW;
    let width = 2 + rng.below(5) as usize;
    let leaves = [
        Leaves::Raw,
        Leaves::Pb(Type::File),
        Leaves::Pb(Type::Raw),
        Leaves::Inline,
    ][rng.below(4) as usize];
    let cid = match rng.below(6) {
        0 => put(store, raw, bytes.clone()),
        1 => leaf(store, Leaves::Pb(Type::File), &bytes).cid,
        2 if len <= 128 => put_by(store, block_cid::Hash::IDENTITY, raw, bytes.clone()),
        3 => put_by(store, block_cid::Hash::BLAKE3, raw, bytes.clone()),
        // Leaves of no bytes among the others.
        4 => {
            let none = leaf(store, leaves, b"");
            let mut parts = vec![none];
            for bytes in bytes.chunks(50) {
                parts.extend([leaf(store, leaves, bytes), none]);
            }
            build::above(store, vec![branch(store, &parts), none], width).cid
        }
        _ if len > 0 => file(store, leaves, &bytes, 50, width),
        _ => leaf(store, Leaves::Pb(Type::File), b"").cid,
    };
    let v0 = cid.codec() == block_cid::codec::DAG_PB && rng.once_in(2);
    (
        if v0 {
            block_cid::to_v0(&cid).unwrap_or(cid)
        } else {
            cid
        },
        bytes,
    )
}

fn read(store: &Store, cid: &Cid) -> Vec<u8> {
    let mut reader = Reader::open(store, cid).unwrap();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    assert_eq!(reader.size(), bytes.len() as u64, "{cid}");
    bytes
}

/// One change of both.
fn change(editor: &Editor<&Store>, cid: &Cid, bytes: &mut Vec<u8>, rng: &mut Rng) -> Cid {
    let size = bytes.len() as u64;
    match rng.below(5) {
        0 => {
            let len = rng.below(400) as usize;
            let new = rng.bytes(len);
            bytes.extend(&new);
            editor.append(cid, &new).unwrap()
        }
        1 => {
            // At most, and some more.
            let to = rng.below(size + 30);
            bytes.resize(to as usize, 0);
            editor.truncate(cid, to).unwrap()
        }
        2 if rng.once_in(3) => {
            // Far behind the end.
            let offset = size + rng.below(20_000);
            bytes.resize(offset as usize, 0);
            bytes.extend(b"far");
            editor.write(cid, offset, b"far").unwrap()
        }
        _ => {
            let offset = rng.below(size + 1);
            let len = rng.below(300) as usize;
            let new = rng.bytes(len);
            let end = offset as usize + len;
            bytes.resize(bytes.len().max(end), 0);
            bytes[offset as usize..end].copy_from_slice(&new);
            editor.write(cid, offset, &new).unwrap()
        }
    }
}

#[test]
fn files_change_as_their_bytes_do() {
    let seed = run::seed("edits");
    let rounds = run::count("CAIRN_EDITS", 400, 100_000);
    let mut trial = Trial::new("edits", "files changed ten times", seed);
    for round in 0..rounds {
        trial.one();
        let mut rng = Rng::of(seed, &[round as u64]);
        let store = build::store();
        let (mut cid, mut bytes) = beginnings(&store, &mut rng);
        let mut editor = Editor::new(&store)
            .with_chunker(Chunker::Size(1 + rng.below(80) as usize))
            .with_links(1 + rng.below(6) as usize);
        if rng.once_in(2) {
            editor = editor.with_raw_leaves(rng.once_in(2));
        }
        for _ in 0..10 {
            let before = (cid, bytes.clone());
            cid = change(&editor, &cid, &mut bytes, &mut rng);
            assert!(read(&store, &cid) == bytes, "round {round}");
            // The file before is as it was.
            assert!(read(&store, &before.0) == before.1, "round {round}");
        }
        // Its sizes lead to every byte.
        let mut reader = Reader::open(&store, &cid).unwrap();
        for _ in 0..5 {
            let at = rng.below(bytes.len() as u64 + 1);
            reader.seek(SeekFrom::Start(at)).unwrap();
            let mut some = Vec::new();
            (&mut reader).take(60).read_to_end(&mut some).unwrap();
            let end = bytes.len().min(at as usize + 60);
            assert_eq!(some, bytes[at as usize..end], "round {round}");
        }
    }
    trial.end("overwritten, appended to, cut, and with zeros behind the end");
}

#[test]
fn nothing_changes_where_nothing_is_changed() {
    let store = build::store();
    let cid = file(&store, Leaves::Raw, &[1; 500], 50, 4);
    let editor = Editor::new(&store);
    assert_eq!(editor.write(&cid, 7, b"").unwrap(), cid);
    assert_eq!(editor.write(&cid, 500, b"").unwrap(), cid);
    assert_eq!(editor.append(&cid, b"").unwrap(), cid);
    assert_eq!(editor.truncate(&cid, 500).unwrap(), cid);
    assert_eq!(
        editor.write(&cid, 40, &[1; 30]).unwrap(),
        cid,
        "the same bytes"
    );
    assert_eq!(
        read(&store, &editor.write(&cid, 501, b"").unwrap()).len(),
        501
    );
}

/// New nodes have the version and the hash of the old ones, and leaves are raw where CIDs have version 1.
#[test]
fn new_nodes_are_named_like_the_old_ones() {
    use block_cid::{Hash, codec};
    let store = build::store();
    let empty = unixfs_car::unixfs::Data::leaf(Type::File, "").block();
    let v1 = put(&store, codec::DAG_PB, empty.clone());
    let v0 = block_cid::to_v0(&v1).unwrap();
    let blake3 = put_by(&store, Hash::BLAKE3, codec::DAG_PB, empty.clone());
    let inline = put_by(&store, Hash::IDENTITY, codec::DAG_PB, empty);
    let bytes = [b'x'; 300];
    for (file, version, hash, leaf) in [
        (v0, Version::V0, Hash::SHA2_256, codec::DAG_PB),
        (v1, Version::V1, Hash::SHA2_256, codec::RAW),
        (blake3, Version::V1, Hash::BLAKE3, codec::RAW),
        (inline, Version::V1, Hash::IDENTITY, codec::RAW),
    ] {
        let editor = Editor::new(&store).with_chunker(Chunker::Size(150));
        let cid = editor.write(&file, 0, &bytes).unwrap();
        assert_eq!(
            (cid.version(), Hash::of(cid.hash()).unwrap()),
            (version, hash)
        );
        let block = block_cid::Blockstore::get(&store, &cid).unwrap().unwrap();
        let node = dag_ipld::pb::Node::decode(block.data()).unwrap();
        assert_eq!(node.links.len(), 2);
        for link in &node.links {
            // 150 bytes are too many for a CID.
            let below = match hash {
                Hash::IDENTITY => Hash::SHA2_256,
                hash => hash,
            };
            let named = (link.cid.codec(), link.cid.hash().code());
            assert_eq!(named, (leaf, below.code()));
        }
    }
    // What fits into a CID stays in one.
    let editor = Editor::new(&store);
    let small = editor.write(&inline, 0, b"small").unwrap();
    assert_eq!(Hash::of(small.hash()).unwrap(), Hash::IDENTITY);
    let large = editor.write(&small, 5, &[b'y'; 124]).unwrap();
    assert_eq!(read(&store, &large).len(), 129);
}
