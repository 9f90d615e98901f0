//! A page of Markdown: its headings, links and blocks of code.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A page that git tracks.
#[derive(Debug, Default)]
pub struct Page {
    /// Its name, from the root on.
    pub file: String,
    /// All of it.
    pub text: String,
    /// In order.
    pub headings: Vec<Heading>,
    /// Links and pictures, in order.
    pub links: Vec<Link>,
    /// Blocks of code, in order.
    pub blocks: Vec<Code>,
}

/// A heading.
#[derive(Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 is the title.
    pub level: usize,
    /// Without its marks.
    pub text: String,
    /// What a link to it has after `#`.
    pub anchor: String,
}

/// A link, or a picture.
#[derive(Debug)]
pub struct Link {
    /// The line of it, from 1.
    pub line: usize,
    /// Where it leads.
    pub to: String,
    /// What is said: the words of the link, or those instead of the picture.
    pub words: String,
    /// Whether it is a picture.
    pub is_picture: bool,
}

/// A block of code.
#[derive(Debug)]
pub struct Code {
    /// The line of its fence, from 1.
    pub line: usize,
    /// The first word of its fence.
    pub language: String,
    /// What is in it.
    pub text: String,
    /// What a comment just before it says: `src/blocks.rs` of `<!-- src/blocks.rs -->`.
    pub source: Option<String>,
}

impl Page {
    /// Reads a page.
    pub fn parse(file: &str, text: &str) -> Page {
        let mut page = Page {
            file: file.to_owned(),
            text: text.to_owned(),
            ..Page::default()
        };
        let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let mut comment = None;
        // The text of the heading or block that is open, and that of the link.
        let (mut inner, mut words) = (String::new(), String::new());
        for (event, span) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = line(span.start);
            match event {
                Event::Start(Tag::Heading { .. }) => inner.clear(),
                Event::End(TagEnd::Heading(level)) => {
                    let anchor = anchor(&inner, &page.headings);
                    page.headings.push(Heading {
                        level: level as usize,
                        text: inner.clone(),
                        anchor,
                    });
                }
                Event::Start(
                    ref tag @ (Tag::Link { ref dest_url, .. } | Tag::Image { ref dest_url, .. }),
                ) => {
                    words.clear();
                    page.links.push(Link {
                        line,
                        to: dest_url.to_string(),
                        words: String::new(),
                        is_picture: matches!(tag, Tag::Image { .. }),
                    });
                }
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    if let Some(link) = page.links.last_mut() {
                        link.words.clone_from(&words);
                    }
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    inner.clear();
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let language = info.split([',', ' ']).next().unwrap_or_default();
                    page.blocks.push(Code {
                        line,
                        language: language.to_owned(),
                        text: String::new(),
                        source: comment.take(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some(block) = page.blocks.last_mut() {
                        block.text = inner.clone();
                    }
                }
                Event::Html(html) => comment = said(&html),
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
                Event::Start(_) => comment = None,
                Event::Text(part) | Event::Code(part) => {
                    inner.push_str(&part);
                    words.push_str(&part);
                }
                Event::SoftBreak => {
                    inner.push(' ');
                    words.push(' ');
                }
                _ => {}
            }
        }
        page
    }

    /// Whether a link to `#anchor` finds a heading.
    pub fn has(&self, anchor: &str) -> bool {
        self.headings.iter().any(|heading| heading.anchor == anchor)
    }
}

/// What a comment says.
fn said(html: &str) -> Option<String> {
    let inner = html.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    Some(inner.trim().to_owned())
}

/// The anchor of a heading after `before`, as GitHub and mdBook make it.
fn anchor(heading: &str, before: &[Heading]) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    let anchor: String = kept.collect::<String>().to_lowercase().replace(' ', "-");
    let same = |other: &&Heading| {
        let end = other.anchor.strip_prefix(&anchor);
        end.is_some_and(|end| {
            end.is_empty()
                || end
                    .strip_prefix('-')
                    .is_some_and(|n| n.parse::<u32>().is_ok())
        })
    };
    match before.iter().filter(same).count() {
        0 => anchor,
        n => format!("{anchor}-{n}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn headings_have_the_anchors_of_github() {
        let page = Page::parse("a.md", "# A `b`: c, d\n\n## Next\n\n## Next\n");
        let anchors: Vec<_> = page.headings.iter().map(|h| h.anchor.as_str()).collect();
        assert_eq!(anchors, ["a-b-c-d", "next", "next-1"]);
        assert_eq!(page.headings[0].text, "A b: c, d");
        assert!(page.has("next-1") && !page.has("A"));
    }

    #[test]
    fn links_are_those_that_a_reader_can_follow() {
        let text = "[a](b.md#c) `[no](x)`\n\n```text\n[no](y)\n```\n\n| [t](u.rs) |\n| --- |\n\n![two\nlines](p.svg)\n[r]\n\n[r]: z.md\n";
        let page = Page::parse("a.md", text);
        let links: Vec<_> = page.links.iter().map(|l| (l.line, l.to.as_str())).collect();
        assert_eq!(
            links,
            [(1, "b.md#c"), (7, "u.rs"), (10, "p.svg"), (12, "z.md")]
        );
        assert!(page.links[2].is_picture && page.links[2].words == "two lines");
        assert!(!page.links[0].is_picture && page.links[0].words == "a");
    }

    #[test]
    fn a_comment_before_a_block_names_its_source() {
        let text = "<!-- src/a.rs -->\n```rs\nfn a() {}\n```\n\n<!-- x -->\n\ntext\n\n```rust,no_run\nb\n```\n";
        let page = Page::parse("a.md", text);
        let [a, b] = &page.blocks[..] else {
            unreachable!("{page:?}");
        };
        assert_eq!(
            (a.language.as_str(), a.text.as_str()),
            ("rs", "fn a() {}\n")
        );
        assert_eq!((a.line, a.source.as_deref()), (2, Some("src/a.rs")));
        assert_eq!((b.language.as_str(), b.source.as_deref()), ("rust", None));
    }
}
