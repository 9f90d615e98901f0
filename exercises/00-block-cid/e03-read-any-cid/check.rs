use crate::answer::{Fields, Refused, read};

/// "Hello IPFS!" by sha2-256, as CIDv1 raw.
const V1: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";

fn binary(text: &str) -> Vec<u8> {
    cid::Cid::try_from(text).unwrap().to_bytes()
}

fn told(read: &Result<Fields, Refused>) -> String {
    match read {
        Err(refused) => format!("refused: {refused:?}"),
        Ok(fields) => format!(
            "taken: version {}, codec 0x{:02x}, hash 0x{:02x}, a digest of {} bytes",
            fields.version,
            fields.codec,
            fields.hash,
            fields.digest.len()
        ),
    }
}

fn fields(what: &str, bytes: &[u8]) -> Fields {
    match read(bytes) {
        Ok(fields) => fields,
        Err(refused) => say::wrong(format!(
            "{what}\nbytes   {}\nyours   refused: {refused:?}\nwanted  its fields",
            say::hex(bytes)
        )),
    }
}

fn refused(what: &str, bytes: &[u8], wanted: Refused, why: &str) {
    let yours = read(bytes);
    if yours != Err(wanted.clone()) {
        say::wrong(format!(
            "{what}\nbytes   {}\nyours   {}\nwanted  refused: {wanted:?}\nWhy it matters: {why}",
            say::hex(bytes),
            told(&yours)
        ));
    }
}

/// the fields of a CIDv1
#[test]
fn a1_version_1() {
    let yours = fields(V1, &binary(V1));
    let head = (yours.version, yours.codec, yours.hash, yours.digest.len());
    let why = "a reader that takes one field for another proves nothing.";
    say::same(
        "version, codec, hash and length",
        &head,
        &(1, 0x55, 0x12, 32),
        why,
    );
    say::same("the first byte of the digest", &yours.digest[0], &0x61, why);
}

/// the fields of a CIDv0: no version and no codec are written
#[test]
fn a2_version_0() {
    let text = "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ";
    let yours = fields(text, &binary(text));
    let head = (yours.version, yours.codec, yours.hash, yours.digest.len());
    let why = "half of all CIDs out there begin with Qm.";
    say::same(
        "version, codec, hash and length",
        &head,
        &(0, 0x70, 0x12, 32),
        why,
    );
}

/// CIDs of every kind that nodes give out
#[test]
fn c1_real_cids() {
    for text in [
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
        "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354",
        "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq",
        "bafkqac3imvwgy3zao5xxe3de",
        "bagaaierakq4z2o66c6vmau75waa5z5osabzknzmv6nl5h4aes3a7y32tepdq",
    ] {
        let cid = cid::Cid::try_from(text).unwrap();
        let wanted = Fields {
            version: cid.version().into(),
            codec: cid.codec(),
            hash: cid.hash().code(),
            digest: cid.hash().digest().to_vec(),
        };
        let why = "raw, dag-pb, json, BLAKE3, identity: what is out there has to be readable.";
        say::same(text, &fields(text, &cid.to_bytes()), &wanted, why);
    }
}

/// a CID that is cut off, at every byte
#[test]
fn d1_cut_off() {
    for text in [V1, "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ"] {
        let whole = binary(text);
        for end in 0..whole.len() {
            // Of a CIDv0 the first byte alone is a version 18, which there is not.
            if whole[0] == 0x12 && end == 1 {
                continue;
            }
            let what = format!("the first {end} of {} bytes of a CID", whole.len());
            let why = "connections break in the middle, and half a name is no name.";
            refused(&what, &whole[..end], Refused::CutOff, why);
        }
    }
}

/// a varint that is longer than its number needs
#[test]
fn d2_not_minimal() {
    let mut bytes = binary(V1);
    bytes.splice(1..2, [0xd5, 0x00]);
    let why = "two spellings of one CID are two names for one block.";
    refused(
        "the codec 0x55 written as d5 00",
        &bytes,
        Refused::NotMinimal,
        why,
    );
}

/// a varint that does not end
#[test]
fn d3_long_varint() {
    let why = "who shifts by 63 and more gets nonsense, or a panic.";
    for len in [9, 10, 400] {
        let bytes = [&[1][..], &vec![0xff; len]].concat();
        let what = format!("a codec of {len} bytes, each of which says that another follows");
        refused(&what, &bytes, Refused::LongVarint, why);
    }
    let bytes = [&[1][..], &[0x80; 9], &[1, 0x12, 0]].concat();
    refused("a codec of ten bytes", &bytes, Refused::LongVarint, why);
}

/// an identity digest of more than 128 bytes
#[test]
fn d4_long_digest() {
    let identity = |len: usize| {
        let mut bytes = vec![1, 0x55, 0];
        bytes.extend(if len < 128 {
            vec![len as u8]
        } else {
            vec![len as u8 | 0x80, 1]
        });
        bytes.extend(vec![7; len]);
        bytes
    };
    let why =
        "identity puts the block into the CID; without a limit a \"name\" may have gigabytes.";
    fields("an identity of 128 bytes", &identity(128));
    refused(
        "an identity of 129 bytes",
        &identity(129),
        Refused::LongDigest(129),
        why,
    );
    let promise = [&[1, 0x55, 0][..], &[0xff; 8], &[0x7f]].concat();
    let what = "a digest that is said to have 2^63 - 1 bytes, and has none";
    refused(what, &promise, Refused::LongDigest((1 << 63) - 1), why);
}

/// bytes behind a CID
#[test]
fn d5_trailing() {
    let bytes = [&binary(V1)[..], &[0, 0, 0]].concat();
    let why = "whoever ignores them takes infinitely many texts for one CID.";
    refused(
        "three bytes behind a CID",
        &bytes,
        Refused::Trailing(3),
        why,
    );
}

/// versions that there are not
#[test]
fn d6_version() {
    for version in [0, 2, 3] {
        let mut bytes = binary(V1);
        bytes[0] = version;
        let why = "0, 2 and 3 are reserved, so that a CIDv0 can be told by its first bytes.";
        let wanted = Refused::Version(version.into());
        refused(&format!("a CID of version {version}"), &bytes, wanted, why);
    }
}

/// `ipfs cid format` finds the same fields
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_cid_format() {
    for text in [
        "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
        "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ",
        "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq",
        "bafkqac3imvwgy3zao5xxe3de",
        "bagaaierakq4z2o66c6vmau75waa5z5osabzknzmv6nl5h4aes3a7y32tepdq",
    ] {
        let wanted = kubo::says(&["cid", "format", "-f", "%V %C %H %L", text], b"");
        let bytes = cid::Cid::try_from(text).unwrap().to_bytes();
        let read = say::ok(&format!("read({text})"), read(&bytes));
        let yours = format!(
            "{} {} {} {}",
            read.version,
            read.codec,
            read.hash,
            read.digest.len()
        );
        let what = format!("version, codec, hash and length of {text}");
        let why = "two readers of a name have to mean the same by it.";
        say::same(&what, &yours, &wanted, why);
    }
}
