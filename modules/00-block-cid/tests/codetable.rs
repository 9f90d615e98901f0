//! Our table of hashes beside that of `multihash-codetable`, wherever it has the hash.
#![allow(clippy::unwrap_used)]

use block_cid::{Hash, hash_many};
use multihash_codetable::{Code, MultihashDigest};

#[test]
fn hashes_agree_with_multihash_codetable() {
    let inputs: Vec<Vec<u8>> = (0..200).map(|n| vec![n as u8; n * 7]).collect();
    let mut ran = 0;
    for code in 0..0x1_0000 {
        let Ok(theirs) = Code::try_from(code) else {
            continue;
        };
        let ours = Hash::from_code(code).unwrap();
        for (input, ours) in inputs.iter().zip(hash_many(ours, &inputs).unwrap()) {
            assert_eq!(
                ours,
                theirs.digest(input),
                "{theirs:?} of {} bytes",
                input.len()
            );
        }
        ran += 1;
    }
    assert!(ran >= 15, "only {ran} hashes were compared");
}
