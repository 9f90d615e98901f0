//! Text from elsewhere that cannot speak to the terminal.

/// `text` on one line, with control characters as escapes (`\n`, `\u{1b}`): for names of files,
/// and whatever else a program prints that is not its own.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
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
}
