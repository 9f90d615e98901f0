//! `dagger/convergence.tsv`: what go-ipfs 0.4 printed for nine files, cut, laid out and inlined in every
//! way there was.

use std::collections::HashMap;
use std::process::Command;

use block_cid::{Cid, to_v1};
use bytes::Bytes;
use cid::Version;
use data_encoding::HEXLOWER;
use testkit::{fixtures, or_skip, run};
use unixfs_car::Profile;
use unixfs_car::import::{Importer, Options, Source};

const TABLE: &str = "dagger/convergence.tsv";

/// The one file whose rows take a minute.
const LARGE: &str = "large_repeat_1GiB";

#[test]
fn files_have_the_cids_that_go_ipfs_gave_them() {
    let (Some(table), Some(about)) = (fixtures::text(TABLE), fixtures::json("dagger/README.json"))
    else {
        return;
    };
    let mut rows = 0;
    let mut failed = Vec::new();
    let mut files: HashMap<&str, Bytes> = HashMap::new();
    let large = run::is_long();
    for (n, line) in table.lines().enumerate().skip(1) {
        let row: Vec<&str> = line.split('\t').collect();
        let [name, chunker, layout, raw_leaves, version, inline, wanted] = row[..] else {
            panic!("line {}: {line}", n + 1);
        };
        if name == LARGE && !large {
            continue;
        }
        if !files.contains_key(name) {
            // One at a time: the largest has 1 GiB.
            files.clear();
            let Some(bytes) = unpacked(name) else { return };
            let sum = HEXLOWER.encode(block_cid::hash::sha2_256(&bytes).digest());
            assert_eq!(
                Some(sum.as_str()),
                about["files"][name]["sha256"].as_str(),
                "{name}"
            );
            files.insert(name, bytes);
        }
        let inline: usize = inline.parse().unwrap();
        let profile = Profile {
            version: Some(Version::try_from(version.parse::<u64>().unwrap()).unwrap()),
            raw_leaves: Some(raw_leaves.parse().unwrap()),
            inline: (inline > 0).then_some(inline),
            chunker: chunker.parse().unwrap(),
            layout: layout.parse().unwrap(),
            ..Profile::KUBO
        };
        let found = only_hash(profile, files[name].clone());
        rows += 1;
        if found != wanted {
            failed.push(format!("line {}: {line}: {found}", n + 1));
        }
    }
    if !large {
        run::report(&format!(
            "{TABLE}: the rows of {LARGE} run under CAIRN_LONG=1"
        ));
    }
    super::finish(TABLE, rows, &failed);
}

/// The CID of a file, as version 1.
fn only_hash(profile: Profile, bytes: Bytes) -> String {
    let options = Options {
        profile,
        ..Options::default()
    };
    let source = Source::bytes(bytes);
    let root = Importer::new(options).and_then(|it| it.add(source, None, &(), &mut |_| Ok(())));
    let v1 = |cid: &Cid| to_v1(cid).to_string();
    root.map_or_else(|error| error.to_string(), |root| v1(&root.cid))
}

/// The file of a `.zst`; `None` after saying that it cannot be had.
fn unpacked(name: &str) -> Option<Bytes> {
    let packed = fixtures::named(&format!("dagger/{name}.zst"))?;
    let mut zstd = Command::new("zstd");
    let out = zstd.args(["-dc", "--"]).arg(packed).output();
    let out = or_skip(
        TABLE,
        out.map_err(|error| format!("there is no program zstd: {error}")),
    )?;
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    Some(out.stdout.into())
}
