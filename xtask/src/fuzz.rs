//! `cargo x fuzz`: every decoder in the hands of libFuzzer.
//!
//! libFuzzer changes inputs, and keeps those that reach code that none before them reached. For that the
//! compiler has to count: LLVM's own pass does it (`sancov-module`), which a stable compiler runs, too,
//! and no tool has to be installed. The sanitizers that are used elsewhere look for faults of memory,
//! and without `unsafe` there are none of our own; what is looked for is in the crate `fuzz`.
//!
//! What is built, and what is found, stays in `fuzz` in `CAIRN_CACHE`: `corpus/TARGET` grows from run to run, and
//! `found/` has each input of which something did not hold. Such an input becomes a test.

mod asked;
mod stats;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::{Context, Result, ensure};
use demo::{Column, Lines, Style, Table, Usage, units};

use crate::metadata::PLATFORM;
use crate::workspace;
use asked::{Asked, Until};
use stats::Stats;

/// What has LLVM count which code is reached, and which numbers are compared, for libFuzzer.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1";

/// The longest input in bytes.
const MAX_LEN: u32 = 4096;

/// Runs what `args` ask for.
///
/// # Errors
/// If something was found, with what it is; if the fuzzer cannot be built or run.
pub fn run(args: &[&str], out: &mut dyn Write) -> Result<()> {
    let root = workspace::root()?;
    let asked = Asked::parse(args)?;
    let targets = chosen(&root, asked.target.as_deref())?;
    let cache = testkit::peers::cache()?.join("fuzz");
    let fuzzer = build(&root, &cache)?;
    let fuzzer = Fuzzer {
        program: fuzzer,
        cache,
    };
    if let Until::Input(input) = &asked.until {
        return fuzzer.one(&targets, input);
    }
    let queue = Mutex::new(VecDeque::from(targets));
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let (sender, results) = mpsc::channel();
    let mut ended = Vec::new();
    thread::scope(|scope| -> Result<()> {
        for _ in 0..asked.jobs {
            let (sender, fuzzer, next, until) = (sender.clone(), &fuzzer, &next, &asked.until);
            scope.spawn(move || {
                while let Some(target) = next() {
                    let stats = fuzzer.run(&target, until);
                    // Nobody listens any more when our own stdout is closed.
                    let _ = sender.send((target, stats));
                }
            });
        }
        drop(sender);
        for (target, stats) in results {
            match &stats {
                Ok(stats) => writeln!(out, "{target}: {stats}")?,
                Err(error) => writeln!(out, "{target}: {error:#}")?,
            }
            out.flush()?;
            ended.push((target, stats));
        }
        Ok(())
    })?;
    write!(out, "\n{}", table(&ended))?;
    let failed = ended.iter().filter_map(|(target, ended)| {
        let error = ended.as_ref().err()?;
        Some(format!("{target}: {error:#}"))
    });
    workspace::refuse("targets that failed", &failed.collect::<Vec<_>>())
}

fn table(ended: &[(String, Result<Stats>)]) -> Table {
    let mut table = Table::new([
        Column::left("target"),
        Column::right("inputs"),
        Column::right("a second"),
        Column::right("code"),
        Column::right("corpus"),
        Column::right("memory"),
        Column::left("end"),
    ])
    .styled(Style::stdout());
    for (target, ended) in ended {
        match ended {
            Ok(stats) => table.row([
                target.clone(),
                units::count(stats.inputs),
                units::count(stats.rate),
                units::count(stats.code),
                units::count(stats.corpus),
                units::bytes(stats.memory << 20),
                "nothing found".to_owned(),
            ]),
            Err(_) => {
                let mut row = vec![String::new(); 7];
                row.first_mut()
                    .into_iter()
                    .for_each(|cell| cell.clone_from(target));
                row.last_mut()
                    .into_iter()
                    .for_each(|cell| *cell = "FAILED".to_owned());
                table.row(row);
            }
        }
    }
    table
}

