//! What checks fail with: what was got, what was wanted, how they differ, and why it matters.

use std::fmt::Debug;

/// Fails with these words.
#[track_caller]
pub fn wrong(text: impl AsRef<str>) -> ! {
    panic!("{}", text.as_ref())
}

/// Fails with these words, unless it holds.
#[track_caller]
pub fn that(holds: bool, text: impl AsRef<str>) {
    if !holds {
        wrong(text)
    }
}

/// Two values that have to be the same.
#[track_caller]
pub fn same<T: Debug + PartialEq>(what: &str, yours: &T, wanted: &T, why: &str) {
    if yours != wanted {
        let (yours, wanted) = (format!("{yours:?}"), format!("{wanted:?}"));
        let case = if yours.eq_ignore_ascii_case(&wanted) {
            "\nthey differ in upper and lower case only"
        } else {
            ""
        };
        wrong(format!(
            "{what}\nyours   {yours}\nwanted  {wanted}{case}\nWhy it matters: {why}"
        ))
    }
}

/// Two runs of bytes that have to be the same.
#[track_caller]
pub fn bytes(what: &str, yours: &[u8], wanted: &[u8], why: &str) {
    if yours != wanted {
        wrong(format!(
            "{what}\nyours   {}\nwanted  {}\n{}\nWhy it matters: {why}",
            hex(yours),
            hex(wanted),
            difference(yours, wanted)
        ))
    }
}

/// The value, or a failure with the words of the error.
#[track_caller]
pub fn ok<T, E: Debug>(what: &str, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => wrong(format!(
            "{what}\nyours   an error: {error:?}\nwanted  no error"
        )),
    }
}

/// A text that is there.
pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// How two runs of bytes differ, in words.
pub fn difference(yours: &[u8], wanted: &[u8]) -> String {
    let at = yours.iter().zip(wanted).position(|(a, b)| a != b);
    match at {
        Some(at) => format!(
            "they differ from byte {at} on: yours is 0x{:02x}, wanted is 0x{:02x}",
            yours[at], wanted[at]
        ),
        None if yours.len() < wanted.len() => format!(
            "yours ends after {} bytes, and {} are wanted",
            yours.len(),
            wanted.len()
        ),
        None => format!(
            "yours is right for {} bytes, and then has {} too many",
            wanted.len(),
            yours.len() - wanted.len()
        ),
    }
}

/// Bytes as hexadecimal digits: the first 48.
pub fn hex(bytes: &[u8]) -> String {
    let mut text: String = bytes
        .iter()
        .take(48)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if bytes.len() > 48 {
        text += &format!("… ({} bytes)", bytes.len());
    }
    if text.is_empty() {
        text += "(nothing)";
    }
    text
}
