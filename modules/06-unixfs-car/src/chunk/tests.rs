#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use demo::Data;
use proptest::prelude::*;

use super::*;

/// Gives its bytes in pieces of these lengths, over and over.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = self.lengths.next().unwrap().min(to.len());
        (&mut self.bytes).take(len as u64).read(to)
    }
}

fn lengths(text: &str, bytes: &[u8]) -> Vec<usize> {
    let chunks = text.parse::<Chunker>().unwrap().chunks(bytes);
    chunks.map(|chunk| chunk.unwrap().len()).collect()
}

/// Where the first chunk ends if the fingerprint is computed anew at every place.
fn slow_rabin(rabin: Rabin, bytes: &[u8]) -> usize {
    let mask = (1 << rabin.avg().ilog2()) - 1;
    let zero = |end: &usize| {
        let window: [u8; 16] = bytes[end - 16..*end].try_into().unwrap();
        let mut print = u128::from_be_bytes(window);
        while print >= 1 << 53 {
            print ^= 17_437_180_132_763_653 << (print.ilog2() - 53);
        }
        print & mask == 0
    };
    let end = bytes.len().min(rabin.max());
    (rabin.min()..end).find(zero).unwrap_or(end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_are_the_same_however_the_bytes_come(
        seed: u64,
        len in 0_usize..40_000,
        hint in proptest::option::of(0_u64..80_000),
        pieces in proptest::collection::vec(1_usize..5_000, 1..8),
        text in proptest::sample::select(vec![
            "size-1", "size-7", "size-1000", "size-65535", "size-65536", "size-262144",
            "rabin-64", "rabin-100-1000-3000", "rabin-16-17-18", "buzhash",
        ]),
    ) {
        let bytes = Data::new(seed).block(0, len);
        let chunker: Chunker = text.parse().unwrap();
        let pieces = Pieces { bytes: &bytes, lengths: pieces.into_iter().cycle() };
        let mut slow = chunker.chunks(pieces);
        slow.left = hint;
        let slow: Vec<Bytes> = slow.map(Result::unwrap).collect();
        let fast: Vec<Bytes> = chunker.chunks(&bytes[..]).map(Result::unwrap).collect();
        prop_assert_eq!(&slow, &fast);
        prop_assert_eq!(slow.concat(), bytes);
        prop_assert!(slow.iter().all(|chunk| (1..=chunker.max()).contains(&chunk.len())));
    }

    #[test]
    fn rabin_cuts_where_the_fingerprint_of_sixteen_bytes_ends_in_zeros(
        seed: u64,
        len in 0_usize..30_000,
        text in proptest::sample::select(vec![
            "rabin-64", "rabin-100-1000-3000", "rabin-16-17-18", "rabin-16-256-100000",
            "rabin-2000-8192-20000", "rabin-16-65536-100000",
        ]),
    ) {
        let mut bytes = &Data::new(seed).block(0, len)[..];
        let Chunker::Rabin(rabin) = text.parse().unwrap() else { unreachable!() };
        for len in lengths(text, bytes) {
            prop_assert_eq!(len, slow_rabin(rabin, bytes));
            bytes = &bytes[len..];
        }
    }
}

/// The state after 32 bytes, from its definition.
fn buzhash_of(window: &[u8]) -> u32 {
    let rotated = |(at, byte): (usize, &u8)| buzhash::bits(*byte).rotate_left(31 - at as u32);
    window.iter().enumerate().map(rotated).fold(0, |a, b| a ^ b)
}

#[test]
fn buzhash_cuts_where_the_hash_of_32_bytes_ends_in_zeros() {
    let bytes = Data::new(1).block(0, 3 << 20);
    let mut rest = &bytes[..];
    for len in lengths("buzhash", &bytes) {
        let end = rest.len().min(512 << 10);
        let zero = |end: &usize| buzhash_of(&rest[end - 32..*end]).trailing_zeros() >= 17;
        assert_eq!(len, (128 << 10..end).find(zero).unwrap_or(end));
        rest = &rest[len..];
    }
    assert!(rest.is_empty());
}

/// The fingerprint of zeros is zero, so that rabin cuts as soon as it may. Buzhash adds up a byte's
/// word in each of its 32 rotations: all zeros if the word has an even number of bits, else all
/// ones.
#[test]
fn equal_bytes_are_cut_as_soon_or_as_late_as_can_be() {
    let rabin = lengths("rabin", &vec![0; 1 << 20]);
    assert!(rabin.iter().rev().skip(1).all(|len| *len == 262_144 / 3));
    let odd = |byte: &u8| buzhash::bits(*byte).count_ones() % 2 == 1;
    let (odd, even): (Vec<u8>, Vec<u8>) = (0..=255).partition(odd);
    assert!(even.contains(&0));
    assert_eq!(lengths("buzhash", &vec![even[0]; 1 << 20]), [128 << 10; 8]);
    assert_eq!(lengths("buzhash", &vec![odd[0]; 1 << 20]), [512 << 10; 2]);
    assert_eq!(lengths("buzhash", &vec![odd[0]; 128 << 10]), [128 << 10]);
}

#[test]
fn kubos_names_are_read() {
    for (text, shown, max) in [
        ("", "size-262144", 262_144),
        ("default", "size-262144", 262_144),
        ("size-2096896", "size-2096896", 2_096_896),
        ("buzhash", "buzhash", 524_288),
        ("rabin", "rabin-87381-262144-393216", 393_216),
        ("rabin-48", "rabin-16-48-72", 72),
        ("rabin-16-17-18", "rabin-16-17-18", 18),
        ("rabin-min:16-avg:17-max:18", "rabin-16-17-18", 18),
    ] {
        let chunker: Chunker = text.parse().unwrap();
        assert_eq!((chunker.to_string().as_str(), chunker.max()), (shown, max));
        assert_eq!(shown.parse::<Chunker>().unwrap(), chunker);
    }
}

#[test]
fn what_is_no_chunker_is_refused_by_name() {
    for text in [
        "size",
        "size-",
        "size-0",
        "size--1",
        "size-1-2",
        "size-2096897",
        "size-99999999999999999999",
        "rabin-47",
        "rabin-0",
        "rabin-1-2",
        "rabin-15-16-17",
        "rabin-16-16-17",
        "rabin-16-17-17",
        "rabin-16-17-2096897",
        "rabin-1-2-3-4",
        "rabin-avg:16-avg:17-max:18",
        "rabin-2000000",
        "fastcdc",
        "Size-1",
    ] {
        let error = text.parse::<Chunker>().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{text:?} is no chunker: ")),
            "{error}"
        );
    }
}

#[test]
fn an_error_of_the_reader_is_given_once_and_no_chunk_after_it() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let from = [1_u8; 10].chain(Broken);
    let mut chunks = Chunker::Size(4).chunks(from);
    assert_eq!(chunks.next().unwrap().unwrap_err().to_string(), "gone");
    assert!(chunks.next().is_none());
}
