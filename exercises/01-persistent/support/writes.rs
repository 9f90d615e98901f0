//! Some writes, and what a reader may find after each.

use std::collections::BTreeMap;

/// Keys, and the values that they get; `None` is a delete.
pub type Writes = Vec<(&'static str, Option<String>)>;

/// Some puts and deletes.
pub fn some() -> Writes {
    let long = "0123456789abcdef".repeat(70);
    vec![
        ("a", Some("one".into())),
        ("b", Some(long)),
        ("a", Some("two".into())),
        ("b", None),
        ("c", Some("three".into())),
    ]
}

/// Whether what was found, sorted by key, is the state after `acked` writes, or the one after.
pub fn judge(
    found: Vec<(String, Option<Vec<u8>>)>,
    writes: &Writes,
    acked: usize,
) -> Result<(), String> {
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    let found: Vec<(String, Option<String>)> = found
        .into_iter()
        .map(|(key, value)| (key, value.map(text)))
        .collect();
    let after = |n: usize| {
        let mut state = BTreeMap::new();
        for (key, value) in &writes[..n] {
            match value {
                Some(value) => drop(state.insert((*key).to_owned(), Some(value.clone()))),
                None => drop(state.remove(*key)),
            }
        }
        state.into_iter().collect::<Vec<_>>()
    };
    let next = (acked + 1).min(writes.len());
    if found == after(acked) || found == after(next) {
        return Ok(());
    }
    let told = |state: &[(String, Option<String>)]| {
        let one = |(key, value): &(String, Option<String>)| {
            let value = value.as_deref().unwrap_or("nothing");
            match value.len() {
                0..=20 => format!("{key}={value:?}"),
                len => format!("{key}={len} bytes"),
            }
        };
        state.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    Err(format!(
        "a reader finds [{}]\nacknowledged   [{}]",
        told(&found),
        told(&after(acked))
    ))
}
