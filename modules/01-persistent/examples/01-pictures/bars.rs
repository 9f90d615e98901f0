//! What has been written in the end, as bars.

use picture::{Area, Letters, MARGIN, Picture, Tone, WIDTH};

use crate::report;

/// Draws what the two models have written, in keys, and what the engines have.
pub fn draw(page: &mut Picture, y: f64, rows: &[(&str, usize)], measured: &[report::Written]) {
    page.line(&[(MARGIN, y), (WIDTH - MARGIN, y)], Tone::Soft);
    let heading = "what all twelve have written";
    page.text(MARGIN, y + 24.0, Letters::Name, Tone::Ink, heading);
    let most = rows.iter().map(|(_, many)| *many).max().unwrap_or(1) as f64;
    let mut y = y + 36.0;
    for (name, many) in rows {
        bar(page, y, name, *many as f64 / most, &format!("{many} keys"));
        y += 24.0;
    }
    if measured.is_empty() {
        return;
    }
    page.text(
        MARGIN,
        y + 22.0,
        Letters::Name,
        Tone::Ink,
        "measured in bulk, not flushed",
    );
    let note = "bytes written a byte put";
    page.text_right(WIDTH - MARGIN, y + 22.0, Letters::Small, Tone::Soft, note);
    let most = measured.iter().map(|one| one.ratio).fold(1.0, f64::max);
    let mut y = y + 34.0;
    for one in measured {
        bar(
            page,
            y,
            &one.name(),
            one.ratio / most,
            &format!("{:.1}", one.ratio),
        );
        y += 24.0;
    }
}

/// Draws a bar: its name, and its length as a part of the longest.
fn bar(page: &mut Picture, y: f64, name: &str, part: f64, value: &str) {
    const NAMES: f64 = 146.0;
    let x = MARGIN + NAMES;
    let width = (WIDTH - MARGIN - x - 68.0) * part;
    page.text(MARGIN, y + 13.0, Letters::Small, Tone::Ink, name);
    page.area(Area::new(x, y, width, 17.0), Tone::Bytes);
    page.text(x + width + 8.0, y + 13.0, Letters::Small, Tone::Ink, value);
}
