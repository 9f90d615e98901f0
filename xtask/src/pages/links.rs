//! Links lead somewhere: to a file that git tracks, to a heading that is there, to a test of that name.

use std::collections::{BTreeMap, BTreeSet};

use super::page::Page;

/// Everything that links may lead to.
#[derive(Debug)]
pub struct Targets<'a> {
    /// What git tracks.
    pub files: &'a BTreeSet<String>,
    /// The pages among them, by name.
    pub pages: BTreeMap<&'a str, &'a Page>,
    /// The texts of the sources among them.
    pub sources: &'a BTreeMap<String, String>,
}

/// What is wrong with the links of `page`, a line each.
pub fn faults(page: &Page, targets: &Targets<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for link in &page.links {
        let place = format!("{}:{}", page.file, link.line);
        if link.is_picture && link.words.len() < 20 {
            faults.push(format!(
                "{place}: {} needs words for who cannot see it",
                link.to
            ));
        }
        if is_elsewhere(&link.to) {
            continue;
        }
        let (path, anchor) = link.to.split_once('#').unwrap_or((&link.to, ""));
        let Some(file) = join(&page.file, path) else {
            faults.push(format!("{place}: {} leads out of the project", link.to));
            continue;
        };
        if !targets.files.contains(&file) {
            let folder = format!("{}/", file.trim_end_matches('/'));
            let is_folder = targets.files.iter().any(|other| other.starts_with(&folder));
            faults.push(if is_folder {
                format!("{place}: {} is a folder; name a page in it", link.to)
            } else {
                format!("{place}: there is no {file}")
            });
        } else if let (false, Some(target)) = (anchor.is_empty(), targets.pages.get(&file[..]))
            && !target.has(anchor)
        {
            faults.push(format!("{place}: {file} has no heading #{anchor}"));
        } else if let Some(source) = targets.sources.get(&file)
            && is_test(&link.words)
            && !source.contains(&format!("fn {}(", link.words))
        {
            faults.push(format!("{place}: {file} has no {}", link.words));
        }
    }
    faults
}

/// Whether these words are the name of a test: several, of small letters.
fn is_test(words: &str) -> bool {
    words.contains('_')
        && words
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a link leads to another site.
pub fn is_elsewhere(to: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| to.starts_with(scheme))
}

/// The file that `path` in a link of `file` names; `None` if it lies above the root. An empty path is
/// the page itself.
pub fn join(file: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(file.to_owned());
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let files = ["a/b.md", "a/c.rs", "a/d/e.md", "a/p.svg"]
            .map(str::to_owned)
            .into();
        let other = Page::parse("a/d/e.md", "# One\n\n## Two\n");
        let page = Page::parse("a/b.md", text);
        let sources = [("a/c.rs".to_owned(), "#[test]\nfn one_two() {}\n".to_owned())].into();
        let targets = Targets {
            files: &files,
            sources: &sources,
            pages: [("a/b.md", &page), ("a/d/e.md", &other)].into(),
        };
        faults(&page, &targets)
    }

    #[test]
    fn good_links_have_no_fault() {
        let text =
            "# T\n[](c.rs) [](d/e.md#two) [](d/../b.md#t) [](#t) [](https://example.org/#x)\n";
        assert_eq!(told(text), [""; 0]);
        assert_eq!(told("[`one_two`](c.rs) [`ONE_TWO`](c.rs)"), [""; 0]);
        assert_eq!(
            told("![two blocks and the CID that names both](p.svg)"),
            [""; 0]
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_a_fault() {
        for (text, why) in [
            ("[](f.rs)", "there is no a/f.rs"),
            (
                "x\n\n[](d/e.md#three)",
                "a/b.md:3: a/d/e.md has no heading #three",
            ),
            ("[](#three)", "a/b.md has no heading #three"),
            ("[](d)", "d is a folder"),
            ("[](d/)", "d/ is a folder"),
            ("[](../../x.md)", "leads out of the project"),
            ("![](p.svg)", "needs words"),
            ("[`two_one`](c.rs)", "a/c.rs has no two_one"),
        ] {
            let faults = told(text);
            assert!(
                faults.len() == 1 && faults.iter().all(|fault| fault.contains(why)),
                "{text}: {faults:?}"
            );
        }
    }
}
