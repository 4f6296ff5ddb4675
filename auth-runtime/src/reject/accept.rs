//! The media types that a client accepts (RFC 9110 §12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// Returns whether the client accepts `media_type` and names it. A range such as `*/*` names no type.
pub(crate) fn accepts(request: &HeaderMap, media_type: &str) -> bool {
    weight(request, media_type) > 0.0
}

/// Returns whether the client names `media_type` and does not prefer `other`.
pub(super) fn prefers(request: &HeaderMap, media_type: &str, other: &str) -> bool {
    let own = weight(request, media_type);
    own > 0.0 && own >= weight(request, other)
}

/// Returns the greatest weight with which the client names `media_type` (RFC 9110 §12.4.2), 0 if it does not.
fn weight(request: &HeaderMap, media_type: &str) -> f32 {
    // A guard asks at every request, so what a client can make it read has a bound.
    let beginnings = request.get_all(ACCEPT).iter().take(MAX_LINES).map(|value| {
        let bytes = value.as_bytes();
        bytes.get(..MAX_BYTES).unwrap_or(bytes)
    });
    let values = beginnings.filter_map(|bytes| std::str::from_utf8(bytes).ok());
    let weights = values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(media_type));
        let weight = parts.filter_map(|parameter| parameter.split_once('=')).find_map(|(name, weight)| {
            // A weight that cannot be read counts like one that is not there.
            name.eq_ignore_ascii_case("q").then(|| weight.parse().unwrap_or(1.0_f32))
        });
        is_named.then_some(weight.unwrap_or(1.0))
    });
    weights.fold(0.0, f32::max)
}

/// The number of lines of `Accept` that are read: more than any client has reason to send.
const MAX_LINES: usize = 4;
/// The number of bytes of each of these lines that are read.
const MAX_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn dos_04_no_more_of_the_header_is_read_than_a_client_has_reason_to_send() {
        let accepts = |lines: &[String]| {
            let line = |line: &String| (ACCEPT, HeaderValue::from_str(line).unwrap());
            accepts(&lines.iter().map(line).collect(), "a/b")
        };
        let after = |bytes: usize| format!("{},a/b", "x".repeat(bytes));
        assert!(accepts(&[after(MAX_BYTES - ",a/b".len())]));
        assert!(!accepts(&[after(MAX_BYTES)]));
        let lines = |others: usize| [vec!["x/y".to_owned(); others], vec!["a/b".to_owned()]].concat();
        assert!(accepts(&lines(MAX_LINES - 1)));
        assert!(!accepts(&lines(MAX_LINES)));
    }

    #[test]
    fn a_media_type_is_accepted_only_by_those_who_name_it() {
        let accepts = |accept: &'static str| {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            accepts(&headers, "application/problem+json")
        };
        assert!(accepts("application/problem+json"));
        assert!(accepts("text/html, application/Problem+JSON;q=0.5"));
        for other in [
            "*/*",
            "application/json",
            "application/problem+json;q=0",
            "application/problem+jsonx",
            "application/problem+json; Q=0",
        ] {
            assert!(!accepts(other), "{other}");
        }
    }
}
