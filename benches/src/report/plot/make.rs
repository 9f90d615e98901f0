//! How a plot is made of a record.

use demo::units;

use super::{Axis, Line, Plot, Shape};
use crate::report::latency::Point;
use crate::report::number;
use crate::report::plan::MIDDLE;
use crate::report::record::Record;
use crate::report::spread::Spread;
use crate::report::what::{self, Unit};

/// The subjects of most plots: ours, then the peers. Bare engines are in the plot of ratios.
const SHOWN: [&str; 8] = [
    "memory",
    "file",
    "fjall",
    "rocksdb",
    "redb",
    "pack",
    "sled",
    "sharded-files",
];

const SIZE: Axis = Axis {
    title: "bytes of a block",
    log: true,
    // Five of them stand in a row on a phone.
    text: |bytes| {
        number::size(bytes.round() as u64)
            .replace(" KiB", "K")
            .replace(" MiB", "M")
    },
};

const BLOCKS: Axis = Axis {
    title: "blocks in the store",
    log: true,
    text: |blocks| units::count(blocks.round() as u64),
};

const RATE: Axis = Axis {
    title: "MiB a second",
    log: true,
    text: |rate| match rate >= 1e6 {
        true => format!("{} M", units::count((rate / 1e6).round() as u64)),
        false => number::short(rate),
    },
};

/// MiB a second over the size, and the limits of the machine beside it.
pub fn rates(
    record: &Record,
    what: &str,
    limits: &[&str],
    not_shown: &'static str,
    title: &str,
) -> Option<Plot> {
    let mib =
        |size: u64, spread: Spread| spread.map(|rate| rate * size as f64 / f64::from(1 << 20));
    let mut lines = over_sizes(record, what, mib);
    if lines.is_empty() {
        return None;
    }
    for limit in limits {
        let sizes = record.figures.sizes(limit).into_iter();
        let point = |size| {
            Some((
                size as f64,
                mib(size, record.figures.spread("machine", size, limit)?),
            ))
        };
        let name = match *limit {
            "sha2.1" => "(sha2-256)",
            _ => "(one file)",
        };
        lines.push(Line {
            name: name.to_owned(),
            points: sizes.filter_map(point).collect(),
        });
    }
    plot(
        what,
        title,
        not_shown,
        Shape::Lines {
            x: SIZE,
            y: RATE,
            lines,
        },
    )
}

/// Microseconds over the size, where the bytes of a block are not what is moved.
pub fn times(record: &Record, what: &str, title: &str) -> Option<Plot> {
    let micros = |_, spread: Spread| spread.map(|rate| 1e6 / rate);
    let y = Axis {
        title: "µs a block",
        ..RATE
    };
    let (x, not_shown) = match what.starts_with("slope.") {
        true => (
            BLOCKS,
            "What it does not show: many callers at once, and larger blocks.",
        ),
        false => (
            SIZE,
            "What it does not show: many callers at once, and a store of millions of blocks.",
        ),
    };
    let lines = over_sizes(record, what, micros);
    plot(what, title, not_shown, Shape::Lines { x, y, lines })
}

fn over_sizes(record: &Record, what: &str, value: impl Fn(u64, Spread) -> Spread) -> Vec<Line> {
    let line = |name: &&str| {
        let sizes = record.figures.sizes(what).into_iter();
        let point = |size| {
            Some((
                size as f64,
                value(size, record.figures.spread(name, size, what)?),
            ))
        };
        Line {
            name: (*name).to_owned(),
            points: sizes.filter_map(point).collect(),
        }
    };
    let lines = SHOWN.iter().map(line);
    lines.filter(|line| !line.points.is_empty()).collect()
}

/// How quick ours is as a part of how quick bare is, over the size.
pub fn ratios(record: &Record, what: &str, title: &str) -> Option<Plot> {
    let lines = over_sizes(record, what, |_, part| part);
    let y = Axis {
        title: "ours of bare; 1 is as quick",
        log: false,
        text: number::short,
    };
    let not_shown = "What it does not show: how quick the engine itself is.";
    plot(what, title, not_shown, Shape::Lines { x: SIZE, y, lines })
}

/// The part of all calls that took at most so long.
pub fn cdf(record: &Record, what: &str, title: &str) -> Option<Plot> {
    let size = record.plan.middle() as u64;
    let line = |name: &&str| {
        let latency = record.latency(name, size, what)?;
        let place = |point: &Point| {
            let part = Spread::of([point.percentile])?;
            Some((
                point.nanos / 1e3,
                Spread {
                    n: point.rounds.n,
                    ..part
                },
            ))
        };
        Some(Line {
            name: (*name).to_owned(),
            points: latency.points.iter().filter_map(place).collect(),
        })
    };
    let lines: Vec<Line> = SHOWN.iter().filter_map(line).collect();
    let x = Axis {
        title: "µs at most",
        log: true,
        text: number::short,
    };
    let y = Axis {
        title: "% of calls",
        log: false,
        text: number::short,
    };
    let title = format!("{title}: blocks of {}", number::size(size));
    let not_shown = "What it does not show: calls that came while others waited, but for those of the same writer; a percentile that fewer than one call lies beyond is left out.";
    plot(
        &format!("{what}.cdf"),
        &title,
        not_shown,
        Shape::Lines { x, y, lines },
    )
}

pub fn bars(
    record: &Record,
    what: &str,
    size: u64,
    title: &str,
    axis: &'static str,
    not_shown: &'static str,
) -> Option<Plot> {
    let unit = what::find(what)?.unit;
    let value = |name: &&str| {
        let found = record.figures.spread(name, size, what)?;
        let found = match unit {
            Unit::Bytes => found.map(|bytes| bytes / f64::from(1 << 20)),
            _ => found,
        };
        Some(((*name).to_owned(), found))
    };
    let mut bars: Vec<(String, Spread)> = SHOWN.iter().filter_map(value).collect();
    bars.sort_by(|a, b| a.1.median.total_cmp(&b.1.median));
    let x = Axis {
        title: axis,
        log: false,
        text: number::short,
    };
    let size_text = number::size(size);
    let title = format!("{title}: blocks of {size_text}");
    // The same is asked of two sizes.
    let id = if size == MIDDLE as u64 {
        what.to_owned()
    } else {
        format!("{what}.{size}")
    };
    plot(&id, &title, not_shown, Shape::Bars { x, bars })
}

/// None of no figures.
fn plot(id: &str, title: &str, not_shown: &'static str, shape: Shape) -> Option<Plot> {
    let plot = Plot {
        id: format!("plot-{}", id.replace('.', "-")),
        title: title.to_owned(),
        not_shown,
        shape,
    };
    (!plot.names().is_empty()).then_some(plot)
}
