//! CIDs and multihashes, in bytes and in text.

use block_cid::{base, binary, text};

use crate::limit::within;

/// CIDs in bytes.
pub(super) fn check(bytes: &[u8]) {
    let Ok((cid, rest)) = within(bytes, 4, || binary::decode_first(bytes)) else {
        assert!(binary::decode(bytes).is_err() && binary::fields(bytes).is_err());
        return;
    };
    let (own, _) = bytes.split_at(bytes.len() - rest.len());
    assert_eq!(cid.to_bytes(), own, "{cid} has another form");
    assert_eq!(cid.encoded_len(), own.len());
    assert_eq!(binary::decode(bytes).is_ok(), rest.is_empty());
    assert_eq!(binary::decode(own).ok(), Some(cid));
    let mut end = 0;
    for field in binary::fields(own).expect("the CID was read above") {
        assert_eq!(field.range.start, end, "{field:?}");
        end = field.range.end;
    }
    assert_eq!(end, own.len());
    spelled(&cid, None);
    // One base at a time: the one that the last byte says.
    let bases: Vec<_> = base::all().collect();
    let chosen = own.last().map_or(0, |last| usize::from(*last)) % bases.len();
    spelled(&cid, bases.get(chosen).map(|(base, _)| *base));
}

/// A text for this CID is read as this CID.
fn spelled(cid: &block_cid::Cid, base: Option<block_cid::Base>) {
    if let Ok(written) = text::display(cid, base) {
        assert_eq!(text::parse(&written).ok(), Some(*cid), "{written}");
    }
}

/// Multihashes in bytes.
pub(super) fn multihash(bytes: &[u8]) {
    if let Ok(hash) = within(bytes, 4, || binary::multihash(bytes)) {
        assert_eq!(hash.to_bytes(), bytes);
        assert!(hash.digest().len() <= block_cid::hash::MAX_DIGEST);
    }
}

/// CIDs and bytes in text.
pub(super) fn text(bytes: &[u8]) {
    let Ok(given) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(cid) = within(bytes, 16, || text::parse(given)) {
        spelled(&cid, None);
        assert_eq!(binary::decode(&cid.to_bytes()).ok(), Some(cid));
    }
    if let Ok((found, decoded)) = within(bytes, 16, || base::decode(given)) {
        let again = multibase::encode(found, &decoded);
        let back = base::decode(&again).expect("what was encoded is decoded");
        assert_eq!(back, (found, decoded), "{again}");
    }
}
