use crate::answer::{Answer, CHUNK, check, is_sha256sum, leaves};
use cid::Cid;

const HELLO: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

fn cid(text: &str) -> Cid {
    Cid::try_from(text).unwrap()
}

fn told(answer: &Answer) -> String {
    match answer {
        Answer::Other(cid) => format!("Other({cid})"),
        other => format!("{other:?}"),
    }
}

fn answers(what: &str, yours: Answer, wanted: Answer, why: &str) {
    if yours != wanted {
        say::wrong(format!(
            "{what}\nyours   {}\nwanted  {}\nWhy it matters: {why}",
            told(&yours),
            told(&wanted)
        ));
    }
}

/// your prediction, for files of one chunk and of two
#[test]
fn a1_predict() {
    for (len, wanted) in [
        (0, true),
        (1, true),
        (CHUNK, true),
        (CHUNK + 1, false),
        (9 << 20, false),
    ] {
        say::same(
            &format!("is_sha256sum({len})"),
            &is_sha256sum(len),
            &wanted,
            "a file of several chunks is named by a block that lists them: its hash is another.",
        );
    }
}

/// the leaves of a file of one chunk, of two, and of none
#[test]
fn a2_leaves() {
    let one = leaves(b"hello world");
    say::same(
        "leaves of \"hello world\"",
        &one.len(),
        &1,
        "it fits one block.",
    );
    let mut two = vec![b'x'; CHUNK];
    two.extend_from_slice(b"hello world");
    let yours = leaves(&two);
    let why = "other cuts give other leaves, and another CID of the file.";
    say::same("how many leaves 262,155 bytes have", &yours.len(), &2, why);
    cids::same(
        "the second leaf",
        &yours[1].to_string(),
        "wanted",
        HELLO,
        why,
    );
    let none = leaves(b"");
    say::same(
        "how many leaves an empty file has",
        &none.len(),
        &1,
        "it has a CID, too.",
    );
}

/// a file that is what the CID says, and one that was changed
#[test]
fn a3_changed() {
    let why = "that is the whole point of a CID.";
    answers(
        "check(\"hello world\")",
        check(b"hello world", &cid(HELLO)),
        Answer::Same,
        why,
    );
    let now = cid("bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u");
    let why = "\"changed\" helps little; what it is now can be looked for.";
    answers(
        "check(\"Hello IPFS!\")",
        check(b"Hello IPFS!", &cid(HELLO)),
        Answer::Other(now),
        why,
    );
}

/// a CID that wraps its file is no ground for an answer
#[test]
fn a4_wrapped() {
    let wrapped = cid("bafybeifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    let why = "dag-pb names a block with a header or links in it, and no bytes of a file: \"changed\" would be a lie.";
    answers(
        "check against a dag-pb CID",
        check(b"hello world", &wrapped),
        Answer::CannotTell,
        why,
    );
}

/// the digest in Kubo's CID for "hello world" is its sha256sum
#[test]
fn c1_one_chunk() {
    let yours = leaves(b"hello world")
        .first()
        .map(Cid::to_string)
        .unwrap_or_default();
    let why = "`ipfs add --cid-version=1 --raw-leaves` prints this for the file.";
    cids::same(
        "the one leaf of \"hello world\"",
        &yours,
        "Kubo",
        HELLO,
        why,
    );
}

/// a CID by BLAKE3 is proven by BLAKE3
#[test]
fn c2_blake3() {
    let blake3 = cid("bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq");
    let why = "a checker that hashes by sha2-256 whatever the CID says calls a good file changed.";
    answers(
        "check(\"hello world\")",
        check(b"hello world", &blake3),
        Answer::Same,
        why,
    );
    let sha1 = Cid::new_v1(0x55, multihash::Multihash::wrap(0x11, &[7; 20]).unwrap());
    let why = "a hash that you cannot compute proves nothing, in neither direction.";
    answers(
        "check against a sha1 CID",
        check(b"hello world", &sha1),
        Answer::CannotTell,
        why,
    );
}

/// `ipfs add` cuts the same leaves
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_add() {
    for len in [1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let file: Vec<u8> = (0..len).map(|at| (at / 1000) as u8).collect();
        let add = "add -Q --cid-version 1 --raw-leaves --chunker size-262144";
        let root = kubo::says(&add.split(' ').collect::<Vec<_>>(), &file);
        let refs = kubo::says(&["refs", &root], b"");
        // A file of one chunk is its own leaf.
        let wanted = if refs.is_empty() { root } else { refs };
        let yours: Vec<String> = leaves(&file).iter().map(Cid::to_string).collect();
        let what = format!("the leaves of {len} bytes");
        let wanted: Vec<String> = wanted.lines().map(str::to_owned).collect();
        let why = "other leaves are another file to the network.";
        say::same(&what, &yours, &wanted, why);
    }
}
