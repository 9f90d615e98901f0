//! The lesson and the program hold together: each `console` block of each page is run, in the order
//! of the page and in one empty folder, and prints what stands there.
//!
//! `…` inside a line stands for anything, `…` alone for any number of lines, and `[exit N]` for
//! the exit code, as in `cargo x docs`, which does the same in a fresh clone by Cargo itself.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use persistent::Kind;

/// The README and the pages beside it: their names and texts.
fn pages() -> Vec<(String, String)> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = fs::read_dir(module.join("docs")).unwrap();
    let beside = beside.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = beside.chain([module.join("README.md")]).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// A command of a page, and the lines below it.
struct Step<'a> {
    command: &'a str,
    shown: Vec<&'a str>,
    exit: i32,
}

fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for block in text.split("\n```console\n").skip(1) {
        let (block, _) = block.split_once("\n```").unwrap();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    command,
                    shown: Vec::new(),
                    exit: 0,
                });
                continue;
            }
            let step = steps.last_mut().unwrap();
            let code = line
                .strip_prefix("[exit ")
                .and_then(|s| s.strip_suffix(']'));
            match code {
                Some(code) => step.exit = code.parse().unwrap(),
                None => step.shown.push(line),
            }
        }
    }
    steps
}

/// Whether `line` is `pattern`, in which each `…` stands for anything.
fn is_line(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether `lines` are `patterns`, in which a `…` alone stands for any number of lines.
fn are_lines(patterns: &[&str], lines: &[&str]) -> bool {
    match patterns {
        [] => lines.is_empty(),
        ["…", rest @ ..] => (0..=lines.len()).any(|n| are_lines(rest, &lines[n..])),
        [first, rest @ ..] => match lines {
            [line, lines @ ..] => is_line(first, line) && are_lines(rest, lines),
            [] => false,
        },
    }
}

#[test]
fn a_line_that_is_another_does_not_match() {
    for (pattern, line, same) in [
        ("a", "a", true),
        ("a", "a ", false),
        ("stored in … ms", "stored in 0.1 ms", true),
        ("stored in … ms", "stored in 0.1 s", false),
        ("…", "", true),
        ("a … b … c", "a 1 b 2 c", true),
        ("a … b … c", "a 1 c 2 b", false),
        ("a…", "b", false),
    ] {
        assert_eq!(is_line(pattern, line), same, "{pattern:?} {line:?}");
    }
    assert!(are_lines(&["a", "…", "c"], &["a", "b", "b", "c"]));
    assert!(!are_lines(&["a", "…", "c"], &["a", "b", "b"]));
    assert!(!are_lines(&["a"], &["a", "b"]));
    assert!(!are_lines(&["a", "b"], &["a"]));
}

#[test]
fn the_pages_show_what_the_program_prints() {
    let mut count = 0;
    for (page, text) in pages() {
        let place = tempfile::tempdir().unwrap();
        for step in steps(&text) {
            count += usize::from(run(&page, &step, place.path()));
        }
    }
    assert!(count >= 30, "where are the blocks? {count}");
}

/// Runs a command of a page in `place`; false if that is not for here.
fn run(page: &str, step: &Step<'_>, place: &Path) -> bool {
    let cargo = "cargo run --bin 01-persistent";
    if step.command == cargo && cfg!(feature = "rocksdb") {
        // The pages show the tour of the default build, which has one engine less.
        return false;
    }
    if step.command.contains(" --example ") {
        // Built by `cargo x docs`, which runs it in a checkout.
        return false;
    }
    let command = step
        .command
        .replace(&format!("{cargo} -- "), "\"$PROGRAM\" ");
    let command = command.replace(cargo, "\"$PROGRAM\"");
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(place)
        .env("PROGRAM", env!("CARGO_BIN_EXE_01-persistent"))
        .env_remove("BACKEND")
        .env_remove("DATA_PATH")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    assert!(
        are_lines(&step.shown, &lines),
        "$ {}\n{page} shows\n{}\nand it prints\n{printed}",
        step.command,
        step.shown.join("\n"),
    );
    let code = output.status.code();
    assert_eq!(code, Some(step.exit), "{page}: $ {}", step.command);
    true
}

/// Run twice, the tour works twice, says what it found, and leaves what is not its own.
#[test]
fn the_tour_runs_again_and_touches_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_01-persistent"))
            .args(args)
            .current_dir(place.path())
            .env_remove("BACKEND")
            .env_remove("DATA_PATH")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "engines say nothing: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let on_disk = Kind::built().filter(|kind| kind.is_on_disk()).count();
    let first = run(&[]);
    assert_eq!(first.matches("stored 3 blocks, ").count(), on_disk + 1);
    assert_eq!(first.matches("retrieved all 3, ").count(), on_disk + 1);
    assert_eq!(first.matches(", new\n").count(), on_disk, "{first}");
    assert_eq!(first.matches("opened again: all 3 blocks").count(), on_disk);
    assert_eq!(first.matches("memory forgets").count(), 1);

    fs::write(place.path().join("mine"), b"my own").unwrap();
    let mine = ["-b", "redb", "--path", "data/tour/redb"];
    let cid = run(&[&mine[..], &["put", "-Q", "mine"]].concat());
    let second = run(&[]);
    assert_eq!(
        second.matches("with 3 blocks of the last tour").count(),
        on_disk
    );
    assert_eq!(run(&[&mine[..], &["get", cid.trim()]].concat()), "my own");
    assert!(!place.path().join("data/redb").exists());
}

/// What `examples/compare.rs` prints is what the page has, but for the figures.
#[test]
fn the_measured_table_is_the_one_that_compare_prints() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let compare = fs::read_to_string(examples.join("compare.rs")).unwrap();
    let titles =
        "| engine | put 4 KiB | put 256 KiB | get 4 KiB | get 256 KiB | memory | on disk | open |";
    assert!(compare.contains(titles));
    let pages = pages();
    let engines = pages.iter().find(|(name, _)| name == "engines.md").unwrap();
    let table = engines.1.split_once(titles).unwrap().1;
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let engines: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    let built = Kind::ALL.map(Kind::name);
    assert!(
        engines.iter().all(|engine| built.contains(engine)),
        "{engines:?}"
    );
    assert!(engines.len() >= 4, "{engines:?}");
    for row in rows {
        assert_eq!(row.len(), 10, "{row:?}");
        for time in [2, 3, 4, 5, 8].map(|at| row[at]) {
            let unit = time.split(' ').nth(1).unwrap();
            assert!(["ns", "µs", "ms"].contains(&unit), "{row:?}");
        }
    }
}
