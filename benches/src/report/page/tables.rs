//! The parts of the page that are text.

use std::time::Duration;

use demo::units;

use super::escape;
use crate::report::answers::{Answer, RULE};
use crate::report::files;
use crate::report::goals::{Check, Goal, Limit};
use crate::report::grid::Grid;
use crate::report::number::{self, short};
use crate::report::record::Record;
use crate::report::what;

/// The machine, in a paragraph.
pub fn host(record: &Record) -> String {
    format!(
        "<p>{}</p>\n",
        escape(&crate::report::markdown::host(record))
    )
}

/// The questions and their answers.
pub fn answers(answers: &[Answer]) -> String {
    let mut out = String::from("<section id=\"answers\">\n<h2>Answers</h2>\n");
    if answers.is_empty() {
        return out + "<p>Not measured: a question takes two engines on disk.</p>\n</section>\n";
    }
    out += &format!("<p>{}</p>\n", escape(RULE));
    out += "<div class=\"wide\"><table class=\"cards\">\n<thead><tr><th>Question</th><th>Engine</th><th>Score, of the best</th><th>By</th></tr></thead>\n<tbody>\n";
    for answer in answers {
        let named: Vec<&str> = answer.named().collect();
        let scores = answer
            .ranked
            .iter()
            .map(|(name, score)| format!("{name} {}", short(score.median)));
        let scores: Vec<String> = scores.collect();
        out += &format!(
            "<tr><td>{}</td><td><strong>{}</strong></td><td>{}</td><td class=\"pale\">{}</td></tr>\n",
            escape(answer.question),
            escape(&named.join(", ")),
            escape(&scores.join(", ")),
            escape(&answer.of),
        );
    }
    out + "</tbody></table></div>\n</section>\n"
}

/// The goals, met or not.
pub fn goals(goals: &[Goal]) -> String {
    let mut out = String::from(
        "<section id=\"goals\">\n<h2>Goals</h2>\n<p>A goal is met if the median keeps the limit for every engine and size that it is asked of.</p>\n<div class=\"wide\"><table class=\"cards\">\n<thead><tr><th>Goal</th><th>Wanted</th><th>Found</th></tr></thead>\n<tbody>\n",
    );
    for goal in goals {
        let class = match goal.is_met() {
            Some(true) => "met",
            Some(false) => "missed",
            None => "pale",
        };
        out += &format!(
            "<tr><td>{}</td><td>{}</td><td><span class=\"{class}\">{}.</span> <span class=\"pale\">{}</span>{}</td></tr>\n",
            escape(goal.id),
            escape(goal.text),
            escape(&goal.verdict()),
            code(&goal.rest()),
            checks(&goal.checks),
        );
    }
    out + "</tbody></table></div>\n</section>\n"
}

/// Files and CARs.
pub fn files(record: &Record) -> String {
    let grids = files::grids(record);
    let mut out = String::from("<section id=\"files\">\n<h2>Files and CARs</h2>\n");
    if grids.is_empty() {
        return out + "<p>Not measured in this run.</p>\n</section>\n";
    }
    out += &format!("<p>{}</p>\n", code(files::HOW));
    for grid in grids {
        let cells = |cells: &[String], tag: &str| {
            let cell = |(n, text): (usize, &String)| {
                let class = if n > 0 { " class=\"n\"" } else { "" };
                format!("<{tag}{class}>{}</{tag}>", code(text))
            };
            let cells: String = cells.iter().enumerate().map(cell).collect();
            format!("<tr>{cells}</tr>\n")
        };
        out += &format!(
            "<h3>{}</h3>\n<div class=\"wide\"><table>\n<thead>{}</thead>\n<tbody>\n",
            escape(&grid.title),
            cells(&grid.head, "th").trim_end()
        );
        out += &grid
            .rows
            .iter()
            .map(|row| cells(row, "td"))
            .collect::<String>();
        out += "</tbody></table></div>\n";
    }
    out + "</section>\n"
}

/// Text with commands between backticks.
fn code(text: &str) -> String {
    let parts = escape(text);
    let parts = parts.split('`').enumerate().map(|(n, part)| match n % 2 {
        0 => part.to_owned(),
        _ => format!("<code>{part}</code>"),
    });
    parts.collect()
}

