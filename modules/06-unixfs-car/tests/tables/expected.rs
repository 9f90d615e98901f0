//! `unixfs-expected.json`: files, folders and tries as boxo and the JavaScript importer make them.

use std::collections::BTreeMap;

use block_cid::{Blocks, Blockstore};
use cid::Version;
use dag_ipld::pb::Node;
use data_encoding::HEXLOWER;
use datastore::MemStore;
use serde_json::{Value, json};
use testkit::fixtures;
use unixfs_car::folder::Sharding;
use unixfs_car::hamt::Fanout;
use unixfs_car::import::{Importer, Options, Source};
use unixfs_car::unixfs::{Meta, Mtime};
use unixfs_car::{Profile, Root};

use super::data::Data;

const TABLE: &str = "unixfs-expected.json";

#[test]
fn files_and_folders_have_the_cids_of_boxo_and_the_javascript_importer() {
    let Some(table) = fixtures::json(TABLE) else {
        return;
    };
    let mut data = Data::default();
    let mut failed = Vec::new();
    for sum in table["generator_checksums"].as_array().unwrap() {
        let found = HEXLOWER.encode(block_cid::hash::sha2_256(&data.get(sum)).digest());
        assert_eq!(
            found,
            sum["sha256"].as_str().unwrap(),
            "the generator of {sum}"
        );
    }
    let cases = table["cases"].as_array().unwrap();
    for case in cases {
        let store = Blocks::new(MemStore::new());
        let importer = importer(&case["opts"]);
        let source = source(case, &mut data);
        let root = importer.add_source(source, &store).unwrap();
        let found = facts(&store, &root);
        let wanted = json!({
            "cid": case["cid"],
            "blocks": case["blocks"],
            "dag_size": case["dag_size"],
            "root_links": case["root_links"],
            "root_block_size": case["root_block_size"],
        });
        if found != wanted {
            failed.push(format!("{}: {wanted} is wanted, {found} found", case["id"]));
        }
    }
    assert_eq!(
        table["count"].as_u64(),
        Some(cases.len() as u64),
        "the table is cut short"
    );
    super::finish(TABLE, cases.len(), &failed);
}

fn facts(store: &Blocks<MemStore>, root: &Root) -> Value {
    let block = store.get(&root.cid).unwrap().unwrap();
    let is_pb = root.cid.codec() == block_cid::codec::DAG_PB;
    let links = match is_pb {
        true => Node::decode(block.data()).unwrap().links.len(),
        false => 0,
    };
    json!({
        "cid": root.cid.to_string(),
        "blocks": store.cids().unwrap().count(),
        "dag_size": root.dag,
        "root_links": links,
        "root_block_size": block.len(),
    })
}

fn importer(opts: &Value) -> Importer {
    let number = |name: &str| opts[name].as_u64().map(|n| n as usize);
    let text = |name: &str| opts[name].as_str();
    let kubo = Profile::KUBO;
    let profile = Profile {
        version: Some(Version::try_from(opts["cid_version"].as_u64().unwrap()).unwrap()),
        raw_leaves: opts["raw_leaves"].as_bool(),
        hash: text("hash").map_or(kubo.hash, |name| name.parse().unwrap()),
        chunker: text("chunker").unwrap().parse().unwrap(),
        layout: text("layout").unwrap().parse().unwrap(),
        links: number("max_links").unwrap(),
        sharding: Sharding {
            threshold: number("hamt_threshold").map_or(kubo.sharding.threshold, |n| n as u64),
            estimate: text("hamt_size_estimation")
                .unwrap_or("links")
                .parse()
                .unwrap(),
            fanout: Fanout::new(number("hamt_fanout").unwrap_or(256)).unwrap(),
            ..kubo.sharding
        },
        ..kubo
    };
    let options = Options {
        profile,
        ..Options::default()
    };
    Importer::new(options).unwrap()
}

/// The file that a case is about, or its folder.
fn source(case: &Value, data: &mut Data) -> Source<'static> {
    if case["gen"].is_object() {
        return Source::bytes(data.get(&case["gen"])).with_meta(meta(case));
    }
    let mut tree = Tree {
        meta: meta(&case["dir"]),
        ..Tree::default()
    };
    if let Some(count) = case["pattern"]["count"].as_u64() {
        let pattern = &case["pattern"];
        for n in 0..count {
            let name = pattern["name"].as_str().unwrap();
            let name = name.replace("%05d", &format!("{n:05}"));
            let content = pattern["content"]
                .as_str()
                .unwrap()
                .replace("{name}", &name);
            tree.put(&name, Source::bytes(content));
        }
    }
    for entry in case["entries"].as_array().into_iter().flatten() {
        let path = entry["path"].as_str().unwrap();
        let leaf = match entry["type"].as_str().unwrap() {
            "dir" => {
                tree.folder(path).meta = meta(entry);
                continue;
            }
            "symlink" => Source::symlink(entry["target"].as_str().unwrap()),
            _ => Source::bytes(data.get(&entry["gen"])),
        };
        tree.put(path, leaf.with_meta(meta(entry)));
    }
    tree.source()
}

fn meta(of: &Value) -> Meta {
    let mode = of["mode"].as_str();
    let nanos = of["mtime_nsecs"].as_u64().unwrap_or(0) as u32;
    Meta {
        mode: mode.map(|octal| u32::from_str_radix(octal, 8).unwrap()),
        mtime: of["mtime"]
            .as_i64()
            .map(|seconds| Mtime::new(seconds, nanos)),
    }
}

#[derive(Default)]
struct Tree {
    meta: Meta,
    folders: BTreeMap<String, Tree>,
    others: Vec<Source<'static>>,
}

impl Tree {
    fn folder(&mut self, path: &str) -> &mut Tree {
        path.split('/')
            .filter(|name| !name.is_empty())
            .fold(self, |tree, name| {
                tree.folders.entry(name.into()).or_default()
            })
    }

    fn put(&mut self, path: &str, source: Source<'static>) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.folder(folder).others.push(source.named(name));
    }

    fn source(self) -> Source<'static> {
        let folders = self
            .folders
            .into_iter()
            .map(|(name, tree)| tree.source().named(name));
        let entries = folders.chain(self.others).collect();
        Source::folder(entries).with_meta(self.meta)
    }
}
