//! `report.md`: the answers and the goals, for where a page cannot be shown.

use std::time::Duration;

use demo::units;

use super::answers::{self, RULE};
use super::files;
use super::goals;
use super::grid::Grid;
use super::number;
use super::record::Record;
use super::what::{self, What};

/// The machine, in a sentence or two.
pub fn host(record: &Record) -> String {
    let host = &record.host;
    let sha = match host.sha_extensions {
        true => "with SHA extensions",
        false => "without SHA extensions",
    };
    let versions: Vec<String> = record
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    format!(
        "Measured on {} ({} run, {}): {} cores of {}, {sha}; {} of memory; {}; Linux {}; {}. \
         Load of the machine before: {:.2}, after: {:.2}. Versions: {}.",
        record.date,
        record.plan.effort,
        units::duration(Duration::from_secs_f64(record.seconds.max(0.0))),
        host.cores,
        host.cpu,
        units::bytes(host.memory),
        host.file_system,
        host.kernel,
        host.rustc,
        host.load_before,
        host.load_after,
        versions.join(", "),
    )
}

/// The whole summary.
pub fn markdown(record: &Record) -> String {
    let mut out = format!(
        "# Which store for which case\n\n{}\n\n",
        cell(&host(record))
    );
    for note in &record.notes {
        out += &format!("- {}\n", cell(note));
    }
    out += &format!(
        "## Answers\n\n{RULE}\n\n| question | engine | score, of the best |\n| --- | --- | --- |\n"
    );
    for answer in answers::answers(record) {
        let named: Vec<&str> = answer.named().collect();
        let scores = answer.ranked.iter();
        let scores: Vec<String> = scores
            .map(|(name, score)| format!("{name} {}", number::short(score.median)))
            .collect();
        out += &format!(
            "| {} | {} | {} |\n",
            answer.question,
            named.join(", "),
            scores.join(", ")
        );
    }
    out += "\n## Goals\n\n| goal | wanted | found |\n| --- | --- | --- |\n";
    for goal in goals::all(record) {
        let (verdict, rest) = (cell(&goal.verdict()), cell(&goal.rest()));
        out += &format!("| {} | {} | {verdict}. {rest} |\n", goal.id, goal.text);
    }
    out += &section(record);
    out += &latencies(record);
    out += "\n## Figures\n\nMedians of the rounds; `report.json` has each.\n";
    for what in what::ALL {
        out += &table(record, what);
    }
    out
}

/// Files and CARs.
fn section(record: &Record) -> String {
    let grids = files::grids(record);
    if grids.is_empty() {
        return String::new();
    }
    let mut out = format!("\n## Files and CARs\n\n{}\n", files::HOW);
    for grid in grids {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        out += &format!("\n### {}\n\n{}| --- |", grid.title, line(&grid.head));
        out += &" ---: |".repeat(grid.head.len().saturating_sub(1));
        out += "\n";
        grid.rows.iter().for_each(|row| out += &line(row));
    }
    out
}

/// Percentiles of single calls, in microseconds.
fn latencies(record: &Record) -> String {
    let size = record.plan.middle() as u64;
    let mut out = format!(
        "\n## Latency\n\nMicroseconds of one call, blocks of {}; of all rounds together. A percentile that no call lies beyond is left out.\n",
        number::size(size)
    );
    for what in [
        "put.each.1",
        "put.each.64",
        "get.warm",
        "get.cold",
        "write.each",
    ] {
        let title = what::find(what).map_or(what, |what| what.title);
        let mut rows = String::new();
        for subject in record.figures.subjects() {
            if let Some(latency) = record.latency(subject, size, what) {
                let micros = |percentile| {
                    let nanos = latency.at(percentile);
                    nanos.map_or("-".to_owned(), |nanos| number::short(nanos / 1e3))
                };
                let [p50, p99, p999] = [50.0, 99.0, 99.9].map(micros);
                let calls = units::count(latency.calls);
                rows += &format!("| {} | {p50} | {p99} | {p999} | {calls} |\n", cell(subject));
            }
        }
        if !rows.is_empty() {
            out += &format!(
                "\n### {title} (`{what}`)\n\n| of | p50 | p99 | p99.9 | calls |\n| --- | ---: | ---: | ---: | ---: |\n{rows}"
            );
        }
    }
    out
}

/// One figure of all subjects, over the sizes.
fn table(record: &Record, what: &What) -> String {
    let Some(grid) = Grid::of(record, what) else {
        return String::new();
    };
    let mut out = format!("\n### {} (`{}`)\n\n", what.title, what.name);
    out += &format!("| of | {} |\n| --- |", grid.sizes.join(" | "));
    out += &" ---: |".repeat(grid.sizes.len());
    out += "\n";
    for (name, cells) in &grid.rows {
        out += &format!("| {} | {} |\n", cell(name), cells.join(" | "));
    }
    out
}

/// Text that stays within a cell.
fn cell(text: &str) -> String {
    demo::plain(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{record, set};
    use super::*;

    #[test]
    fn it_has_the_machine_the_goals_and_the_figures() {
        let mut record = record();
        set(&mut record, "pack", 4096, "open.killed", [2.0, 3.0, 4.0]);
        record.host.cpu = "a|b\n# c".to_owned();
        let text = markdown(&record);
        assert!(
            text.contains("2 cores of a\\|b\\n# c, with SHA extensions"),
            "{text}"
        );
        assert!(
            text.contains("| S12 |") && text.contains("not measured"),
            "{text}"
        );
        assert!(text.contains("### open after kill -9 (`open.killed`)\n\n| of | 4 KiB |\n| --- | ---: |\n| pack | 3.00 ms |\n"), "{text}");
    }
}
