//! From a value to text.

use std::fmt::Write;

use data_encoding::BASE64_NOPAD;

use crate::Ipld;
use crate::error::Refused;
use crate::ipld::{MAX_DEPTH, Map, only};

/// How a value is spelled.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// dag-json: sorted names, no white space, links and bytes.
    Dag,
    /// Kubo's `json`: names in their order, lines and tabs.
    Plain,
}

/// Adds a value that lies so many levels below the root.
pub(crate) fn value(
    out: &mut String,
    value: &Ipld,
    form: Form,
    depth: usize,
) -> Result<(), Refused> {
    let levels = match value {
        Ipld::List(_) | Ipld::Map(_) | Ipld::Link(_) => 1,
        Ipld::Bytes(_) => 2,
        _ => 0,
    };
    if depth + levels > MAX_DEPTH {
        return Err(Refused::deep());
    }
    // What recurses is kept small, and so is its part of the stack.
    match value {
        Ipld::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                begin(out, n, form, depth);
                self::value(out, item, form, depth + 1).map_err(|refused| refused.below(n))?;
            }
            end(out, ']', items.len(), form, depth);
            Ok(())
        }
        Ipld::Map(map) => {
            out.push('{');
            for (n, (name, entry)) in entries(map, form)?.into_iter().enumerate() {
                begin(out, n, form, depth);
                text(out, name);
                out.push_str(if form == Form::Plain { ": " } else { ":" });
                self::value(out, entry, form, depth + 1).map_err(|refused| refused.below(name))?;
            }
            end(out, '}', map.len(), form, depth);
            Ok(())
        }
        _ => scalar(out, value, form),
    }
}

/// What stands before the entry number `n` of a list or map.
fn begin(out: &mut String, n: usize, form: Form, depth: usize) {
    if n > 0 {
        out.push(',');
    }
    line(out, form, depth + 1);
}

/// The end of a list or map of `len` entries.
fn end(out: &mut String, close: char, len: usize, form: Form, depth: usize) {
    if len > 0 {
        line(out, form, depth);
    }
    out.push(close);
}

fn line(out: &mut String, form: Form, tabs: usize) {
    if form == Form::Plain {
        out.push('\n');
        out.extend(std::iter::repeat_n('\t', tabs));
    }
}

/// The entries of a map in the order that the codec has them.
fn entries(map: &Map, form: Form) -> Result<Vec<(&String, &Ipld)>, Refused> {
    let mut entries: Vec<_> = map.iter().collect();
    if form == Form::Dag {
        if is_reserved(map) {
            let reason = "a map of this shape is read as a link or as bytes";
            return Err(Refused::new(reason));
        }
        entries.sort_by_key(|(name, _)| *name);
    }
    Ok(entries)
}

fn scalar(out: &mut String, value: &Ipld, form: Form) -> Result<(), Refused> {
    match value {
        Ipld::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Ipld::Integer(n) if !(-(1i128 << 64)..1 << 64).contains(n) => {
            return Err(Refused::new(format!("{n} is not from -2^64 to 2^64 - 1")));
        }
        Ipld::Integer(n) => out.push_str(&n.to_string()),
        Ipld::Float(n) if !n.is_finite() => {
            return Err(Refused::new(format!("{n} is no number")));
        }
        // From 2^64 on Kubo writes digits that it does not read again.
        Ipld::Float(n) => float(out, *n, form == Form::Dag || n.abs() >= 2f64.powi(64)),
        Ipld::String(value) => text(out, value),
        Ipld::Bytes(_) | Ipld::Link(_) if form == Form::Plain => {
            let kind = value.kind();
            return Err(Refused::new(format!("json has no {kind}, dag-json has")));
        }
        Ipld::Bytes(bytes) => {
            out.push_str(r#"{"/":{"bytes":""#);
            BASE64_NOPAD.encode_append(bytes, out);
            out.push_str(r#""}}"#);
        }
        Ipld::Link(cid) => out.push_str(&format!(r#"{{"/":"{cid}"}}"#)),
        Ipld::Null | Ipld::List(_) | Ipld::Map(_) => out.push_str("null"),
    }
    Ok(())
}

/// Whether dag-json has another meaning for a map: `{"/": text}` or `{"/": {"bytes": text}}`.
fn is_reserved(map: &Map) -> bool {
    match only(map, "/") {
        Some(Ipld::String(_)) => true,
        Some(Ipld::Map(inner)) => matches!(only(inner, "bytes"), Some(Ipld::String(_))),
        _ => false,
    }
}

/// Adds text, escaped as Kubo does: quotes, backslashes, control characters, and the two line
/// ends of Unicode that JavaScript once could not have in a string.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

/// Adds a float as JavaScript writes it: the fewest digits that are this float and no other, with
/// an exponent below 10^-6 and from 10^21 on. `point` adds `.0` to one that would read as an
/// integer.
pub(crate) fn float(out: &mut String, n: f64, point: bool) {
    let plain = n == 0.0 || (1e-6..1e21).contains(&n.abs());
    let start = out.len();
    let _ = match plain {
        true => write!(out, "{n}"),
        false if n.abs() < 1.0 => write!(out, "{n:e}"),
        false => write!(out, "{}", format!("{n:e}").replace('e', "e+")),
    };
    let written = out.get(start..).unwrap_or_default();
    if point && !written.contains(['.', 'e']) {
        out.push_str(".0");
    }
}
