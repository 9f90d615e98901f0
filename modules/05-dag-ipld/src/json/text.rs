//! Strings.

use std::borrow::Cow;

type Fault = (usize, String);

/// The string whose quote is at byte `at`, and the first byte after it. Without escapes it is the
/// bytes' own.
///
/// # Errors
/// Where and why there is none.
pub(super) fn read(bytes: &[u8], at: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    let mut text = Cow::Borrowed("");
    let mut at = at + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | ..0x20);
        let plain = rest.iter().take_while(plain).count();
        let part = std::str::from_utf8(rest.get(..plain).unwrap_or_default())
            .map_err(|error| fault(at + error.valid_up_to(), "the text is not UTF-8"))?;
        text = match text.is_empty() {
            true => Cow::Borrowed(part),
            false => text + part,
        };
        at += plain;
        match bytes.get(at) {
            None => return Err(fault(at, "the bytes end within a text")),
            Some(b'"') => return Ok((text, at + 1)),
            Some(b'\\') => {
                let (letter, end) = escape(bytes, at)?;
                text.to_mut().push(letter);
                at = end;
            }
            Some(_) => return Err(fault(at, "a control character has to be escaped")),
        }
    }
}

/// The letter of the escape at byte `at`, and the first byte after it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let letter = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes, at),
        _ => return Err(fault(at, "there is no such escape")),
    };
    Ok((letter, at + 2))
}

/// `\uXXXX`, or two that are one letter together.
fn unicode(bytes: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let first = unit(bytes, at)?;
    let (letter, end) = match first {
        0xd800..=0xdbff => {
            let second = unit(bytes, at + 6)?;
            (char::decode_utf16([first, second]).next(), at + 12)
        }
        _ => (char::decode_utf16([first]).next(), at + 6),
    };
    match letter {
        Some(Ok(letter)) => Ok((letter, end)),
        _ => Err(fault(at, "half of a surrogate pair is no letter")),
    }
}

/// The number of the escape at byte `at`, `\uXXXX`.
fn unit(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    let digits = bytes
        .get(at..at + 6)
        .and_then(|escape| escape.strip_prefix(b"\\u"))
        .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        .and_then(|digits| std::str::from_utf8(digits).ok());
    digits
        .and_then(|digits| u16::from_str_radix(digits, 16).ok())
        .ok_or_else(|| fault(at, "four hexadecimal digits make a letter, or twice four"))
}

fn fault(at: usize, reason: &str) -> Fault {
    (at, reason.to_owned())
}
