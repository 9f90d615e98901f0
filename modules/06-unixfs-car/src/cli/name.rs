//! Names that cannot speak to the terminal (CVE-2020-26283).

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The name as `ipfs add` and `ipfs ls` print it: if anything in it is not seen, or is a backslash, then
/// with the escapes of Go's strings. Bytes that are no UTF-8 are escaped too; Kubo prints them as they are,
/// and some terminals take 0x9b for the beginning of a command.
pub fn printable(name: &[u8]) -> String {
    let is_plain = |text: &str| text.chars().all(|c| c != '\\' && is_seen(c));
    if let Ok(text) = str::from_utf8(name)
        && is_plain(text)
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(name.len() + 8);
    for chunk in name.utf8_chunks() {
        chunk.valid().chars().for_each(|c| escape(c, &mut out));
        let invalid = chunk.invalid().iter();
        invalid.for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

fn escape(c: char, out: &mut String) {
    match (c, u32::from(c)) {
        ('\\', _) => out.push_str("\\\\"),
        ('\x07', _) => out.push_str("\\a"),
        ('\x08', _) => out.push_str("\\b"),
        ('\x0c', _) => out.push_str("\\f"),
        ('\n', _) => out.push_str("\\n"),
        ('\r', _) => out.push_str("\\r"),
        ('\t', _) => out.push_str("\\t"),
        ('\x0b', _) => out.push_str("\\v"),
        _ if is_seen(c) => out.push(c),
        (_, code @ ..0x20 | code @ 0x7f) => out.push_str(&format!("\\x{code:02x}")),
        (_, code @ ..0x1_0000) => out.push_str(&format!("\\u{code:04x}")),
        (_, code) => out.push_str(&format!("\\U{code:08x}")),
    }
}

/// What Go's `unicode.IsPrint` says: a letter, mark, number, sign or symbol, or the blank of ASCII.
fn is_seen(c: char) -> bool {
    use GeneralCategoryGroup::{Letter, Mark, Number, Punctuation, Symbol};
    let group = c.general_category_group();
    c == ' ' || matches!(group, Letter | Mark | Number | Punctuation | Symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right column is what `ipfs ls` of Kubo 0.43 printed.
    #[test]
    fn names_are_escaped_as_kubo_escapes_them() {
        for (name, printed) in [
            ("plain ü 石塚 \"'`", "plain ü 石塚 \"'`"),
            ("a\\b", "a\\\\b"),
            ("\x1b[2J\x07\u{9b}2J", "\\x1b[2J\\a\\u009b2J"),
            ("a\nb\tc\rd\x7f\0", "a\\nb\\tc\\rd\\x7f\\x00"),
            ("photo\u{202e}gpj.exe", "photo\\u202egpj.exe"),
            ("a\u{a0}b\u{200d}c\u{feff}", "a\\u00a0b\\u200dc\\ufeff"),
            (
                "e\u{301} \u{1f469} \u{e0041}\"",
                "e\u{301} \u{1f469} \\U000e0041\"",
            ),
        ] {
            assert_eq!(printable(name.as_bytes()), printed);
        }
        assert_eq!(printable(b"\xff\xc3a"), "\\xff\\xc3a");
    }
}
