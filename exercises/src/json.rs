//! As much JSON as cargo's messages and `--json` need.

use std::iter::Peekable;
use std::str::Chars;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// null, true, false, and numbers: nothing of ours reads them.
    Other(String),
    /// A text.
    Text(String),
    /// Values in a row.
    List(Vec<Json>),
    /// Values by name.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// The value of a text, or `None` if it is no JSON.
    pub fn parse(text: &str) -> Option<Json> {
        let mut chars = text.chars().peekable();
        let value = value(&mut chars, 0)?;
        blanks(&mut chars);
        chars.next().is_none().then_some(value)
    }

    /// What a map has under `name`.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(entries) => entries
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            c if c < ' ' => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Deeper than cargo goes.
const DEPTH: usize = 100;

fn blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
}

fn value(chars: &mut Peekable<Chars<'_>>, depth: usize) -> Option<Json> {
    if depth > DEPTH {
        return None;
    }
    blanks(chars);
    match chars.peek()? {
        '"' => text(chars).map(Json::Text),
        '[' => {
            chars.next();
            let mut list = Vec::new();
            while !ends(chars, ']', list.is_empty())? {
                list.push(value(chars, depth + 1)?);
            }
            Some(Json::List(list))
        }
        '{' => {
            chars.next();
            let mut map = Vec::new();
            while !ends(chars, '}', map.is_empty())? {
                blanks(chars);
                let name = text(chars)?;
                blanks(chars);
                chars.next_if_eq(&':')?;
                map.push((name, value(chars, depth + 1)?));
            }
            Some(Json::Map(map))
        }
        _ => {
            let mut word = String::new();
            while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)) {
                word.push(c);
            }
            (!word.is_empty()).then_some(Json::Other(word))
        }
    }
}

/// Whether a list or map ends here, or goes on after a comma.
fn ends(chars: &mut Peekable<Chars<'_>>, end: char, first: bool) -> Option<bool> {
    blanks(chars);
    if chars.next_if_eq(&end).is_some() {
        return Some(true);
    }
    if !first {
        chars.next_if_eq(&',')?;
    }
    Some(false)
}

fn text(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    chars.next_if_eq(&'"')?;
    let mut out = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    // Halves of pairs are not worth more here.
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?).unwrap_or('\u{fffd}')
                }
                c => c,
            }),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_quoted_is_read_back() {
        let odd = "a \"b\" \\ \n \u{1} é";
        let text = format!("{{\"a\": [1, {}, null], \"b\":{{}} }}", quoted(odd));
        let json = Json::parse(&text).unwrap();
        let Some(Json::List(list)) = json.get("a") else {
            unreachable!("{json:?}")
        };
        assert_eq!(list.get(1).unwrap().text(), Some(odd));
        assert_eq!(json.get("b"), Some(&Json::Map(Vec::new())));
    }

    #[test]
    fn what_is_no_json_is_none() {
        for wrong in ["", "{", "[1", "{\"a\" 1}", "\"", "[1 2]", "1 2"] {
            assert_eq!(Json::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Json::parse(&"[".repeat(10_000)), None);
    }
}
