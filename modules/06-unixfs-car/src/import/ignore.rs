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

/// Rules, of which the last one that matches counts.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    passed_over: Vec<String>,
}

#[derive(Clone, Debug)]
struct Rule {
    names: Regex,
    takes_back: bool,
}

impl Rules {
    /// The rules on these lines; empty ones and those that begin with `#` are none. One that is no regular
    /// expression names nothing, as in Kubo.
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Rules {
        let mut all = Rules::default();
        for line in lines {
            match rule(line) {
                Some(Ok(rule)) => all.rules.push(rule),
                Some(Err(_)) => all.passed_over.push(line.to_owned()),
                None => {}
            }
        }
        all
    }

    /// The lines that are no regular expressions.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// Whether a rule names this.
    pub fn match_name(&self, name: &[u8]) -> bool {
        let mut last_first = self.rules.iter().rev();
        let matching = last_first.find(|rule| rule.names.is_match(name));
        matching.is_some_and(|rule| !rule.takes_back)
    }
}

/// Step by step as the library does it, which decides what comes of signs that stand together.
fn rule(line: &str) -> Option<Result<Rule, regex::Error>> {
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
    let names = Regex::new(&of_go(&(start + end)));
    Some(names.map(|names| Rule { names, takes_back }))
}

/// A regular expression of Go's, where `{` is a letter unless it begins a count, as in `{2,3}`, and so is
/// `[` within brackets.
fn of_go(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.char_indices();
    let mut is_in_brackets = false;
    while let Some((at, c)) = rest.next() {
        let behind = text.get(at + c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' => {
                out.push(c);
                out.extend(rest.next().map(|(_, next)| next));
                continue;
            }
            '{' if !is_in_brackets && !is_count(behind) => out.push('\\'),
            '[' if is_in_brackets && !behind.starts_with(':') => out.push('\\'),
            '[' => is_in_brackets = true,
            ']' => is_in_brackets = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Whether what is behind a `{` makes it a count.
fn is_count(behind: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((count, _)) = behind.split_once('}') else {
        return false;
    };
    let (least, most) = count.split_once(',').unwrap_or((count, ""));
    !least.is_empty() && is_number(least) && is_number(most)
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
            (
                &["{a,b}", "c{2}", "{"],
                &["{a,b}", "cc", "{"],
                &["a", "b", "c{2}"],
            ),
            (&["[[a]", "[[:digit:]]x"], &["[", "a", "1x"], &["[a", "x"]),
        ] {
            let read = Rules::new(rules.iter().copied());
            assert!(read.passed_over().is_empty(), "{rules:?}");
            for name in named {
                assert!(read.match_name(name.as_bytes()), "{rules:?} {name}");
            }
            for name in others {
                assert!(!read.match_name(name.as_bytes()), "{rules:?} {name}");
            }
        }
        assert!(!Rules::default().match_name(b"a"));
        let rules = Rules::new(["a*"]);
        assert!(rules.match_name(b"a\xff"), "names are bytes");
    }

    #[test]
    fn a_rule_that_is_no_expression_names_nothing() {
        let wrong = ["[", "[a", "[z-a]", r"\", r"a\", r"trail\ "];
        let rules = Rules::new(wrong.into_iter().chain(["ok"]));
        assert!(rules.match_name(b"ok"));
        assert_eq!(rules.passed_over(), wrong);
        for name in wrong {
            assert!(!rules.match_name(name.as_bytes()), "{name}");
        }
    }
}
