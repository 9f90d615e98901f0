//! Faults that decoders have had, planted in small ones: a bounded run finds each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use dag_ipld::{Ipld, dag_cbor};
use fuzz::limit::{TIME, time, within};
use fuzz::{Found, Seeds, Target, run};

/// As many inputs as the tests of the decoders try.
const MADE: usize = 5000;

/// How long an input may take of a clock: others may keep it waiting.
const PATIENCE: Duration = Duration::from_secs(60);

fn found(name: &'static str, check: fn(&[u8])) -> Option<Found> {
    found_in(name, check, PATIENCE)
}

/// What is found in a decoder that is checked so.
fn found_in(name: &'static str, check: fn(&[u8]), patience: Duration) -> Option<Found> {
    static SEEDS: OnceLock<Result<Seeds, String>> = OnceLock::new();
    let seeds = SEEDS.get_or_init(Seeds::gather).as_ref();
    let seeds = testkit::or_skip(&format!("planted in {name}"), seeds.map_err(String::clone))?;
    let seeds = seeds.of(name);
    let what = "something planted";
    let target = Target { name, what, check };
    let seed = testkit::run::seed(&format!("planted in {name}"));
    let found = run(target, &seeds, MADE, seed, patience);
    Some(found.expect_err("a fault was planted"))
}

/// CVE-2022-2584: go-codec-dagpb took apart what it had not looked at.
#[test]
fn a_panic_is_found() {
    let Some(found) = found("dag-pb", |bytes| {
        if let [0x12, len, rest @ ..] = bytes {
            assert!(rest[..usize::from(*len)].len() < 256);
        }
    }) else {
        return;
    };
    assert!(found.said.unwrap().contains("out of range"));
}

/// An integer that is longer than it has to be is a second name for a value.
#[test]
fn a_second_form_that_is_taken_is_found() {
    let Some(found) = found("dag-cbor", |bytes| {
        let block = Bytes::copy_from_slice(bytes);
        if let Ok(value @ Ipld::Integer(_)) = dag_cbor::decode_relaxed(&block) {
            assert_eq!(dag_cbor::encode(&value).unwrap(), bytes, "another form");
        }
    }) else {
        return;
    };
    assert!(found.said.unwrap().contains("another form"));
}

/// CVE-2026-35480: a list of 2^30 entries is announced, and room is made for them.
#[test]
fn memory_for_what_is_announced_is_found() {
    let Some(found) = found("dag-cbor", |bytes| {
        if let [0x9a, len @ ..] = bytes
            && let Some(len) = len.first_chunk()
        {
            let items = u32::from_be_bytes(*len).min(1 << 20);
            within(bytes, 4, || drop(Vec::<u64>::with_capacity(items as usize)));
        }
    }) else {
        return;
    };
    assert!(found.said.unwrap().contains("bytes of memory"));
}

/// Links that are not those of the value: here none below a list.
#[test]
fn links_that_are_left_out_are_found() {
    let Some(found) = found("dag-cbor", |bytes| {
        let block = Bytes::copy_from_slice(bytes);
        let (Ok(value), mut links) = (dag_cbor::decode(&block), 0) else {
            return;
        };
        value.links(&mut |_| links += 1);
        let mut shown = 0;
        if !matches!(value, Ipld::List(_)) {
            dag_cbor::links(&block, &mut |_| shown += 1).unwrap();
        }
        assert_eq!(shown, links, "links");
    }) else {
        return;
    };
    assert!(found.said.unwrap().contains("links"));
}

/// iroh-relay 1.1.0: a parser of batches that went on where it stood.
#[test]
fn what_comes_to_no_end_is_found() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let endless = |bytes: &[u8]| {
        let mut rest = bytes;
        while let Some((len, after)) = rest.split_first() {
            // A section of no bytes.
            let next = after.get(usize::from(*len)..).unwrap_or_default();
            rest = if *len == 0 { rest } else { next };
            if STOP.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    let Some(found) = found_in("carv1", endless, Duration::from_secs(1)) else {
        return;
    };
    STOP.store(true, Ordering::Relaxed);
    assert_eq!(found.said, None);
}

/// What is done in the end, and takes longer than it may.
#[test]
fn what_takes_too_long_is_found() {
    let Some(found) = found("dag-json", |bytes| {
        let begun = time();
        while bytes.starts_with(b"[") && time() - begun < TIME {}
    }) else {
        return;
    };
    assert!(found.said.unwrap().contains("are allowed"));
}
