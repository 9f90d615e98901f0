//! The decoders, and what holds of each.

mod car;
mod cbor;
mod cid;
mod dir;
mod fields;
mod file;
mod index;
mod json;
mod path;
mod pb;
mod unixfs;
mod varint;

use std::time::Duration;

use crate::limit;

/// A decoder, and what must hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// What is held, in a line.
    pub what: &'static str,
    /// Panics if it does not hold of these bytes.
    pub check: fn(&[u8]),
}

impl Target {
    /// Checks these bytes, and how long that takes.
    ///
    /// # Panics
    /// If something does not hold.
    pub fn run(&self, bytes: &[u8]) -> Duration {
        let begun = limit::time();
        (self.check)(bytes);
        let took = limit::time().saturating_sub(begun);
        assert!(
            took < limit::TIME,
            "{took:?} for {} bytes, and {:?} are allowed",
            bytes.len(),
            limit::TIME
        );
        took
    }

    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Target> {
        TARGETS.iter().find(|target| target.name == name)
    }
}

const fn target(name: &'static str, what: &'static str, check: fn(&[u8])) -> Target {
    Target { name, what, check }
}

/// All of them.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    target("varint", "a number has one form, and it is given back", varint::check),
    target("multihash", "given back byte by byte", cid::multihash),
    target("cid", "given back byte by byte; its fields are all its bytes; in every base it is itself", cid::check),
    target("text", "a CID in text, and bytes in any base, spell what they are", cid::text),
    target("path", "a path is given back, and leads from the same CID", path::check),
    target("protobuf", "the fields are all the bytes, one behind the other", pb::protobuf),
    target("dag-pb", "comes to one form; the links are those of the node", pb::check),
    target("dag-cbor", "given back byte by byte; the links are those of the value", cbor::dag),
    target("cbor", "comes to one form; the diagnostic notation is bounded", cbor::plain),
    target("dag-json", "comes to one form; the links are those of the value", json::dag),
    target("json", "comes to one form", json::plain),
    target("fields", "what a block says for people lies in it, in order", fields::check),
    target("unixfs", "given back value by value, in as many bytes as it says", unixfs::check),
    target("file", "reads what a simpler reader reads, from anywhere", file::check),
    target("dir", "what is listed is found, each name once, in order", dir::check),
    target("carv1", "from ragged reads the same; written again, the same bytes", car::v1),
    target("carv2", "a stream and a file say the same; what is given out is proven", car::v2),
    target("car-index", "every entry is found; made again, it is the same", index::check),
];
