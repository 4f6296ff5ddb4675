//! Durations: digits and one of s, m, h, d.

/// Returns the seconds that `text` names, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let unit_at = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    if digits.is_empty() {
        return Err(match meant(text) {
            Some(meant) => format!("a duration is digits and one of s, m, h, d: write `max_age = {meant:?}`"),
            None => "a duration is digits and one of s, m, h, d, such as `max_age = \"5m\"`".to_owned(),
        });
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
    match meant(&format!("{digits}{unit}")) {
        Some(meant) => format!("a duration is one number and one of s, m, h, d: write `max_age = {meant:?}`"),
        None => format!(
            "`{}` is no unit: write a whole number and one of s, m, h, d, such as `max_age = \"90m\"`",
            unit.trim()
        ),
    }
}

/// Returns the valid duration that an unusual spelling most likely means: `5 minutes`, `1h30m`, `Duration::from_secs(5)`
/// or `5`, which are seconds.
pub(super) fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("Duration::").unwrap_or(text);
    if let Some(call) = text.strip_prefix("from_") {
        let (unit, count) = call.strip_suffix(')')?.split_once('(')?;
        return shortest(count.parse::<u64>().ok()?.checked_mul(unit_of(unit)?)?);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().ok().filter(|count| *count > 0).map(|count| format!("{count}s"));
    }
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        let count: u64 = rest.strip_suffix(after)?.parse().ok()?;
        let after = after.trim_start();
        let next = after.trim_start_matches(|char: char| char.is_alphabetic());
        let seconds = unit_of(after.strip_suffix(next)?)?;
        total = total.checked_add(count.checked_mul(seconds)?)?;
        rest = next.trim_start_matches([' ', ',']);
    }
    shortest(total)
}

/// Returns the seconds as a number of the largest unit of which they are a multiple.
fn shortest(seconds: u64) -> Option<String> {
    const UNITS: [(u64, &str); 3] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    if seconds == 0 {
        return None;
    }
    let unit = UNITS.iter().find(|(length, _)| seconds.is_multiple_of(*length));
    let (length, unit) = unit.copied().unwrap_or((1, "s"));
    Some(format!("{}{unit}", seconds.checked_div(length)?))
}

/// Returns the seconds of a unit, however it is spelt.
fn unit_of(unit: &str) -> Option<u64> {
    seconds_in(match unit.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "wks" | "week" | "weeks" => return Some(7 * 24 * 60 * 60),
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
            ("1.5h", "is no unit"),
            ("1h30m", "\"90m\""),
            ("1 hour, 30 minutes", "\"90m\""),
            ("90 s", "\"90s\""),
            ("3600 s", "\"1h\""),
            ("1w", "\"7d\""),
            ("5y", "`y` is no unit"),
            ("0s", "never be met"),
            ("000d", "never be met"),
            ("18446744073709551616s", "2^64"),
            ("213503982334602d", "2^64"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(write), "{text}: {message}");
        }
    }

    #[test]
    fn a_duration_that_is_suggested_is_valid_and_means_the_same() {
        for (written, seconds) in [
            ("5 minutes", 300),
            ("10min", 600),
            ("1 hour 30 minutes", 5400),
            ("2weeks", 14 * 86400),
            ("Duration::from_secs(300)", 300),
            ("from_mins(5)", 300),
            ("Duration::from_hours(24)", 86400),
            ("45", 45),
        ] {
            let meant = meant(written).expect(written);
            assert_eq!(parse(&meant), Ok(seconds), "{written}: {meant}");
        }
        for written in ["", "minutes", "5 parsecs", "0 minutes", "-5m", "1.5h", "Duration::from_millis(5)"] {
            assert_eq!(meant(written), None, "{written}");
        }
    }
}
