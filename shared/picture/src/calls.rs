//! A figure of calls: who asks the system for what, in which order, and what it waits for.
//!
//! ```text
//! file   one file a block                         4,096 bytes, 2 flushes
//!  ┌───────────┐   ┌───────┐   ┌───────────┐   ┌────────┐   ┌───────┐
//!  │ open      │──►│ write │──►│ fdatasync │──►│ rename │──►│ fsync │
//!  │ temp file │   │ 4,096 │   │ temp file │   │ to X3/ │   │ X3/   │
//!  └───────────┘   └───────┘   └───────────┘   └────────┘   └───────┘
//! ```

use crate::area::Area;
use crate::letters::Letters;
use crate::page::{MARGIN, Picture, WIDTH};
use crate::theme::Tone;

/// One call, or several of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// What it is on, or how much it is, in few words.
    pub on: String,
    /// What it does.
    pub does: Does,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Bytes are written.
    Writes,
    /// A file gets, loses or changes its name.
    Names,
    /// It waits until the disk has what was done.
    Waits,
    /// Something that changes nothing on disk.
    Nothing,
}

impl Does {
    fn tone(self) -> Tone {
        match self {
            Does::Writes => Tone::Bytes,
            Does::Names => Tone::Names,
            Does::Waits => Tone::Wait,
            Does::Nothing => Tone::Plain,
        }
    }
}

/// Those of one engine, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Whose.
    pub name: String,
    /// What that is, in few words.
    pub about: String,
    /// What all of it comes to.
    pub total: String,
    /// The calls.
    pub calls: Vec<Call>,
}

/// The height of a call, and the room between two.
const HEIGHT: f64 = 42.0;
const GAP: f64 = 10.0;
/// What a call has left and right of its words, together.
const ROOM: f64 = 10.0;

/// Draws lanes from `top` on; where the next thing has room.
pub fn lanes(page: &mut Picture, top: f64, lanes: &[Lane]) -> f64 {
    let mut y = top;
    for lane in lanes {
        page.text(MARGIN, y + 14.0, Letters::Name, Tone::Ink, &lane.name);
        let x = MARGIN + Letters::Name.width(&lane.name) + 9.0;
        page.text(x, y + 14.0, Letters::Small, Tone::Soft, &lane.about);
        let right = WIDTH - MARGIN;
        page.text_right(right, y + 14.0, Letters::Small, Tone::Ink, &lane.total);
        y = calls(page, y + 23.0, &lane.calls) + 20.0;
    }
    y
}

/// Draws calls in as many lines as they take; where they end.
fn calls(page: &mut Picture, top: f64, calls: &[Call]) -> f64 {
    let (mut x, mut y) = (MARGIN, top);
    for (number, call) in calls.iter().enumerate() {
        let inner = Letters::Code
            .width(&call.name)
            .max(Letters::Small.width(&call.on));
        let width = (inner + ROOM).min(WIDTH - 2.0 * MARGIN);
        if x + width > WIDTH - MARGIN + 0.1 {
            x = MARGIN;
            y += HEIGHT + GAP;
        } else if number > 0 {
            let middle = y + HEIGHT / 2.0;
            page.arrow(&[(x - GAP + 1.0, middle), (x - 1.5, middle)], Tone::Soft);
        }
        let area = Area::new(x, y, width, HEIGHT);
        let tone = call.does.tone();
        page.area(area, tone);
        let name = Area {
            y: y + 4.0,
            height: 17.0,
            ..area
        };
        page.text_in(name, Letters::Code, tone, &call.name);
        let on = Area {
            y: y + 21.0,
            ..name
        };
        let cut = Letters::Small.cut(&call.on, width - 4.0);
        page.text_in(on, Letters::Small, tone, &cut);
        x += width + GAP;
    }
    y + HEIGHT
}

/// What the colours of calls mean, for a [`legend`].
pub const COLOURS: [(Tone, &str); 3] = [
    (Tone::Bytes, "bytes"),
    (Tone::Names, "names"),
    (Tone::Wait, "waits for the disk"),
];

/// Draws what the colours mean; where the next thing has room.
pub fn legend(page: &mut Picture, y: f64, of: &[(Tone, &str)]) -> f64 {
    let mut x = MARGIN;
    for (tone, text) in of {
        page.area(Area::new(x, y - 10.0, 12.0, 12.0), *tone);
        page.text(x + 18.0, y, Letters::Small, Tone::Soft, text);
        x += 18.0 + Letters::Small.width(text) + 18.0;
    }
    y + 20.0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn call(name: &str) -> Call {
        Call {
            name: name.into(),
            on: "the temporary file".into(),
            does: Does::Waits,
        }
    }

    #[test]
    fn calls_that_have_no_room_go_on_below() {
        let lane = |many| Lane {
            name: "mine".into(),
            about: "a store".into(),
            total: "1 flush".into(),
            calls: vec![call("fdatasync"); many],
        };
        let height = |many| {
            let mut page = Picture::new("Calls", "Some calls.");
            let end = lanes(&mut page, 50.0, &[lane(many)]);
            page.finish().unwrap();
            end
        };
        assert_eq!(height(1), height(3));
        assert_eq!(height(4), height(1) + HEIGHT + GAP);
    }

    #[test]
    fn a_long_name_of_a_file_is_cut() {
        let mut page = Picture::new("Calls", "Some calls.");
        let mut long = call("rename");
        long.on = "k".repeat(300);
        calls(&mut page, 50.0, &[long]);
        assert!(page.finish().unwrap().contains("kkk…</text>"));
    }
}
