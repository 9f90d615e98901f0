use crate::answer::{Refused, Shelf, Store};
use cid::Cid;
use multihash::Multihash;

const V1: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
const V0: &str = "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ";
const DAG_PB: &str = "bafybeidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
const HELLO: &[u8] = b"Hello IPFS!";

fn cid(text: &str) -> Cid {
    Cid::try_from(text).unwrap()
}

/// A store that has one block, and its shelf.
fn filled() -> (Store, Shelf) {
    let shelf = Shelf::default();
    let store = Store::new(shelf.clone());
    say::same(
        "put(CIDv1, \"Hello IPFS!\")",
        &store.put(&cid(V1), HELLO),
        &Ok(()),
        "it is what the CID names.",
    );
    (store, shelf)
}

fn gets(what: &str, store: &Store, text: &str, wanted: Result<Option<&[u8]>, Refused>, why: &str) {
    let yours = store.get(&cid(text));
    let wanted = wanted.map(|block| block.map(<[u8]>::to_vec));
    if yours != wanted {
        let told = |got: &Result<Option<Vec<u8>>, Refused>| match got {
            Ok(Some(block)) => format!("{:?}", String::from_utf8_lossy(block)),
            other => format!("{other:?}"),
        };
        say::wrong(format!(
            "{what}: get({text})\nyours   {}\nwanted  {}\nWhy it matters: {why}",
            told(&yours),
            told(&wanted)
        ));
    }
}

/// what was put is what is got, by sha2-256 and by BLAKE3
#[test]
fn a1_put_and_get() {
    let (store, _) = filled();
    gets(
        "after the put",
        &store,
        V1,
        Ok(Some(HELLO)),
        "that is what a store is for.",
    );
    let blake3 = "bafkr4ic46cvitzrilroxthiiqibpk2k4upwgeewf4ymk4z6qez5dfrzgdi";
    let why = "the CID says by which hash it can be proven.";
    say::same(
        "put by BLAKE3",
        &store.put(&cid(blake3), HELLO),
        &Ok(()),
        why,
    );
    gets("after the put", &store, blake3, Ok(Some(HELLO)), why);
}

/// a block that is not here is None, and no error
#[test]
fn b1_absent() {
    let (store, _) = filled();
    let other = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let why = "absence is the most frequent answer of all; who gets an error looks for a fault.";
    gets("never put", &store, other, Ok(None), why);
}

/// CIDv0 and CIDv1, raw and dag-pb, find the same block, which is kept once
#[test]
fn b2_one_block() {
    let (store, shelf) = filled();
    let why = "they have one multihash. Keyed by CID, the same bytes are there and are not found.";
    gets("put as CIDv1 raw", &store, V0, Ok(Some(HELLO)), why);
    gets("put as CIDv1 raw", &store, DAG_PB, Ok(Some(HELLO)), why);
    say::same(
        "put(CIDv0, \"Hello IPFS!\")",
        &store.put(&cid(V0), HELLO),
        &Ok(()),
        why,
    );
    say::same(
        "how many blocks lie on the shelf",
        &shelf.lock().unwrap().len(),
        &1,
        why,
    );
}

/// an identity CID is its own block: nothing is stored, and it is always there
#[test]
fn b3_identity() {
    let shelf = Shelf::default();
    let store = Store::new(shelf.clone());
    let text = "bafkqac3imvwgy3zao5xxe3de";
    let why =
        "the digest of identity is the block; keeping it again is waste, and losing it impossible.";
    gets("never put", &store, text, Ok(Some(b"hello world")), why);
    say::same(
        "put(identity)",
        &store.put(&cid(text), b"hello world"),
        &Ok(()),
        why,
    );
    say::same(
        "what lies on the shelf",
        &shelf.lock().unwrap().len(),
        &0,
        why,
    );
    let yours = store.put(&cid(text), b"hello WORLD");
    say::same(
        "put(identity, other bytes)",
        &yours,
        &Err(Refused::Wrong),
        why,
    );
}

/// bytes that are not what the CID names are refused, and not kept
#[test]
fn d1_liar() {
    let shelf = Shelf::default();
    let store = Store::new(shelf.clone());
    let why = "a block that is taken on trust is handed on to everybody who asks.";
    let yours = store.put(&cid(V1), b"Hello World");
    say::same(
        "put(CID of \"Hello IPFS!\", \"Hello World\")",
        &yours,
        &Err(Refused::Wrong),
        why,
    );
    gets("after a lie", &store, V1, Ok(None), why);
    say::same(
        "what lies on the shelf",
        &shelf.lock().unwrap().len(),
        &0,
        why,
    );
}

/// bytes that rotted on the shelf are never given out
#[test]
fn d2_rot() {
    for bit in [0, 87] {
        let (store, shelf) = filled();
        for block in shelf.lock().unwrap().values_mut() {
            block[bit / 8] ^= 1 << (bit % 8);
        }
        let why = "disks, cables and memory flip bits, and no engine notices all of them.";
        gets(
            &format!("bit {bit} flipped"),
            &store,
            V1,
            Err(Refused::Damaged),
            why,
        );
    }
}

/// a put heals what is damaged
#[test]
fn d3_heal() {
    let (store, shelf) = filled();
    shelf.lock().unwrap().values_mut().for_each(Vec::clear);
    let why = "\"it is there already\" is no reason to keep a damaged block.";
    say::same("put again", &store.put(&cid(V1), HELLO), &Ok(()), why);
    gets("after the second put", &store, V1, Ok(Some(HELLO)), why);
}

/// a hash that cannot be computed is refused by name
#[test]
fn d4_unknown_hash() {
    let md5 = Cid::new_v1(0x55, Multihash::wrap(0xd5, &[7; 16]).unwrap());
    let store = Store::new(Shelf::default());
    let why = "what you cannot prove you would have to believe.";
    say::same(
        "put(md5 CID)",
        &store.put(&md5, HELLO),
        &Err(Refused::Hash(0xd5)),
        why,
    );
}
