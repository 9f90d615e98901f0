//! How fast this machine hashes, by each path that it can run.
//!
//! `cargo run --release -p block-cid --example hash-speed [MIB]`
//!
//! Each figure is the median of seven rounds over the same bytes (16 MiB unless told otherwise),
//! the paths taking turns within a round. All of it runs on one thread, except the last column.
#![allow(clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use block_cid::{Hash, hash_many, paths};

const ROUNDS: usize = 7;

fn main() {
    let mib: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(16);
    let bytes = noise(mib << 20);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("sha2-256, MiB/s, one thread; 'all cores' is hash_many on {cores}");
    let sizes = [
        (256, "256 B"),
        (4 << 10, "4 KiB"),
        (256 << 10, "256 KiB"),
        (1 << 20, "1 MiB"),
    ];
    let paths = paths::all();
    println!(
        "{:<20}{}",
        "",
        sizes.map(|(_, name)| format!("{name:>10}")).concat()
    );
    let columns: Vec<Vec<f64>> = sizes
        .iter()
        .map(|(size, _)| {
            let inputs: Vec<&[u8]> = bytes.chunks(*size).collect();
            let mut times = vec![Vec::new(); paths.len() + 2];
            for _ in 0..ROUNDS {
                for ((_, path), times) in paths.iter().zip(&mut times) {
                    times.push(time(|| path(&inputs)));
                }
                let [cores, blake3] = &mut times[paths.len()..] else {
                    continue;
                };
                cores.push(time(|| hash_many(Hash::SHA2_256, &inputs)));
                blake3.push(time(|| {
                    let by_blake3 = |bytes: &&[u8]| block_cid::hash::hash(Hash::BLAKE3, bytes);
                    inputs.iter().map(by_blake3).collect::<Vec<_>>()
                }));
            }
            times
                .into_iter()
                .map(|times| bytes.len() as f64 / 1048576.0 / median(times))
                .collect()
        })
        .collect();
    let names = paths
        .iter()
        .map(|(name, _)| *name)
        .chain(["all cores", "blake3"]);
    for (row, name) in names.enumerate() {
        let cells: String = columns
            .iter()
            .map(|column| format!("{:>10.0}", column[row]))
            .collect();
        println!("{name:<20}{cells}");
    }
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// The median in seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// Bytes with no pattern, the same in every run (xorshift64).
fn noise(len: usize) -> Vec<u8> {
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x.to_le_bytes()
    })
    .flatten()
    .take(len)
    .collect()
}
