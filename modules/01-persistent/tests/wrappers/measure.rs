//! What is counted is what was called, and the text is what Prometheus reads.

use std::collections::BTreeMap;
use std::time::Duration;

use datastore::{Batch, Datastore, Error, MemStore};
use persistent::wrappers::measure::Call as Made;
use persistent::wrappers::{Call, Fault, Faulty, Measure};

use crate::{block, key};

fn used() -> Measure<Faulty<MemStore>> {
    let store = Measure::new(Faulty::new(MemStore::new()));
    store.put(&block(1), b"12345").unwrap();
    store.put(&block(2), b"").unwrap();
    let mut batch = Batch::new();
    batch.put(key("/a"), "123");
    store.apply(batch).unwrap();
    for _ in 0..7 {
        store.get(&block(1)).unwrap();
    }
    store.get_many(&[block(1), block(9), key("/a")]).unwrap();
    store.get_range(&block(1), 0..2).unwrap();
    drop(store.keys(&key("/")).unwrap());
    let error = Error::io("write", "/x", std::io::Error::other("EIO"));
    store.inner().fail(Fault::new(0, error).on(Call::Write));
    assert!(store.put(&block(3), b"lost").is_err());
    store
}

#[test]
fn calls_errors_and_bytes_are_counted() {
    let store = used();
    let of = |call| (store.count(call), store.errors(call), store.bytes(call));
    assert_eq!(of(Made::Put), (3, 1, 5));
    assert_eq!(of(Made::Get), (7, 0, 35));
    assert_eq!(of(Made::GetMany), (1, 0, 8));
    assert_eq!(of(Made::GetRange), (1, 0, 2));
    // The bytes of a batch are those of its keys, too.
    assert_eq!(of(Made::Apply), (1, 0, 5));
    assert_eq!(of(Made::Keys), (1, 0, 0));
    assert_eq!(of(Made::Delete), (0, 0, 0));
    let median = store.quantile(Made::Get, 0.5).unwrap();
    assert!(median >= Duration::from_nanos(100) && median < Duration::from_secs(1));
    assert_eq!(store.quantile(Made::Delete, 0.5), None);
}

/// Labels and value.
type Sample = (BTreeMap<String, String>, f64);

/// The labels and the value of each sample, by name. Panics at what is not the text format 0.0.4.
fn parse(text: &str) -> BTreeMap<String, Vec<Sample>> {
    let mut samples: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut types = BTreeMap::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let words: Vec<&str> = comment.splitn(3, ' ').collect();
            match words[0] {
                "TYPE" => assert!(types.insert(words[1].to_owned(), words[2]).is_none()),
                "HELP" => {}
                other => panic!("{other}: {line}"),
            }
            continue;
        }
        let (name, rest) = line.split_once('{').expect(line);
        let (labels, value) = rest.rsplit_once("} ").expect(line);
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end).filter(|f| types.contains_key(*f)))
            .unwrap_or(name);
        assert!(types.contains_key(family), "no type of {name}");
        let mut all = BTreeMap::new();
        let mut rest = labels;
        while !rest.is_empty() {
            let (label, quoted) = rest.split_once("=\"").expect(line);
            let mut value = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next().expect(line) {
                    (at, '"') => break at,
                    (_, '\\') => match chars.next().expect(line).1 {
                        'n' => value.push('\n'),
                        c => value.push(c),
                    },
                    (_, c) => value.push(c),
                }
            };
            assert!(all.insert(label.to_owned(), value).is_none(), "{line}");
            rest = quoted[end + 1..].trim_start_matches(',');
        }
        let value = value.parse().expect(line);
        samples
            .entry(name.to_owned())
            .or_default()
            .push((all, value));
    }
    samples
}

#[test]
fn the_text_is_prometheus_0_0_4() {
    let store = used();
    let mut text = String::new();
    let name = "a \"name\"\nwith \\";
    store.write_text(name, &mut text).unwrap();
    let samples = parse(&text);
    let of = |metric: &str, call: &str| {
        let all: Vec<_> = samples[metric]
            .iter()
            .filter(|(labels, _)| labels["call"] == call)
            .cloned()
            .collect();
        assert!(all.iter().all(|(labels, _)| labels["store"] == name));
        all
    };
    assert_eq!(of("cairn_store_call_errors_total", "put")[0].1, 1.0);
    assert_eq!(of("cairn_store_call_bytes_total", "get")[0].1, 35.0);
    assert!(of("cairn_store_call_bytes_total", "delete").is_empty());
    assert_eq!(of("cairn_store_call_seconds_count", "get")[0].1, 7.0);
    let sum = of("cairn_store_call_seconds_sum", "get")[0].1;
    assert!(sum > 0.0 && sum < 1.0, "{sum}");

    let buckets = of("cairn_store_call_seconds_bucket", "get");
    let ends: Vec<f64> = buckets
        .iter()
        .map(|(labels, _)| labels["le"].parse().unwrap())
        .collect();
    assert!(ends.is_sorted_by(|a, b| a < b), "{ends:?}");
    assert_eq!((ends[0], *ends.last().unwrap()), (1e-7, f64::INFINITY));
    assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "cumulative");
    assert_eq!(buckets.last().unwrap().1, 7.0);
}
