//! The report as a page for a browser: `lab/report/index.html`, one file, which needs nothing else.

use std::fmt::Write as _;

use crate::style;

/// What stands on the page.
pub struct Page {
    /// Marks: name, how many are had, of how many.
    pub marks: Vec<(&'static str, usize, usize)>,
    /// Rows: id, title, marks, state.
    pub rows: Vec<[String; 4]>,
    /// How far, in a line.
    pub summary: String,
    /// Pictures as SVG.
    pub pictures: Vec<String>,
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}\
td{padding:.2rem .6rem .2rem 0;vertical-align:top}\
meter{width:12rem}\
svg{max-width:100%;height:auto;display:block;margin:1.5rem 0}";

impl Page {
    /// As HTML.
    pub fn html(&self) -> String {
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>Your way so far</title>\n\
             <style>{STYLE}</style>\n<h1>Your way so far</h1>\n<p>{}</p>\n<table>\n",
            escape(&self.summary)
        );
        for (name, has, of) in &self.marks {
            let _ = writeln!(
                out,
                "<tr><td>{name}</td><td><meter max=\"{of}\" value=\"{has}\"></meter></td><td>{has} of {of}</td></tr>"
            );
        }
        out += "</table>\n";
        for picture in &self.pictures {
            let _ = writeln!(out, "{picture}");
        }
        out += "<h2>Exercises</h2>\n<table>\n";
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| format!("<td>{}</td>", escape(cell)))
                .collect();
            let _ = writeln!(out, "<tr>{}</tr>", cells.concat());
        }
        out += "</table>\n";
        out
    }
}

/// Text that a browser shows as it is.
fn escape(text: &str) -> String {
    let text = style::plain(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_all_and_no_marks_of_others() {
        let page = Page {
            marks: vec![("works", 1, 3)],
            rows: vec![["00-1".into(), "<script>".into(), "●".into(), "open".into()]],
            summary: "1 of 3 & so on".into(),
            pictures: vec!["<svg></svg>".into()],
        };
        let html = page.html();
        for part in [
            "1 of 3 &amp; so on",
            "&lt;script&gt;",
            "<svg></svg>",
            "max=\"3\" value=\"1\"",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("<script>") && !html.contains("http"));
    }
}
