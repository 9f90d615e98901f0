use crate::answer::cid_of;

/// "Hello IPFS!" has the CID that every node gives it
#[test]
fn a1_hello() {
    cids::same(
        "the CID of the eleven bytes \"Hello IPFS!\"",
        &cid_of(b"Hello IPFS!").to_string(),
        "wanted",
        "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
        "with another name nobody finds these bytes.",
    );
}

/// other bytes have another CID
#[test]
fn a2_other_bytes() {
    let (one, two) = (cid_of(b"Hello IPFS!"), cid_of(b"Hello IPFS?"));
    say::that(
        one != two,
        format!(
            "\"Hello IPFS!\" and \"Hello IPFS?\" have one CID\nyours  {one}\n\
             Why it matters: a CID that does not depend on the bytes proves nothing of them."
        ),
    );
}

/// the CIDs of Kubo for "hello world" and for no bytes at all
#[test]
fn c1_kubo() {
    let why = "what `ipfs block put` prints is what others will ask you for.";
    for (block, wanted) in [
        (
            &b"hello world"[..],
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        ),
        (
            b"",
            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        ),
    ] {
        let what = format!("the CID of {:?}", String::from_utf8_lossy(block));
        cids::same(&what, &cid_of(block).to_string(), "Kubo", wanted, why);
    }
}

/// `ipfs block put` gives these blocks the same CIDs
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_block_put() {
    for block in [&b"Hello IPFS!"[..], b"hello world", b"", &[7; 300_000]] {
        let wanted = kubo::says(&["block", "put"], block);
        let what = format!("the CID of {} bytes", block.len());
        let why = "this is the name under which that node gives the block to others.";
        cids::same(&what, &cid_of(block).to_string(), "Kubo", &wanted, why);
    }
}
