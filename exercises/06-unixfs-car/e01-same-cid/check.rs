use crate::answer::{Profile, add, dag_pb, leaf, parent, v0_2015, v1_2025};

/// The CID of a file has to be the one that Kubo's tests have, `test/cli/cid_profiles_test.go` if nothing else is said.
fn kubo(what: &str, file: &[u8], profile: &Profile, wanted: &str, why: &str) {
    let yours = add(file, profile).to_string();
    let mut what = what.to_owned();
    if yours != wanted {
        let first = leaf(&file[..profile.chunk.min(file.len())], profile).cid;
        let first = first.to_string();
        let (mut count, mut shape) = (file.chunks(profile.chunk).len().max(1), String::new());
        while count > 1 {
            shape = format!(" {count}{shape}");
            count = count.div_ceil(profile.max_links);
        }
        what += &match LEAVES.contains(&first.as_str()) {
            _ if shape.is_empty() => "\none leaf, which is the root".to_owned(),
            true => format!(
                "\nblocks of each level: 1{shape}; your first leaf is right, and what is above it is not"
            ),
            false => format!("\nblocks of each level: 1{shape}; your first leaf is {first}"),
        };
    }
    cids::same(&what, &yours, "Kubo", wanted, why);
}

/// The CIDs of leaves that are files as well.
const LEAVES: [&str; 2] = [
    "QmWmRj3dFDZdb6ABvbmKhEL6TmPbAfBZ1t5BxsEyJrcZhE",
    "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta",
];

/// the two profiles are those of IPIP-499
#[test]
fn a1_profiles() {
    let why =
        "these four values are not in a CID: who has others gets another CID for the same file.";
    let of = |cid_v1, raw_leaves, chunk, max_links| Profile {
        cid_v1,
        raw_leaves,
        chunk,
        max_links,
    };
    let wanted = of(false, false, 262_144, 174);
    say::same("unixfs-v0-2015", &v0_2015(), &wanted, why);
    let wanted = of(true, true, 1_048_576, 1024);
    say::same("unixfs-v1-2025", &v1_2025(), &wanted, why);
}

/// an empty file has a CID, too
#[test]
fn a2_empty() {
    let why = "every empty file of the world has one of these two names.";
    let v0 = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";
    kubo("nothing, v0-2015", b"", &v0_2015(), v0, why);
    let v1 = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    kubo("nothing, v1-2025", b"", &v1_2025(), v1, why);
}

/// two links with sizes of their own are the bytes that dag-pb wants
#[test]
fn b1_fields() {
    let small = Profile {
        chunk: 4,
        ..v0_2015()
    };
    let children = [leaf(b"abcd", &small), leaf(b"e", &small)];
    let yours = dag_pb(&children, b"data");
    let hash = |at: usize| unhex::hex(&children[at].cid.to_bytes());
    let link = |at: usize, size: &str| format!("12280a22{}120018{size}", hash(at));
    // A leaf of four bytes is a block of 12: 0a 0a 08 02 12 04 61 62 63 64 18 04.
    let wanted = format!("{}{}0a0464617461", link(0, "0c"), link(1, "09"));
    let why = "readers take fields in any order; a CID is made of one.";
    let what = "dag_pb of two links and \"data\"";
    say::bytes(what, &yours, &unhex::of(&wanted), why);
}

/// the sizes of a parent: bytes of the file, and bytes of all blocks
#[test]
fn b2_sizes() {
    let small = Profile {
        chunk: 4,
        ..v0_2015()
    };
    let node = parent(&[leaf(b"abcd", &small), leaf(b"e", &small)], &small);
    let why = "a reader seeks by the one, and shows progress by the other.";
    say::same("file_size of \"abcd\" and \"e\"", &node.file_size, &5, why);
    // Two links of 42 bytes; 0a 08 08 02 18 05 20 04 20 01; the leaves of 12 and 9.
    say::same("dag_size of \"abcd\" and \"e\"", &node.dag_size, &115, why);
}

