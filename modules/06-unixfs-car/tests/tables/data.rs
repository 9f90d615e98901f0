//! The inputs of the tables, which name generators and not files.

use std::collections::HashMap;

use block_cid::hash::sha2_256;
use bytes::Bytes;
use serde_json::Value;

/// What was generated, by kind and seed: a shorter input is the start of a longer one.
#[derive(Default)]
pub struct Data(HashMap<(String, String), Bytes>);

impl Data {
    /// The input that `of` describes.
    pub fn get(&mut self, of: &Value) -> Bytes {
        let kind = of["kind"].as_str().unwrap();
        if kind == "text" {
            return Bytes::copy_from_slice(of["text"].as_str().unwrap().as_bytes());
        }
        let seed = of["seed"].as_str().unwrap_or_default();
        let size = of["size"].as_u64().unwrap() as usize;
        let held = self.0.entry((kind.into(), seed.into())).or_default();
        if held.len() < size {
            *held = match kind {
                "sha256ctr" => counter(seed, size),
                "affine" => (0..size).map(|i| ((i * 7 + 3) % 256) as u8).collect(),
                "zero" => vec![0; size].into(),
                _ => panic!("nobody knows the generator {kind}"),
            };
        }
        held.slice(..size)
    }
}

/// The digests of the seed and a number, one after the other.
fn counter(seed: &str, size: usize) -> Bytes {
    let mut out = Vec::with_capacity(size + 32);
    for n in 0_u64.. {
        if out.len() >= size {
            break;
        }
        let input = [seed.as_bytes(), &n.to_be_bytes()].concat();
        out.extend_from_slice(sha2_256(&input).digest());
    }
    out.into()
}
