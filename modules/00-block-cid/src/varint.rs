//! Unsigned varints: numbers in as few bytes as they need.
//!
//! Seven bits a byte, the lowest first; the high bit says that another byte follows:
//!
//! ```text
//! 300 = 0b10_0101100      1 0101100   0 0000010
//!                         more        last            ac 02
//! ```
//!
//! The [specification](https://github.com/multiformats/unsigned-varint) asks for the shortest
//! form and allows nine bytes, so that 2^63 - 1 is the largest number. Both matter here: a CID
//! with two spellings would be two names for one block.

use unsigned_varint::decode;

/// The longest varint, in bytes.
pub const MAX_LEN: usize = 9;

/// Why bytes are no varint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes end before the number does.
    #[error("the bytes end within a varint")]
    CutOff,
    /// The number takes more than [`MAX_LEN`] bytes.
    #[error("a varint takes more than 9 bytes")]
    TooLong,
    /// The same number has a shorter form.
    #[error("a varint is longer than its number needs")]
    NotMinimal,
}

/// The number at the start of `bytes`, and what follows it.
///
/// # Errors
/// [`Fault`], with nothing consumed.
pub fn decode(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let (window, rest) = bytes.split_at_checked(MAX_LEN).unwrap_or((bytes, &[]));
    match decode::u64(window) {
        Ok((number, left)) => {
            let used = window.len() - left.len();
            Ok((number, bytes.get(used..).unwrap_or(rest)))
        }
        Err(decode::Error::NotMinimal) => Err(Fault::NotMinimal),
        Err(decode::Error::Insufficient) if bytes.len() < MAX_LEN => Err(Fault::CutOff),
        Err(_) => Err(Fault::TooLong),
    }
}

/// Adds `number` to `out`, in at most ten bytes; numbers from 2^63 on cannot be decoded again.
pub fn encode(number: u64, out: &mut Vec<u8>) {
    let mut buffer = unsigned_varint::encode::u64_buffer();
    out.extend_from_slice(unsigned_varint::encode::u64(number, &mut buffer));
}
