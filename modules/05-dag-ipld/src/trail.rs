//! Where something stands: the way to it through values and links.
//!
//! ```text
//! trip ◄── days ◄── 0 ◄── photo        each step knows the one before, so that all that stand
//!               ◄── 1 ◄── map          below "days" share it
//! ```
//!
//! A block of 500 KB may have 10,000 links below 100 names of 1,000 bytes. Their ways are 1 GB if each is
//! written out, and 10,100 steps so.

use std::fmt;
use std::sync::Arc;

/// The way to something, from where it begins. A clone, and one step more, cost the same however long
/// it is.
#[derive(Clone, Default)]
pub struct Trail(Option<Arc<Step>>);

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A key of a map, or the name of a link of dag-pb.
    Name(String),
    /// An index of a list.
    At(usize),
}

struct Step {
    before: Trail,
    segment: Segment,
}

impl Trail {
    /// One step longer.
    pub fn step(&self, segment: impl Into<Segment>) -> Trail {
        Trail(Some(Arc::new(Step {
            before: self.clone(),
            segment: segment.into(),
        })))
    }

    /// Whether it ends where it begins.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The steps, outermost first.
    pub fn segments(&self) -> Vec<&Segment> {
        let mut segments: Vec<_> = self.back().collect();
        segments.reverse();
        segments
    }

    /// The steps, innermost first.
    fn back(&self) -> impl Iterator<Item = &Segment> {
        let steps = std::iter::successors(self.0.as_deref(), |step| step.before.0.as_deref());
        steps.map(|step| &step.segment)
    }

    /// As text of about `most` characters, as `days/0/photo`: of a longer one the two ends. A `/` in a
    /// name, which is no step, is written `\u{2f}`. Takes time for what is shown, and for the steps.
    pub fn short(&self, most: usize) -> String {
        let segments = self.segments();
        let mut text = String::new();
        for (at, segment) in segments.iter().enumerate() {
            text.extend((at > 0).then_some('/'));
            text += &segment.short(most);
            if text.chars().count() > most {
                let half = most / 2;
                let (start, end) = (first(&text, half), end(&segments, half));
                return format!("{start}…{}", last(&end, half));
            }
        }
        text
    }
}

/// As much of the last segments as has `most` characters.
fn end(segments: &[&Segment], most: usize) -> String {
    let mut text = String::new();
    for segment in segments.iter().rev() {
        text = format!("/{}{text}", segment.short(most));
        if text.chars().count() > most {
            break;
        }
    }
    text
}

impl Segment {
    /// The segment, or the two ends of a name of more than twice `most` characters.
    fn short(&self, most: usize) -> String {
        let name = match self {
            Segment::At(at) => return at.to_string(),
            Segment::Name(name) if name.chars().nth(2 * most).is_none() => name.clone(),
            Segment::Name(name) => format!("{}…{}", first(name, most), last(name, most)),
        };
        name.replace('/', r"\u{2f}")
    }
}

/// The first characters of a text, `most` of them at most.
pub(crate) fn first(text: &str, most: usize) -> &str {
    let end = text
        .char_indices()
        .nth(most)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// The last ones.
fn last(text: &str, most: usize) -> &str {
    let mut ends = text.char_indices().rev().take(most);
    let begin = ends.by_ref().last().map_or(text.len(), |(at, _)| at);
    text.get(begin..).unwrap_or(text)
}

/// Without recursion, as all else here: a way may be as long as a chain of blocks.
impl Drop for Trail {
    fn drop(&mut self) {
        let mut step = self.0.take();
        while let Some(mut only) = step.and_then(Arc::into_inner) {
            step = only.before.0.take();
        }
    }
}

impl PartialEq for Trail {
    fn eq(&self, other: &Trail) -> bool {
        self.back().eq(other.back())
    }
}

impl Eq for Trail {}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.segments()).finish()
    }
}

/// Whole, its steps with a `/` between them.
impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments().into_iter().enumerate() {
            let slash = if at > 0 { "/" } else { "" };
            write!(f, "{slash}{segment}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Name(name) => f.write_str(name),
            Segment::At(at) => write!(f, "{at}"),
        }
    }
}

impl From<&str> for Segment {
    fn from(name: &str) -> Segment {
        Segment::Name(name.to_owned())
    }
}

impl From<String> for Segment {
    fn from(name: String) -> Segment {
        Segment::Name(name)
    }
}

impl From<usize> for Segment {
    fn from(at: usize) -> Segment {
        Segment::At(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shared_and_come_in_their_order() {
        let days = Trail::default().step("days");
        let (map, photo) = (days.step(1).step("map"), days.step(0).step("photo"));
        assert_eq!(map.to_string(), "days/1/map");
        assert_eq!(photo.to_string(), "days/0/photo");
        assert_eq!(photo.segments().len(), 3);
        assert_eq!(map, Trail::default().step("days").step(1).step("map"));
        assert_ne!(map, photo);
        assert!(Trail::default().is_empty() && !days.is_empty());
        assert_eq!(Trail::default().to_string(), "");
    }

    #[test]
    fn a_long_one_is_shown_by_its_ends() {
        let trail = |names: &[&str]| names.iter().fold(Trail::default(), |t, name| t.step(*name));
        assert_eq!(trail(&["abcd", "efgh"]).short(9), "abcd/efgh");
        assert_eq!(trail(&["abcd", "efgh"]).short(8), "abcd…efgh");
        assert_eq!(trail(&["abcdefghi"]).short(8), "abcd…fghi");
        assert_eq!(trail(&["ab", "cd", "ef", "gh", "ij"]).short(8), "ab/c…h/ij");
        assert_eq!(trail(&["ä".repeat(99).as_str()]).short(4), "ää…ää");
        assert_eq!(trail(&["a/b"]).short(20), r"a\u{2f}b");
        assert_eq!(trail(&["a", "b"]).short(20), "a/b");
    }

    #[test]
    fn one_of_a_million_steps_takes_no_stack() {
        let long = (0..1_000_000).fold(Trail::default(), |trail, at: usize| trail.step(at));
        assert_eq!(long.short(16), "0/1/2/3/…8/999999");
        let other = (0..1_000_000).fold(Trail::default(), |trail, at: usize| trail.step(at));
        assert!(long == other);
    }
}