/// "hello world", in both profiles
#[test]
fn c1_hello() {
    let why = "it is the first file that everybody adds.";
    let v0 = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD";
    kubo("hello world, v0-2015", b"hello world", &v0_2015(), v0, why);
    let v1 = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    kubo("hello world, v1-2025", b"hello world", &v1_2025(), v1, why);
}

/// a file of exactly one chunk, in both profiles
#[test]
fn c2_one_chunk() {
    let why = "a file that fits one block needs no other.";
    let file = inputs::chacha20("chunk-v0-seed", 262_144);
    let v0 = "QmWmRj3dFDZdb6ABvbmKhEL6TmPbAfBZ1t5BxsEyJrcZhE";
    kubo("262,144 bytes, v0-2015", &file, &v0_2015(), v0, why);
    let file = inputs::chacha20("chunk-v1-seed", 1_048_576);
    let v1 = "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta";
    kubo("1,048,576 bytes, v1-2025", &file, &v1_2025(), v1, why);
}

/// one byte more than a chunk, v0-2015
#[test]
fn c3_one_more_v0() {
    let file = inputs::chacha20("chunk-v0-seed", 262_145);
    let cid = "QmYyLxtzZyW22zpoVAtKANLRHpDjZtNeDjQdJrcQNWoRkJ";
    let why = "the first file with a root of its own: each field of a link is in its hash.";
    kubo("262,145 bytes, v0-2015", &file, &v0_2015(), cid, why);
}

/// one byte more than a chunk, v1-2025
#[test]
fn c4_one_more_v1() {
    let file = inputs::chacha20("chunk-v1-seed", 1_048_577);
    let cid = "bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64";
    let why = "with raw leaves, what is said of the file stands in the root alone.";
    kubo("1,048,577 bytes, v1-2025", &file, &v1_2025(), cid, why);
}

/// 45,900,000 zeros, v0-2015: more leaves than fit one block
#[test]
fn c5_two_levels() {
    // `ipfs add` of Kubo 0.43.0; ipfs/js-ipfs-unixfs, hash-parity-with-go-ipfs.spec.ts.
    let cid = "QmRdPboiJQoZ5cdazR9a8vGqdJvWg6M5bfdtUSKNHpuscj";
    let why = "174 links were once 8 KiB of them, and that became the rule.";
    let file = vec![0; 45_900_000];
    kubo("45,900,000 zeros, v0-2015", &file, &v0_2015(), cid, why);
}

/// nine leaves where eight fit one block: the last is as deep as the others
#[test]
fn c6_lone_leaf() {
    // `ipfs add --chunker size-4096 --max-file-links 8` of Kubo 0.43.0.
    let profile = Profile {
        chunk: 4096,
        max_links: 8,
        ..v0_2015()
    };
    let file = inputs::counted("deep", 32_769);
    let cid = "QmXVEFfUWAEJ246pviYRoAGDCHkZsMxcpNpy7NRnheRRrv";
    let why = "balanced means that all leaves have the same depth.";
    kubo(
        "32,769 bytes, chunks of 4,096, 8 links",
        &file,
        &profile,
        cid,
        why,
    );
}

/// `ipfs add` gives the same CID to files of any length
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_add() {
    let small = |profile: Profile| Profile {
        chunk: 100,
        max_links: 3,
        ..profile
    };
    let why = "an edge that none of the vectors has is an edge all the same.";
    for (flags, profile) in [
        ("--cid-version 0", small(v0_2015())),
        ("--cid-version 1 --raw-leaves", small(v1_2025())),
    ] {
        for len in [0, 1, 100, 101, 300, 301, 900, 901, 2701] {
            let file = inputs::counted("kubo", len);
            let add = format!("add -Q -n --chunker size-100 --max-file-links 3 {flags}");
            let wanted = kubo::says(&add.split(' ').collect::<Vec<_>>(), &file);
            kubo(
                &format!("{len} bytes, {flags}"),
                &file,
                &profile,
                &wanted,
                why,
            );
        }
    }
}
