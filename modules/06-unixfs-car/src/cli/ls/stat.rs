//! Permissions and times, as `ipfs ls --long` prints them.

use std::time::{SystemTime, UNIX_EPOCH};

use unixfs_car::dir::Listed;
use unixfs_car::unixfs::{Meta, Type};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const DAY: i64 = 24 * 60 * 60;

/// `drwxr-xr-x`; a dash if no permissions were kept.
pub fn mode(listed: &Listed) -> String {
    let Some(mode) = listed.meta.permissions().filter(|mode| *mode != 0) else {
        return "-".to_owned();
    };
    let kind = match listed.kind {
        Some(Type::Directory | Type::HAMTShard) => 'd',
        Some(Type::Symlink) => 'l',
        _ => '-',
    };
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        let bit = |bit: u32, letter: char| if bits & bit != 0 { letter } else { '-' };
        text.extend([bit(4, 'r'), bit(2, 'w')]);
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, runs) => {
                if runs {
                    'x'
                } else {
                    '-'
                }
            }
        });
    }
    text
}

/// Seconds since the beginning of 1970.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs().cast_signed())
}

/// `Jan 02 15:04` within the last six months, `Jan 02  2006` else; a dash if no time was kept.
pub fn time(meta: &Meta, now: i64) -> String {
    let Some(mtime) = meta.mtime.filter(|time| time.nanos().is_some()) else {
        return "-".to_owned();
    };
    let seconds = mtime.seconds;
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|at| MONTHS.get(at));
    let name = name.copied().unwrap_or_default();
    if half_a_year_before(now) < seconds && seconds <= now + DAY {
        let minutes = seconds.rem_euclid(DAY) / 60;
        format!("{name} {day:02} {:02}:{:02}", minutes / 60, minutes % 60)
    } else {
        format!("{name} {day:02}  {year:04}")
    }
}

/// The same day of the month six months ago, or as many days later as that month is shorter.
fn half_a_year_before(now: i64) -> i64 {
    let (year, month, day) = date(now.div_euclid(DAY));
    let (year, month) = match month {
        ..=6 => (year - 1, month + 6),
        _ => (year, month - 6),
    };
    days(year, month, day) * DAY + now.rem_euclid(DAY)
}

/// Year, month and day of the day that is so many days after the beginning of 1970. After Howard
/// Hinnant, [chrono-Compatible Low-Level Date
/// Algorithms](https://howardhinnant.github.io/date_algorithms.html): years begin in March, so that
/// the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year + era * 400 + later, month, day)
}

/// How many days after the beginning of 1970 that day is.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use unixfs_car::unixfs::Mtime;

    use super::*;

    #[test]
    fn times_are_told_as_ls_tells_them() {
        // 2026-08-31 12:00:00 UTC, as `date -u -d @…` has it, and the others.
        let now = 1_788_177_600;
        let of = |seconds| {
            let mtime = Some(Mtime::new(seconds, 0));
            time(&Meta { mode: None, mtime }, now)
        };
        assert_eq!(of(now - 60), "Aug 31 11:59");
        assert_eq!(of(now + DAY), "Sep 01 12:00");
        assert_eq!(of(now + DAY + 1), "Sep 01  2026");
        // 31 February is 3 March.
        assert_eq!(of(1_772_539_201), "Mar 03 12:00");
        assert_eq!(of(1_772_539_200), "Mar 03  2026");
        assert_eq!(of(0), "Jan 01  1970");
        assert_eq!(of(-1), "Dec 31  1969");
        assert_eq!(of(951_782_400), "Feb 29  2000");
        assert_eq!(of(253_402_300_799), "Dec 31  9999");
        let _ = (of(i64::MAX), of(i64::MIN));
        let none = Mtime {
            seconds: 5,
            fraction: Some(1 << 30),
        };
        let meta = Meta {
            mode: None,
            mtime: Some(none),
        };
        assert_eq!(time(&meta, now), "-");
        assert_eq!(time(&Meta::default(), now), "-");
    }

    #[test]
    fn days_are_dates_and_back() {
        for day in (-800_000..3_000_000).step_by(97) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }
}
