//! Unsigned varints.

use block_cid::varint::{self, Fault, MAX_LEN};

/// Against the specification read literally.
pub(super) fn check(bytes: &[u8]) {
    let len = bytes.iter().position(|byte| *byte < 0x80).map(|n| n + 1);
    let first = len.and_then(|len| bytes.get(..len));
    match varint::decode(bytes) {
        Ok((number, rest)) => {
            let first = first.unwrap_or_default();
            let sum = first.iter().rev();
            let sum = sum.fold(0u128, |sum, byte| sum << 7 | u128::from(byte & 0x7f));
            assert_eq!(u128::from(number), sum);
            assert_eq!(rest.len(), bytes.len() - first.len());
            let mut again = Vec::new();
            varint::encode(number, &mut again);
            assert_eq!(again, first, "{number} has another form");
        }
        Err(Fault::CutOff) => assert!(first.is_none() && bytes.len() < MAX_LEN),
        Err(Fault::TooLong) => assert!(first.is_none_or(|first| first.len() > MAX_LEN)),
        Err(Fault::NotMinimal) => {
            assert!(first.is_some_and(|first| first.len() > 1 && first.last() == Some(&0)));
        }
    }
}
