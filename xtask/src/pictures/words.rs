//! What a picture says for those who do not see it, which is its text in the README, too.

use super::Pictures;

/// A README in which each picture, `![text](pictures/NAME)`, has for its text what the picture says.
pub fn with_words(readme: &str, pictures: &Pictures) -> String {
    let mut readme = readme.to_owned();
    for (name, picture) in pictures {
        let picture = String::from_utf8_lossy(picture);
        let Some(says) = says(&picture) else {
            continue;
        };
        let end = format!("](pictures/{name})");
        if let Some((before, behind)) = readme.split_once(&end)
            && let Some((before, _)) = before.rsplit_once("![")
        {
            readme = format!("{before}![{says}{end}{behind}");
        }
    }
    readme
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
    fn a_readme_says_what_its_pictures_say() {
        let pictures = pictures(&[
            (
                "a.svg",
                "<svg>\n<title>x</title>\n<desc>4 &lt; 5 &amp;amp; so on</desc></svg>",
            ),
            ("b.svg", "<svg/>"),
        ]);
        let right =
            "# A\n![other](c.svg) ![4 < 5 &amp; so on](pictures/a.svg)\n![b](pictures/b.svg)\n";
        assert_eq!(with_words(right, &pictures), right);
        let stale = right.replace("4 <", "3 <");
        assert_eq!(with_words(&stale, &pictures), right);
        assert_eq!(with_words("no picture\n", &pictures), "no picture\n");
    }
}
