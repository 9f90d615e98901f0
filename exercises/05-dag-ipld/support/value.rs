//! The data model of IPLD, without floats.

use std::collections::BTreeMap;

use cid::Cid;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// From -2^64 to 2^64 - 1.
    Int(i128),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Map(BTreeMap<String, Value>),
    /// Another block.
    Link(Cid),
}

/// A text.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A map.
pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter();
    Value::Map(
        entries
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// A list.
pub fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::List(values.into())
}

impl Value {
    /// The entry of a map.
    pub fn entry(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(map) => map.get(name),
            _ => None,
        }
    }

    /// As DAG-JSON.
    pub fn json(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Bytes(value) => format!("{{\"/\":{{\"bytes\":\"{}\"}}}}", base64(value)),
            Value::Text(value) => format!("{value:?}"),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(Value::json).collect();
                format!("[{}]", values.join(","))
            }
            Value::Map(map) => {
                let entry = |(name, value): (&String, &Value)| format!("{name:?}:{}", value.json());
                let entries: Vec<String> = map.iter().map(entry).collect();
                format!("{{{}}}", entries.join(","))
            }
            Value::Link(cid) => format!("{{\"/\":\"{cid}\"}}"),
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=three.len() {
            out.push(digits[(bits >> (18 - 6 * at)) as usize & 63] as char);
        }
    }
    out
}
