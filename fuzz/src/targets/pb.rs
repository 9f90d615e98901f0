//! Protobuf, and dag-pb in it.

use bytes::Bytes;
use dag_ipld::protobuf::Reader;
use dag_ipld::{Codec, Ipld, pb};

use super::cbor::links_of;
use crate::limit::within;

/// A link takes 200 bytes here and 8 in a block at least, and three times that while the list grows.
const NODE: u64 = 80;

/// In the data model each link is a map with its names, too.
const VALUE: u64 = 200;

/// The fields of any message.
pub(super) fn protobuf(bytes: &[u8]) {
    within(bytes, 4, || {
        let mut reader = Reader::new(bytes);
        let mut end = 0;
        loop {
            match reader.field() {
                Ok(Some(field)) => {
                    assert_eq!(field.range.start, end, "{field:?}");
                    end = field.range.end;
                }
                Ok(None) => return assert_eq!(end, bytes.len()),
                Err(fault) => return assert!((end..=bytes.len()).contains(&fault.offset)),
            }
        }
    });
}

/// Nodes.
pub(super) fn check(bytes: &[u8]) {
    let block = Bytes::copy_from_slice(bytes);
    let links = within(bytes, 4, || links_of(Codec::DagPb, &block));
    let Ok(node) = within(bytes, NODE, || pb::Node::decode(&block)) else {
        assert!(links.is_err());
        return;
    };
    let cids: Vec<_> = node.links.iter().map(|link| link.cid).collect();
    assert_eq!(links.ok(), Some(cids));
    let one = Bytes::from(node.encode());
    let again = pb::Node::decode(&one).expect("what was encoded is decoded");
    assert_eq!(again.encode(), one, "the form is not the last one");
    assert_eq!(again.data, node.data);
    let sorted = node
        .links
        .is_sorted_by_key(|link| link.name.clone().unwrap_or_default());
    assert_eq!(again == node, sorted);
    let Ok(value) = within(bytes, VALUE, || Codec::DagPb.decode(&block)) else {
        let text = |link: &pb::Link| std::str::from_utf8(link.name.as_deref()?).err();
        assert!(node.links.iter().any(|link| text(link).is_some()));
        return;
    };
    assert!(matches!(value, Ipld::Map(_)));
    match Codec::DagPb.encode(&value) {
        Ok(encoded) => assert_eq!(encoded, one),
        Err(error) => assert!(!sorted, "{error}"),
    }
}