/// Each check, behind a fold.
fn checks(checks: &[Check]) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n<details><summary>Each</summary><ul class=\"pale\">\n");
    for check in checks {
        let limit = match check.limit {
            Limit::Least(limit) => format!("at least {}", short(limit)),
            Limit::Most(limit) => format!("at most {}", short(limit)),
        };
        let end = if check.is_met() { "met" } else { "not met" };
        let (median, low, high) = (
            short(check.found.median),
            short(check.found.low),
            short(check.found.high),
        );
        out += &format!(
            "<li>{}: {median} ({low} to {high}), {limit}: {end}</li>\n",
            escape(&check.of)
        );
    }
    out + "</ul></details>"
}

/// All medians, of bare engines too, a fold for each thing that is measured.
pub fn figures(record: &Record) -> String {
    let mut out = String::from(
        "<section id=\"figures\">\n<h2>Figures</h2>\n<p>Medians of the rounds, of all that was measured; report.json has each round.</p>\n",
    );
    for what in what::ALL {
        let Some(grid) = Grid::of(record, what) else {
            continue;
        };
        out += &format!(
            "<details><summary>{} (<code>{}</code>)</summary>\n<div class=\"wide\"><table>\n<thead><tr><th>of</th>",
            escape(what.title),
            escape(what.name)
        );
        for size in &grid.sizes {
            out += &format!("<th class=\"n\">{}</th>", escape(size));
        }
        out += "</tr></thead>\n<tbody>\n";
        for (name, cells) in &grid.rows {
            out += &format!("<tr><td>{}</td>", escape(name));
            for cell in cells {
                out += &format!("<td class=\"n\">{}</td>", escape(cell));
            }
            out += "</tr>\n";
        }
        out += "</tbody></table></div></details>\n";
    }
    out + "</section>\n"
}

/// How it was measured.
pub fn method(record: &Record) -> String {
    let load = record.plan.load;
    let mut out = String::from("<section id=\"method\">\n<h2>Method</h2>\n<ul>\n");
    let sizes: Vec<String> = record
        .plan
        .sizes
        .iter()
        .map(|size| number::size(*size as u64))
        .collect();
    let lines = [
        format!(
            "{} rounds; in each, every engine has its turn at every size ({}), and the one that begins is another each time. What is shown is the median of the rounds; a ratio is of figures of one round.",
            record.plan.rounds,
            sizes.join(", ")
        ),
        format!(
            "Blocks are distinct, which is checked before they are put, and do not compress. A new store is given {} of them at most, or {} blocks; half by the thousand. Of blocks that are large a batch has fewer, of 32 MiB at most.",
            units::bytes(load.bytes),
            units::count(load.blocks)
        ),
        format!(
            "A kind of put that is flushed goes on for at most {} ms, a kind of read for {} ms.",
            load.put_ms, load.read_ms
        ),
        "Each task runs in a process of its own, so that the memory and the bytes written are those of one engine. Engines have a cache of 64 MiB; for cold reads, of an eighth of the data, after the system was told to forget what it cached.".to_owned(),
        "Bare engines are opened as ours are and called by the shortest program that does the work; the peers are sled (whose crate has had no release for years, and needs two that nobody maintains) and a folder of files, `ab/abcdef…`, that are written, flushed and renamed. Neither hashes. The crate `blockstore` is not among them: it keeps blocks on disk by redb 2, which can lose a rollback.".to_owned(),
        "Bytes on disk are without the ballast, room that a store of ours keeps back for a full disk: at most 96 MiB, which would be most of a small store. Those of the store of 1 GiB are with it.".to_owned(),
        "Ours and bare are compared in a process that has both open, turn by turn. Before each task the disk is flushed, so that none pays for the one before.".to_owned(),
        "Flushing calls (fsync, fdatasync, sync, syncfs, sync_file_range, msync) are counted by strace in a run of their own.".to_owned(),
        format!("It took {}.", units::duration(Duration::from_secs_f64(record.seconds.max(0.0)))),
    ];
    for line in lines.iter().chain(&record.notes) {
        out += &format!("<li>{}</li>\n", escape(line));
    }
    out + "</ul>\n</section>\n"
}
