//! Numbers.

use super::Token;

/// The number at byte `at`, and the first byte after it.
///
/// ```text
/// -? (0 | [1-9] [0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
/// ```
///
/// # Errors
/// Where and why there is none.
pub(super) fn read(bytes: &[u8], at: usize) -> Result<(Token<'static>, usize), (usize, String)> {
    let fail = |at, reason: &str| Err((at, reason.to_owned()));
    let peek = |at: usize| bytes.get(at).copied();
    let digits = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let first = at + usize::from(peek(at) == Some(b'-'));
    let mut end = digits(first);
    if end == first {
        return fail(first, "a number has digits");
    }
    if peek(first) == Some(b'0') && end > first + 1 {
        return fail(first, "a number begins with one zero at most");
    }
    let whole = end;
    if peek(end) == Some(b'.') {
        end = digits(whole + 1);
        if end == whole + 1 {
            return fail(end, "digits have to follow a point");
        }
    }
    if let Some(b'e' | b'E') = peek(end) {
        let sign = usize::from(matches!(peek(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        end = digits(exponent);
        if end == exponent {
            return fail(end, "an exponent has digits");
        }
    }
    let text = bytes.get(at..end).unwrap_or_default();
    let text = std::str::from_utf8(text).unwrap_or_default();
    if end == whole {
        let range = -(1i128 << 64)..1 << 64;
        let number = text.parse().ok().filter(|number| range.contains(number));
        let number = number.ok_or((at, "an integer is from -2^64 to 2^64 - 1".to_owned()))?;
        return Ok((Token::Integer(number), end));
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Token::Float(number), end)),
        _ => fail(at, "a float has 64 bits, and this one is too large"),
    }
}
