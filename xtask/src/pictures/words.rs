//! What a picture says for those who do not see it, which is its text on a page, too.

use std::fs;
use std::path::{Path, PathBuf};

use super::Pictures;

/// The pages of a module that may show its pictures, as far as they are there: each with its text.
pub fn pages(module: &Path) -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(module.join("docs")).into_iter().flatten();
    let docs = docs.flatten().map(|entry| entry.path());
    let mut pages: Vec<PathBuf> = docs
        .chain([module.join("README.md")])
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    let text = |path: PathBuf| Some((path.clone(), fs::read_to_string(path).ok()?));
    pages.into_iter().filter_map(text).collect()
}

/// A page on which each picture, `![text](pictures/NAME)`, has for its text what the picture says.
pub fn with_words(page: &str, pictures: &Pictures) -> String {
    let mut page = page.to_owned();
    for (name, picture) in pictures {
        let picture = String::from_utf8_lossy(picture);
        let Some(says) = says(&picture) else {
            continue;
        };
        for end in [
            format!("](pictures/{name})"),
            format!("](../pictures/{name})"),
        ] {
            if let Some((before, behind)) = page.split_once(&end)
                && let Some((before, _)) = before.rsplit_once("![")
            {
                page = format!("{before}![{says}{end}{behind}");
            }
        }
    }
    page
}

/// The `desc` of an SVG.
fn says(picture: &str) -> Option<String> {
    let (_, behind) = picture.split_once("<desc>")?;
    let (says, _) = behind.split_once("</desc>")?;
    let signs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    let plain = |text: String, (sign, letter): (&str, &str)| text.replace(sign, letter);
    Some(signs.into_iter().fold(says.to_owned(), plain))
}

#[cfg(test)]
mod tests {
    use super::super::tests::pictures;
    use super::*;

    #[test]
    fn a_page_says_what_its_pictures_say() {
        let pictures = pictures(&[
            (
                "a.svg",
                "<svg>\n<title>x</title>\n<desc>4 &lt; 5 &amp;amp; so on</desc></svg>",
            ),
            ("b.svg", "<svg><desc>b</desc></svg>"),
        ]);
        let right =
            "# A\n![other](c.svg) ![4 < 5 &amp; so on](pictures/a.svg)\n![b](../pictures/b.svg)\n";
        assert_eq!(with_words(right, &pictures), right);
        let stale = right.replace("4 <", "3 <");
        assert_eq!(with_words(&stale, &pictures), right);
        let stale = right.replace("![b]", "![c]");
        assert_eq!(with_words(&stale, &pictures), right);
        assert_eq!(with_words("no picture\n", &pictures), "no picture\n");
    }
}
