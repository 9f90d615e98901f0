//! Which plots there are.

use super::Plot;
use super::make::{cdf, rates, ratios, times};
use super::totals;
use crate::report::record::Record;

/// All that this record has figures for.
pub fn all(record: &Record) -> Vec<Plot> {
    let disk = "What it does not show: a larger or a fuller store, another disk, other programs beside it.";
    let cached = "What it does not show: what a program does with the block, many readers at once.";
    let mut plots = vec![
        rates(
            record,
            "put.none.1000",
            &["write.none", "sha2.1"],
            disk,
            "Durability none: put by the thousand, not flushed",
        ),
        rates(
            record,
            "put.none.1",
            &["write.none", "sha2.1"],
            disk,
            "Durability none: put one by one, not flushed",
        ),
        rates(
            record,
            "put.batch.1000",
            &["write.batch"],
            disk,
            "Durability per batch: put by the thousand, each batch on disk",
        ),
        rates(
            record,
            "put.batch.100",
            &["write.batch"],
            disk,
            "Durability per batch: put by the hundred, each batch on disk",
        ),
        rates(
            record,
            "put.each.1",
            &["write.each"],
            disk,
            "Durability per put: one writer, each put on disk",
        ),
        rates(
            record,
            "put.each.64",
            &["write.each"],
            disk,
            "Durability per put: 64 writers, each put on disk",
        ),
        cdf(record, "put.each.1", "How long a durable put takes"),
        rates(
            record,
            "get.warm",
            &["sha2.1"],
            cached,
            "Get, cached; ours on disk are hashed, the others not",
        ),
        rates(
            record,
            "get.cold",
            &["sha2.1"],
            "What it does not show: the device's own cache, which is warm.",
            "Get, nothing cached",
        ),
        cdf(record, "get.warm", "How long a cached get takes"),
        cdf(
            record,
            "get.cold",
            "How long a get takes that nothing is cached of",
        ),
        ratios(
            record,
            "beside.put",
            "Bulk puts through our wrapper, of the bare engine",
        ),
        ratios(
            record,
            "beside.put.hash",
            "Bulk puts of blocks that are hashed, of the bare engine or the hash, whichever is slower",
        ),
        ratios(
            record,
            "beside.get",
            "Gets through our wrapper without the hash, of the bare engine",
        ),
        ratios(
            record,
            "beside.get.hash",
            "Gets through our wrapper, of the bare engine and a hash after it",
        ),
        times(record, "has.absent", "Has, of what is absent"),
        rates(
            record,
            "mixed",
            &[],
            cached,
            "Four gets for each put, not flushed",
        ),
        rates(
            record,
            "scan.blocks",
            &["sha2.1"],
            cached,
            "Read all blocks, not hashed",
        ),
        times(record, "scan.keys", "List all keys"),
        times(record, "delete", "Delete one by one, not flushed"),
        times(
            record,
            "slope.put",
            "Puts by the thousand into a store that grows, blocks of 256 B",
        ),
        times(
            record,
            "slope.get",
            "Gets from a store that grows, blocks of 256 B",
        ),
        times(
            record,
            "slope.absent",
            "Has, of what is absent, in a store that grows",
        ),
    ];
    plots.extend(totals::all(record));
    plots.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::testing::{record, set};
    use crate::report::what;

    #[test]
    fn what_has_no_figures_has_no_plot() {
        assert!(all(&record()).is_empty());
    }

    #[test]
    fn a_plot_has_those_that_were_measured_and_says_what_it_shows() {
        let mut record = record();
        set(
            &mut record,
            "pack",
            4096,
            "put.each.1",
            [256.0, 512.0, 256.0],
        );
        set(&mut record, "pack", 256, "put.each.1", [8192.0; 3]);
        set(&mut record, "sled", 4096, "put.each.1", [128.0; 3]);
        set(&mut record, "machine", 4096, "write.each", [1024.0; 3]);
        let plots = all(&record);
        let [plot] = &plots[..] else {
            panic!("{} plots", plots.len());
        };
        assert_eq!(plot.names(), ["pack", "sled", "(one file)"]);
        assert_eq!(plot.rounds(), (3, 3));
        // 256 blocks of 4 KiB are a MiB.
        let says = "MiB a second over bytes of a block, from the highest. \
                    At 256 B: pack 2.00. At 4K: (one file) 4.00, pack 1.00, sled 0.500.";
        assert_eq!(plot.says(), says);
        let svg = plot.svg().unwrap();
        assert!(svg.contains("role=\"img\"") && svg.contains(says), "{svg}");
        assert!(svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn bars_have_the_least_first() {
        let mut record = record();
        set(
            &mut record,
            "file",
            4096,
            "memory.put",
            [f64::from(4 << 20); 3],
        );
        set(
            &mut record,
            "pack",
            4096,
            "memory.put",
            [f64::from(2 << 20); 3],
        );
        let says = all(&record).first().unwrap().says();
        assert_eq!(says, "MiB, from the top: pack 2.00, file 4.00.");
    }

    #[test]
    fn every_plot_has_a_name_of_its_own() {
        let mut record = record();
        for what in what::ALL {
            for name in ["pack", "raw-pack", "machine"] {
                for size in [256, 4096, 256 << 10] {
                    set(&mut record, name, size, what.name, [1.0; 3]);
                }
            }
        }
        let plots = all(&record);
        let mut ids: Vec<&str> = plots.iter().map(|plot| plot.id.as_str()).collect();
        assert!(ids.len() > 20);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), plots.len());
    }
}
