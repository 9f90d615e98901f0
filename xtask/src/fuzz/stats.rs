//! What libFuzzer says of a run.

use std::fmt;

use demo::units;

/// The figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many inputs there were.
    pub inputs: u64,
    /// How many a second.
    pub rate: u64,
    /// How many places in the code were reached.
    pub code: u64,
    /// How many inputs reach all of those.
    pub corpus: u64,
    /// The most memory of the whole process, in MiB.
    pub memory: u64,
}

impl Stats {
    /// Those at the end of what was said: lines of `stat::NAME: N`, and before them one of
    /// `#N DONE cov: N ft: N corp: N/SIZE …`. Without either, none.
    pub fn parse(said: &str) -> Option<Stats> {
        let stat = |name: &str| {
            let line = said
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').trim().parse().ok()
        };
        let done = said.lines().rev().find(|line| line.contains("DONE"))?;
        let word = |name: &str| {
            let mut words = done
                .split_whitespace()
                .skip_while(|word| *word != name)
                .skip(1);
            words.next()?.split('/').next()?.parse().ok()
        };
        Some(Stats {
            inputs: stat("stat::number_of_executed_units")?,
            rate: stat("stat::average_exec_per_sec")?,
            code: word("cov:")?,
            corpus: word("corp:")?,
            memory: stat("stat::peak_rss_mb")?,
        })
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} inputs, {} a second, nothing found",
            units::count(self.inputs),
            units::count(self.rate)
        )
    }
}

/// What went wrong: the words of the panic, or of libFuzzer, where the input is, and how it is tried
/// again.
pub fn fault(said: &str, target: &str) -> String {
    let panic = |line: &&str| line.contains("panicked at");
    let mut lines: Vec<&str> = said
        .lines()
        .skip_while(|line| !panic(line))
        .take(4)
        .collect();
    let told = said.lines().filter(|line| line.contains("libFuzzer:"));
    lines.extend(told.take(1));
    let written = "Test unit written to ";
    let input = said.lines().find_map(|line| line.split_once(written));
    let mut text = lines.join("\n");
    if let Some((_, input)) = input {
        text += &format!("\ntried again: cargo x fuzz {target} --input {input}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_read() {
        let said = "#8\tINITED cov: 3 ft: 4 corp: 2/9b exec/s: 0 rss: 30Mb\n\
                    #900\tDONE   cov: 71 ft: 80 corp: 12/1Kb lim: 4 exec/s: 450 rss: 40Mb\n\
                    Done 900 runs in 2 second(s)\n\
                    stat::number_of_executed_units: 900\n\
                    stat::average_exec_per_sec:     450\n\
                    stat::new_units_added:          7\n\
                    stat::slowest_unit_time_sec:    0\n\
                    stat::peak_rss_mb:              40\n";
        let expected = Stats {
            inputs: 900,
            rate: 450,
            code: 71,
            corpus: 12,
            memory: 40,
        };
        assert_eq!(Stats::parse(said).unwrap(), expected);
        assert_eq!(Stats::parse("nothing"), None);
    }

    #[test]
    fn what_was_found_is_told_with_how_to_try_it_again() {
        let said = "thread panicked at fuzz/src/x.rs:1:2:\nother form\n\n==9== ERROR: libFuzzer: deadly signal\n\
                    artifact_prefix='/c/'; Test unit written to /c/crash-1\n";
        let told = fault(said, "cid");
        for part in [
            "other form",
            "deadly",
            "cargo x fuzz cid --input /c/crash-1",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}
