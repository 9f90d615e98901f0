//! What boxo's own `DagModifier` comes to: CIDs that boxo v0.42.0 gave for the same changes, one after
//! the other, in chunks of 50 bytes and branches of 3 links.

use block_cid::codec;
use unixfs_car::edit::Editor;
use unixfs_car::unixfs::{Data, Type};
use unixfs_car::{Chunker, Cid};

use crate::build::{self, put};

/// A change.
enum Change {
    /// So many bytes from this one on.
    Write(u64, usize),
    /// To so many.
    Truncate(u64),
}
use Change::{Truncate, Write};

const CHANGES: [Change; 10] = [
    Write(0, 1000),
    Write(333, 200),
    // At the end of a leaf, where an empty one is left behind it.
    Truncate(500),
    Write(500, 77),
    Truncate(499),
    Truncate(1500),
    Write(9000, 10),
    Truncate(60),
    Truncate(50),
    Truncate(0),
];

const FROM_V1: [&str; 10] = [
    "bafybeieos4nplkod5i7ezhwo4qhiaiukwabo2boqgukbfo55kwyqg6pw5q",
    "bafybeiboldrxyltc3xix4aux43sjqzhcb6r4xt45ux22rykit7werp2pfe",
    "bafybeiao2gd7oosggxnxmubslbodkos5fpes437vgivh6mid7fepz3mqly",
    "bafybeihsxzmtiyo5pko4adt6lck4xrz3gt7qkldieq5y4hi3tzwb2up7yu",
    "bafybeifoesao76s2qdc23w7vzrl4a7xkfxizcwvadejumwxxquxaz5opka",
    "bafybeiec234gil7iwsxgdd7y2t7x6amtzey2x5du2ikttj6twmxhs7ls6m",
    "bafybeigtw6jnsqulqbpjvs2b3njactz64kwrhi5w6q6wfxn4f7ey7yuiiq",
    "bafybeidl3dr2evmhli6v5a35ldvwe3xwtnux3nxvokvdp4cljzaulvygii",
    "bafybeib5sh74qq33p5cqromlotyk7sohomcc4jykwwe6mzxarsb3z6z3qa",
    "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
];

const FROM_V0: [&str; 10] = [
    "QmaLmnVU3uxR5XXYdL1NJbXMFsoRmq7oTQ9dJVPTjgUVTJ",
    "QmdNuoJresfjUrogcHq36hMpEGC263SuUAxv2b1NEVqdZg",
    "QmawMTbdhbLEcCFXNF7gPRaB4K2sSKJWofm9uYAJvhu4ic",
    "QmUg5oSjVM9iXVU3Whpj8mgpm88PeHcUkcuUyWP5sfYh3b",
    "QmTU4fr4y3WfPZG9AsLyZEcfTMKKbqLgnHMPawaoBFYYDT",
    "QmQEF6aqbKyWRFGSZoH9hrN7mNjdp7AyRzZmXB5ieGuz8t",
    "Qmajp1WFjrMm8WajMKSnKwhW9jLxWTSafduHpDuSHVHmYi",
    "QmWKyqsE3oLo9pqXcZNdMaMaTTpgmjoJFUqBYQDHgjhmP7",
    "QmUVePcWkmSkfHiFt3Wam7nzhP4Q5bkxL3fyUpV3kvb1Vc",
    "QmXLQEtfBaKn3XvkJTKnRHsLWzuodStH7g6A7iX7iw5gog",
];

/// Bytes that tell their place, and how many they are.
fn bytes(from: u64, len: usize) -> Vec<u8> {
    (from..)
        .take(len)
        .map(|at| ((at * 7 + len as u64) % 251) as u8)
        .collect()
}

#[test]
fn changes_come_to_what_boxo_comes_to() {
    let store = build::store();
    let editor = Editor::new(&store)
        .with_chunker(Chunker::Size(50))
        .with_links(3);
    let v1 = put(&store, codec::DAG_PB, Data::leaf(Type::File, "").block());
    let v0 = block_cid::to_v0(&v1).unwrap();
    for (begin, expected) in [(v1, FROM_V1), (v0, FROM_V0)] {
        let mut file: Cid = begin;
        for (n, (change, cid)) in CHANGES.iter().zip(expected).enumerate() {
            file = match change {
                Write(offset, len) => editor.write(&file, *offset, &bytes(*offset, *len)),
                Truncate(size) => editor.truncate(&file, *size),
            }
            .unwrap();
            assert_eq!(file.to_string(), cid, "change {n} of {begin}");
        }
    }
}
