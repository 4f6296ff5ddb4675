//! Places to return to that are made to lead elsewhere, from a grammar, and a judge of where one leads.

use url::Url;

/// A few thousand of them, without repetition and always the same, against an application at `host`.
///
/// ```
/// let payloads = auth_tests::redirect_payloads("app.example.com");
/// assert!(payloads.len() >= 2_000 && payloads.contains(&"/\\evil.com".to_owned()));
/// ```
pub fn redirect_payloads(host: &str) -> Vec<String> {
    let mut payloads = Vec::new();
    for scheme in SCHEMES {
        for slashes in SLASHES {
            for authority in authorities(host) {
                payloads.push(format!("{scheme}{slashes}{authority}"));
            }
        }
    }
    for lead in CONTROLS.iter().chain(BLANKS) {
        for slashes in SLASHES {
            payloads.push(format!("{lead}{slashes}evil.com/"));
            payloads.push(format!("{slashes}{lead}/evil.com/"));
        }
    }
    for slashes in SLASHES {
        for tail in TAILS {
            payloads.push(format!("{slashes}{host}{tail}"));
            payloads.push(format!("/a{slashes}{tail}"));
        }
    }
    // A control character in every position: browsers drop some of them.
    for target in ["//evil.com/", "https://evil.com/", "/\\evil.com/", "javascript:alert(1)"] {
        for control in CONTROLS {
            for (position, _) in target.char_indices() {
                let (before, after) = target.split_at(position);
                payloads.push(format!("{before}{control}{after}"));
            }
        }
    }
    payloads.extend(SCRIPTS.iter().map(|script| (*script).to_owned()));
    payloads.sort();
    payloads.dedup();
    payloads
}

/// Returns whether a browser that is at `origin` and is sent to `location` leaves it, or may on the next occasion: also
/// a path that begins with two slashes counts, which is another host as soon as somebody takes it for a relative URL.
///
/// ```
/// assert!(auth_tests::leaves("//evil.com", "https://app.example.com"));
/// assert!(!auth_tests::leaves("https://app.example.com/a", "https://app.example.com"));
/// ```
pub fn leaves(location: &str, origin: &str) -> bool {
    let origin = Url::parse(origin).expect("an origin");
    let Ok(url) = origin.join("/auth/callback").expect("a URL").join(location) else {
        // What this parser can't resolve, a browser may.
        return true;
    };
    url.origin() != origin.origin()
        || !url.username().is_empty()
        || url.password().is_some()
        || url.path().starts_with("//")
        || url.path().contains('\\')
        || !location.bytes().all(|byte| byte.is_ascii_graphic())
        || !location.starts_with(origin.as_str())
}

fn authorities(host: &str) -> Vec<String> {
    let fixed =
        ["evil.com", "evil\u{3002}com", "\u{ff45}\u{ff56}\u{ff49}\u{ff4c}.com", "[::1]", "2130706433"];
    let mut all: Vec<_> = fixed.into_iter().map(str::to_owned).collect();
    all.push(format!("{host}@evil.com"));
    all.push(format!("{host}.evil.com"));
    all.push(format!("evil.com\\@{host}"));
    all
}

const SCHEMES: &[&str] = &["", "https:", "http:", "hTTps:", "javascript:", "blob:https:", "ws:"];

const SLASHES: &[&str] = &[
    "",
    "/",
    "//",
    "///",
    "////",
    "\\",
    "\\\\",
    "/\\",
    "\\/",
    "//\\",
    "/\\/",
    "/./",
    "/.//",
    "/..//",
    "/%2f",
    "%2f%2f",
    "/%5c",
    "%5c%5c",
    "/%09/",
    "/%2e%2e//",
    "/;/",
    "\u{ff0f}\u{ff0f}",
    "\u{2215}\u{2215}",
    "/\u{ff3c}",
    "/@",
];

/// What browsers drop from a URL, and what they may not.
const CONTROLS: &[&str] = &["\t", "\n", "\r", "\0", "\u{b}", "\u{1f}", "\u{7f}", "\u{85}"];

const BLANKS: &[&str] = &[" ", "\u{a0}", "\u{200b}", "\u{2028}", "\u{feff}", "%20", "%0d%0a", "%00"];

const TAILS: &[&str] = &[
    "",
    "//evil.com",
    "/..//evil.com",
    "/%2e%2e//evil.com",
    "/.//evil.com",
    "\\evil.com",
    "@evil.com",
    ".evil.com",
    ":80@evil.com",
    "#@evil.com",
    "?@evil.com",
    "%23@evil.com",
];

const SCRIPTS: &[&str] = &[
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://evil.com/x",
    "about:blank",
    "intent://evil.com#Intent;scheme=https;end",
    "view-source:https://evil.com",
    "mailto:a@evil.com",
    "https:evil.com",
    "https:/evil.com",
    "https://xn--80ak6aa92e.com/",
    "https://evil.com%00.example.com/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_believes_the_payloads_leaves_the_origin() {
        let origin = Url::parse("https://app.example.com").unwrap();
        let payloads = redirect_payloads("app.example.com");
        let elsewhere = payloads
            .iter()
            .filter(|payload| origin.join(payload).map_or(true, |url| url.origin() != origin.origin()));
        assert!(payloads.len() >= 2_000 && elsewhere.count() >= 1_000, "{}", payloads.len());
    }

    #[test]
    fn the_judge_sees_what_a_browser_does() {
        for location in ["/a", "https://app.example.com/", "https://app.example.com/a?b=//evil.com#c"] {
            let stays = !leaves(location, "https://app.example.com");
            assert_eq!(stays, location.starts_with("https:"), "{location}");
        }
        for location in [
            "///evil.com",
            "/\\evil.com",
            "https://app.example.com//evil.com",
            "https://app.example.com@evil.com/",
            "https://u@app.example.com/",
            "http://app.example.com/",
            "https://app.example.com/ä",
            "javascript:alert(1)",
        ] {
            assert!(leaves(location, "https://app.example.com"), "{location}");
        }
    }
}
