//! dag-cbor, and plain CBOR.

use block_cid::Cid;
use bytes::Bytes;
use dag_ipld::{Codec, Ipld, Result, cbor, dag_cbor};

use crate::limit::{SPARE, VALUE, measured, within};

/// The links of a block, as they are shown without making the value.
pub(super) fn links_of(codec: Codec, block: &[u8]) -> Result<Vec<Cid>> {
    let mut links = Vec::new();
    // Shown one by one, in memory that does not grow with the block.
    let (shown, used) = measured(|| codec.links(block, &mut |_| ()));
    let text = match codec {
        // A text with escapes is put together.
        Codec::DagJson => 3 * block.len() as u64,
        _ => 0,
    };
    assert!(used <= SPARE + text, "{used} bytes for links");
    shown?;
    codec.links(block, &mut |cid| links.push(cid))?;
    Ok(links)
}

/// Those of a value.
pub(super) fn links_in(value: &Ipld) -> Vec<Cid> {
    let mut links = Vec::new();
    value.links(&mut |cid| links.push(*cid));
    links
}

/// dag-cbor.
pub(super) fn dag(bytes: &[u8]) {
    let block = Bytes::copy_from_slice(bytes);
    let links = links_of(Codec::DagCbor, &block);
    let strict = within(bytes, VALUE, || dag_cbor::decode(&block));
    let relaxed = within(bytes, VALUE, || dag_cbor::decode_relaxed(&block));
    let drisl = within(bytes, VALUE, || dag_cbor::decode_drisl(&block));
    assert!(drisl.is_err() || drisl.ok() == strict.clone().ok());
    if let Ok(value) = &strict {
        let again = dag_cbor::encode(value).expect("what was decoded is encoded");
        assert_eq!(again, bytes, "{value:?} has another form");
        assert_eq!(relaxed.as_ref().ok(), Some(value));
    }
    let Ok(value) = relaxed else {
        return;
    };
    assert_eq!(links.ok(), Some(links_in(&value)), "{value:?}");
    match dag_cbor::encode(&value) {
        Ok(one) => assert_eq!(dag_cbor::decode(&one.into()).ok(), Some(value)),
        Err(error) => assert!(error.to_string().contains("zero has no sign"), "{error}"),
    }
}

/// Plain CBOR.
pub(super) fn plain(bytes: &[u8]) {
    let block = Bytes::copy_from_slice(bytes);
    let shown = within(bytes, 32, || cbor::diagnostic(&block));
    if let Ok(value) = within(bytes, VALUE, || cbor::decode(&block)) {
        assert!(shown.is_ok(), "{value:?}");
        super::json::settles(Codec::Cbor, &value);
    }
}
