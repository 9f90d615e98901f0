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
    // A String takes all that is written.
    let _ = match value {
        Ipld::Null => write!(out, "null"),
        Ipld::Bool(value) => write!(out, "{value}"),
        Ipld::Integer(n) if !(-(1i128 << 64)..1 << 64).contains(n) => {
            return Err(Refused::new(format!("{n} is not from -2^64 to 2^64 - 1")));
        }
        Ipld::Integer(n) => write!(out, "{n}"),
        Ipld::Float(n) if !n.is_finite() => {
            return Err(Refused::new(format!("{n} is no number")));
        }
        Ipld::Float(n) => {
            float(out, *n, form == Form::Dag);
            Ok(())
        }
        Ipld::String(value) => {
            text(out, value);
            Ok(())
        }
        Ipld::Bytes(_) | Ipld::Link(_) if form == Form::Plain => {
            let kind = value.kind();
            return Err(Refused::new(format!("json has no {kind}, dag-json has")));
        }
        Ipld::Bytes(bytes) => {
            out.push_str(r#"{"/":{"bytes":""#);
            BASE64_NOPAD.encode_append(bytes, out);
            out.push_str(r#""}}"#);
            Ok(())
        }
        Ipld::Link(cid) => write!(out, r#"{{"/":"{cid}"}}"#),
        Ipld::List(items) => {
            let entries = items.iter().enumerate().map(|(n, item)| (n, None, item));
            return container(out, ['[', ']'], entries, form, depth);
        }
        Ipld::Map(map) => {
            if form == Form::Dag && is_reserved(map) {
                let reason = "a map of this shape is read as a link or as bytes";
                return Err(Refused::new(reason));
            }
            let mut entries: Vec<_> = map.iter().collect();
            if form == Form::Dag {
                entries.sort_by_key(|(name, _)| *name);
            }
            let entries = entries.into_iter();
            let entries = entries.map(|(name, value)| (name, Some(name.as_str()), value));
            return container(out, ['{', '}'], entries, form, depth);
        }
    };
    Ok(())
}

/// Adds the entries of a list or map: what each is called in a path, its name in a map, its value.
fn container<'a, P: ToString>(
    out: &mut String,
    [open, close]: [char; 2],
    entries: impl Iterator<Item = (P, Option<&'a str>, &'a Ipld)>,
    form: Form,
    depth: usize,
) -> Result<(), Refused> {
    let line = |out: &mut String, tabs: usize| {
        if form == Form::Plain {
            out.push('\n');
            out.extend(std::iter::repeat_n('\t', tabs));
        }
    };
    out.push(open);
    let mut some = false;
    for (place, name, entry) in entries {
        if some {
            out.push(',');
        }
        some = true;
        line(out, depth + 1);
        if let Some(name) = name {
            text(out, name);
            out.push_str(if form == Form::Plain { ": " } else { ":" });
        }
        value(out, entry, form, depth + 1).map_err(|refused| refused.below(place))?;
    }
    if some {
        line(out, depth);
    }
    out.push(close);
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
