//! Checks of where a request comes from: from this application, from the user, or from another page. For posted
//! requests the guard's check is used.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Returns whether a link is a step of the user's own: a page of this origin has the link, or the user typed the
/// address or opened a bookmark. An image is no link: an author who may write text on this origin may put an image into
/// it.
pub(super) fn is_own_step(headers: &HeaderMap) -> bool {
    let is_own = says(headers, &SEC_FETCH_SITE, |site| site == "same-origin" || site == "none");
    is_own.unwrap_or(false) && !is_part_of_page(headers)
}

/// Returns whether a page loads the request as a part of itself, such as an image or a frame. A request of a script
/// says `empty`.
fn is_part_of_page(headers: &HeaderMap) -> bool {
    says(headers, &SEC_FETCH_DEST, |dest| dest == "document" || dest == "empty") == Some(false)
}

/// Returns whether a page makes the request without showing the answer to its visitor: as an image or another part, or
/// as a page of another origin by a script. A browser sends many such requests before it has seen one answer.
pub(super) fn is_embedded(headers: &HeaderMap) -> bool {
    let is_shown = says(headers, &SEC_FETCH_DEST, |dest| dest == "document").unwrap_or(true);
    let is_other =
        says(headers, &SEC_FETCH_SITE, |site| site == "same-origin" || site == "none") == Some(false);
    (is_other && !is_shown) || is_part_of_page(headers)
}

/// Returns whether the browser says that a page of another origin makes the request. For endpoints that only tell
/// something: a client that is no browser sends neither header, passes, and can tell no other page.
pub(super) fn is_foreign(headers: &HeaderMap, base_url: &Url) -> bool {
    let ours = base_url.origin().ascii_serialization();
    let origin = says(headers, &ORIGIN, |origin| origin == ours.as_str());
    let site = says(headers, &SEC_FETCH_SITE, |site| site == "same-origin" || site == "none");
    !(site.unwrap_or(true) && origin.unwrap_or(true))
}

/// Returns whether all values of the header pass; `None` if the header is not there.
fn says(headers: &HeaderMap, name: &HeaderName, passes: impl Fn(&HeaderValue) -> bool) -> Option<bool> {
    headers.contains_key(name).then(|| headers.get_all(name).iter().all(passes))
}

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn csr_02_and_csr_05_a_page_of_another_origin_is_foreign_and_who_is_no_browser_is_not() {
        let base_url = Url::parse("https://app.example.com").unwrap();
        let is_foreign = |pairs: &[_]| is_foreign(&headers(pairs), &base_url);
        let (site, origin) = ("sec-fetch-site", "origin");
        for own in [
            &[][..],
            &[(site, "same-origin")],
            &[(site, "none")],
            &[(origin, "https://app.example.com")],
            &[(site, "same-origin"), (origin, "https://app.example.com")],
        ] {
            assert!(!is_foreign(own), "{own:?}");
        }
        for foreign in [
            &[(site, "cross-site")][..],
            &[(site, "same-site")],
            &[(site, "")],
            &[(site, "same-origin"), (site, "cross-site")],
            &[(origin, "null")],
            &[(origin, "https://evil.com")],
            &[(origin, "https://app.example.com:8443")],
            &[(site, "same-origin"), (origin, "https://evil.com")],
            &[(site, "cross-site"), (origin, "https://app.example.com")],
        ] {
            assert!(is_foreign(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn csr_10_and_csr_08_what_a_page_hides_is_embedded_and_no_step_of_the_users_own() {
        let (site, dest) = ("sec-fetch-site", "sec-fetch-dest");
        for seen in [
            &[][..],
            &[(site, "cross-site")],
            &[(site, "cross-site"), (dest, "document")],
            &[(site, "same-origin"), (dest, "empty")],
            &[(site, "none"), (dest, "document")],
        ] {
            assert!(!is_embedded(&headers(seen)), "{seen:?}");
        }
        for other in ["same-site", "cross-site", ""] {
            for part in ["image", "iframe", "empty", "script", ""] {
                assert!(is_embedded(&headers(&[(site, other), (dest, part)])), "{other} {part}");
            }
        }
        // What a text on this very origin may hold.
        for part in ["image", "iframe", "script", "style", ""] {
            let own = headers(&[(site, "same-origin"), (dest, part)]);
            assert!(is_embedded(&own) && !is_own_step(&own), "{part}");
        }
    }

    #[test]
    fn csr_08_a_link_counts_as_the_users_own_only_if_the_browser_says_so() {
        let counts = |values: &[&'static str]| {
            is_own_step(&headers(&values.iter().map(|value| ("sec-fetch-site", *value)).collect::<Vec<_>>()))
        };
        assert!(counts(&["same-origin"]) && counts(&["none"]));
        for refused in [&[][..], &["same-site"], &["cross-site"], &[""], &["None"], &["none", "cross-site"]] {
            assert!(!counts(refused), "{refused:?}");
        }
    }
}
