//! The sheet that is drawn on.

use std::fmt::{self, Write};

use crate::area::Area;
use crate::fault::Fault;
use crate::form::{Escaped, Units, readable};
use crate::letters::Letters;
use crate::theme::{self, Tone};

/// The width of every picture in units. It is shown as many pixels wide, or less where there is less
/// room, or more where it is asked for.
pub const WIDTH: f64 = 520.0;

/// The margin left and right, and the least there is above and below.
pub const MARGIN: f64 = 18.0;

/// Which part of a text its `x` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// Its beginning.
    Left,
    /// Its middle.
    Middle,
    /// Its end.
    Right,
}

/// A picture in the making.
#[derive(Debug)]
pub struct Picture {
    title: String,
    says: String,
    body: String,
    /// Each text, and where it is.
    texts: Vec<(Area, String)>,
    /// The first fault that was seen while drawing.
    fault: Option<Fault>,
    /// How far down it is drawn on.
    bottom: f64,
}

impl Picture {
    /// One that has this title at its top. `says` is what one would tell somebody on the telephone.
    pub fn new(title: &str, says: &str) -> Picture {
        let mut page = Picture {
            title: title.to_owned(),
            says: says.to_owned(),
            body: String::new(),
            texts: Vec::new(),
            fault: None,
            bottom: 0.0,
        };
        if title.trim().is_empty() || says.trim().is_empty() {
            page.fault = Some(Fault::Mute);
        }
        page.text(MARGIN, 33.0, Letters::Title, Tone::Ink, title);
        page
    }

    /// How far down it is drawn on, in units.
    pub fn bottom(&self) -> f64 {
        self.bottom
    }

    /// Draws a rectangle.
    pub fn area(&mut self, area: Area, tone: Tone) {
        self.rectangle(area, &format!("a-{}", tone.class()));
    }

    /// Draws the edge of a rectangle, dashed: something that is not there, or not yet.
    pub fn ghost(&mut self, area: Area, tone: Tone) {
        self.rectangle(area, &format!("line dash l-{}", tone.class()));
    }

