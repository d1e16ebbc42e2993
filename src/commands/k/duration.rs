//! Durations as people type them: `90s`, `5m`, `1h30m`.

use std::time::Duration;

/// Reads a duration for clap.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; write it as 90s, 5m or 1h30m");
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest.get(..digits).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
        rest = rest.get(digits..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let millis = match rest.get(..end).unwrap_or_default() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        let part = number.checked_mul(millis).map(Duration::from_millis).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = rest.get(end..).unwrap_or_default();
    }
    // A year: what is longer is a slip, and no clock of any system is to overflow.
    match total {
        _ if text.is_empty() => Err(wrong()),
        long if long > Duration::from_secs(366 * 86_400) => Err(format!("`{text}` is longer than a year")),
        total => Ok(total),
    }
}

/// As [`parse`], and a number alone is seconds.
pub(super) fn parse_or_seconds(text: &str) -> Result<Duration, String> {
    match !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        true => parse(&format!("{text}s")),
        false => parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn units_are_required() {
        assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2d"), Ok(Duration::from_secs(172_800)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        for wrong in ["", "5", "s", "5 s", "-1s", "1.5h", "9999999999999999999h", "99999999d", "1µs"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
