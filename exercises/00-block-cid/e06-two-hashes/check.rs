use crate::answer::{Hash, name, same_bytes};
use cid::Cid;
use multihash::Multihash;

const HELLO_SHA: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
const HELLO_BLAKE: &str = "bafkr4ic46cvitzrilroxthiiqibpk2k4upwgeewf4ymk4z6qez5dfrzgdi";

fn cid(text: &str) -> Cid {
    Cid::try_from(text).unwrap()
}

fn compare(a: &str, b: &str, wanted: Option<bool>, why: &str) {
    let what = format!("same_bytes of\n  {a}\n  {b}");
    say::same(&what, &same_bytes(&cid(a), &cid(b)), &wanted, why);
}

/// "Hello IPFS!" by sha2-256 and by BLAKE3
#[test]
fn a1_both() {
    let why = "the second field of the multihash is all that tells a reader what to compute.";
    let yours = name(b"Hello IPFS!", Hash::Sha2_256).to_string();
    cids::same("by sha2-256", &yours, "wanted", HELLO_SHA, why);
    let yours = name(b"Hello IPFS!", Hash::Blake3).to_string();
    cids::same("by BLAKE3", &yours, "wanted", HELLO_BLAKE, why);
}

/// one hash, two codecs or versions: the same bytes
#[test]
fn a2_same() {
    let why = "the codec says what the bytes mean, not which they are.";
    compare(
        HELLO_SHA,
        "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ",
        Some(true),
        why,
    );
    let dag_pb = "bafybeidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
    compare(HELLO_SHA, dag_pb, Some(true), why);
}

/// one hash, two digests: other bytes
#[test]
fn a3_other() {
    let hello = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    let why = "two digests by one good hash cannot come from the same bytes.";
    compare(HELLO_SHA, hello, Some(false), why);
}

/// two hashes: nobody can tell, not even for the same bytes
#[test]
fn a4_nobody_knows() {
    let why = "these two name the same eleven bytes, and nothing in them says so; `Some(false)` would be wrong.";
    compare(HELLO_SHA, HELLO_BLAKE, None, why);
    let digest = *cid(HELLO_SHA).hash();
    let cut = Multihash::wrap(0x12, &digest.digest()[..20]).unwrap();
    let cut = Cid::new_v1(0x55, cut).to_string();
    let why = "a digest that was cut names the same bytes, and others.";
    compare(HELLO_SHA, &cut, None, why);
}

/// the CID of Kubo for "hello world" by BLAKE3
#[test]
fn c1_kubo() {
    let why = "`ipfs block put --mhtype blake3` prints this.";
    let wanted = "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq";
    let yours = name(b"hello world", Hash::Blake3).to_string();
    cids::same("\"hello world\" by BLAKE3", &yours, "Kubo", wanted, why);
}

/// `ipfs block put --mhtype` gives these blocks the same CIDs
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_block_put() {
    for (mhtype, hash) in [("sha2-256", Hash::Sha2_256), ("blake3", Hash::Blake3)] {
        for block in [&b"Hello IPFS!"[..], b"", &[7; 5000]] {
            let wanted = kubo::says(&["block", "put", "--mhtype", mhtype], block);
            let what = format!("the CID of {} bytes by {mhtype}", block.len());
            let why = "this is the name under which that node gives the block to others.";
            cids::same(&what, &name(block, hash).to_string(), "Kubo", &wanted, why);
        }
    }
}
