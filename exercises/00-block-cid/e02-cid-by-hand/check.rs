use crate::answer::{base32, cid, multihash, varint};

/// varints: seven bits a byte, the lowest first
#[test]
fn a1_varint() {
    for (number, wanted) in [
        (0, &[0][..]),
        (0x12, &[0x12]),
        (127, &[0x7f]),
        (128, &[0x80, 0x01]),
        (300, &[0xac, 0x02]),
        (0x4000, &[0x80, 0x80, 0x01]),
    ] {
        let mut yours = vec![0xee];
        varint(number, &mut yours);
        let what = format!("varint({number}), behind a byte ee that was there before");
        let wanted = [&[0xee], wanted].concat();
        say::bytes(
            &what,
            &yours,
            &wanted,
            "every number in a CID is written like this, codecs above 127 too.",
        );
    }
}

/// the multihash is 12 20 and the 32 bytes of the digest
#[test]
fn a2_multihash() {
    let yours = multihash(b"hello world");
    let mut wanted = vec![0x12, 0x20];
    let digest = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    wanted.extend((0..32).map(|i| u8::from_str_radix(&digest[2 * i..2 * i + 2], 16).unwrap()));
    say::bytes(
        "the multihash of \"hello world\"",
        &yours,
        &wanted,
        "a digest that says which hash it is, and how long, can be replaced by a better one some day.",
    );
}

/// base32 as RFC 4648 has it, in lower case and without padding
#[test]
fn a3_base32() {
    for (bytes, wanted) in [
        ("", ""),
        ("f", "my"),
        ("fo", "mzxq"),
        ("foo", "mzxw6"),
        ("foob", "mzxw6yq"),
        ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ] {
        say::same(
            &format!("base32({bytes:?})"),
            &base32(bytes.as_bytes()).as_str(),
            &wanted,
            "36 bytes are no multiple of 5 bits, so every CID ends in the middle of a character.",
        );
    }
}

/// the CID of Kubo for "hello world"
#[test]
fn c1_kubo() {
    cids::same(
        "the CID of \"hello world\", codec raw",
        &cid(0x55, b"hello world"),
        "Kubo",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "the codec tells a reader how to parse the block, the hash how to prove it.",
    );
}

/// a codec above 127: json is 0x0200, in two bytes
#[test]
fn c2_long_codec() {
    cids::same(
        "the CID of a JSON object, codec json (0x0200)",
        &cid(0x0200, br#"{"born":1815,"name":"Ada Lovelace"}"#),
        "Kubo",
        "bagaaierakq4z2o66c6vmau75waa5z5osabzknzmv6nl5h4aes3a7y32tepdq",
        "most codecs of the table have numbers that do not fit seven bits.",
    );
}

/// `ipfs block put` gives these blocks the same CIDs, under another codec, too
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_block_put() {
    let empty_dir = [0x0a, 0x02, 0x08, 0x01];
    for (name, codec, block) in [
        ("raw", 0x55, &b"Hello IPFS!"[..]),
        ("raw", 0x55, b""),
        ("dag-pb", 0x70, &empty_dir),
        ("dag-json", 0x0129, b"{}"),
    ] {
        let wanted = kubo::says(&["block", "put", "--cid-codec", name], block);
        let what = format!("the CID of {} bytes of {name}", block.len());
        let why = "this is the name under which that node gives the block to others.";
        cids::same(&what, &cid(codec, block), "Kubo", &wanted, why);
    }
}
