//! Values that claim to be the block of their key, and whether they are.

use block_cid::{Block, Cid, codec, prove_all};
use bytes::Bytes;
use datastore::Key;

/// A group of keys and values is hashed, and written, when its values have this many bytes.
pub(crate) const GROUP_BYTES: usize = 8 << 20;

/// Or when it has this many entries.
pub(crate) const GROUP_ENTRIES: usize = 1024;

/// Blocks with their keys.
pub(crate) type Proven = Vec<(Key, Bytes)>;

/// A key, and why its value is not its block.
pub(crate) type Wrong = Vec<(Key, String)>;

/// Hashes values under the keys of blocks, on all cores: which are their blocks, and what is wrong
/// with the others.
pub(crate) fn prove(entries: Vec<(Key, Bytes)>) -> (Proven, Wrong) {
    let (mut proven, mut wrong) = (Vec::new(), Vec::new());
    let (mut keys, mut claims) = (Vec::new(), Vec::new());
    for (key, value) in entries {
        match cid(&key) {
            Ok(cid) => {
                claims.push(Block::claimed(cid, value));
                keys.push(key);
            }
            Err(why) => wrong.push((key, why)),
        }
    }
    // Up to the first wrong one they are proven; the others are taken one by one, to name each.
    let _ = prove_all(&mut claims);
    for (key, claim) in keys.into_iter().zip(claims) {
        match claim.prove() {
            Ok(block) => proven.push((key, block.into_parts().1)),
            Err(block_cid::Error::WrongCid { actual, .. }) => {
                wrong.push((key, format!("its bytes make {actual}")));
            }
            Err(error) => wrong.push((key, error.to_string())),
        }
    }
    (proven, wrong)
}

/// The CID of a block's key, as `ls` prints it.
fn cid(key: &Key) -> Result<Cid, String> {
    let bytes = key.as_block().unwrap_or_default();
    let hash = block_cid::Multihash::from_bytes(bytes);
    let hash = hash.map_err(|error| format!("its key is no multihash: {error}"))?;
    Ok(Cid::new_v1(codec::RAW, hash))
}

/// A key as people know it: the CID of a block, as `ls` prints it, or the text of another key.
pub(crate) fn name(key: &Key) -> String {
    match key.as_block() {
        Some(_) => cid(key).map_or_else(|_| key.to_string(), |cid| cid.to_string()),
        None => key.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_one_is_named_and_the_others_pass() {
        let good = |n: u8| {
            let block = Block::raw(vec![n; 50]);
            let key = Key::block(&block.cid().hash().to_bytes()).unwrap();
            (key, block.into_parts().1)
        };
        let mut entries: Vec<_> = (0..9).map(good).collect();
        let mut bad = entries.clone();
        for at in [2, 5] {
            let entry: &mut (Key, Bytes) = bad.get_mut(at).unwrap();
            entry.1 = Bytes::from_static(b"other bytes");
        }
        bad.push((Key::block(b"no multihash").unwrap(), Bytes::new()));
        let identity = [0, 3, 1, 2, 3];
        bad.push((
            Key::block(&identity).unwrap(),
            Bytes::from_static(&[1, 2, 4]),
        ));
        let (proven, wrong) = prove(bad.clone());
        let named: Vec<_> = wrong.iter().map(|(key, _)| key).collect();
        assert_eq!(proven.len(), 7);
        for at in [2, 5, 9, 10] {
            let (key, _) = bad.get(at).unwrap();
            assert!(named.contains(&key) && proven.iter().all(|(good, _)| good != key));
        }
        entries.retain(|(key, _)| !named.contains(&key));
        assert_eq!(proven, entries);
    }
}
