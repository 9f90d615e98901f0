//! The colours of subjects, on a light page and on a dark one.

use plotters::style::RGBColor;

use super::{GRID, INK};

/// Who, the colour on a light page, and on a dark one.
const COLOURS: [(&str, [u8; 3], &str); 9] = [
    ("memory", [0x7C, 0x5E, 0x10], "#d8b44a"),
    ("file", [0xC2, 0x41, 0x0C], "#fb923c"),
    ("fjall", [0x03, 0x69, 0xA1], "#38bdf8"),
    ("rocksdb", [0x7E, 0x22, 0xCE], "#c896fc"),
    ("redb", [0x15, 0x80, 0x3D], "#4ade80"),
    ("pack", [0xBE, 0x12, 0x3C], "#fb7185"),
    ("sled", [0x57, 0x53, 0x4E], "#b8b2ab"),
    ("sharded-files", [0x64, 0x74, 0x8B], "#94a3b8"),
    ("machine", [0x11, 0x18, 0x27], "#e5e7eb"),
];

/// The colour of a subject; a bare engine has that of ours. A limit, which has a longer name, has that
/// of the machine.
pub fn of(name: &str) -> RGBColor {
    let name = name.strip_prefix("raw-").unwrap_or(name);
    let own = COLOURS.iter().find(|(known, ..)| *known == name);
    let [r, g, b] = own
        .or(COLOURS.last())
        .map_or([0; 3], |(_, light, _)| *light);
    RGBColor(r, g, b)
}

/// Whether its line is dashed: what is no engine of ours.
pub fn is_dashed(name: &str) -> bool {
    let ours = COLOURS.iter().take(6);
    !ours.into_iter().any(|(known, ..)| *known == name)
}

/// The rules of a style sheet that give the elements of a plot their colours on a dark page.
pub fn dark() -> String {
    let subjects = COLOURS
        .iter()
        .map(|(_, [r, g, b], dark)| (RGBColor(*r, *g, *b), *dark));
    let frame = [(INK, "#dededc"), (GRID, "#3a3a38")];
    let rule = |(RGBColor(r, g, b), dark): (RGBColor, &str)| {
        let light = format!("#{r:02X}{g:02X}{b:02X}");
        format!(
            ".plot [stroke=\"{light}\"]{{stroke:{dark}}}.plot [fill=\"{light}\"]{{fill:{dark}}}\n"
        )
    };
    subjects.chain(frame).map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_colours_are_the_same() {
        for (at, (name, light, dark)) in COLOURS.iter().enumerate() {
            for (other, other_light, other_dark) in COLOURS.iter().skip(at + 1) {
                assert!(light != other_light && dark != other_dark, "{name} {other}");
            }
        }
    }

    #[test]
    fn a_bare_engine_has_the_colour_of_ours_and_its_line_is_dashed() {
        assert_eq!(of("raw-redb"), of("redb"));
        assert_ne!(of("redb"), of("fjall"));
        assert!(is_dashed("raw-redb") && is_dashed("sled") && !is_dashed("redb"));
    }

    #[test]
    fn a_dark_page_has_a_rule_for_every_colour() {
        let rules = dark();
        for (_, [r, g, b], dark) in COLOURS {
            assert!(rules.contains(&format!(
                "[stroke=\"#{r:02X}{g:02X}{b:02X}\"]{{stroke:{dark}}}"
            )));
        }
        assert_eq!(rules.lines().count(), COLOURS.len() + 2);
    }
}
