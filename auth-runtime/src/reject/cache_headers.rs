//! The headers that keep one user's answer from another one.

use http::header::{CACHE_CONTROL, EXPIRES, PRAGMA, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

/// What one user may see must not be stored where another one finds it, whatever the headers said before.
pub(crate) fn forbid_caching(headers: &mut HeaderMap) {
    set_cache_control(headers, HeaderValue::from_static("private, no-store"));
}

/// Sets `Cache-Control` in place of all that the headers said about caching, and `Vary: Cookie`.
///
/// What is said to content delivery networks alone (RFC 9213) would outrank it there, so it goes as well.
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
        names.split(',').any(|name| matches!(name.trim(), "*") || name.trim().eq_ignore_ascii_case("cookie"))
    };
    if !headers.get_all(VARY).iter().any(varies) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

/// `CDN-Cache-Control` (RFC 9213 §3.1), the fields that single networks derived from it, and the older
/// `Surrogate-Control`.
fn is_for_networks(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "cdn-cache-control" | "surrogate-control") || name.ends_with("-cdn-cache-control")
}
