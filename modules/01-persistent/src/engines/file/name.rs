//! The name of a block's file: its multihash in base32.
//!
//! ```text
//! 12 20 59 48 …  <- multihash
//! CIQFSSBH…      <- base32 (RFC 4648), upper case, no padding
//! CIQFSSBH….data <- file
//! ```
//!
//! One name is one multihash and the other way round: of the spellings that base32 could allow
//! (lower case, padding, bits left over at the end) only one is taken. The alphabet holds no `.`
//! and no `/`, and only one case, so that a key can name no other folder, and two keys no one
//! file, on any file system.

use data_encoding::BASE32_NOPAD;
use datastore::{Error, Key, Result};

/// What every block's file ends with.
pub const EXTENSION: &str = ".data";

/// The longest multihash that has a name: file names end at 255 bytes, of which the extension
/// takes 5 and base32 8 for every 5.
pub const MAX_MULTIHASH: usize = (255 - EXTENSION.len()) * 5 / 8;

/// Bytes of the longest name, without its extension.
pub const MAX: usize = 255 - EXTENSION.len();

/// The name of the file of the block with this multihash, without its extension; `None` if the
/// multihash is too long to have one.
pub fn encode(multihash: &[u8]) -> Option<String> {
    encode_in(multihash, &mut [0; MAX]).map(str::to_owned)
}

/// As [`encode`], in memory of the caller's: a look-up needs the name for a moment.
pub fn encode_in<'a>(multihash: &[u8], name: &'a mut [u8; MAX]) -> Option<&'a str> {
    let place = name.get_mut(..BASE32_NOPAD.encode_len(multihash.len()))?;
    Some(BASE32_NOPAD.encode_mut_str(multihash, place))
}

/// The name as [`encode`] gives it, for a write.
///
/// # Errors
/// [`Error::InvalidKey`] if the multihash is too long.
pub fn encode_new(key: &Key, multihash: &[u8]) -> Result<String> {
    encode(multihash).ok_or_else(|| Error::InvalidKey {
        key: key.to_string(),
        reason: "a block in a file has a multihash of at most 156 bytes, or its name is too long",
    })
}

/// The multihash whose file is called `file`, extension included; `None` if no block's file is.
pub fn decode(file: &str) -> Option<Vec<u8>> {
    let name = file.strip_suffix(EXTENSION)?;
    let multihash = BASE32_NOPAD.decode(name.as_bytes()).ok()?;
    (1..=MAX_MULTIHASH)
        .contains(&multihash.len())
        .then_some(multihash)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limit_is_as_the_message_has_it() {
        assert_eq!(MAX_MULTIHASH, 156);
        let name = encode(&[7; MAX_MULTIHASH]).unwrap();
        assert!(name.len() + EXTENSION.len() <= 255);
        assert_eq!(
            MAX_MULTIHASH,
            datastore::key::MAX_MULTIHASH,
            "what a key takes has a name"
        );
    }

    #[test]
    fn one_block_has_one_name() {
        // "CI" decodes to one byte and two bits that must be zero.
        assert_eq!(decode("CI.data"), Some(vec![0x12]));
        for other in [
            "CJ.data",
            "ci.data",
            "CI======.data",
            "CI",
            ".data",
            "C.data",
            "C1.data",
        ] {
            assert_eq!(decode(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_key_has_one_name(multihash in proptest::collection::vec(any::<u8>(), 1..=MAX_MULTIHASH)) {
            let name = encode(&multihash).unwrap();
            prop_assert!(name.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)));
            prop_assert_eq!(decode(&format!("{name}{EXTENSION}")), Some(multihash));
        }

        #[test]
        fn a_name_has_one_key(name in "[A-Za-z0-9=._/-]{0,12}|[A-Z2-7]{1,40}") {
            if let Some(multihash) = decode(&format!("{name}{EXTENSION}")) {
                prop_assert_eq!(encode(&multihash), Some(name));
            }
        }
    }
}
