//! A heading.

use crate::Style;
use crate::plain::plain;
use crate::table::width;

/// `text` over a line as wide as it is; no newline at the end.
pub fn heading(text: &str, style: Style) -> String {
    let text = plain(text);
    let line = "─".repeat(width(&text));
    format!("{}\n{}", style.bold(&text), style.faint(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_as_wide_as_the_text() {
        assert_eq!(heading("Größe", Style::Plain), "Größe\n─────");
        assert_eq!(heading("石塚", Style::Plain), "石塚\n────");
        assert_eq!(heading("a\nb", Style::Plain), "a\\nb\n────");
    }
}
