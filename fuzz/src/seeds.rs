//! What to begin with: the tables of other implementations, taken apart.
//!
//! Whatever lies below the root of the [tables](testkit::fixtures) is looked at, so that another root
//! gives other seeds: CARs and the blocks in them, files that are blocks, texts in JSON and in lists,
//! and what they spell in hexadecimal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use block_cid::{Block, Cid, codec};
use bytes::Bytes;
use dag_ipld::{Codec, pb};
use serde_json::Value;
use testkit::fixtures;
use unixfs_car::car::index::{Format, Scratch};
use unixfs_car::car::{Reader, Version, Writer};

use crate::bag::Bag;
use crate::run::MAX_LEN;

/// The targets that take bytes of any format; most refuse most.
const BINARY: [&str; 8] = [
    "varint",
    "multihash",
    "cid",
    "protobuf",
    "dag-pb",
    "dag-cbor",
    "cbor",
    "unixfs",
];

/// Those that take text.
const TEXT: [&str; 4] = ["text", "path", "json", "dag-json"];

/// Inputs by the names of targets.
#[derive(Debug, Default)]
pub struct Seeds(BTreeMap<&'static str, BTreeSet<Vec<u8>>>);

impl Seeds {
    /// Those below the root of the tables; or why there are none.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn gather() -> Result<Seeds, String> {
        let none = "there is no folder of tables; CAIRN_FIXTURES names one";
        let mut todo = vec![fixtures::root().ok_or(none)?];
        let mut seeds = Seeds::default();
        while let Some(path) = todo.pop() {
            if path.is_dir() {
                let entries = fs::read_dir(&path).map_err(|error| error.to_string())?;
                let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
                below.sort();
                todo.extend(below);
            } else if let Ok(bytes) = fs::read(&path) {
                seeds.file(&path, bytes);
            }
        }
        Ok(seeds)
    }

    /// Those of the target of this name, in one order.
    pub fn of(&self, target: &str) -> Vec<Vec<u8>> {
        let seeds = self.0.get(target).into_iter().flatten();
        seeds.cloned().collect()
    }

    fn add(&mut self, target: &'static str, bytes: &[u8]) {
        if bytes.len() <= MAX_LEN {
            self.0.entry(target).or_default().insert(bytes.to_vec());
        }
    }

    fn file(&mut self, path: &Path, bytes: Vec<u8>) {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        match &*ending {
            "car" => self.car(&bytes),
            "dag-pb" => self.block(codec::DAG_PB, &bytes.into()),
            "dag-cbor" => self.block(codec::DAG_CBOR, &bytes.into()),
            "dag-json" => self.block(codec::DAG_JSON, &bytes.into()),
            "json" => {
                self.block(codec::DAG_JSON, &bytes.clone().into());
                if let Ok(value) = serde_json::from_slice(&bytes) {
                    self.strings(&value);
                }
            }
            "csv" | "tsv" => {
                let text = String::from_utf8_lossy(&bytes);
                text.split([',', '\t', '\n', '"'])
                    .for_each(|word| self.text(word.trim()));
            }
            "md" | "js" | "html" | "zst" => {}
            _ => self.bytes(&bytes),
        }
    }

    fn strings(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.strings(item)),
            Value::Object(map) => map.values().for_each(|value| self.strings(value)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        for target in TEXT {
            self.add(target, text.as_bytes());
        }
        let hex: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
            .collect();
        if let Some(bytes) = hex.filter(|bytes| !bytes.is_empty()) {
            self.bytes(&bytes);
        }
        if let Ok(cid) = block_cid::text::parse(text) {
            self.bytes(&cid.to_bytes());
            self.bytes(&cid.hash().to_bytes());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for target in BINARY {
            self.add(target, bytes);
        }
    }

    fn block(&mut self, code: u64, block: &Bytes) {
        let targets: &[&str] = match code {
            codec::DAG_PB => &["dag-pb", "protobuf"],
            codec::DAG_CBOR => &["dag-cbor", "cbor"],
            codec::DAG_JSON => &["dag-json", "json"],
            _ => &[],
        };
        for target in targets {
            self.add(target, block);
        }
        let known = Codec::ALL.iter().position(|codec| codec.code() == code);
        if let Some(number) = known {
            self.add("fields", &[&[number as u8][..], block].concat());
        }
        if code == codec::DAG_PB
            && let Ok(node) = pb::Node::decode(block)
        {
            let links = node.links.iter().map(|link| link.cid.to_bytes());
            links.for_each(|cid| self.add("cid", &cid));
            self.add("unixfs", &node.data.unwrap_or_default());
        }
    }

    fn car(&mut self, bytes: &[u8]) {
        self.add("carv1", bytes);
        self.add("carv2", bytes);
        let Ok(reader) = Reader::new(bytes) else {
            return;
        };
        let blocks: Vec<Block> = reader.map_while(Result::ok).collect();
        for block in &blocks {
            self.block(block.cid().codec(), block.data());
        }
        // A large one as a small one, in every version.
        let small: Vec<Block> = blocks
            .iter()
            .filter(|block| block.len() < 300)
            .take(9)
            .cloned()
            .collect();
        for version in VERSIONS {
            self.versions(version, &small);
        }
        let by: BTreeMap<_, &Bytes> = blocks
            .iter()
            .map(|block| (*block.cid().hash(), block.data()))
            .collect();
        let nodes = blocks.iter().map(Block::cid);
        for root in nodes.filter(|cid| cid.codec() == codec::DAG_PB) {
            let get = |cid: &Cid| by.get(cid.hash()).map(|block| (*block).clone());
            let bag = Bag::pack(root, get).unwrap_or_default();
            self.add("file", &bag);
            self.add("dir", &bag);
        }
    }

    fn versions(&mut self, version: Version, blocks: &[Block]) {
        let scratch = Scratch::new(std::env::temp_dir());
        let roots: Vec<Cid> = blocks.iter().take(2).map(|block| *block.cid()).collect();
        let write = || {
            let mut writer = Writer::new(Cursor::new(Vec::new()), &roots, version, &scratch)?;
            blocks.iter().try_for_each(|block| writer.put(block))?;
            writer.finish().map(Cursor::into_inner)
        };
        let bytes = write().expect("memory is written");
        self.add("carv1", &bytes);
        self.add("carv2", &bytes);
        let header = Reader::new(&bytes[..])
            .ok()
            .and_then(|reader| reader.header().copied());
        if let Some(header) = header {
            let index = bytes
                .get(header.index_offset as usize..)
                .unwrap_or_default();
            self.add("car-index", index);
        }
    }
}

const VERSIONS: [Version; 4] = [
    Version::V1,
    Version::V2,
    Version::Indexed(Format::Sorted),
    Version::Indexed(Format::MultihashSorted),
];
