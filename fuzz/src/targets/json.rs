//! dag-json, and plain JSON.

use bytes::Bytes;
use dag_ipld::{Codec, Ipld, dag_json, json};

use super::cbor::{links_in, links_of};
use crate::limit::{VALUE, within};

/// Encoded, decoded and encoded again, a value has the same form.
pub(super) fn settles(codec: Codec, value: &Ipld) {
    let again = |value: &Ipld| {
        let one = codec.encode(value).map(Bytes::from);
        let one = one.expect("what was decoded is encoded");
        let value = codec.decode(&one).expect("what was encoded is decoded");
        (one, value)
    };
    let (mut one, value) = again(value);
    let (two, value) = again(&value);
    if codec == Codec::Json && one != two {
        // -0.0 is written as -0, as by Kubo, and integers have no such.
        one = again(&value).0;
    }
    assert_eq!(two, one, "{value:?}");
}

/// dag-json.
pub(super) fn dag(bytes: &[u8]) {
    let block = Bytes::copy_from_slice(bytes);
    let links = links_of(Codec::DagJson, &block);
    let Ok(value) = within(bytes, VALUE, || dag_json::decode(&block)) else {
        return;
    };
    assert_eq!(links.ok(), Some(links_in(&value)), "{value:?}");
    settles(Codec::DagJson, &value);
    let one = dag_json::encode(&value).expect("what was decoded is encoded");
    assert_eq!(dag_json::decode(&one.into()).ok(), Some(value));
}

/// Plain JSON.
pub(super) fn plain(bytes: &[u8]) {
    let block = Bytes::copy_from_slice(bytes);
    if let Ok(value) = within(bytes, VALUE, || json::decode(&block)) {
        settles(Codec::Json, &value);
    }
}
