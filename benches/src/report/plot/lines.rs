//! Lines.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Places;
use super::{Axis, GRID, INK, LETTERS, Line, SIZE, colour};

/// What names take on the right.
const NAMES: u32 = 148;

/// Units between the names of two lines, at least.
const APART: i32 = 20;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub fn draw(x: &Axis, y: &Axis, lines: &[Line]) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        onto(&area, x, y, lines)?;
        area.present()?;
    }
    Ok(svg)
}

fn onto(area: &Area<'_>, x: &Axis, y: &Axis, lines: &[Line]) -> Result<()> {
    let xs: Vec<f64> = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|(x, _)| *x))
        .collect();
    let ys = lines
        .iter()
        .flat_map(|line| line.points.iter().flat_map(|(_, s)| [s.low, s.high]));
    let y_range = y.range(ys);
    let (left, right) = ends(x, &xs);
    let text = ("sans-serif", LETTERS).into_font().color(&INK);
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(NAMES)
        .x_label_area_size(58)
        .y_label_area_size(96)
        .build_cartesian_2d(
            Places::new((left, right), x_ticks(x, &xs)),
            Places::new(y_range, y.ticks(y_range)),
        )?;
    chart
        .configure_mesh()
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(text.clone())
        .axis_desc_style(text.clone())
        .x_label_formatter(&|place| x.text(x.value(*place)))
        .y_label_formatter(&|place| y.text(y.value(*place)))
        .x_desc(x.title)
        .y_desc(y.title)
        .draw()?;

    let mut names = Vec::new();
    for line in lines {
        let colour = colour::of(&line.name);
        let place = |(at, spread): &(f64, _), value: f64| {
            let _: &crate::report::spread::Spread = spread;
            Some((x.place(*at)?, y.place(value)?))
        };
        let points: Vec<(f64, f64)> = line
            .points
            .iter()
            .filter_map(|point| place(point, point.1.median))
            .collect();
        if colour::is_dashed(&line.name) {
            let style = colour.stroke_width(2);
            // One limit beside another is dotted.
            let dash = if line.name == "(sha2-256)" { 2 } else { 6 };
            chart.draw_series(DashedLineSeries::new(
                points.iter().copied(),
                dash,
                4,
                style,
            ))?;
        } else {
            let style = colour.stroke_width(if line.name == "pack" { 3 } else { 2 });
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        }
        for point in &line.points {
            if let (Some(low), Some(high)) = (place(point, point.1.low), place(point, point.1.high))
            {
                chart.draw_series([PathElement::new(vec![low, high], colour.stroke_width(1))])?;
            }
        }
        chart.draw_series(points.iter().map(|at| Circle::new(*at, 3, colour.filled())))?;
        if let Some(last) = points.last() {
            names.push((chart.backend_coord(last).1, line.name.as_str()));
        }
    }
    let from = SIZE.0.saturating_sub(NAMES) as i32 + 8;
    for (height, name) in spread_out(names) {
        let style = ("sans-serif", LETTERS).into_font().color(&colour::of(name));
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(name.to_owned(), (from, height), style))?;
    }
    Ok(())
}

/// Names side by side with the ends of their lines, and none over another.
fn spread_out(mut names: Vec<(i32, &str)>) -> Vec<(i32, &str)> {
    names.sort_by_key(|(height, _)| *height);
    let lowest = SIZE.1 as i32 - 66;
    let mut least = 14;
    for (height, _) in &mut names {
        *height = (*height).max(least);
        least = *height + APART;
    }
    // And back up, if they went too far down.
    let mut most = lowest;
    for (height, _) in names.iter_mut().rev() {
        *height = (*height).min(most);
        most = *height - APART;
    }
    names
}

/// A little more than what there is, so that no point lies on the frame.
fn ends(x: &Axis, xs: &[f64]) -> (f64, f64) {
    let places: Vec<f64> = xs.iter().filter_map(|value| x.place(*value)).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return (0.0, 1.0);
    }
    let more = ((high - low) * 0.03).max(0.05);
    (low - more, high + more)
}

/// Sizes that were measured have a line each; other axes one for each decade.
fn x_ticks(x: &Axis, xs: &[f64]) -> Vec<f64> {
    let mut places: Vec<f64> = xs.iter().filter_map(|value| x.place(*value)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    if places.len() <= 6 {
        return places;
    }
    let (low, high) = ends(x, xs);
    x.ticks((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_stand_on_each_other_and_stay_in_the_plot() {
        let heights = [5, 5, 6, 300, 330, 340, 341];
        let names = heights.into_iter().map(|height| (height, "")).collect();
        let placed: Vec<i32> = spread_out(names)
            .into_iter()
            .map(|(height, _)| height)
            .collect();
        for (one, next) in placed.iter().zip(placed.iter().skip(1)) {
            assert!(next - one >= APART, "{placed:?}");
        }
        assert!(
            placed
                .iter()
                .all(|height| (0..SIZE.1 as i32).contains(height)),
            "{placed:?}"
        );
    }
}
