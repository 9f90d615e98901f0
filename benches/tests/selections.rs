//! The words that the README has behind `cargo bench -p benches --` select something.
#![allow(clippy::unwrap_used)]

use std::env;
use std::process::Command;

const README: &str = include_str!("../README.md");

#[test]
fn each_word_of_the_readme_selects_a_benchmark_of_its_own() {
    let words: Vec<&str> = README
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cargo bench -p benches -- "))
        .map(|rest| rest.split_whitespace().next().unwrap())
        .collect();
    assert!(words.len() >= 8, "{words:?}");

    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "test",
        "--locked",
        "-p",
        "benches",
        "--benches",
        "--",
        "--list",
    ]);
    let listed = cargo.env_remove("CAIRN_KINDS").output().unwrap();
    let said = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let names: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_suffix(": benchmark"))
        .collect();
    for word in &words {
        assert!(
            names.iter().any(|name| name.contains(word)),
            "nothing has {word} in its name: {names:?}"
        );
    }
    // And no benchmark is left out of the README.
    for name in names {
        assert!(
            words.iter().any(|word| name.contains(word)),
            "the README has no word for {name}"
        );
    }
}
