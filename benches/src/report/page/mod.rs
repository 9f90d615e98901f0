//! The page: one file, which needs no other and no network.

mod picture;
mod style;
mod tables;

use anyhow::Result;

use super::record::Record;
use super::{answers, goals, plot};

/// Text within HTML, or within a quoted attribute. Control characters are written as escapes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in demo::plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The page of a record.
///
/// # Errors
/// Those of the drawing library.
pub fn html(record: &Record) -> Result<String> {
    let answers = answers::answers(record);
    let goals = goals::all(record);
    let plots = plot::all(record);
    let mut page =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    page += "<meta name=\"color-scheme\" content=\"light dark\">\n";
    page += "<title>Cairn: which store for which case</title>\n";
    page += &format!("<style>\n{}</style>\n</head>\n<body>\n", style::sheet());
    page += "<header>\n<h1>Which store for which case</h1>\n";
    page += &tables::host(record);
    page += "<nav><a href=\"#answers\">Answers</a> <a href=\"#goals\">Goals</a> <a href=\"#files\">Files and CARs</a> <a href=\"#plots\">Plots</a> <a href=\"#figures\">Figures</a> <a href=\"#method\">Method</a></nav>\n";
    page += "</header>\n<main>\n";
    page += &tables::answers(&answers);
    page += &tables::goals(&goals);
    page += &tables::files(record);
    page += "<section id=\"plots\">\n<h2>Plots</h2>\n";
    page += "<p>Promises are never mixed: what is not flushed, what is on disk when a batch returns, and what is on disk \
             with each put have plots of their own. Dashed lines and pale bars are not ours; those in brackets are \
             limits of the machine.</p>\n<div class=\"plots\">\n";
    for plot in &plots {
        page += &picture::figure(plot, record)?;
    }
    page += "</div>\n</section>\n";
    page += &tables::figures(record);
    page += &tables::method(record);
    page += "</main>\n</body>\n</html>\n";
    Ok(page)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::testing::{record, set};
    use super::super::what;
    use super::*;

    fn full() -> Record {
        let mut record = record();
        for what in what::ALL {
            for (name, value) in [
                ("pack", 3.0),
                ("raw-pack", 3.1),
                ("redb", 2.0),
                ("machine", 9.0),
            ] {
                for size in [256, 4096, 256 << 10] {
                    set(
                        &mut record,
                        name,
                        size,
                        what.name,
                        [value, value * 1.1, value * 0.9],
                    );
                }
            }
        }
        record.notes.push("no <strace>".to_owned());
        record
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        assert_eq!(
            escape("<a b=\"c\">&'\x1b"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\\u{1b}"
        );
        let page = html(&full()).unwrap();
        assert!(page.contains("A &lt;fast&gt; &amp; &quot;cheap&quot; one"));
        assert!(page.contains("no &lt;strace&gt;"));
        assert!(!page.contains("<fast>") && !page.contains("<strace>"));
    }

    #[test]
    fn every_plot_says_what_it_shows_and_what_it_does_not() {
        let page = html(&full()).unwrap();
        let figures: Vec<&str> = page.split("<figure").skip(1).collect();
        assert!(figures.len() > 20);
        for figure in figures {
            let figure = figure.split("</figure>").next().unwrap();
            for part in [
                "role=\"img\"",
                "<title id=",
                "What it does not show",
                "Median of 3 rounds",
                "<table>",
            ] {
                assert!(figure.contains(part), "{part} is not in {figure}");
            }
            let said = figure
                .split("<desc")
                .nth(1)
                .unwrap()
                .split('>')
                .nth(1)
                .unwrap();
            assert!(said.contains("pack"), "{said}");
        }
    }

    #[test]
    fn it_needs_no_other_file_and_no_network() {
        let page = html(&full())
            .unwrap()
            .replace("http://www.w3.org/2000/svg", "");
        for outside in [
            "http:", "https:", "//", "src=", "@import", "url(", "<link", "<script",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn every_tag_that_opens_closes() {
        let page = html(&full()).unwrap();
        for tag in [
            "table",
            "thead",
            "tbody",
            "tr",
            "td",
            "th",
            "figure",
            "figcaption",
            "section",
            "svg",
            "details",
            "ul",
            "li",
            "div",
            "p",
        ] {
            let open = page.matches(&format!("<{tag}>")).count()
                + page.matches(&format!("<{tag} ")).count();
            assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
            assert!(open > 0 || tag == "li" || tag == "ul", "{tag}");
        }
    }

    #[test]
    fn a_record_of_nothing_has_a_page_too() {
        assert!(html(&record()).unwrap().contains("not measured"));
    }
}
