//! Plots, as SVG within a page.
//!
//! The colours in an SVG are those of a light page; the page's style sheet has others for a dark one,
//! and finds the elements by the colour that stands in them ([`style`]).

mod axis;
mod bars;
pub mod colour;
mod lines;
mod list;
mod make;
mod totals;

use plotters::style::RGBColor;

use super::spread::Spread;
pub use axis::Axis;
pub use list::all;

/// Width and height of a plot in its own units; a page scales it.
const SIZE: (u32, u32) = (600, 400);

/// Size of letters, in the same units, of which the library takes four fifths: on a page of 390 pixels a
/// plot has 330, and its letters still nine.
const LETTERS: u32 = 20;

/// What is drawn, and what is said of it.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Its name within the page.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// What it does not show.
    pub not_shown: &'static str,
    /// What is drawn.
    pub shape: Shape,
}

/// Lines over an axis, or bars.
#[derive(Clone, Debug)]
pub enum Shape {
    /// One line a subject.
    Lines {
        /// To the right.
        x: Axis,
        /// Upwards.
        y: Axis,
        /// The lines.
        lines: Vec<Line>,
    },
    /// One bar a subject, from the best.
    Bars {
        /// To the right.
        x: Axis,
        /// The bars.
        bars: Vec<(String, Spread)>,
    },
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Of whom.
    pub name: String,
    /// From the left: where, and what was found there.
    pub points: Vec<(f64, Spread)>,
}

impl Plot {
    /// The SVG, with its title and what can be read from it for whoever does not see it.
    ///
    /// # Errors
    /// Those of the drawing library.
    pub fn svg(&self) -> anyhow::Result<String> {
        let drawn = match &self.shape {
            Shape::Lines { x, y, lines } => lines::draw(x, y, lines)?,
            Shape::Bars { x, bars } => bars::draw(x, bars)?,
        };
        let escape = super::page::escape;
        let (id, title) = (escape(&self.id), escape(&self.title));
        let says = escape(&self.says());
        let (width, height) = SIZE;
        let inner = drawn.split_once('>').map_or("", |(_, inner)| inner);
        Ok(format!(
            "<svg class=\"plot\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" viewBox=\"0 0 {width} {height}\" \
             xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{says}</desc>\n{inner}"
        ))
    }

    /// What it shows, in words.
    pub fn says(&self) -> String {
        match &self.shape {
            Shape::Lines { x, y, lines } => {
                let mut places: Vec<f64> = lines
                    .iter()
                    .flat_map(|line| line.points.iter().map(|(x, _)| *x))
                    .collect();
                places.sort_by(f64::total_cmp);
                places.dedup();
                let ends = [places.first(), places.last()];
                let mut said: Vec<String> = Vec::new();
                for place in ends.into_iter().flatten() {
                    let mut here: Vec<(&str, f64)> =
                        lines.iter().filter_map(|line| at(line, *place)).collect();
                    here.sort_by(|a, b| b.1.total_cmp(&a.1));
                    let values = here
                        .iter()
                        .map(|(name, value)| format!("{name} {}", y.text(*value)));
                    let values: Vec<String> = values.collect();
                    said.push(format!("At {}: {}.", x.text(*place), values.join(", ")));
                }
                said.dedup();
                format!(
                    "{} over {}, from the highest. {}",
                    y.title,
                    x.title,
                    said.join(" ")
                )
            }
            Shape::Bars { x, bars } => {
                let values = bars
                    .iter()
                    .map(|(name, value)| format!("{name} {}", x.text(value.median)));
                let values: Vec<String> = values.collect();
                format!("{}, from the top: {}.", x.title, values.join(", "))
            }
        }
    }

    /// The fewest and the most rounds that a point is of.
    pub fn rounds(&self) -> (usize, usize) {
        let n: Vec<usize> = match &self.shape {
            Shape::Lines { lines, .. } => lines
                .iter()
                .flat_map(|line| line.points.iter().map(|(_, s)| s.n))
                .collect(),
            Shape::Bars { bars, .. } => bars.iter().map(|(_, s)| s.n).collect(),
        };
        let least = n.iter().min().copied().unwrap_or(0);
        (least, n.iter().max().copied().unwrap_or(0))
    }

    /// Of whom it has anything.
    pub fn names(&self) -> Vec<&str> {
        match &self.shape {
            Shape::Lines { lines, .. } => lines.iter().map(|line| line.name.as_str()).collect(),
            Shape::Bars { bars, .. } => bars.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }
}

fn at(line: &Line, place: f64) -> Option<(&str, f64)> {
    let point = line.points.iter().find(|(x, _)| *x == place)?;
    Some((&line.name, point.1.median))
}

/// The colour of text and of frames, and that of the grid.
const INK: RGBColor = RGBColor(0x22, 0x22, 0x21);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDC);
