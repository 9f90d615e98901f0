//! Sizes as people write them.

/// A number of bytes: `4096`, `64MiB`, `100MB`, `1.5 GiB`; `K`, `M`, `G` and `T` alone are powers of
/// 1024, as elsewhere on a command line.
pub fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let unit = unit.trim().to_ascii_lowercase();
    let (prefix, step) = match unit.as_str() {
        "" | "b" => ("", 1),
        unit => match unit.strip_suffix("ib") {
            Some(prefix) => (prefix, 1024),
            None => match unit.strip_suffix('b') {
                Some(prefix) => (prefix, 1000),
                None => (unit, 1024),
            },
        },
    };
    let power = ["", "k", "m", "g", "t"].iter().position(|p| *p == prefix);
    let (Some(power), Some(count)) = (power, decimal(digits)) else {
        return Err("a size is a number of bytes, or one with a unit: 4096, 64MiB, 100MB".into());
    };
    let factor = (0..power).fold(1_u128, |factor, _| factor * step);
    let (number, parts) = count;
    u64::try_from(number * factor / parts).map_err(|_| "no disk is that large".into())
}

/// `1.25` as 125 of 100 parts.
fn decimal(digits: &str) -> Option<(u128, u128)> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    // 18 digits by 2^40 stay below 2^128.
    if whole.is_empty() || whole.len() + part.len() > 20 || part.contains('.') {
        return None;
    }
    let number = format!("{whole}{part}").parse().ok()?;
    Some((number, part.bytes().fold(1, |parts, _| parts * 10)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("4096 B", 4096),
            ("64MiB", 64 << 20),
            ("64mib", 64 << 20),
            ("64M", 64 << 20),
            ("100MB", 100_000_000),
            ("1.5 GiB", 3 << 29),
            ("0.5K", 512),
            ("2TB", 2_000_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "MiB",
            "-1",
            "1e9",
            "64 MiBs",
            "1.2.3",
            "0x10",
            "1 M B",
            "½",
            "1kk",
            ".5",
            "18446744073709551616",
            "99999999999999999999T",
            "999999999999999999999999",
        ] {
            parse(text).unwrap_err();
        }
    }
}
