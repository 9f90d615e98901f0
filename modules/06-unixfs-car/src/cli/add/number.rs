//! Numbers as Go's flags are read: in base ten, unless they begin with `0x`, `0o`, `0b` or `0`.

/// Permissions: a number of 32 bits.
pub fn mode(text: &str) -> Result<u64, String> {
    let mode = unsigned(text)?;
    match u32::try_from(mode) {
        Ok(_) => Ok(mode),
        Err(_) => Err("it has more than 32 bits".into()),
    }
}

/// A number that is not negative, as `0644`, which is octal, or `1_000`.
pub fn unsigned(text: &str) -> Result<u64, String> {
    let text = text.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let found = prefixes
        .iter()
        .find_map(|(prefix, base)| Some((text.strip_prefix(prefix)?, *base)));
    let octal = || Some((text.strip_prefix('0').filter(|rest| !rest.is_empty())?, 8));
    let (digits, base) = found.or_else(octal).unwrap_or((&text, 10));
    // One stands between two digits, or behind a prefix.
    let is_last = digits.ends_with('_') || digits.contains("__");
    let digits = match base {
        10 if digits.starts_with('_') => digits.to_owned(),
        _ if is_last => digits.to_owned(),
        _ => digits.replace('_', ""),
    };
    u64::from_str_radix(&digits, base)
        .ok()
        // Rust takes a sign there, and Go does not.
        .filter(|_| !digits.starts_with('+'))
        .ok_or_else(|| "it is no number; 0644 is octal, 420 is the same in base ten".into())
}

/// A number that may be negative.
pub fn signed(text: &str) -> Result<i64, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let number = unsigned(digits)?;
    i64::try_from(sign * i128::from(number)).map_err(|_| "it has more than 64 bits".into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_go() {
        for (text, number) in [
            ("0", 0),
            ("0644", 0o644),
            ("0o644", 0o644),
            ("0X1f", 31),
            ("0b101", 5),
            ("420", 420),
            ("1_000", 1000),
            ("0x_1f", 31),
            ("0_644", 0o644),
        ] {
            assert_eq!(unsigned(text), Ok(number), "{text}");
        }
        for text in [
            "",
            "-1",
            "+1",
            "0x",
            "08",
            "1.5",
            "a",
            "18446744073709551616",
            "_1",
            "1_",
            "1__0",
        ] {
            unsigned(text).unwrap_err();
        }
        assert_eq!(signed("-010"), Ok(-8));
        assert_eq!(signed("-9223372036854775808"), Ok(i64::MIN));
        signed("9223372036854775808").unwrap_err();
        signed("--1").unwrap_err();
        assert_eq!(mode("4294967295"), Ok(u64::from(u32::MAX)));
        mode("4294967296").unwrap_err();
    }
}
