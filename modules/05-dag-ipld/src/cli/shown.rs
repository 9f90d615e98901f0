//! What stands in blocks, in a line or less.

use dag_ipld::{Ipld, Trail};
use demo::{plain, units};

/// How many characters of a value, and of a path, are shown.
const MAX_VALUE: usize = 60;
const MAX_PATH: usize = 200;

/// A path, or its two ends.
pub fn path(path: &Trail) -> String {
    plain(&path.short(MAX_PATH))
}

/// A value, or its start, in the notation of RFC 8949, section 8, with CIDs for links: there is nothing
/// that it cannot say, as JSON cannot say `NaN`, and has two meanings for `{"/": "a"}`.
pub fn value(value: &Ipld) -> String {
    let mut text = String::new();
    write(&mut text, value);
    let text = plain(&text);
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Adds a value, or more of its start than is shown.
fn write(out: &mut String, value: &Ipld) {
    // A character has four bytes at most.
    if out.len() > 4 * MAX_VALUE {
        return;
    }
    match value {
        Ipld::Null => out.push_str("null"),
        Ipld::Bool(value) => out.push_str(&value.to_string()),
        Ipld::Integer(n) => out.push_str(&n.to_string()),
        Ipld::Float(n) if n.is_infinite() => {
            out.push_str(if *n < 0.0 { "-Infinity" } else { "Infinity" });
        }
        Ipld::Float(n) => out.push_str(&format!("{n:?}")),
        Ipld::String(value) => text(out, value),
        Ipld::Bytes(bytes) => {
            let hex = bytes
                .iter()
                .take(MAX_VALUE)
                .map(|byte| format!("{byte:02x}"));
            out.push_str(&format!("h'{}'", hex.collect::<String>()));
        }
        Ipld::Link(cid) => out.push_str(&cid.to_string()),
        Ipld::List(items) => {
            out.push('[');
            for (at, item) in items.iter().take(MAX_VALUE).enumerate() {
                begin(out, at);
                write(out, item);
            }
            out.push(']');
        }
        Ipld::Map(map) => {
            out.push('{');
            for (at, (name, item)) in map.iter().take(MAX_VALUE).enumerate() {
                begin(out, at);
                text(out, name);
                out.push_str(": ");
                write(out, item);
            }
            out.push('}');
        }
    }
}

/// What stands before an entry.
fn begin(out: &mut String, at: usize) {
    if at > 0 {
        out.push_str(", ");
    }
}

/// Quoted; what it would take a terminal for is escaped with the rest of the line.
fn text(out: &mut String, text: &str) {
    let start: String = text.chars().take(MAX_VALUE).collect();
    let start = start.replace('\\', r"\\").replace('"', r#"\""#);
    out.push_str(&format!("\"{start}\""));
}

/// What is printed to a terminal: its lines, and no character that it would obey.
pub fn on_terminal(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(|line| plain(line) + "\n").collect()
}

/// `1 block`, `2 blocks`.
pub fn counted(n: u64, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{} {what}s", units::count(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_nothing_that_cannot_be_said() {
        let cid = *block_cid::Block::raw("x").cid();
        for (given, said) in [
            (Ipld::Float(f64::NAN), "NaN"),
            (Ipld::Float(f64::NEG_INFINITY), "-Infinity"),
            (Ipld::Float(-0.0), "-0.0"),
            (Ipld::Float(1.0), "1.0"),
            (Ipld::Integer(-7), "-7"),
            (Ipld::from([("/", "hi".into())]), r#"{"/": "hi"}"#),
            (Ipld::from(cid), cid.to_string().as_str()),
            (Ipld::Bytes(Box::new(vec![1, 255].into())), "h'01ff'"),
            (
                Ipld::List(vec![Ipld::Null, Ipld::Bool(true)]),
                "[null, true]",
            ),
            ("a\"\u{1b}\n".into(), r#""a\"\u{1b}\n""#),
        ] {
            assert_eq!(value(&given), said);
        }
    }

    #[test]
    fn of_a_large_value_the_start_is_shown() {
        let deep = (0..100).fold(Ipld::Null, |item, _| Ipld::List(vec![item]));
        assert_eq!(value(&deep), format!("{}…", "[".repeat(60)));
        // Each list has all of the one before twice: all of it is a million items.
        let wide = (0..20).fold(Ipld::Null, |item, _| Ipld::List(vec![item.clone(), item]));
        let mut start = String::new();
        write(&mut start, &wide);
        assert!(start.len() < 1000, "{}", start.len());
        let long = Ipld::from("x".repeat(1 << 20).as_str());
        assert_eq!(value(&long).chars().count(), 61);
    }

    #[test]
    fn a_terminal_gets_lines_and_nothing_that_it_obeys() {
        let bytes = b"{\"a\":\"\xc2\x9b2J\"}\n\x1b[2J\xff";
        assert_eq!(
            on_terminal(bytes),
            "{\"a\":\"\\u{9b}2J\"}\n\\u{1b}[2J\u{fffd}\n"
        );
    }
}
