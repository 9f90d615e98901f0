//! Random DAGs, and what is known of them because they were made here.

use std::collections::HashMap;

use block_cid::{Block, Blocks, Blockstore, Hash};
use bytes::Bytes;
use dag_ipld::{Cid, Codec, Ipld, pb};
use datastore::MemStore;
use proptest::prelude::*;

/// A DAG that was made node by node, children first.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The CID of each node; the last is the root.
    pub cids: Vec<Cid>,
    pub blocks: HashMap<Cid, Block>,
    /// What each links to, in the order of its block.
    pub links: HashMap<Cid, Vec<Cid>>,
}

impl Made {
    pub fn root(&self) -> Cid {
        *self.cids.last().unwrap()
    }

    /// A node of this codec with these links: `list/0`, `list/1` and so on, or named `0`, `1`.
    pub fn add(&mut self, codec: Codec, payload: u64, links: &[Cid]) -> Cid {
        let value = match codec {
            Codec::Raw => return self.keep(codec, payload.to_be_bytes().to_vec(), &[]),
            Codec::DagPb => {
                let link = |(at, cid): (usize, &Cid)| pb::Link {
                    cid: *cid,
                    // By name they stand in the order of their index: 10 after 1, so ten are the most.
                    name: Some(Bytes::from(at.to_string())),
                    size: Some(payload),
                };
                let node = pb::Node {
                    links: links.iter().enumerate().map(link).collect(),
                    data: Some(Bytes::from(payload.to_be_bytes().to_vec())),
                };
                return self.keep(codec, node.encode(), links);
            }
            _ => {
                let list = links.iter().map(|cid| Ipld::from(*cid)).collect();
                let payload = Ipld::Integer(payload.into());
                Ipld::from([("list", Ipld::List(list)), ("payload", payload)])
            }
        };
        self.keep(codec, codec.encode(&value).unwrap(), links)
    }

    fn keep(&mut self, codec: Codec, bytes: Vec<u8>, links: &[Cid]) -> Cid {
        let block = Block::new(codec.code(), Hash::SHA2_256, bytes).unwrap();
        let cid = *block.cid();
        self.cids.push(cid);
        self.links.insert(cid, links.to_vec());
        self.blocks.insert(cid, block);
        cid
    }

    /// The CID of a node that reads the bytes of another as raw.
    pub fn as_raw(&mut self, cid: &Cid) -> Cid {
        let raw = Cid::new_v1(Codec::Raw.code(), *cid.hash());
        let block = Block::trusted(raw, self.blocks[cid].data().clone());
        self.blocks.insert(raw, block);
        self.links.entry(raw).or_default();
        raw
    }

    /// All blocks in a store in memory.
    pub fn store(&self) -> Blocks<MemStore> {
        let store = Blocks::new(MemStore::new());
        self.blocks.values().for_each(|b| store.put(b).unwrap());
        store
    }

    /// The nodes below the root in pre-order, in post-order, and by level, with the depth of the first
    /// way to them: what the naive walk visits. Nodes are told apart by hash and codec.
    pub fn pre(&self) -> Vec<(Cid, u32)> {
        let mut order = Vec::new();
        self.pre_from(self.root(), 0, &mut order);
        order
    }

    fn pre_from(&self, cid: Cid, depth: u32, order: &mut Vec<(Cid, u32)>) {
        if order.iter().all(|(seen, _)| *seen != cid) {
            order.push((cid, depth));
            self.links[&cid]
                .iter()
                .for_each(|l| self.pre_from(*l, depth + 1, order));
        }
    }

    pub fn post(&self) -> Vec<Cid> {
        let mut order = Vec::new();
        self.post_from(self.root(), &mut order);
        order
    }

    fn post_from(&self, cid: Cid, order: &mut Vec<Cid>) {
        if !order.contains(&cid) {
            self.links[&cid]
                .iter()
                .for_each(|l| self.post_from(*l, order));
            order.push(cid);
        }
    }

    pub fn level(&self) -> Vec<(Cid, u32)> {
        let mut order = vec![(self.root(), 0)];
        let mut at = 0;
        while let Some((cid, depth)) = order.get(at).copied() {
            for link in &self.links[&cid] {
                if order.iter().all(|(seen, _)| seen != link) {
                    order.push((*link, depth + 1));
                }
            }
            at += 1;
        }
        order
    }

    /// Blocks and bytes on all paths, and the length of the longest: each path is walked.
    pub fn paths(&self, cid: &Cid) -> (u64, u64, u32) {
        let mut sum = (1, self.blocks[cid].len() as u64, 0);
        for link in &self.links[cid] {
            let below = self.paths(link);
            sum = (sum.0 + below.0, sum.1 + below.1, sum.2.max(below.2 + 1));
        }
        sum
    }
}

/// Up to 10 nodes of any codec, each with links to some before it, at times to one of them as raw.
pub fn made() -> impl Strategy<Value = Made> {
    let codec = prop::sample::select(vec![
        Codec::Raw,
        Codec::DagPb,
        Codec::DagCbor,
        Codec::DagCbor,
        Codec::DagJson,
    ]);
    let link = (any::<prop::sample::Index>(), prop::bool::weighted(0.1));
    let node = (codec, 0..3_u64, prop::collection::vec(link, 0..4));
    prop::collection::vec(node, 1..=10).prop_map(|nodes| {
        let mut made = Made::default();
        for (codec, payload, links) in nodes {
            let mut to = Vec::new();
            for (at, raw) in links {
                if !made.cids.is_empty() {
                    let cid = made.cids[at.index(made.cids.len())];
                    to.push(if raw { made.as_raw(&cid) } else { cid });
                }
            }
            made.add(codec, payload, &to);
        }
        made
    })
}
