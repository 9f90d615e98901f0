//! The model as JSON.
//!
//! ```text
//! {
//!   "version": 1,
//!   "dags":   [{"label", "roots": [index], "stat": {…} or null}],      one or two
//!   "shared": {"blocks", "bytes", "share"} or null,                    if two
//!   "blocks": [{"cid", "codec", "dags": bits, "state", "why", "size", "bytes": base64,
//!               "fields": [[start, end, level, name, meaning]],
//!               "links": [[path, index]], "more",
//!               "strip": [[hex, field, meaning]], "names": [[what, CID]]}],
//!   "variants": [{"choices": [[of, which]], "dag"}]                    of the same content
//! }
//! ```

use std::collections::HashMap;

use block_cid::binary::{self, Field};
use block_cid::{Hash, codec, to_v0, to_v1};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::model::{Info, Model, Shown, State, Variant};
use crate::Cid;

impl Model {
    /// The model in the form above.
    pub fn json(&self) -> Value {
        json!({
            "version": 1,
            "dags": self.dags.iter().map(dag).collect::<Vec<_>>(),
            "shared": self.shared(),
            "blocks": self.blocks.iter().map(block).collect::<Vec<_>>(),
            "variants": self.variants.iter().map(variant).collect::<Vec<_>>(),
        })
    }

    /// What two DAGs have in common, of what the page holds.
    fn shared(&self) -> Option<Value> {
        if self.dags.len() < 2 {
            return None;
        }
        // The same bytes under two codecs are two entries, and one block.
        let mut known = HashMap::new();
        for block in self.blocks.iter().filter(|block| !block.is_inline()) {
            if let Some(size) = block.size {
                let (dags, _) = known.entry(block.cid.hash()).or_insert((0, size));
                *dags |= block.dags;
            }
        }
        let sum = |is: &dyn Fn(u8) -> bool| {
            let blocks = known.values().filter(|(dags, _)| is(*dags));
            blocks.fold((0_u64, 0_u64), |(n, bytes), (_, size)| {
                (n + 1, bytes + size)
            })
        };
        let ((blocks, bytes), (_, all)) = (sum(&|dags| dags == 3), sum(&|_| true));
        let share = (all > 0).then(|| bytes as f64 / all as f64);
        Some(json!({ "blocks": blocks, "bytes": bytes, "share": share }))
    }
}

fn dag(info: &Info) -> Value {
    let stat = info.stat.as_ref().map(|stat| {
        json!({
            "blocks": stat.unique.blocks,
            "bytes": stat.unique.bytes,
            "links": stat.links,
            "depth": stat.depth,
            "missing": stat.missing,
            "faulty": stat.faulty,
            "inline": stat.inline,
            // As text: they may be larger than the numbers of JavaScript are exact.
            "paths": stat.paths.blocks.to_string(),
            "ratio": stat.dedup_ratio(),
        })
    });
    json!({ "label": info.label, "roots": info.roots, "stat": stat })
}

fn variant(variant: &Variant) -> Value {
    json!({ "choices": variant.choices, "dag": dag(&variant.dag) })
}

fn block(shown: &Shown) -> Value {
    let (state, why) = match &shown.state {
        State::Whole => ("whole", None),
        State::Faulty(why) => ("faulty", Some(why)),
        State::Missing => ("missing", None),
        State::Beyond => ("beyond", None),
    };
    let fields = shown.fields.iter().map(|field| {
        let (range, name) = (&field.range, &field.name);
        json!([range.start, range.end, field.level, name, field.meaning])
    });
    let links = shown.links.iter().map(|(path, to)| json!([path, to]));
    json!({
        "cid": shown.cid.to_string(),
        "codec": codec::display(shown.cid.codec()),
        "dags": shown.dags,
        "state": state,
        "why": why,
        "size": shown.size,
        "bytes": BASE64.encode(&shown.bytes),
        "fields": fields.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "more": shown.more,
        "strip": strip(&shown.cid),
        "names": names(&shown.cid),
    })
}

/// The fields of the CID.
fn strip(cid: &Cid) -> Vec<Value> {
    let bytes = cid.to_bytes();
    let fields = binary::fields(&bytes).unwrap_or_default();
    let told = fields.into_iter().map(|span| {
        let number = span.number.unwrap_or_default();
        let (name, meaning) = match span.field {
            Field::Version => ("version", format!("CIDv{number}")),
            Field::Codec => ("codec", codec::display(number)),
            Field::Hash => ("hash", hash(number)),
            Field::Length => ("length", format!("{number} bytes")),
            Field::Digest => (
                "digest",
                format!("{} of the block", hash(cid.hash().code())),
            ),
        };
        let hex = HEXLOWER.encode(bytes.get(span.range).unwrap_or_default());
        json!([hex, name, meaning])
    });
    told.collect()
}

fn hash(code: u64) -> String {
    Hash::from_code(code).map_or_else(|_| format!("0x{code:x}"), |hash| hash.to_string())
}

/// What else the same bytes are called.
fn names(cid: &Cid) -> Vec<(String, String)> {
    let mut names = Vec::new();
    let mut add = |what: &str, other: Cid| {
        if other != *cid {
            names.push((what.to_owned(), other.to_string()));
        }
    };
    if let Ok(v0) = to_v0(cid) {
        add("as CIDv0", v0);
    }
    add("as CIDv1", to_v1(cid));
    add("as raw bytes", Cid::new_v1(codec::RAW, *cid.hash()));
    names
}
