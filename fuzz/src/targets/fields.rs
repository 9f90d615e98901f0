//! Blocks taken apart for people.

use dag_ipld::Codec;
use dag_ipld::fields::fields;

use crate::limit::within;

/// So many fields are shown at most.
const MOST: usize = 100;

/// In the codec that the first byte says.
pub(super) fn check(bytes: &[u8]) {
    let Some((first, block)) = bytes.split_first() else {
        return;
    };
    let codec = Codec::ALL.get(usize::from(*first) % Codec::ALL.len());
    let codec = *codec.expect("the remainder is below the length");
    let fields = within(bytes, 64, || fields(codec, block, MOST));
    assert!(fields.len() <= MOST);
    for field in &fields {
        assert!(field.range.start <= field.range.end, "{field:?}");
        assert!(field.range.end <= block.len(), "{field:?}");
        assert!(field.level <= 3 * dag_ipld::ipld::MAX_DEPTH, "{field:?}");
    }
    let nested = fields.is_sorted_by_key(|field| field.range.start);
    assert!(nested, "{codec}: not in the order of the bytes");
}
