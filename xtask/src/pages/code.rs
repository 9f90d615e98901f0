//! Rust in a lesson is a test, or stands in a source.
//!
//! A block marked `rust` is a doctest: its page is included in a `lib.rs`. One marked `rs` is an
//! excerpt, and the comment before it says of what:
//!
//! ````text
//! <!-- src/blocks.rs -->
//! ```rs
//! fn place(cid: &Cid) -> Result<Place> {
//!     let hash = Hash::of(cid.hash())?;
//!     // …
//! ```
//! ````
//!
//! Its lines stand there in a row, but for their indent; `// …` stands for any number of lines.

use std::collections::{BTreeMap, BTreeSet};

use super::links::join;
use super::page::{Code, Page};

/// Stands for lines that are left out.
const ANY: &str = "// …";

/// What is wrong with the Rust of a page, a line each. `sources` are the texts of the `.rs` files that
/// git tracks, `tested` the pages that a `lib.rs` includes.
pub fn faults(
    page: &Page,
    sources: &BTreeMap<String, String>,
    tested: &BTreeSet<String>,
) -> Vec<String> {
    page.blocks
        .iter()
        .filter_map(|block| {
            let why = match &*block.language {
                "rust" if tested.contains(&page.file) => None,
                "rust" => Some("no lib.rs includes this page, so it is no doctest".to_owned()),
                "rs" => excerpt(page, block, sources),
                _ => None,
            };
            Some(format!("{}:{}: {}", page.file, block.line, why?))
        })
        .collect()
}

/// What is wrong with an excerpt.
fn excerpt(page: &Page, block: &Code, sources: &BTreeMap<String, String>) -> Option<String> {
    let Some(source) = &block.source else {
        return Some("no comment before it names its source".to_owned());
    };
    let text = join(&page.file, source).and_then(|file| sources.get(&file));
    let Some(text) = text else {
        return Some(format!("there is no {source}"));
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    let shown: Vec<&str> = block.text.lines().collect();
    for part in shown.split(|line| line.trim() == ANY) {
        let Some(at) = find(lines.get(from..).unwrap_or_default(), part) else {
            let first = part.first().copied().unwrap_or_default().trim();
            return Some(format!("{source} has no such lines, from `{first}` on"));
        };
        from += at + part.len();
    }
    None
}

/// Where `part` stands in `lines`, deeper by the same indent in each line.
fn find(lines: &[&str], part: &[&str]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    lines.windows(part.len()).position(|window| {
        let indent = |(line, shown): (&&str, &&str)| {
            if line.is_empty() && shown.is_empty() {
                return None;
            }
            Some(line.strip_suffix(*shown).map(str::to_owned))
        };
        let mut indents = window.iter().zip(part).filter_map(indent);
        let Some(Some(first)) = indents.next() else {
            return false;
        };
        first.trim().is_empty() && indents.all(|other| other.as_ref() == Some(&first))
    })
}

/// The pages that `lib.rs` includes as its documentation.
pub fn included(sources: &BTreeMap<String, String>) -> BTreeSet<String> {
    let libs = sources.iter().filter(|(file, _)| file.ends_with("/lib.rs"));
    let names = libs.flat_map(|(file, text)| {
        let pages = text.split("include_str!(\"").skip(1);
        pages.filter_map(|rest| join(file, rest.split('"').next()?))
    });
    names.filter(|name| name.ends_with(".md")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "mod x {\n    fn a() {\n        one();\n\n        two();\n        three();\n    }\n}\n";

    fn told(block: &str) -> Vec<String> {
        let page = Page::parse("m/README.md", block);
        let sources = [("m/src/a.rs".to_owned(), SOURCE.to_owned())].into();
        faults(&page, &sources, &BTreeSet::new())
    }

    #[test]
    fn an_excerpt_that_stands_in_its_source_is_good() {
        for block in [
            "fn a() {\n    one();\n\n    two();\n",
            "fn a() {\n    one();\n    // …\n    three();\n}\n",
            "mod x {\n    fn a() {\n",
        ] {
            let text = format!("<!-- src/a.rs -->\n```rs\n{block}```\n");
            assert_eq!(told(&text), [""; 0], "{block}");
        }
    }

    #[test]
    fn an_excerpt_that_does_not_is_a_fault() {
        for (block, why) in [
            ("one();\ntwo();\n", "has no such lines, from `one();` on"),
            ("three();\n// …\none();\n", "from `one();` on"),
            ("fn a() {\none();\n", "no such lines"),
            ("fn b() {\n", "no such lines"),
            ("ne();\n", "no such lines"),
        ] {
            let faults = told(&format!("<!-- src/a.rs -->\n```rs\n{block}```\n"));
            assert!(
                faults.len() == 1 && faults.iter().all(|fault| fault.contains(why)),
                "{block}: {faults:?}"
            );
        }
        for (text, why) in [
            ("```rs\nfn a() {\n```\n", "names its source"),
            ("<!-- src/b.rs -->\n```rs\nfn a() {\n```\n", "no src/b.rs"),
            ("```rust\nfn a() {}\n```\n", "no doctest"),
        ] {
            assert!(told(text).iter().any(|fault| fault.contains(why)), "{text}");
        }
    }

    #[test]
    fn a_page_that_a_library_includes_is_tested() {
        let lib = "#[doc = include_str!(\"../README.md\")]\n#[doc = include_str!(\"../docs/a.md\")]\nconst T: &str = include_str!(\"t.txt\");\n";
        let sources = [("m/src/lib.rs".to_owned(), lib.to_owned())].into();
        let tested = included(&sources);
        assert_eq!(
            tested.iter().collect::<Vec<_>>(),
            ["m/README.md", "m/docs/a.md"]
        );
        let page = Page::parse("m/README.md", "```rust\nfn a() {}\n```\n");
        assert_eq!(faults(&page, &sources, &tested), [""; 0]);
    }
}
