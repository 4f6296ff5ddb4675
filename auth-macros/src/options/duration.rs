//! Durations: digits and one of s, m, h, d.

/// Returns the seconds that `text` names, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let unit_at = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    if digits.is_empty() {
        return Err("a duration is digits and one of s, m, h, d: write `max_age = \"5m\"`".to_owned());
    }
    let Some(seconds) = seconds_in(unit) else {
        return Err(wrong_unit(digits, unit));
    };
    let Some(total) = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds)) else {
        return Err(
            "the duration is longer than 2^64 seconds: leave `max_age` out to accept any age".to_owned()
        );
    };
    if total == 0 {
        return Err(
            "a `max_age` of zero would never be met, because time passes between the sign-in and the next \
                    request: write the greatest age to accept, `max_age = \"1m\"`"
                .to_owned(),
        );
    }
    Ok(total)
}

fn seconds_in(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    })
}

fn wrong_unit(digits: &str, unit: &str) -> String {
    if unit.is_empty() {
        return format!(
            "the duration has no unit: write `max_age = \"{digits}s\"` for seconds, or m, h, d instead of s"
        );
    }
    if unit.contains(|char: char| char.is_ascii_digit()) {
        return "a duration is one number and one unit: add it up, such as `max_age = \"90m\"` for one and a half \
                hours"
            .to_owned();
    }
    match meant(unit) {
        Some(meant) => format!(
            "a unit is one of s, m, h, d, right after the digits: write `max_age = \"{digits}{meant}\"`"
        ),
        None => format!(
            "`{}` is no unit: write one of s, m, h, d after the digits, `max_age = \"{digits}m\"`",
            unit.trim()
        ),
    }
}

/// Returns the unit that an unusual spelling most likely means.
fn meant(unit: &str) -> Option<&'static str> {
    Some(match unit.trim().to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_digits_and_one_unit() {
        for (text, seconds) in [
            ("1s", 1),
            ("5m", 300),
            ("1h", 3600),
            ("2d", 172_800),
            ("007s", 7),
            ("18446744073709551615s", u64::MAX),
            ("213503982334601d", 213_503_982_334_601 * 86400),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn everything_else_says_what_to_write() {
        for (text, write) in [
            ("", "\"5m\""),
            ("m", "\"5m\""),
            ("-5m", "\"5m\""),
            ("+5m", "\"5m\""),
            (" 5m", "\"5m\""),
            ("\u{ff15}m", "\"5m\""),
            ("5", "\"5s\""),
            ("5 m", "\"5m\""),
            ("5m ", "\"5m\""),
            ("5min", "\"5m\""),
            ("30 Seconds", "\"30s\""),
            ("5M", "\"5m\""),
            ("1.5h", "add it up"),
            ("1h30m", "add it up"),
            ("5w", "`w` is no unit"),
            ("0s", "never be met"),
            ("000d", "never be met"),
            ("18446744073709551616s", "2^64"),
            ("213503982334602d", "2^64"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(write), "{text}: {message}");
        }
    }
}
