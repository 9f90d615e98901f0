//! Texts of a page, which come from blocks and may be as long as these.

/// The longest text that is held, in characters.
pub(super) const MAX_TEXT: usize = 200;

/// The text, or its two ends.
pub(super) fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(MAX_TEXT) else {
        return text.to_owned();
    };
    let middle = text
        .char_indices()
        .nth(MAX_TEXT / 2)
        .map_or(end, |(at, _)| at);
    let back = text
        .char_indices()
        .nth_back(MAX_TEXT / 2)
        .map_or(end, |(at, _)| at);
    let (start, _) = text.split_at(middle);
    let (_, rest) = text.split_at(back.max(middle));
    format!("{start}…{rest}")
}

/// About how many bytes of page a text takes: what JSON and the page escape takes more.
pub(super) fn cost(text: &str) -> usize {
    let cost = |c: char| match c {
        '"' | '\\' => 2,
        '<' | '\0'..='\x1f' => 6,
        c => c.len_utf8(),
    };
    text.chars().map(cost).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_ends() {
        let exact = "ü".repeat(MAX_TEXT);
        assert_eq!(cut(&exact), exact);
        let long = format!("start{}end", "ü".repeat(MAX_TEXT));
        let cut = cut(&long);
        assert!(cut.starts_with("start") && cut.ends_with("end"), "{cut}");
        assert!(cut.chars().count() <= MAX_TEXT + 2 && cut.contains('…'));
    }
}
