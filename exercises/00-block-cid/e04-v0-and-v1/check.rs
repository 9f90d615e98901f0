use crate::answer::{NoV0, to_v0, to_v1};
use cid::Cid;
use multihash::Multihash;

const EMPTY_DIR_V0: &str = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";
const EMPTY_DIR_V1: &str = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354";

fn cid(text: &str) -> Cid {
    Cid::try_from(text).unwrap()
}

fn back(what: &str, yours: Result<Cid, NoV0>, wanted: Result<Cid, NoV0>, why: &str) {
    if yours != wanted {
        let told = |cid: &Result<Cid, NoV0>| match cid {
            Ok(cid) => cid.to_string(),
            Err(NoV0::Codec(code)) => {
                format!("no CIDv0, because of the codec {}", cids::codec(*code))
            }
            Err(NoV0::Hash(code)) => format!("no CIDv0, because of the hash 0x{code:02x}"),
            Err(NoV0::Length(len)) => format!("no CIDv0, because of a digest of {len} bytes"),
        };
        say::wrong(format!(
            "{what}\nyours   {}\nwanted  {}\nWhy it matters: {why}",
            told(&yours),
            told(&wanted)
        ));
    }
}

/// a CIDv0 becomes a CIDv1 with the same hash
#[test]
fn a1_there() {
    let v0 = cid("QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ");
    let yours = to_v1(&v0);
    let why = "v1 says what v0 leaves out, and keeps the hash, which is the name proper.";
    say::same("the version", &u64::from(yours.version()), &1, why);
    say::same("the multihash", yours.hash(), v0.hash(), why);
}

/// a CIDv1 stays what it is, codec and all
#[test]
fn a2_stays() {
    for text in [
        EMPTY_DIR_V1,
        "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
        "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq",
    ] {
        let why = "who converts twice has to get what he got the first time.";
        cids::same(
            "to_v1 of a CIDv1",
            &to_v1(&cid(text)).to_string(),
            "wanted",
            text,
            why,
        );
    }
}

/// back again is what it was
#[test]
fn a3_back() {
    for text in [
        EMPTY_DIR_V0,
        "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ",
    ] {
        let v0 = cid(text);
        let why = "old links say Qm…, and have to be found after a change to CIDv1.";
        back("to_v0(to_v1(cid))", to_v0(&to_v1(&v0)), Ok(v0), why);
        back("to_v0 of a CIDv0", to_v0(&v0), Ok(v0), why);
    }
}

/// the empty directory, which every node has, by both of its names
#[test]
fn c1_kubo() {
    let why = "`ipfs cid format -v 1` prints this, and links depend on it.";
    let yours = to_v1(&cid(EMPTY_DIR_V0)).to_string();
    cids::same("the empty directory", &yours, "Kubo", EMPTY_DIR_V1, why);
}

/// raw has no CIDv0, and is named
#[test]
fn d1_codec() {
    let raw = cid("bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u");
    let why = "a CIDv0 says dag-pb, so the reader would parse a file header that is not there.";
    back(
        "to_v0 of a raw block",
        to_v0(&raw),
        Err(NoV0::Codec(0x55)),
        why,
    );
}

/// BLAKE3 has no CIDv0, though its digest is as long
#[test]
fn d2_hash() {
    let blake3 = *cid("bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq").hash();
    let cid = Cid::new_v1(0x70, blake3);
    let why = "who recomputes the digest by sha2-256 calls good bytes damaged.";
    back(
        "to_v0 of dag-pb by BLAKE3",
        to_v0(&cid),
        Err(NoV0::Hash(0x1e)),
        why,
    );
}

/// a digest that was cut to 20 bytes has no CIDv0
#[test]
fn d3_length() {
    let short = Multihash::wrap(0x12, &[7; 20]).unwrap();
    let why = "46 characters, always: other lengths cannot be told from damage.";
    let what = "to_v0 of dag-pb by sha2-256, 20 bytes of it";
    back(
        what,
        to_v0(&Cid::new_v1(0x70, short)),
        Err(NoV0::Length(20)),
        why,
    );
}

/// `ipfs cid format -v` converts the same CIDs into the same ones, and refuses the same
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_cid_format() {
    for text in [
        "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ",
        "bafybeidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
        "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
        "bafkr4igxjga67jykbseaxdmmdgc5a5o3zp3htom2l6mrjznk7fvyggu6eq",
    ] {
        let cid = Cid::try_from(text).unwrap();
        let why = "who asks by the one and has the other has to get the block.";
        let wanted = kubo::says(&["cid", "format", "-v", "1", "-b", "base32", text], b"");
        let what = format!("to_v1({text})");
        cids::same(&what, &to_v1(&cid).to_string(), "Kubo", &wanted, why);
        let wanted = kubo::answer(&["cid", "format", "-v", "0", text], b"");
        let wanted = wanted.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
        match (to_v0(&cid), wanted) {
            (Ok(yours), Ok(wanted)) => {
                let what = format!("to_v0({text})");
                cids::same(&what, &yours.to_string(), "Kubo", &wanted, why);
            }
            (Err(_), Err(_)) => {}
            (yours, wanted) => say::wrong(format!(
                "to_v0({text})\nyours   {yours:?}\nKubo    {wanted:?}\nWhy it matters: {why}"
            )),
        }
    }
}
