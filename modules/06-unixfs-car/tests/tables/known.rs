//! `kubo-known/known-answers.json`: what Kubo's own tests say that `ipfs add` prints. Here it is asked of
//! the program.

use std::fs;
use std::path::Path;
use std::process::Command;

use block_cid::hash::sha2_256;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use testkit::fixtures;

const TABLE: &str = "kubo-known/known-answers.json";

/// What the names of folders that are just large enough are spelt with.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz01234567890-_";

#[test]
fn add_prints_what_kubo_prints() {
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let cases = table["cases"].as_array().unwrap();
    assert_eq!(
        table["count"].as_u64(),
        Some(cases.len() as u64),
        "the table is cut short"
    );
    let mut failed = Vec::new();
    let mut rows = 0;
    for case in cases.iter().filter(|case| case["op"] == "add") {
        let place = tempfile::tempdir().unwrap();
        let input = place.path().join("input");
        if !make(&input, &case["input"]) {
            continue;
        }
        rows += 1;
        let ended = Command::new(env!("CARGO_BIN_EXE_06-unixfs-car"))
            .current_dir(place.path())
            .args(["add", "-Q", "-n"])
            .args(flags(case["flags"].as_str().unwrap()))
            .args(input.is_dir().then_some("--recursive"))
            .arg("input")
            .output()
            .unwrap();
        let found = String::from_utf8(ended.stdout).unwrap();
        let right = match case["cid"].as_str() {
            Some(cid) => ended.status.success() && found == format!("{cid}\n"),
            None => !ended.status.success() && found.is_empty(),
        };
        if !right {
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            failed.push(format!(
                "{}: {} is wanted, {found}{said} found",
                case["id"], case["cid"]
            ));
        }
    }
    super::finish(TABLE, rows, &failed);
}

/// `-r (threshold 1B)` is a setting of Kubo's, and a flag here; other remarks are none.
fn flags(text: &str) -> Vec<String> {
    let (flags, remark) = text.split_once('(').unwrap_or((text, ""));
    // It is said for every folder, also where the table does not.
    let flags = flags.split_whitespace().filter(|flag| *flag != "-r");
    let mut flags: Vec<String> = flags.map(str::to_owned).collect();
    if let Some(threshold) = remark.strip_prefix("threshold ") {
        let size = threshold.trim_end_matches(')');
        flags.push(format!("--hamt-threshold={size}"));
    }
    flags
}

/// Makes what is added; false for what cannot be made here.
fn make(path: &Path, input: &Value) -> bool {
    let (what, of) = input.as_object().unwrap().iter().next().unwrap();
    match what.as_str() {
        "text" => fs::write(path, of.as_str().unwrap()).unwrap(),
        "zeros" => fs::write(path, vec![0; of.as_u64().unwrap() as usize]).unwrap(),
        "chacha20" => {
            let size = of["size"].as_u64().unwrap() as usize;
            fs::write(path, chacha20(of["seed"].as_str().unwrap(), size)).unwrap();
        }
        "file" => match fixtures::named(&format!("kubo-known/{}", of.as_str().unwrap())) {
            Some(file) => {
                fs::copy(file, path).unwrap();
            }
            None => return false,
        },
        "symlink" => symlink(of, path),
        "tree" => {
            fs::create_dir(path).unwrap();
            for (name, of) in of.as_object().unwrap() {
                let path = path.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                match of.as_str() {
                    Some(text) => fs::write(path, text).unwrap(),
                    None => symlink(&of["symlink"], &path),
                }
            }
        }
        "numbered_dir" => {
            fs::create_dir(path).unwrap();
            for n in of["from"].as_u64().unwrap()..=of["to"].as_u64().unwrap() {
                let numbered = |of: &Value| of.as_str().unwrap().replace("%d", &n.to_string());
                fs::write(path.join(numbered(&of["name"])), numbered(&of["content"])).unwrap();
            }
        }
        "hamt_dir" => {
            fs::create_dir(path).unwrap();
            let number = |name: &str| of[name].as_u64().unwrap() as usize;
            let stream = chacha20(of["seed"].as_str().unwrap(), 1 << 20);
            let mut letters = stream
                .iter()
                .map(|b| LETTERS[*b as usize % LETTERS.len()] as char);
            for n in 1..=number("count") {
                let is_last = n == number("count");
                let len = number(if is_last { "last_name_len" } else { "name_len" });
                let name: String = letters.by_ref().take(len).collect();
                fs::write(path.join(name), of["content"].as_str().unwrap()).unwrap();
            }
        }
        other => {
            fixtures::skipped(&format!("an input of {TABLE}"), other);
            return false;
        }
    }
    true
}

fn symlink(target: &Value, path: &Path) {
    std::os::unix::fs::symlink(target.as_str().unwrap(), path).unwrap();
}

/// ChaCha20 from the digest of the seed, with a nonce of zeros: the generator that proptest has.
fn chacha20(seed: &str, size: usize) -> Vec<u8> {
    let key = sha2_256(seed.as_bytes());
    let mut bytes = vec![0; size];
    TestRng::from_seed(RngAlgorithm::ChaCha, key.digest()).fill_bytes(&mut bytes);
    bytes
}
