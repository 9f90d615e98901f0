//! A plot within the page: the picture, what it is of, and its figures as a table.

use anyhow::Result;

use super::escape;
use crate::report::number;
use crate::report::plot::{Plot, Shape};
use crate::report::record::Record;

pub fn figure(plot: &Plot, record: &Record) -> Result<String> {
    Ok(format!(
        "<figure id=\"{}\">\n<h3>{}</h3>\n{}<figcaption>{} {}</figcaption>\n\
         <details><summary>The figures</summary>\n{}</details>\n</figure>\n",
        escape(&plot.id),
        escape(&plot.title),
        plot.svg()?,
        escape(&of(plot, record)),
        escape(plot.not_shown),
        table(plot),
    ))
}

/// How many rounds, what the whiskers are, and the versions of what is shown.
fn of(plot: &Plot, record: &Record) -> String {
    let rounds = match plot.rounds() {
        (1, 1) => "Measured once.".to_owned(),
        (few, many) if few == many => {
            format!("Median of {many} rounds; whiskers from the least to the greatest.")
        }
        (few, many) => {
            format!("Median of {few} to {many} rounds; whiskers from the least to the greatest.")
        }
    };
    let shown = plot.names();
    let version = |(name, version): (&String, &String)| {
        shown
            .contains(&name.as_str())
            .then(|| format!("{name} {version}"))
    };
    let ours = record
        .versions
        .get("cairn")
        .map(|version| format!("Cairn {version}"));
    let versions: Vec<String> = ours
        .into_iter()
        .chain(record.versions.iter().filter_map(version))
        .collect();
    let host = &record.host;
    format!(
        "{rounds} {}; {}, {}.",
        versions.join(", "),
        host.cpu,
        host.file_system
    )
}

fn table(plot: &Plot) -> String {
    let mut out = String::from("<div class=\"wide\"><table>\n<thead><tr>");
    match &plot.shape {
        Shape::Lines { x, y, lines } => {
            out += &format!(
                "<th>of</th><th class=\"n\">{}</th><th class=\"n\">{}</th><th class=\"n\">least</th><th class=\"n\">greatest</th></tr></thead>\n<tbody>\n",
                escape(x.title),
                escape(y.title)
            );
            for line in lines {
                for (at, found) in &line.points {
                    let cells = [
                        x.text(*at),
                        number::short(found.median),
                        number::short(found.low),
                        number::short(found.high),
                    ];
                    out += &row(&line.name, &cells);
                }
            }
        }
        Shape::Bars { x, bars } => {
            out += &format!(
                "<th>of</th><th class=\"n\">{}</th><th class=\"n\">least</th><th class=\"n\">greatest</th></tr></thead>\n<tbody>\n",
                escape(x.title)
            );
            for (name, found) in bars {
                let cells = [found.median, found.low, found.high].map(number::short);
                out += &row(name, &cells);
            }
        }
    }
    out + "</tbody></table></div>\n"
}

fn row(name: &str, cells: &[String]) -> String {
    let cells = cells
        .iter()
        .map(|cell| format!("<td class=\"n\">{}</td>", escape(cell)));
    format!(
        "<tr><td>{}</td>{}</tr>\n",
        escape(name),
        cells.collect::<String>()
    )
}
