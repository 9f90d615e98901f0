//! Colours, by what they mean. Green and red are never the only sign of a difference.

use std::fmt::Write;

use crate::letters::Letters;

/// What something is, which is what colours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Text, and lines that matter.
    Ink,
    /// Text beside something, and lines that lead there.
    Soft,
    /// Something of no kind of its own.
    Plain,
    /// Bytes, and their writing.
    Bytes,
    /// Names, and their change.
    Names,
    /// A wait for the disk.
    Wait,
    /// As it should be.
    Good,
    /// Lost, or wrong.
    Bad,
}

/// Fill, edge and text.
type Colours = [&'static str; 3];

impl Tone {
    /// All there are.
    pub const ALL: [Tone; 8] = [
        Tone::Ink,
        Tone::Soft,
        Tone::Plain,
        Tone::Bytes,
        Tone::Names,
        Tone::Wait,
        Tone::Good,
        Tone::Bad,
    ];

    /// The end of the names of its classes.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Ink => "ink",
            Tone::Soft => "soft",
            Tone::Plain => "none",
            Tone::Bytes => "bytes",
            Tone::Names => "names",
            Tone::Wait => "wait",
            Tone::Good => "good",
            Tone::Bad => "bad",
        }
    }

    fn colours(self, light: bool) -> Colours {
        match (self, light) {
            (Tone::Ink, true) => ["#2a3038", "#2a3038", "#20262d"],
            (Tone::Ink, false) => ["#dfe3e8", "#dfe3e8", "#e8ebef"],
            (Tone::Soft, true) => [PAPER[0], "#b9c0c9", "#5b6470"],
            (Tone::Soft, false) => [PAPER[1], "#4a525c", "#a3acb7"],
            (Tone::Plain, true) => ["#eef0f3", "#c6ccd4", "#343b44"],
            (Tone::Plain, false) => ["#252a31", "#4b545f", "#cdd4dc"],
            (Tone::Bytes, true) => ["#dfeaf8", "#8db1dc", "#1d4a80"],
            (Tone::Bytes, false) => ["#18304c", "#44719f", "#b0d1f6"],
            (Tone::Names, true) => ["#e9e4f6", "#b2a1db", "#4a3782"],
            (Tone::Names, false) => ["#2d2749", "#6d5ca6", "#cfc4f3"],
            (Tone::Wait, true) => ["#fbeacb", "#dcb45f", "#6b4605"],
            (Tone::Wait, false) => ["#42330f", "#96772f", "#f3d594"],
            (Tone::Good, true) => ["#dcf0df", "#84bf8f", "#1a5528"],
            (Tone::Good, false) => ["#17361e", "#437f4e", "#aae0b3"],
            (Tone::Bad, true) => ["#fae0dd", "#dc8f88", "#87231b"],
            (Tone::Bad, false) => ["#481b1c", "#a5544e", "#f7bdb7"],
        }
    }
}

/// The sheet, light and dark.
const PAPER: [&str; 2] = ["#fdfdfc", "#171a1f"];

const SANS: &str = "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",sans-serif";
const MONO: &str =
    "ui-monospace,SFMono-Regular,Menlo,Consolas,\"Liberation Mono\",\"DejaVu Sans Mono\",monospace";

/// The style of every picture.
pub(crate) fn style() -> String {
    let mut css = String::new();
    for letters in Letters::ALL {
        let font = match letters {
            Letters::Code => MONO,
            _ => SANS,
        };
        let weight = match letters {
            Letters::Title | Letters::Name => 600,
            _ => 400,
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            css,
            ".{}{{font:{weight} {}px {font}}}",
            letters.class(),
            letters.size()
        );
    }
    css += ".line{fill:none;stroke-width:1.5}\n.dash{stroke-dasharray:4 4}\n";
    css += &colours(true);
    css += "@media (prefers-color-scheme:dark){\n";
    css += &colours(false);
    css += "}\n";
    css
}

fn colours(light: bool) -> String {
    let paper = if light { PAPER[0] } else { PAPER[1] };
    let edge = Tone::Plain.colours(light)[1];
    let mut css = format!(".paper{{fill:{paper};stroke:{edge}}}\n");
    for tone in Tone::ALL {
        let [fill, edge, text] = tone.colours(light);
        let class = tone.class();
        let _ = writeln!(
            css,
            ".a-{class}{{fill:{fill};stroke:{edge}}} .l-{class}{{stroke:{edge}}} .k-{class}{{stroke:{text}}} .t-{class}{{fill:{text}}}"
        );
    }
    css
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(a: &str, b: &str) -> f64 {
        let light = |colour: &str| {
            let part = |at: usize| {
                let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
                let value = f64::from(value) / 255.0;
                match value {
                    v if v <= 0.04045 => v / 12.92,
                    v => ((v + 0.055) / 1.055).powf(2.4),
                }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
        };
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_is_read_on_what_it_may_stand_on() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        for light in [true, false] {
            let paper = PAPER[usize::from(!light)];
            for tone in Tone::ALL {
                let [fill, _, text] = tone.colours(light);
                let on_paper = contrast(text, paper);
                assert!(on_paper >= 4.5, "{tone:?} {light}: {on_paper}");
                if tone != Tone::Ink {
                    let on_own = contrast(text, fill);
                    assert!(on_own >= 4.5, "{tone:?} {light}: {on_own}");
                }
            }
        }
    }

    #[test]
    fn each_colour_has_a_light_and_a_dark_one() {
        let css = style();
        let (light, dark) = css
            .split_once("@media (prefers-color-scheme:dark)")
            .unwrap();
        for tone in Tone::ALL {
            let class = format!(".a-{}{{", tone.class());
            assert!(light.contains(&class) && dark.contains(&class), "{tone:?}");
        }
    }
}
