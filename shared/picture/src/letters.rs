//! Sizes of letters, and how wide they are.
//!
//! Pictures use the fonts of the reader's system, and those differ. Widths are those of DejaVu, which
//! is wider than the others that systems come with (Segoe UI, San Francisco, Roboto, Arial, Menlo,
//! Consolas), so that what fits here fits there.

/// What a text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// The one line at the top.
    Title,
    /// What a part of a picture is called.
    Name,
    /// Words.
    Plain,
    /// Words beside something.
    Small,
    /// Bytes, names of files, names of calls.
    Code,
}

impl Letters {
    /// All there are.
    pub const ALL: [Letters; 5] = [
        Letters::Title,
        Letters::Name,
        Letters::Plain,
        Letters::Small,
        Letters::Code,
    ];

    /// The height of the letters in units: 13 is 9 pixels where a picture is 360 pixels wide.
    pub fn size(self) -> f64 {
        match self {
            Letters::Title => 17.0,
            Letters::Name | Letters::Plain => 14.0,
            Letters::Small | Letters::Code => 13.0,
        }
    }

    /// The name of the class in the style of a picture.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Letters::Title => "title",
            Letters::Name => "name",
            Letters::Plain => "plain",
            Letters::Small => "small",
            Letters::Code => "code",
        }
    }

    /// How wide a text is, in units.
    pub fn width(self, text: &str) -> f64 {
        let each = |c: char| match self {
            Letters::Code => MONO,
            Letters::Title | Letters::Name => of(&BOLD, c),
            Letters::Plain | Letters::Small => of(&REGULAR, c),
        };
        let hundredths: u32 = text.chars().map(each).sum();
        f64::from(hundredths) / 100.0 * self.size()
    }

    /// The text, or as much of its beginning as is no wider than `width`, with `…` behind it.
    pub fn cut(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let short: String = kept.iter().chain(['…'].iter()).collect();
            if self.width(&short) <= width {
                return short;
            }
        }
        String::new()
    }
}

/// The advance of each letter of DejaVu Sans Mono, in hundredths of its height.
const MONO: u32 = 61;

/// What no table has is as wide as it is high.
const OTHER: u32 = 100;

fn of(table: &[u8; 95], c: char) -> u32 {
    let at = (c as usize).checked_sub(32);
    let known = at.and_then(|at| table.get(at));
    known.map_or(OTHER, |width| u32::from(*width))
}

/// The advances of DejaVu Sans from space to `~`, in hundredths.
#[rustfmt::skip]
const REGULAR: [u8; 95] = [
    32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53,
    100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
    61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 39, 34, 39, 84, 50,
    50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

/// The same of DejaVu Sans Bold.
#[rustfmt::skip]
const BOLD: [u8; 95] = [
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37,
    70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 58,
    100, 78, 77, 74, 83, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 85,
    74, 85, 77, 72, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50,
    50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69,
    72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::WIDTH;

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        assert_eq!(Letters::Code.width("abcd"), 4.0 * 0.61 * 13.0);
        assert_eq!(Letters::Plain.width("il"), 2.0 * 0.28 * 14.0);
        assert_eq!(Letters::Name.width("W"), 1.11 * 14.0);
        assert_eq!(Letters::Small.width("é"), 13.0);
        assert_eq!(Letters::Small.width(""), 0.0);
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        assert_eq!(Letters::Code.cut("rename", 100.0), "rename");
        let short = Letters::Code.cut("fdatasync", 50.0);
        assert_eq!(short, "fdata…");
        assert_eq!(Letters::Code.cut("fdatasync", 3.0), "");
    }

    /// Nine pixels are the least that is read without effort.
    #[test]
    fn the_smallest_letters_are_read_on_a_phone() {
        for letters in Letters::ALL {
            assert!(letters.size() * 360.0 / WIDTH >= 9.0, "{letters:?}");
        }
    }
}
