//! The distinction between a user's step to a page and other requests, by what the browser says of them (Fetch
//! Metadata).

use http::HeaderMap;

use crate::reject::accepts;

/// Returns whether the request is a user's step to a page. Fetch Metadata says so; of a browser that does not send it,
/// `Accept` decides.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    // If a header is repeated, each value has to be the expected one.
    let is = |name, expected| headers.get_all(name).iter().all(|value| value == expected);
    if headers.contains_key(SEC_FETCH_MODE) {
        is(SEC_FETCH_MODE, "navigate") && is(SEC_FETCH_DEST, "document")
    } else {
        // A browser names HTML when it opens a page; scripts seldom do.
        accepts(headers, "text/html")
    }
}

/// Returns whether the browser or a script only loads the page in advance, in case that the user opens it.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    let is_announced = |name: &&str| {
        let values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        let mut tokens = values.flat_map(|value| value.split([';', ',']));
        tokens.any(|token| token.trim().eq_ignore_ascii_case("prefetch"))
    };
    let is_marked = |name: &&str| {
        let mut values = headers.get_all(*name).iter();
        values.any(|value| !matches!(value.as_bytes(), b"" | b"0" | b"false"))
    };
    PREFETCH_PURPOSES.iter().any(is_announced) || PREFETCH_MARKS.iter().any(is_marked)
}

/// The headers that these functions read (RFC 9110 §12.5.5), and `Cookie`.
pub(super) const VARIES: &str = "Cookie, Accept, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Purpose, Purpose, X-Purpose, X-Moz, \
                      Next-Router-Prefetch, X-Middleware-Prefetch";

const SEC_FETCH_MODE: &str = "sec-fetch-mode";
const SEC_FETCH_DEST: &str = "sec-fetch-dest";

/// The headers that say `prefetch`: the standard one, and those that browsers sent before it.
const PREFETCH_PURPOSES: &[&str] = &["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// The headers by which Next.js marks a prefetch, unless their value says no.
const PREFETCH_MARKS: &[&str] = &["next-router-prefetch", "x-middleware-prefetch"];

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::ACCEPT;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn grd_05_only_a_navigation_is_one() {
        for pairs in [
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")][..],
            &[("sec-fetch-mode", "navigate")],
            &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        ] {
            assert!(is_navigation(&headers(pairs)), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("sec-fetch-mode", "cors"), ("accept", "text/html")],
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("accept", "text/html")],
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            &[("sec-fetch-mode", "Navigate")],
            &[("sec-fetch-mode", "")],
            &[("accept", "*/*")],
            &[("accept", "application/json")],
            &[("accept", "text/html;q=0")],
            &[("sec-fetch-dest", "document")],
        ] {
            assert!(!is_navigation(&headers(pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn grd_05_a_prefetch_is_no_navigation() {
        for pair in [
            ("purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch; anonymous-client-ip"),
            ("x-moz", "Prefetch"),
            ("next-router-prefetch", "1"),
            ("x-middleware-prefetch", "1"),
        ] {
            assert!(is_prefetch(&headers(&[pair])), "{pair:?}");
        }
        for pair in [
            ("purpose", "preview"),
            ("sec-purpose", ""),
            ("next-router-prefetch", "0"),
            ("next-router-prefetch", "false"),
            ("x-middleware-prefetch", ""),
        ] {
            assert!(!is_prefetch(&headers(&[pair])), "{pair:?}");
        }
        let varies = VARIES.to_ascii_lowercase();
        for name in PREFETCH_PURPOSES.iter().chain(PREFETCH_MARKS).chain(&[SEC_FETCH_MODE, SEC_FETCH_DEST]) {
            assert!(varies.split(", ").any(|varied| varied == *name), "{name}");
        }
        assert!(varies.contains(ACCEPT.as_str()));
    }
}
