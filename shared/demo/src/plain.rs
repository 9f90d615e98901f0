//! Text from elsewhere that cannot speak to the terminal.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// `text` on one line, with control characters as escapes (`\n`, `\u{1b}`), and so what is not seen
/// itself and changes how the rest is (`\u{202e}` turns it around): for names of files, and
/// whatever else a program prints that is not its own.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_format(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether Unicode calls it a format character, or an end of a line or paragraph. The two joiners
/// (U+200C, U+200D) are let through: words of Persian and families of emoji are spelt with them.
fn is_format(c: char) -> bool {
    use GeneralCategory::{Format, LineSeparator, ParagraphSeparator};
    let is_joiner = matches!(c, '\u{200c}' | '\u{200d}');
    // No character of ASCII is one, and most are.
    !c.is_ascii()
        && !is_joiner
        && matches!(
            c.general_category(),
            Format | LineSeparator | ParagraphSeparator
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_nothing_else_is() {
        assert_eq!(
            plain("a\nb\t\x1b[2J\u{9b}\x7f"),
            r"a\nb\t\u{1b}[2J\u{9b}\u{7f}"
        );
        let text = r#"größe "石塚" 'x' \ e"#;
        assert_eq!(plain(text), text);
    }

    /// `photo<RLO>gpj.exe` would be shown as `photoexe.jpg`.
    #[test]
    fn what_turns_or_hides_text_is_escaped_too() {
        assert_eq!(plain("photo\u{202e}gpj.exe"), r"photo\u{202e}gpj.exe");
        for c in
            "\u{ad}\u{61c}\u{200b}\u{200e}\u{2028}\u{2029}\u{2066}\u{2069}\u{feff}\u{e0041}".chars()
        {
            let escaped = c.escape_default().to_string();
            assert_eq!(plain(&format!("a{c}b")), format!("a{escaped}b"));
        }
        let joined = "می\u{200c}خواهم 👩\u{200d}👧 e\u{301} ☎\u{fe0f}";
        assert_eq!(plain(joined), joined);
    }
}
