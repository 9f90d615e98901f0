//! Numbers for people.

use demo::units;

use super::what::Unit;

/// A number with three digits that count: `0.0123`, `1.23`, `12.3`, `1,230,000`.
pub fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs().log10().floor();
    if size >= 2.0 {
        let rounded = if size > 2.0 {
            let unit = 10f64.powf(size - 2.0);
            (value / unit).round() * unit
        } else {
            value.round()
        };
        let sign = if rounded < 0.0 { "-" } else { "" };
        return format!("{sign}{}", units::count(rounded.abs() as u64));
    }
    let digits = (2.0 - size).clamp(0.0, 9.0) as usize;
    format!("{value:.digits$}")
}

/// A figure in its unit; of blocks a second how long one takes, and how many bytes a second that is.
pub fn figure(value: f64, unit: Unit, size: u64) -> String {
    match unit {
        Unit::Blocks => format!("{} ({})", micros(value), mib(value, size)),
        Unit::Calls => micros(value),
        Unit::Millis => format!("{} ms", short(value)),
        Unit::Mib => format!("{} MiB/s", short(value)),
        Unit::Micros => format!("{} µs", short(value)),
        Unit::Bytes => units::bytes(value.max(0.0) as u64),
        Unit::PerByte | Unit::PerThousand | Unit::Count | Unit::Part => short(value),
    }
}

/// Bytes of a block: `256 B`, `4 KiB`, `1 MiB`.
pub fn size(bytes: u64) -> String {
    units::bytes(bytes).replace(".0 ", " ")
}

/// Microseconds that one of so many a second takes.
pub fn micros(a_second: f64) -> String {
    format!("{} µs", short(1e6 / a_second))
}

/// MiB a second of so many blocks a second.
pub fn mib(blocks: f64, size: u64) -> String {
    format!("{} MiB/s", short(blocks * size as f64 / f64::from(1 << 20)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count() {
        for (value, wanted) in [
            (0.0, "0"),
            (0.012_345, "0.0123"),
            (0.95, "0.950"),
            (1.234, "1.23"),
            (12.34, "12.3"),
            (123.4, "123"),
            (1234.0, "1,230"),
            (1_234_567.0, "1,230,000"),
            (-1234.0, "-1,230"),
        ] {
            assert_eq!(short(value), wanted);
        }
    }

    #[test]
    fn a_size_has_no_needless_digit() {
        for (bytes, wanted) in [
            (256, "256 B"),
            (4096, "4 KiB"),
            (6144, "6 KiB"),
            (1536, "1.5 KiB"),
        ] {
            assert_eq!(size(bytes), wanted);
        }
    }

    #[test]
    fn a_rate_is_a_time_and_bytes() {
        assert_eq!(figure(1000.0, Unit::Blocks, 4096), "1,000 µs (3.91 MiB/s)");
        assert_eq!(figure(2.5, Unit::Millis, 4096), "2.50 ms");
        assert_eq!(figure(3e6, Unit::Bytes, 4096), "2.9 MiB");
    }
}
