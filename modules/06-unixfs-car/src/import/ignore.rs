//! Rules that name what is left out, as `ipfs add --ignore` reads them.
//!
//! They look like git's, and are fewer: Kubo asks of each name by itself, and not of its path. So
//! what has a slash in it can only name something if that is at the start or in `**/`, and a slash at
//! the end names nothing. Of the signs of git, `*` is any letters and `!` takes back what a rule before
//! said; `?` is a question mark. All others are those of regular expressions, since the library that
//! Kubo has this from makes one of each rule: `[ab]` is a or b.
//!
//! Source: [crackcomm/go-gitignore](https://github.com/crackcomm/go-gitignore).

use regex::bytes::Regex;

use crate::{Error, Result};

/// Rules, of which the last one that matches counts.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    names: Regex,
    takes_back: bool,
}

impl Rules {
    /// The rules on these lines; empty ones and those that begin with `#` are none.
    ///
    /// # Errors
    /// [`Error::Option`] for a rule that is no regular expression. (Kubo passes over it.)
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Rules> {
        let rules = lines.into_iter().filter_map(rule);
        rules.collect::<Result<_>>().map(Rules)
    }

    /// Whether a rule names this.
    pub fn match_name(&self, name: &[u8]) -> bool {
        let matching = self.0.iter().rev().find(|rule| rule.names.is_match(name));
        matching.is_some_and(|rule| !rule.takes_back)
    }
}

/// Step by step as the library does it, which decides what comes of signs that stand together.
fn rule(line: &str) -> Option<Result<Rule>> {
    let line = line.trim_end_matches('\r');
    if line.starts_with('#') {
        return None;
    }
    let text = line.trim_matches(' ');
    let (takes_back, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if text.is_empty() {
        return None;
    }
    let text = text.strip_prefix(['#', '!']).unwrap_or(text);
    let text = match text.strip_prefix('/') {
        Some(rest) if rest.starts_with("**/") => rest,
        _ => text,
    };
    // A star that is not one of a rule: it becomes one at the end.
    let star = "\u{0}";
    let text = text
        .replace('.', r"\.")
        .replace("/**/", "(/|/.+/)")
        .replace("**/", &format!("(|.{star}/)"))
        .replace("/**", &format!("(|/.{star})"))
        .replace(r"\*", &format!("\\{star}"))
        .replace('?', r"\?")
        // Any byte, and not only what is UTF-8.
        .replace('*', "((?-u:[^/])*)")
        .replace(star, "*");
    let start = match text.strip_prefix('/') {
        Some(rest) => format!("^(|/){rest}"),
        None => format!("^(|.*/){text}"),
    };
    let end = if text.ends_with('/') {
        "(|.*)$"
    } else {
        "(|/.*)$"
    };
    let names = Regex::new(&(start + end)).map_err(|error| Error::Option {
        option: "--ignore",
        reason: format!("{line:?} is no rule: {error}"),
    });
    Some(names.map(|names| Rule { names, takes_back }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What the library says, asked with these rules and names.
    #[test]
    fn rules_name_what_they_name_in_kubo() {
        for (rules, named, others) in [
            (&["*.o"][..], &["a.o", ".o"][..], &["a.oo", "ao", "o"][..]),
            (&["foo"], &["foo"], &["foobar", "afoo", "Foo"]),
            (
                &["/foo", "**/bar", "baz/**", "/**/d"],
                &["foo", "bar", "baz", "d"],
                &["x"],
            ),
            (
                &["foo/", "a/b", "*/c", "d/*.x"],
                &[],
                &["foo", "a", "b", "c", "d.x"],
            ),
            (&["*", "!*.txt"], &["a.o", "b"], &["a.txt"]),
            (&["!*.txt", "*"], &["a.o", "a.txt"], &[]),
            (&["a?"], &["a?"], &["ab", "a"]),
            (&["[ab].c"], &["a.c", "b.c"], &["[ab].c", "c.c"]),
            (&[r"\*"], &["*"], &["a", r"\*"]),
            (
                &["# a", "", "  ", "  b  \r", r"\#c"],
                &["b", "#c"],
                &["# a", "a", ""],
            ),
            (&["##", "!#d"], &[], &["#", "##", "d"]),
        ] {
            let read = Rules::new(rules.iter().copied()).unwrap();
            for name in named {
                assert!(read.match_name(name.as_bytes()), "{rules:?} {name}");
            }
            for name in others {
                assert!(!read.match_name(name.as_bytes()), "{rules:?} {name}");
            }
        }
        assert!(!Rules::default().match_name(b"a"));
        let rules = Rules::new(["a*"]).unwrap();
        assert!(rules.match_name(b"a\xff"), "names are bytes");
    }

    #[test]
    fn a_rule_that_is_no_expression_is_refused() {
        let error = Rules::new(["ok", "a["]).unwrap_err().to_string();
        assert!(error.contains(r#""a[" is no rule"#), "{error}");
    }
}
