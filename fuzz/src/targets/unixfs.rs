//! What the data of a node says.

use bytes::Bytes;
use dag_ipld::pb;
use unixfs_car::unixfs::Data;

use crate::limit::within;

pub(super) fn check(bytes: &[u8]) {
    let Ok(data) = within(bytes, 4, || Data::decode(&Bytes::copy_from_slice(bytes))) else {
        return;
    };
    let encoded = Bytes::from(data.encode());
    assert_eq!(encoded.len(), data.encoded_len());
    let again = Data::decode(&encoded).expect("what was encoded is decoded");
    assert_eq!(again, data);
    let node = pb::Node::decode(&data.block().into()).expect("it is a node");
    assert!(node.links.is_empty());
    assert_eq!(node.data, Some(encoded));
}