    fn rectangle(&mut self, area: Area, class: &str) {
        self.reach(area.bottom());
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
            Units(x),
            Units(y),
            Units(width),
            Units(height)
        ));
    }

    /// Draws a line through these points.
    pub fn line(&mut self, points: &[(f64, f64)], tone: Tone) {
        self.path(points, "line", 'l', tone);
    }

    /// Draws a line as a text is written: in the colour of its letters.
    pub fn stroke(&mut self, points: &[(f64, f64)], tone: Tone) {
        self.path(points, "line", 'k', tone);
    }

    /// Draws a dashed line through these points.
    pub fn dashes(&mut self, points: &[(f64, f64)], tone: Tone) {
        self.path(points, "line dash", 'l', tone);
    }

    /// Draws a line through these points, which ends in an arrow.
    pub fn arrow(&mut self, points: &[(f64, f64)], tone: Tone) {
        self.line(points, tone);
        let &[.., (fx, fy), (tx, ty)] = points else {
            return;
        };
        let length = (tx - fx).hypot(ty - fy).max(0.1);
        let (dx, dy) = ((tx - fx) / length * 6.0, (ty - fy) / length * 6.0);
        let head = [
            (tx - dx - dy * 0.7, ty - dy + dx * 0.7),
            (tx, ty),
            (tx - dx + dy * 0.7, ty - dy - dx * 0.7),
        ];
        self.line(&head, tone);
    }

    fn path(&mut self, points: &[(f64, f64)], class: &str, of: char, tone: Tone) {
        let mut path = String::new();
        for (number, (x, y)) in points.iter().enumerate() {
            self.reach(*y);
            let step = if number == 0 { 'M' } else { 'L' };
            // Writing to a String does not fail.
            let _ = write!(path, "{step}{} {}", Units(*x), Units(*y));
        }
        self.put(format_args!(
            "<path class=\"{class} {of}-{}\" d=\"{path}\"/>",
            tone.class()
        ));
    }

    /// Sets a text from `x` on; `y` is the line that its letters stand on.
    pub fn text(&mut self, x: f64, y: f64, letters: Letters, tone: Tone, text: &str) {
        self.set((x, y), Side::Left, letters, tone, text);
    }

    /// Sets a text whose middle is at `x`.
    pub fn text_middle(&mut self, x: f64, y: f64, letters: Letters, tone: Tone, text: &str) {
        self.set((x, y), Side::Middle, letters, tone, text);
    }

    /// Sets a text that ends at `x`.
    pub fn text_right(&mut self, x: f64, y: f64, letters: Letters, tone: Tone, text: &str) {
        self.set((x, y), Side::Right, letters, tone, text);
    }

    fn set(&mut self, (x, y): (f64, f64), side: Side, letters: Letters, tone: Tone, text: &str) {
        let text = readable(text);
        if text.is_empty() {
            return;
        }
        let (width, size) = (letters.width(&text), letters.size());
        let (left, anchor) = match side {
            Side::Left => (x, ""),
            Side::Middle => (x - width / 2.0, " text-anchor=\"middle\""),
            Side::Right => (x - width, " text-anchor=\"end\""),
        };
        let area = Area::new(left, y - size * 0.78, width, size);
        if left < 0.0 || area.right() > WIDTH || area.y < 0.0 {
            self.note(Fault::Cut(text.clone()));
        }
        if let Some((_, other)) = self.texts.iter().find(|(there, _)| there.meets(&area)) {
            let over = Fault::Over(other.clone(), text.clone());
            self.note(over);
        }
        self.reach(area.bottom());
        self.put(format_args!(
            "<text class=\"{} t-{}\" x=\"{}\" y=\"{}\"{anchor}>{}</text>",
            letters.class(),
            tone.class(),
            Units(x),
            Units(y),
            Escaped(&text)
        ));
        self.texts.push((area, text));
    }

    /// Sets a text in the middle of an area, which has to have room for it.
    pub fn text_in(&mut self, area: Area, letters: Letters, tone: Tone, text: &str) {
        let text = readable(text);
        if letters.width(&text) + 4.0 > area.width || letters.size() > area.height {
            self.note(Fault::Wide(text.clone()));
        }
        let y = area.y + area.height / 2.0 + letters.size() * 0.36;
        self.text_middle(area.middle(), y, letters, tone, &text);
    }

    /// Sets words from `x` to the margin on the right, in as many lines as that takes; where the next
    /// line would stand.
    pub fn words(&mut self, x: f64, mut y: f64, letters: Letters, tone: Tone, text: &str) -> f64 {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = match line.is_empty() {
                true => word.to_owned(),
                false => format!("{line} {word}"),
            };
            if letters.width(&longer) > WIDTH - MARGIN - x && !line.is_empty() {
                self.text(x, y, letters, tone, &line);
                y += letters.size() * 1.4;
                line = word.to_owned();
            } else {
                line = longer;
            }
        }
        self.text(x, y, letters, tone, &line);
        y + letters.size() * 1.4
    }

    fn reach(&mut self, y: f64) {
        self.bottom = self.bottom.max(y);
    }

    fn put(&mut self, what: fmt::Arguments<'_>) {
        let _ = writeln!(self.body, "{what}");
    }

    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// The SVG file, as high as what was drawn.
    ///
    /// # Errors
    /// The first [`Fault`] that was seen.
    pub fn finish(self) -> Result<String, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let (width, height) = (Units(WIDTH), Units((self.bottom + MARGIN).ceil()));
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<style>\n{}</style>\n\
             <rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n{}</svg>\n",
            Escaped(&readable(&self.title)),
            Escaped(&readable(&self.says)),
            theme::style(),
            Units(width.0 - 1.0),
            Units(height.0 - 1.0),
            self.body
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page() -> Picture {
        Picture::new("A title", "What it says.")
    }

    #[test]
    fn it_says_what_it_shows() {
        let svg = page().finish().unwrap();
        assert!(svg.contains("<title>A title</title>\n<desc>What it says.</desc>"));
        assert!(svg.contains("viewBox=\"0 0 520 "));
        for mute in [Picture::new("", "x"), Picture::new("x", " ")] {
            assert_eq!(mute.finish(), Err(Fault::Mute));
        }
    }

    /// What comes from a learner's file or from a disk is text, and nothing else.
    #[test]
    fn text_is_text() {
        let mut page = Picture::new("<script>&\"", "a\u{0}b\u{202e}c");
        page.text(
            20.0,
            90.0,
            Letters::Code,
            Tone::Ink,
            "</text><a b=\"c\">\n&amp;",
        );
        let svg = page.finish().unwrap();
        assert!(svg.contains("<title>&lt;script&gt;&amp;&quot;</title>\n<desc>a b c</desc>"));
        assert!(svg.contains(">&lt;/text&gt;&lt;a b=&quot;c&quot;&gt; &amp;amp;</text>"));
        assert!(!svg.contains("<script") && !svg.contains("<a b"));
    }

    #[test]
    fn what_cannot_be_read_is_no_picture() {
        let fault = |draw: fn(&mut Picture)| {
            let mut page = page();
            draw(&mut page);
            page.finish().unwrap_err()
        };
        let area = Area::new(20.0, 60.0, 40.0, 20.0);
        assert_eq!(area.middle(), 40.0);
        let told = fault(|page| {
            let area = Area::new(20.0, 60.0, 40.0, 20.0);
            page.text_in(area, Letters::Code, Tone::Ink, "fdatasync");
        });
        assert_eq!(told, Fault::Wide("fdatasync".into()));
        let told = fault(|page| page.text(500.0, 90.0, Letters::Code, Tone::Ink, "far"));
        assert_eq!(told, Fault::Cut("far".into()));
        let told = fault(|page| page.text_right(10.0, 90.0, Letters::Code, Tone::Ink, "far"));
        assert_eq!(told, Fault::Cut("far".into()));
        let told = fault(|page| {
            page.text(50.0, 90.0, Letters::Code, Tone::Ink, "one");
            page.text(60.0, 95.0, Letters::Code, Tone::Ink, "two");
        });
        assert_eq!(told, Fault::Over("one".into(), "two".into()));
    }

    #[test]
    fn words_go_on_in_the_next_line() {
        let mut page = page();
        let text = "one two three four five six ".repeat(6);
        let next = page.words(20.0, 90.0, Letters::Plain, Tone::Ink, &text);
        assert!(next > 90.0 + 2.0 * 14.0, "{next}");
        page.finish().unwrap();
    }
}
