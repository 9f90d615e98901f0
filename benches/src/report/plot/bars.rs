//! Bars, one below the other.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Axis, GRID, INK, LETTERS, SIZE, colour};
use crate::report::spread::Spread;

/// What names take on the left, and figures on the right.
const NAMES: i32 = 142;
const FIGURES: i32 = 84;

/// What the axis takes below.
const AXIS: i32 = 56;

pub fn draw(x: &Axis, bars: &[(String, Spread)]) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (width, height) = (SIZE.0 as i32, SIZE.1 as i32);
        let range = x.range(bars.iter().flat_map(|(_, s)| [s.low, s.high]));
        let (left, right, bottom) = (NAMES, width - FIGURES, height - AXIS);
        let at = |value: f64| {
            let part = x
                .place(value)
                .map_or(0.0, |place| (place - range.0) / (range.1 - range.0));
            left + (part.clamp(0.0, 1.0) * f64::from(right - left)) as i32
        };
        let text = |anchor| {
            let style = ("sans-serif", LETTERS).into_font().color(&INK);
            style.pos(Pos::new(anchor, VPos::Center))
        };
        for tick in x.ticks(range) {
            let place = at(x.value(tick));
            area.draw(&PathElement::new(vec![(place, 8), (place, bottom)], GRID))?;
            let label = x.text(x.value(tick));
            area.draw(&Text::new(label, (place, bottom + 16), text(HPos::Center)))?;
        }
        let middle = (left + right) / 2;
        area.draw(&Text::new(
            x.title,
            (middle, height - 12),
            text(HPos::Center),
        ))?;
        let step = (bottom - 10) / bars.len().max(1) as i32;
        let thick = (step * 6 / 10).clamp(4, 22);
        for (n, (name, value)) in bars.iter().enumerate() {
            let centre = 10 + step * n as i32 + step / 2;
            let (top, end) = (centre - thick / 2, at(value.median));
            let colour = colour::of(name);
            let corners = [(left, top), (end.max(left + 1), top + thick)];
            if colour::is_dashed(name) {
                // What is none of ours is paler.
                area.draw(&Rectangle::new(corners, colour.mix(0.45).filled()))?;
            } else {
                area.draw(&Rectangle::new(corners, colour.filled()))?;
            }
            let whisker = vec![(at(value.low), centre), (at(value.high), centre)];
            area.draw(&PathElement::new(whisker, INK.stroke_width(1)))?;
            area.draw(&Text::new(
                name.clone(),
                (left - 8, centre),
                text(HPos::Right),
            ))?;
            let figure = x.text(value.median);
            area.draw(&Text::new(figure, (right + 8, centre), text(HPos::Left)))?;
        }
        area.present()?;
    }
    Ok(svg)
}
