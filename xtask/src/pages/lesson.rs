//! A lesson has one shape: the README of a module, its sections in one order, short enough for one sitting.

use super::page::Page;

/// The sections of a lesson, in order. A module may lack those that it has no use for.
pub const SECTIONS: [&str; 12] = [
    "Run it first",
    "Predict",
    "The idea",
    "Bytes on disk",
    "How it works",
    "Promises",
    "The backends",
    "What goes wrong",
    "Exercises",
    "Check yourself",
    "In the real network",
    "Next",
];

/// Those that every lesson has.
const NEEDED: [&str; 7] = [
    "Run it first",
    "The idea",
    "How it works",
    "Promises",
    "What goes wrong",
    "In the real network",
    "Next",
];

/// How many lines a page has at most; `None` for most pages.
fn limit(file: &str) -> Option<usize> {
    if file == "README.md" {
        Some(150)
    } else {
        is_lesson(file).then_some(200)
    }
}

/// Whether a page is the README of a module.
fn is_lesson(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    matches!(parts[..], ["modules", _, "README.md"])
}

/// What is wrong with the shape of a page, a line each.
pub fn faults(page: &Page) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = page.text.lines().count();
    if let Some(limit) = limit(&page.file).filter(|limit| lines > *limit) {
        faults.push(format!(
            "{} has {lines} lines, and {limit} are one sitting; the rest is a page beside it",
            page.file
        ));
    }
    if !is_lesson(&page.file) {
        return faults;
    }
    let sections: Vec<&str> = page
        .headings
        .iter()
        .filter(|heading| heading.level == 2)
        .map(|heading| &heading.text[..])
        .collect();
    let mut order = SECTIONS.iter();
    for section in &sections {
        if !order.any(|known| known == section) {
            let known = SECTIONS.contains(section);
            let why = if known {
                "stands too late"
            } else {
                "is none of a lesson"
            };
            faults.push(format!("{}: the section {section:?} {why}", page.file));
            break;
        }
    }
    for needed in NEEDED.iter().filter(|needed| !sections.contains(needed)) {
        faults.push(format!("{}: there is no section {needed:?}", page.file));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str, text: &str) -> Vec<String> {
        faults(&Page::parse(file, text))
    }

    fn lesson(sections: &[&str]) -> String {
        let mut text = "# T\n".to_owned();
        for section in sections {
            text += &format!("## {section}\n");
        }
        text
    }

    #[test]
    fn a_lesson_with_its_sections_in_order_is_good() {
        let file = "modules/00-x/README.md";
        assert_eq!(told(file, &lesson(&SECTIONS)), [""; 0]);
        assert_eq!(told(file, &lesson(&NEEDED)), [""; 0]);
        assert_eq!(told("modules/00-x/docs/a.md", &"x\n".repeat(900)), [""; 0]);
    }

    #[test]
    fn another_shape_is_a_fault() {
        let file = "modules/00-x/README.md";
        let mut late = SECTIONS;
        late.swap(0, 2);
        let long = lesson(&SECTIONS) + &"x\n".repeat(200);
        for (text, why) in [
            (lesson(&late), "\"Predict\" stands too late"),
            (lesson(&["Run it first", "Wrappers"]), "is none of a lesson"),
            (
                lesson(SECTIONS.get(1..).unwrap_or_default()),
                "no section \"Run it first\"",
            ),
            (long, "has 213 lines, and 200"),
        ] {
            let faults = told(file, &text);
            assert!(
                faults.iter().any(|fault| fault.contains(why)),
                "{why}: {faults:?}"
            );
        }
        assert_eq!(told("README.md", &"x\n".repeat(151)).len(), 1);
    }
}