/// The targets of the crate `fuzz`, or the one that is named.
fn chosen(root: &Path, only: Option<&str>) -> Result<Vec<String>> {
    let source = workspace::read(root, "fuzz/src/targets/mod.rs")?;
    let all = targets(&source);
    ensure!(!all.is_empty(), "fuzz/src/targets/mod.rs lists no targets");
    let Some(only) = only else { return Ok(all) };
    ensure!(
        all.iter().any(|target| target == only),
        Usage::new(format!("no target `{only}`; there are {}", all.join(", ")))
    );
    Ok(vec![only.to_owned()])
}

/// The names in the list of targets.
fn targets(source: &str) -> Vec<String> {
    let lines = source.lines();
    let names = lines.filter_map(|line| line.trim().strip_prefix("target(\"")?.split('"').next());
    names.map(str::to_owned).collect()
}

/// Builds the fuzzer, in a folder of its own.
fn build(root: &Path, cache: &Path) -> Result<PathBuf> {
    let target = cache.join("target");
    let mut cargo = workspace::cargo(root);
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "fuzz",
    ]);
    // With a platform named, what runs while building is not counted.
    cargo.args([
        "--bin",
        "fuzzer",
        "--features",
        "libfuzzer",
        "--target",
        PLATFORM,
    ]);
    cargo.env("RUSTFLAGS", FLAGS);
    cargo.env("CARGO_TARGET_DIR", &target);
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
    let status = cargo.status().context("cannot start cargo")?;
    ensure!(status.success(), "the fuzzer cannot be built");
    Ok(target.join(PLATFORM).join("release/fuzzer"))
}

struct Fuzzer {
    program: PathBuf,
    cache: PathBuf,
}

impl Fuzzer {
    /// One target, until its end.
    fn run(&self, target: &str, until: &Until) -> Result<Stats> {
        let [corpus, seeds, found, logs] =
            ["corpus", "seeds", "found", "logs"].map(|name| self.cache.join(name).join(target));
        // Seeds of an older run may be those of other tables.
        if seeds.exists() {
            fs::remove_dir_all(&seeds)?;
        }
        for folder in [&corpus, &seeds, &found, &logs] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let log = logs.join("log");
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut fuzzer = self.command(target);
        fuzzer.env("CAIRN_FUZZ_SEEDS", &seeds);
        fuzzer.arg(format!("-artifact_prefix={}/", found.display()));
        fuzzer.args(until.args());
        fuzzer.args(["-print_final_stats=1", "-rss_limit_mb=1024", "-timeout=10"]);
        fuzzer.arg(format!("-max_len={MAX_LEN}"));
        fuzzer.arg(&corpus).arg(&seeds);
        fuzzer.stdout(file.try_clone()?).stderr(file);
        let status = fuzzer.status().context("cannot start the fuzzer")?;
        let said = fs::read(&log).context("cannot read the log of the fuzzer")?;
        let said = String::from_utf8_lossy(&said);
        ensure!(status.success(), Lines::new(stats::fault(&said, target)));
        Stats::parse(&said).with_context(|| format!("{} ends without figures", log.display()))
    }

    /// One input, and what is said of it.
    fn one(&self, targets: &[String], input: &Path) -> Result<()> {
        let [target] = targets else {
            anyhow::bail!(Usage::new("--input needs a target before it"));
        };
        let mut fuzzer = self.command(target);
        let status = fuzzer
            .arg(input)
            .status()
            .context("cannot start the fuzzer")?;
        ensure!(status.success(), "it does not hold of {}", input.display());
        Ok(())
    }

    fn command(&self, target: &str) -> Command {
        let mut fuzzer = Command::new(&self.program);
        workspace::forget_this_crate(&mut fuzzer);
        fuzzer.env("CAIRN_FUZZ_TARGET", target);
        fuzzer.env_remove("CAIRN_FUZZ_SEEDS");
        fuzzer
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_targets_are_those_of_the_crate() {
        let root = workspace::root().unwrap();
        let all = chosen(&root, None).unwrap();
        assert!(all.len() >= 17, "{all:?}");
        assert_eq!(chosen(&root, Some("dag-pb")).unwrap(), ["dag-pb"]);
        let error = chosen(&root, Some("dag-bp")).unwrap_err();
        assert!(error.is::<Usage>() && error.to_string().contains("dag-pb, "));
    }
}
