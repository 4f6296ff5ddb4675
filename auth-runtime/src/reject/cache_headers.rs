//! The headers that keep the answer to one user from being served to another.

use http::header::{CACHE_CONTROL, EXPIRES, PRAGMA, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Forbids caches to store the answer, whatever the headers said before, since another user could get it.
pub(crate) fn forbid_caching(headers: &mut HeaderMap) {
    set_cache_control(headers, HeaderValue::from_static("private, no-store"));
}

/// Sets `Cache-Control` in place of all that the headers said about caching, and `Vary: Cookie`.
///
/// Fields for the caches of one vendor (RFC 9213) would take precedence there, so they are removed as well.
pub(crate) fn set_cache_control(headers: &mut HeaderMap, value: HeaderValue) {
    headers.insert(CACHE_CONTROL, value);
    headers.remove(EXPIRES);
    headers.remove(PRAGMA);
    let targeted: Vec<_> = headers.keys().filter(|name| is_for_networks(name)).cloned().collect();
    for name in targeted {
        headers.remove(name);
    }
    let varies = |value: &HeaderValue| {
        let names = value.to_str().unwrap_or_default();
        // `*` covers `Cookie`.
        names.split(',').any(|name| matches!(name.trim(), "*") || name.trim().eq_ignore_ascii_case("cookie"))
    };
    if !headers.get_all(VARY).iter().any(varies) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

/// Returns whether the field tells the caches of one vendor how long to keep an answer. Vendors put their own word in
/// front, so the end of the name decides: `CDN-Cache-Control` (RFC 9213 §3.1), `Akamai-Cache-Control`,
/// `X-LiteSpeed-Cache-Control`, the older `Surrogate-Control` and Akamai's `Edge-Control`, and nginx's
/// `X-Accel-Expires`.
///
/// Fields that name an answer for purging (`Surrogate-Key`, `Cache-Tag`) make no cache keep it, so they stay.
fn is_for_networks(name: &HeaderName) -> bool {
    VENDOR_FIELDS.iter().any(|field| name.as_str().ends_with(field))
}

const VENDOR_FIELDS: [&str; 4] = ["-cache-control", "surrogate-control", "edge-control", "x-accel-expires"];

#[cfg(test)]
mod tests {
    use super::*;

    fn after_forbidding(names: &[&'static str]) -> HeaderMap {
        let lasting =
            |name: &&'static str| (HeaderName::from_static(name), HeaderValue::from_static("max-age=60"));
        let mut headers: HeaderMap = names.iter().map(lasting).collect();
        forbid_caching(&mut headers);
        headers
    }

    #[test]
    fn cch_01_no_field_of_one_vendor_outranks_no_store() {
        let vendors = [
            "akamai-cache-control",
            "cdn-cache-control",
            "cloudflare-cdn-cache-control",
            "edge-control",
            "expires",
            "netlify-cdn-cache-control",
            "pragma",
            "surrogate-control",
            "vercel-cdn-cache-control",
            "x-accel-expires",
            "x-litespeed-cache-control",
            "x-surrogate-control",
        ];
        let headers = after_forbidding(&vendors);
        assert_eq!(headers.len(), 2, "{headers:?}");
        assert_eq!(headers[CACHE_CONTROL], "private, no-store");
        assert_eq!(headers[VARY], "Cookie");
    }

    #[test]
    fn names_to_purge_by_and_other_headers_stay() {
        let others = ["surrogate-key", "cache-tag", "etag", "x-accel-buffering", "access-control-max-age"];
        let headers = after_forbidding(&others);
        assert_eq!(headers.len(), 2 + others.len(), "{headers:?}");
    }
}
