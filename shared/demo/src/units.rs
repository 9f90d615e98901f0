//! Numbers for people.

use std::time::Duration;

/// A number of bytes: `512 B`, `1.5 KiB`, `2.0 MiB`, in powers of 1024 with one decimal.
pub fn bytes(bytes: u64) -> String {
    scale(bytes as f64).unwrap_or_else(|| format!("{bytes} B"))
}

/// Bytes per second: `512 B/s`, `85.0 MiB/s`. No time at all gives `-`.
pub fn rate(bytes: u64, time: Duration) -> String {
    if time.is_zero() {
        return "-".to_owned();
    }
    let per_second = bytes as f64 / time.as_secs_f64();
    let text = scale(per_second).unwrap_or_else(|| format!("{per_second:.0} B"));
    format!("{text}/s")
}

/// A time: `850 ns`, `1.5 µs`, `12.0 ms`, `3.2 s`, `2 min 05 s`.
pub fn duration(time: Duration) -> String {
    let nanos = time.as_nanos() as f64;
    // The limits lie where the last digit shown would round up to the next unit.
    if nanos < 1e3 {
        format!("{nanos:.0} ns")
    } else if nanos < 999_950.0 {
        format!("{:.1} µs", nanos / 1e3)
    } else if nanos < 999_950_000.0 {
        format!("{:.1} ms", nanos / 1e6)
    } else if nanos < 59_950_000_000.0 {
        format!("{:.1} s", nanos / 1e9)
    } else {
        let seconds = (nanos / 1e9).round() as u64;
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// A count in groups of three: `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `None` below 1 KiB.
fn scale(bytes: f64) -> Option<String> {
    if bytes < 1023.5 {
        return None;
    }
    let mut value = bytes / 1024.0;
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        // As in `duration`: never `1024.0 KiB`.
        if value < 1023.95 {
            return Some(format!("{value:.1} {unit}"));
        }
        value /= 1024.0;
    }
    Some(format!("{value:.1} EiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_change_unit_at_powers_of_1024() {
        for (n, wanted) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (1 << 20, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(n), wanted, "{n}");
        }
    }

    #[test]
    fn durations_change_unit_at_powers_of_1000() {
        for (nanos, wanted) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.0 µs"),
            (999_949, "999.9 µs"),
            (999_950, "1.0 ms"),
            (12_345_678, "12.3 ms"),
            (999_960_000, "1.0 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 min 00 s"),
            (125_000_000_000, "2 min 05 s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos)), wanted, "{nanos}");
        }
    }

    #[test]
    fn a_rate_is_bytes_over_seconds() {
        assert_eq!(rate(3 << 20, Duration::from_millis(1500)), "2.0 MiB/s");
        assert_eq!(rate(10, Duration::from_secs(4)), "2 B/s");
        assert_eq!(rate(10, Duration::ZERO), "-");
    }

    #[test]
    fn counts_are_grouped() {
        for (n, wanted) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(n), wanted);
        }
    }
}
