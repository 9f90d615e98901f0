//! Any range of a file is that of its bytes.

use std::io::{Read, Seek, SeekFrom};

use testkit::{Rng, Trial, run};
use unixfs_car::Reader;

use crate::build;
use crate::files::shapes;

#[test]
fn random_ranges_are_slices() {
    let seed = run::seed("ranges");
    let rounds = run::count("CAIRN_RANGES", 5_000, 1_000_000);
    let store = build::store();
    let shapes = shapes(&store);
    let mut readers: Vec<_> = shapes
        .iter()
        .map(|(_, cid, _)| Reader::open(&store, cid).unwrap())
        .collect();
    let mut trial = Trial::new("ranges", "a random range of a file", seed);
    let mut rng = Rng::new(seed);
    for round in 0..rounds {
        trial.one();
        let which = round % shapes.len();
        let (name, cid, bytes) = &shapes[which];
        let start = rng.below(bytes.len() as u64 + 5);
        let most = if rng.once_in(4) { 6000 } else { 300 };
        let len = rng.below(most);
        let end = (start + len).min(bytes.len() as u64);
        let expected = bytes.get(start as usize..end as usize).unwrap_or_default();
        let mut found = Vec::new();
        if rng.once_in(2) {
            // One that was read of before, wherever it stands.
            let reader = &mut readers[which];
            let stands = reader.stream_position().unwrap();
            let to = match rng.below(3) {
                0 => SeekFrom::Start(start),
                1 => SeekFrom::Current(start as i64 - stands as i64),
                _ => SeekFrom::End(start as i64 - bytes.len() as i64),
            };
            reader.seek(to).unwrap();
            reader.take(len).read_to_end(&mut found).unwrap();
        } else {
            let mut reader = Reader::open(&store, cid).unwrap().with_end(end);
            reader.seek(SeekFrom::Start(start)).unwrap();
            reader.copy_to(&mut found).unwrap();
        }
        assert!(found == expected, "{name}: {start}, {len} bytes");
    }
    trial.end(&format!("{} files", shapes.len()));
}
